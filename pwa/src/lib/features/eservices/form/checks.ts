/**
 * What is wrong with the answers, before the server is asked: the schema of each visible field by a JSON Schema
 * validator, then the checks of the definition, then the documents. The server decides; this only saves a round trip.
 */
import { Validator } from '@cfworker/json-schema';

import { empty, holds, pruned, visible, visibleDocuments } from './conditions.ts';
import { fieldNames, rowNames } from './definition.ts';
import type { Answers, Definition, ObjectSchema, Property, Value, Words } from './definition.ts';

export type WrongCode =
  | 'form_required'
  | 'form_kind'
  | 'form_number'
  | 'form_whole_number'
  | 'form_choice'
  | 'form_too_short'
  | 'form_too_long'
  | 'form_pattern'
  | 'form_number_range'
  | 'form_number_least'
  | 'form_number_most'
  | 'form_date'
  | 'form_too_few'
  | 'form_too_many'
  | 'form_said'
  | 'document_required'
  | 'document_too_many';

export interface Wrong {
  path: string;
  code: WrongCode;
  params: { least?: number; most?: number };
  /** The definition's own words for it. */
  said?: Words;
}

/** One complaint a value: the server's order. */
const ORDER = [
  'enum',
  'format',
  'maxItems',
  'maxLength',
  'maximum',
  'minItems',
  'minLength',
  'minimum',
  'pattern',
  'type',
] as const;
type Keyword = (typeof ORDER)[number];

/** Days outside these years are slips of the finger. */
const FIRST_YEAR = '1900';
const LAST_YEAR = '2100';

const KINDS: Partial<Record<Property['type'], WrongCode>> = { integer: 'form_whole_number', number: 'form_number' };

function rangeCode({ minimum, maximum }: Property): WrongCode {
  if (minimum !== undefined && maximum !== undefined) return 'form_number_range';
  return minimum === undefined ? 'form_number_most' : 'form_number_least';
}

function complaint(keyword: Keyword, schema: Property): Omit<Wrong, 'path'> {
  switch (keyword) {
    case 'type':
      return { code: KINDS[schema.type] ?? 'form_kind', params: {} };
    case 'enum':
      return { code: 'form_choice', params: {} };
    case 'format':
      return { code: 'form_date', params: {} };
    case 'minLength':
      return { code: 'form_too_short', params: { least: schema.minLength } };
    case 'maxLength':
      return { code: 'form_too_long', params: { most: schema.maxLength } };
    case 'pattern':
      return { code: 'form_pattern', params: {} };
    case 'minimum':
    case 'maximum':
      return { code: rangeCode(schema), params: { least: schema.minimum, most: schema.maximum } };
    case 'minItems':
      return { code: 'form_too_few', params: { least: schema.minItems } };
    case 'maxItems':
      return { code: 'form_too_many', params: { most: schema.maxItems } };
  }
}

function keywords(schema: Property, value: Value): Set<string> {
  const { errors } = new Validator(schema, '2020-12', false).validate(value);
  const broken = new Set(errors.map(({ keyword }) => keyword));
  if (schema.format === 'date' && typeof value === 'string') {
    const year = value.slice(0, FIRST_YEAR.length);
    if (year < FIRST_YEAR || year > LAST_YEAR) broken.add('format');
  }
  return broken;
}

function wrongValue(path: string, value: Value, schema: Property): Wrong[] {
  const { items, ...own } = schema;
  const broken = keywords(own, value);
  const keyword = ORDER.find((one) => broken.has(one));
  if (keyword) return [{ path, ...complaint(keyword, schema) }];
  if (!items || !Array.isArray(value)) return [];
  return value.flatMap((row: Value, at) => wrongRow(`${path}.${at}`, row, items));
}

function wrongRow(path: string, row: Value, items: ObjectSchema): Wrong[] {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return [{ path, code: 'form_kind', params: {} }];
  const values = row as Answers;
  return rowNames(items).flatMap((name): Wrong[] => {
    const [value, schema] = [values[name], items.properties[name]];
    if (!empty(value)) return schema ? wrongValue(`${path}.${name}`, value, schema) : [];
    return items.required?.includes(name) ? [{ path: `${path}.${name}`, code: 'form_required', params: {} }] : [];
  });
}

/** @param counts how many files there are under each document. */
function wrongDocuments(definition: Definition, answers: Answers, counts: Readonly<Record<string, number>>): Wrong[] {
  return visibleDocuments(definition, answers).flatMap(({ id, required, most }): Wrong[] => {
    const count = counts[id] ?? 0;
    const path = `document:${id}`;
    if (required && count === 0) return [{ path, code: 'document_required', params: {} }];
    return count > most ? [{ path, code: 'document_too_many', params: { most } }] : [];
  });
}

/** Everything that is wrong, in the order in which it is asked. */
export function wrong(definition: Definition, given: Answers, counts: Readonly<Record<string, number>>): Wrong[] {
  const { schema, checks = [] } = definition.form;
  const answers = pruned(definition, given);
  const shown = visible(definition, given);
  const found = fieldNames(definition).flatMap((name): Wrong[] => {
    const value = answers[name];
    const asked = schema.properties[name];
    if (!shown.has(name) || !asked) return [];
    if (!empty(value)) return wrongValue(`field:${name}`, value, asked);
    if (!schema.required?.includes(name)) return [];
    const said = definition.form.fields[name]?.required_words;
    return [{ path: `field:${name}`, code: said ? 'form_said' : 'form_required', params: {}, said }];
  });
  const faulty = new Set(found.map(({ path }) => path.split('.')[0]));
  for (const check of checks) {
    const path = `field:${check.field}`;
    if (faulty.has(path) || !shown.has(check.field) || !holds(check.when, answers, shown)) continue;
    found.push({ path, code: 'form_said', params: {}, said: check.message });
    faulty.add(path);
  }
  return [...found, ...wrongDocuments(definition, given, counts)];
}
