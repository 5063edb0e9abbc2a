/**
 * The part of a procedure's definition that its form needs: what is asked, in which steps, with which documents. It
 * comes as plain JSON and was checked when it was published. Pure.
 */

export interface Words {
  vi: string;
  en: string;
}

export type Value = unknown;
export type Answers = Record<string, Value>;

export type Condition =
  | { field: string; equals: Value }
  | { field: string; in: readonly Value[] }
  | { field: string; filled: boolean }
  | { field: string; less_than_field: string }
  | { all: readonly Condition[] }
  | { any: readonly Condition[] }
  | { not: Condition };

/** The part of JSON Schema 2020-12 that forms use. */
export interface Property {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'array';
  enum?: Value[];
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

export interface FieldDefinition extends FieldWords {
  prefill?: string;
  locked?: boolean;
  show?: Condition;
  /** The fields of one entry of a repeated group. */
  item?: Record<string, FieldWords>;
}

export interface StepDefinition {
  id: string;
  title: Words;
  fields: string[];
}

export interface DocumentDefinition {
  id: string;
  name: Words;
  help?: Words;
  required: boolean;
  show?: Condition;
  accepts: ('image' | 'pdf')[];
  most: number;
  copy?: 'ORIGINAL' | 'COPY' | 'ELECTRONIC';
  /** What may be wrong with it: the office's reasons come from this list. */
  checks?: { id: string; words: Words }[];
}

export interface Check {
  id: string;
  /** True means that something is wrong. */
  when: Condition;
  message: Words;
  field: string;
}

export interface Definition {
  name: Words;
  summary?: Words;
  /** A service that has its own screens: no form, no dossier. */
  opens?: string | null;
  subject: 'STUDENT' | 'OPTIONAL_STUDENT' | 'PERSON';
  office: 'STUDENT_SCHOOL' | 'CHOSEN_SCHOOL';
  cosign: 'NONE' | 'OPTIONAL' | 'REQUIRED';
  bring?: Words[];
  form: {
    schema: ObjectSchema;
    steps: StepDefinition[];
    fields: Record<string, FieldDefinition>;
    checks?: Check[];
  };
  documents: DocumentDefinition[];
}

/** Where something is wrong, in words for a person: "field:reason", "field:children.1.name", "document:photo". */
export interface Trouble {
  path: string;
  message: string;
}

/** Fields in the order in which they are asked. */
export function fieldNames({ form }: Definition): string[] {
  return form.steps.flatMap(({ fields }) => fields);
}

/** What is asked in each row of a list: the keys of JSON have no order, the required ones do. */
export function rowNames({ properties, required = [] }: ObjectSchema): string[] {
  return [...required, ...Object.keys(properties).filter((name) => !required.includes(name))];
}

/** "field:children.1.name" → the field it belongs to. */
export function fieldOf(path: string): string | undefined {
  return path.startsWith('field:') ? path.slice('field:'.length).split('.')[0] : undefined;
}

const FEW_OPTIONS = 5;
const LONG_TEXT = 200;

/** How a value is asked for: the definition's wish, but never a drop-down for a handful of choices. */
export function widgetOf(schema: Property, { widget }: FieldWords): Widget {
  if (schema.type === 'array') return 'repeat';
  if (schema.type === 'boolean') return widget === 'checkbox' ? 'checkbox' : 'radio';
  if (schema.enum) return schema.enum.length <= FEW_OPTIONS ? 'radio' : 'select';
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.format === 'date') return 'date';
  if (widget === 'textarea' || widget === 'phone' || widget === 'text') return widget;
  return (schema.maxLength ?? 0) > LONG_TEXT ? 'textarea' : 'text';
}
