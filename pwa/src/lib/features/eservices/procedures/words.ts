/** Words of the editor of procedures. */
import { m } from '#lib/i18n/generated/messages.js';
import type { Effect, HandlingRole } from '../definition.ts';
import type { Kind } from './editing.ts';

export const KIND_WORDS: Record<Kind, () => string> = {
  text: m.desk_kind_text,
  textarea: m.desk_kind_textarea,
  date: m.desk_kind_date,
  choice: m.desk_kind_choice,
  number: m.desk_kind_number,
  yes: m.desk_kind_yes,
  phone: m.desk_kind_phone,
  repeat: m.desk_kind_repeat,
};

export const SOURCES = [
  'student.fullName',
  'student.birthDate',
  'student.sex',
  'student.code',
  'student.nationalId',
  'student.className',
  'student.schoolName',
  'student.schoolYear',
  'account.fullName',
  'account.phone',
  'account.relation',
] as const;
export const PREFILL_WORDS: Record<(typeof SOURCES)[number], () => string> = {
  'student.fullName': m.desk_prefill_student_name,
  'student.birthDate': m.desk_prefill_student_born,
  'student.sex': m.desk_prefill_student_sex,
  'student.code': m.desk_prefill_student_code,
  'student.nationalId': m.desk_prefill_student_national_id,
  'student.className': m.desk_prefill_student_class,
  'student.schoolName': m.desk_prefill_student_school,
  'student.schoolYear': m.desk_prefill_student_year,
  'account.fullName': m.desk_prefill_account_name,
  'account.phone': m.desk_prefill_account_phone,
  'account.relation': m.desk_prefill_account_relation,
};

export const HANDLER_WORDS: Record<HandlingRole, () => string> = {
  ACADEMIC_CLERK: m.role_academic_clerk,
  HEADTEACHER: m.role_headteacher,
  HOMEROOM_TEACHER: m.role_homeroom_teacher,
  SUBJECT_TEACHER: m.role_subject_teacher,
};

export const EFFECT_WORDS: Record<Effect, () => string> = {
  TRANSFER: m.desk_effect_TRANSFER,
  CERTIFICATE: m.desk_effect_CERTIFICATE,
  TRANSCRIPT: m.desk_effect_TRANSCRIPT,
  REGISTER_COPY: m.desk_effect_REGISTER_COPY,
  DIPLOMA_CORRECTION: m.desk_effect_DIPLOMA_CORRECTION,
  DATA_CORRECTION: m.desk_effect_DATA_CORRECTION,
  ANSWER: m.desk_effect_ANSWER,
};
export const TEMPLATE_WORDS: Record<string, () => string> = {
  decision: m.desk_template_decision,
  certificate: m.desk_template_certificate,
  transcript: m.desk_template_transcript,
  register_copy: m.desk_template_register_copy,
  correction: m.desk_template_correction,
  answer: m.desk_template_answer,
};
