/** Where somebody works at a desk. */
import type { GrantedRole } from '#lib/session/session.svelte.ts';

const DESK = ['ACADEMIC_CLERK', 'HEADTEACHER'];
const STAFF = [...DESK, 'HOMEROOM_TEACHER', 'SUBJECT_TEACHER'];

/** The school of the chosen role, if one may handle dossiers there. Teachers find what is assigned to them. */
export function deskOf(
  role: GrantedRole | undefined,
): { id: string; name: string; office: boolean; leads: boolean } | undefined {
  if (!role?.school || !STAFF.includes(role.role)) return undefined;
  return { ...role.school, office: DESK.includes(role.role), leads: role.role === 'HEADTEACHER' };
}
