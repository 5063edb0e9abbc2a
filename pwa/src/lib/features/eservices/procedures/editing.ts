/** Changing the definition of a procedure while it is a draft: pure steps of the editor. */
import type { Definition, FormField, Property, Widget, Words } from '../definition.ts';

export interface Mistake {
  /** A JSON pointer into the definition. */
  path: string;
  message: string;
}

export const KINDS = ['text', 'textarea', 'date', 'choice', 'number', 'yes', 'phone', 'repeat'] as const;
export type Kind = (typeof KINDS)[number];

export const blank = (): Words => ({ vi: '', en: '' });

/** How a field is shown in the editor: one word for type, widget and format together. */
export function kindOf(property: Property, field: Pick<FormField, 'widget'>): Kind {
  if (property.type === 'array') return 'repeat';
  if (property.type === 'boolean') return 'yes';
  if (property.type === 'integer' || property.type === 'number') return 'number';
  if (property.enum) return 'choice';
  if (property.format === 'date') return 'date';
  if (field.widget === 'phone') return 'phone';
  return field.widget === 'textarea' ? 'textarea' : 'text';
}

const SHORT = 120;
const LONG = 2000;
const ROWS = 10;
const LARGEST = 1_000_000;

const NEW: Record<Kind, { property: Property; widget: Widget }> = {
  text: { property: { type: 'string', maxLength: SHORT }, widget: 'text' },
  textarea: { property: { type: 'string', maxLength: LONG }, widget: 'textarea' },
  date: { property: { type: 'string', format: 'date', maxLength: 10 }, widget: 'date' },
  choice: { property: { type: 'string', enum: ['one', 'two'], maxLength: 40 }, widget: 'radio' },
  number: { property: { type: 'integer', minimum: 0, maximum: LARGEST }, widget: 'number' },
  yes: { property: { type: 'boolean' }, widget: 'checkbox' },
  phone: { property: { type: 'string', maxLength: 20 }, widget: 'phone' },
  repeat: {
    property: {
      type: 'array',
      maxItems: ROWS,
      items: {
        type: 'object',
        properties: { name: { type: 'string', maxLength: SHORT } },
        required: ['name'],
        additionalProperties: false,
      },
    },
    widget: 'repeat',
  },
};

/** A name that is not taken: field1, field2 … */
export function freeName(taken: readonly string[], stem: string): string {
  let number = taken.length + 1;
  while (taken.includes(`${stem}${number}`)) number += 1;
  return `${stem}${number}`;
}

/** Puts a new field at the end of a step. @returns its name. */
export function addField(definition: Definition, step: number, kind: Kind): string {
  const { schema, fields, steps } = definition.form;
  const name = freeName(Object.keys(schema.properties), 'field');
  const { property, widget } = structuredClone(NEW[kind]);
  schema.properties[name] = property;
  fields[name] = {
    label: blank(),
    widget,
    ...(kind === 'choice' ? { options: { one: blank(), two: blank() } } : {}),
    ...(kind === 'repeat' ? { item: { name: { label: blank(), widget: 'text' as const } } } : {}),
  };
  steps[step]?.fields.push(name);
  return name;
}

export function removeField(definition: Definition, name: string): void {
  const { schema, fields, steps } = definition.form;
  delete schema.properties[name];
  delete fields[name];
  schema.required = (schema.required ?? []).filter((one) => one !== name);
  for (const step of steps) step.fields = step.fields.filter((one) => one !== name);
}

const NAME = /^[a-z][a-zA-Z0-9_]{0,39}$/;

/** Gives a field another name wherever it stands. @returns whether the name could be given. */
export function renameField(definition: Definition, from: string, to: string): boolean {
  const { schema, fields, steps } = definition.form;
  if (from === to) return true;
  if (!NAME.test(to) || to in schema.properties) return false;
  schema.properties = renamed(schema.properties, from, to);
  definition.form.fields = renamed(fields, from, to);
  schema.required = (schema.required ?? []).map((one) => (one === from ? to : one));
  for (const step of steps) step.fields = step.fields.map((one) => (one === from ? to : one));
  for (const check of definition.form.checks ?? []) if (check.field === from) check.field = to;
  renameInConditions(definition, from, to);
  return true;
}

function renamed<Value>(record: Record<string, Value>, from: string, to: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name === from ? to : name, value]));
}

/** Conditions stand in many places; inside them `field` and `less_than_field` are the only names of fields. */
function renameInConditions(definition: Definition, from: string, to: string): void {
  function walk(value: unknown): void {
    if (Array.isArray(value)) return value.forEach(walk);
    if (typeof value !== 'object' || value === null) return;
    const condition = value as Record<string, unknown>;
    for (const key of ['field', 'less_than_field']) if (condition[key] === from) condition[key] = to;
    Object.values(condition).forEach(walk);
  }
  for (const field of Object.values(definition.form.fields)) walk(field.show);
  for (const check of definition.form.checks ?? []) walk(check.when);
  for (const document of definition.documents) walk(document.show);
  for (const term of definition.term) walk(term.when);
}

export function setRequired(definition: Definition, name: string, required: boolean): void {
  const { schema } = definition.form;
  const others = (schema.required ?? []).filter((one) => one !== name);
  schema.required = required ? [...others, name] : others;
}

/** One place up or down in its list; at the ends nothing happens. */
export function shift<Item>(list: Item[], at: number, by: 1 | -1): void {
  const [one, other] = [list[at], list[at + by]];
  if (one === undefined || other === undefined) return;
  list[at] = other;
  list[at + by] = one;
}

/** The words of a mistake at exactly this place. */
export function mistakeAt(mistakes: readonly Mistake[], path: string): string | undefined {
  return mistakes.find((one) => one.path === path)?.message;
}

/** The mistakes at this place and inside of it. */
export function mistakesIn(mistakes: readonly Mistake[], path: string): Mistake[] {
  return mistakes.filter((one) => one.path === path || one.path.startsWith(`${path}/`));
}

/** The tab on which a place is edited. */
export function tabOf(path: string): 'words' | 'form' | 'documents' | 'handling' | 'json' {
  const [, first = ''] = path.split('/');
  if (first === 'form') return 'form';
  if (first === 'documents') return 'documents';
  if (['term', 'window', 'handling', 'supplement_days', 'extension_days', 'reopen_days', 'rate_days'].includes(first))
    return 'handling';
  return first === '' ? 'json' : 'words';
}
