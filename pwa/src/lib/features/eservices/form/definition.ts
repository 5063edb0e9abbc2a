/**
 * The part of a procedure's definition that its form needs: what is asked, in which steps, with which documents. It
 * comes as plain JSON and was checked when it was published. Pure.
 */

import type {
  Check,
  Condition,
  Definition as Whole,
  DocumentDefinition,
  FieldWords,
  FormField as FieldDefinition,
  ObjectSchema,
  Property,
  Widget,
  Words,
} from '../definition.ts';

export type {
  Check,
  Condition,
  DocumentDefinition,
  FieldDefinition,
  FieldWords,
  ObjectSchema,
  Property,
  Widget,
  Words,
};

export type Value = unknown;
export type Answers = Record<string, Value>;

export type Definition = Pick<Whole, 'name' | 'subject' | 'office' | 'cosign' | 'form' | 'documents'> &
  Partial<Pick<Whole, 'summary' | 'opens' | 'bring'>>;

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

/** What is still called wrong after a change: a field that is being mended is not. */
export function unmended(troubles: readonly Trouble[], before: Answers, after: Answers): Trouble[] {
  return troubles.filter(({ path }) => {
    const name = fieldOf(path);
    return name === undefined || before[name] === after[name];
  });
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
