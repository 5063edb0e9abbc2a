import { m } from '../i18n/generated/messages.js';
import type { GrantedRole } from '../session/session.svelte.ts';

export const ROLE_WORDS: Record<GrantedRole['role'], () => string> = {
  GUARDIAN: m.role_guardian,
  STUDENT: m.role_student,
  SUBJECT_TEACHER: m.role_subject_teacher,
  HOMEROOM_TEACHER: m.role_homeroom_teacher,
  HEADTEACHER: m.role_headteacher,
  ACADEMIC_CLERK: m.role_academic_clerk,
  PROVINCIAL_OFFICER: m.role_provincial_officer,
};
