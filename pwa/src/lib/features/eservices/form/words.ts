/** What is said about an answer that will not do: what is accepted, not only that it is wrong. */
import { m } from '#lib/i18n/generated/messages.js';
import { getLocale } from '#lib/i18n/generated/runtime.js';
import { spoken } from '../words.ts';
import type { Wrong, WrongCode } from './checks.ts';
import type { Definition, FieldWords, Trouble } from './definition.ts';
import { fieldOf } from './definition.ts';
import { numberTyped } from './values.ts';

interface Limits {
  least: string;
  most: string;
}

const WORDS: Record<Exclude<WrongCode, 'form_said'>, (limits: Limits) => string> = {
  form_required: m.forms_wrong_required,
  form_kind: m.forms_wrong_kind,
  form_number: m.forms_wrong_number,
  form_whole_number: m.forms_wrong_whole_number,
  form_choice: m.forms_wrong_choice,
  form_too_short: m.forms_wrong_too_short,
  form_too_long: m.forms_wrong_too_long,
  form_pattern: m.forms_wrong_pattern,
  form_number_range: m.forms_wrong_number_range,
  form_number_least: m.forms_wrong_number_least,
  form_number_most: m.forms_wrong_number_most,
  form_date: m.forms_wrong_date,
  form_too_few: m.forms_wrong_too_few,
  form_too_many: m.forms_wrong_too_many,
  document_required: m.forms_wrong_document_required,
  document_too_many: m.forms_wrong_document_too_many,
};

export function inWords({ path, code, params, said }: Wrong): Trouble {
  if (code === 'form_said') return { path, message: spoken(said) };
  const limit = (value: number | undefined): string => numberTyped(value, getLocale());
  return { path, message: WORDS[code]({ least: limit(params.least), most: limit(params.most) }) };
}

/** "Ngày sinh", "Con 2 – Tên", "Giấy khai sinh": which place of the form a path means. */
export function placeWords(definition: Definition, path: string): string {
  const name = fieldOf(path);
  if (name === undefined) {
    const document = definition.documents.find(({ id }) => path === `document:${id}`);
    return document ? spoken(document.name) : '';
  }
  const field = definition.form.fields[name];
  const [, row, sub] = path.split('.');
  if (row === undefined) return spoken(field?.label);
  const inside: FieldWords | undefined = sub === undefined ? undefined : field?.item?.[sub];
  const whole = rowTitle(spoken(field?.label), Number(row));
  return inside ? m.forms_place_in_row({ row: whole, field: spoken(inside.label) }) : whole;
}

/** Rows are counted from 1 where people read them. */
export function rowTitle(label: string, at: number): string {
  return m.forms_row({ label, number: at + 1 });
}
