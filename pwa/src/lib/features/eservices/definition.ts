/** The definition of a procedure as the server stores it: what is asked, what is to be handed in, who handles it. */

/** Words in the languages of the application. */
export interface Words {
  vi: string;
  en: string;
}

export type Condition =
  | { field: string; equals: unknown }
  | { field: string; in: readonly unknown[] }
  | { field: string; filled: boolean }
  | { field: string; less_than_field: string }
  | { all: readonly Condition[] }
  | { any: readonly Condition[] }
  | { not: Condition };

/** The part of JSON Schema 2020-12 that forms use. */
export interface Property {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  enum?: unknown[];
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  format?: 'date';
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: ObjectSchema;
}

export interface ObjectSchema {
  type: 'object';
  properties: Record<string, Property>;
  required?: string[];
  additionalProperties?: false;
}

export type Widget = 'text' | 'textarea' | 'date' | 'select' | 'radio' | 'checkbox' | 'number' | 'phone' | 'repeat';

export interface FieldWords {
  label: Words;
  help?: Words;
  widget?: Widget;
  options?: Record<string, Words>;
  required_words?: Words;
}

export interface FormField extends FieldWords {
  prefill?: string;
  locked?: boolean;
  show?: Condition;
  /** The fields of one entry of a repeated group. */
  item?: Record<string, FieldWords>;
}

export interface FormStep {
  id: string;
  title: Words;
  fields: string[];
}

export interface Check {
  id: string;
  /** True means that something is wrong. */
  when: Condition;
  message: Words;
  field: string;
}

export interface FormDefinition {
  schema: ObjectSchema;
  steps: FormStep[];
  fields: Record<string, FormField>;
  checks?: Check[];
}

export interface DocumentDefinition {
  id: string;
  name: Words;
  help?: Words;
  required: boolean;
  show?: Condition;
  accepts: ('image' | 'pdf')[];
  most: number;
  copy: 'ORIGINAL' | 'COPY' | 'ELECTRONIC';
  /** What may be wrong with it: the office's reasons come from this list. */
  checks: { id: string; words: Words }[];
}

export interface Term {
  when?: Condition;
  workingDays?: number;
  sameDayUntil?: string;
  from?: 'WINDOW_END';
}

export type ServiceWindowRule =
  | { kind: 'AFTER_OPENING'; workingDays: number; late: 'FROM_FILING' }
  | { kind: 'ANNOUNCED'; days: number; late: 'REFUSE' };

export const HANDLING_ROLES = ['ACADEMIC_CLERK', 'HEADTEACHER', 'HOMEROOM_TEACHER', 'SUBJECT_TEACHER'] as const;
export type HandlingRole = (typeof HANDLING_ROLES)[number];

export interface HandlingStep {
  id: string;
  name: Words;
  role: HandlingRole;
}

export const EFFECTS = [
  'TRANSFER',
  'CERTIFICATE',
  'TRANSCRIPT',
  'REGISTER_COPY',
  'DIPLOMA_CORRECTION',
  'DATA_CORRECTION',
  'ANSWER',
] as const;
export type Effect = (typeof EFFECTS)[number];

export const TEMPLATES = ['decision', 'certificate', 'transcript', 'register_copy', 'correction', 'answer'] as const;

export interface Definition {
  name: Words;
  summary: Words;
  who: Words;
  how_long: Words;
  fee_words: Words;
  /** Dong; the most the office may ask for. 0: free. */
  most_fee: number;
  bring: Words[];
  basis: Words;
  keywords: string[];
  /** A service that has its own screens: no form, no dossier. */
  opens: string | null;
  subject: 'STUDENT' | 'OPTIONAL_STUDENT' | 'PERSON';
  office: 'STUDENT_SCHOOL' | 'CHOSEN_SCHOOL';
  applicants: ('GUARDIAN' | 'STUDENT' | 'CITIZEN')[];
  cosign: 'NONE' | 'OPTIONAL' | 'REQUIRED';
  form: FormDefinition;
  documents: DocumentDefinition[];
  term: Term[];
  window: ServiceWindowRule | null;
  handling: {
    steps: HandlingStep[];
    result: { code: string | null; name: Words; template: string };
    effect: Effect | null;
  };
  supplement_days: number;
  extension_days: number;
  reopen_days: number;
  rate_days: number;
}

/** Scalars of the API are opaque: what a version holds is a definition, checked by the server when it was published. */
export function definitionOf(version: { definition: unknown }): Definition {
  return version.definition as Definition;
}
