/** How answers are typed and written: days as dd/mm/yyyy, numbers with a comma, choices by their words. Pure. */
import type { Language } from '#lib/i18n/format.ts';
import { m } from '#lib/i18n/generated/messages.js';
import { getLocale } from '#lib/i18n/generated/runtime.js';
import { spoken } from '../words.ts';
import { empty } from './conditions.ts';
import { rowNames } from './definition.ts';
import type { Answers, Definition, FieldDefinition, FieldWords, ObjectSchema, Property, Value } from './definition.ts';

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/;
const TYPED_DAY = /^\s*(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4})\s*$/;
const DIGITS_OF_DAY = 8;

/** "2013-09-05" → "05/09/2013"; what is not a day stays as it was typed. */
export function dayTyped(value: Value): string {
  if (typeof value !== 'string') return '';
  const [, year, month, day] = DAY.exec(value) ?? [];
  return year ? `${day}/${month}/${year}` : value;
}

/** "5/9/2013", "05.09.2013" or "05092013" → "2013-09-05"; anything else stays as it is and is found wrong. */
export function dayOf(typed: string): string {
  const text = typed.trim();
  const digits = /^\d{8}$/.test(text) ? `${text.slice(0, 2)}/${text.slice(2, 4)}/${text.slice(4)}` : text;
  const [, day = '', month = '', year = ''] = TYPED_DAY.exec(digits) ?? [];
  return year ? `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}` : text;
}

/** Puts the strokes in while digits are typed at the end: "0509" → "05/09/". Taking back is left alone. */
export function withStrokes(typed: string, before: string): string {
  if (typed.length <= before.length || !/^[\d/]*$/.test(typed)) return typed;
  const digits = typed.replaceAll('/', '');
  if (digits.length > DIGITS_OF_DAY || /^\d\/|\/\d\//.test(typed)) return typed;
  const parts = [digits.slice(0, 2), digits.slice(2, 4), digits.slice(4)].filter((part) => part !== '');
  const whole = digits.length === 2 || digits.length === 4;
  return parts.join('/') + (whole ? '/' : '');
}

/** "8,5" or "8.5" → 8.5; what is no number stays as typed and is found wrong; nothing is no answer. */
export function numberOf(typed: string): Value {
  const text = typed.trim();
  if (text === '') return undefined;
  return /^-?\d+([.,]\d+)?$/.test(text) ? Number(text.replace(',', '.')) : text;
}

export function numberTyped(value: Value, language: Language): string {
  if (typeof value === 'number') return language === 'vi' ? String(value).replace('.', ',') : String(value);
  return typeof value === 'string' ? value : '';
}

/** One answer as a person reads it; several rows as several lines. */
export function written(value: Value, schema: Property, field: FieldWords & Pick<FieldDefinition, 'item'>): string {
  if (empty(value)) return '';
  if (typeof value === 'boolean') return value ? m.forms_yes() : m.forms_no();
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.map((row) => rowWritten(row as Answers, items, field.item ?? {})).join('\n') : '';
  }
  const option = field.options?.[String(value)];
  if (option) return spoken(option);
  if (schema.format === 'date') return dayTyped(value);
  return typeof value === 'number' ? numberTyped(value, getLocale()) : String(value);
}

/** "Lan · 05/09/2013". */
function rowWritten(row: Answers, items: ObjectSchema, words: Record<string, FieldWords>): string {
  return rowNames(items)
    .map((name) => {
      const schema = items.properties[name];
      return schema ? written(row[name], schema, words[name] ?? { label: { vi: name, en: name } }) : '';
    })
    .filter((text) => text !== '')
    .join(' · ');
}

/** An answer to one field of a procedure, in words; empty when there is none. */
export function valueWords({ form }: Definition, name: string, value: Value): string {
  const [schema, field] = [form.schema.properties[name], form.fields[name]];
  return schema && field ? written(value, schema, field) : '';
}
