/** What is shown and what counts. The same rules as on the server; both read tests/rules/form_vectors.json. Pure. */
import { fieldNames } from './definition.ts';
import type { Answers, Condition, Definition, ObjectSchema, Value } from './definition.ts';

/** No answer: `false` and 0 are answers. */
export function empty(value: Value): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  return Array.isArray(value) && value.length === 0;
}

/** @param shown fields that are visible; the others have no value. */
export function holds(condition: Condition, answers: Answers, shown: ReadonlySet<string>): boolean {
  if ('all' in condition) return condition.all.every((one) => holds(one, answers, shown));
  if ('any' in condition) return condition.any.some((one) => holds(one, answers, shown));
  if ('not' in condition) return !holds(condition.not, answers, shown);
  const value = shown.has(condition.field) ? tidy(answers[condition.field]) : undefined;
  if ('filled' in condition) return empty(value) !== condition.filled;
  if (empty(value)) return false;
  if ('equals' in condition) return value === condition.equals;
  if ('in' in condition) return condition.in.includes(value);
  return less(value, shown.has(condition.less_than_field) ? tidy(answers[condition.less_than_field]) : undefined);
}

function less(one: Value, other: Value): boolean {
  if (typeof one === 'number' && typeof other === 'number') return one < other;
  if (typeof one === 'string' && typeof other === 'string') return other !== '' && byCodePoint(one, other) < 0;
  return false;
}

/** As Python compares strings; JavaScript's own order differs beyond the first plane. */
function byCodePoint(one: string, other: string): number {
  const [left, right] = [[...one], [...other]];
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** The fields that are asked, given what is answered. A field behind a hidden field is hidden as well. */
export function visible(definition: Definition, answers: Answers): Set<string> {
  const { fields } = definition.form;
  const shown = new Set<string>();
  const names = fieldNames(definition);
  const decided = new Map<string, boolean>();

  function decide(name: string): boolean {
    const known = decided.get(name);
    if (known !== undefined) return known;
    // A definition has no cycles; should one come, it ends here.
    decided.set(name, false);
    const { show } = fields[name] ?? {};
    if (show) needs(show).forEach(decide);
    const result = !show || holds(show, answers, shown);
    decided.set(name, result);
    if (result) shown.add(name);
    return result;
  }
  names.forEach(decide);
  return shown;
}

function needs(condition: Condition): string[] {
  if ('all' in condition) return condition.all.flatMap(needs);
  if ('any' in condition) return condition.any.flatMap(needs);
  if ('not' in condition) return needs(condition.not);
  return 'less_than_field' in condition ? [condition.field, condition.less_than_field] : [condition.field];
}

function tidy(value: Value): Value {
  return typeof value === 'string' ? value.normalize('NFC').trim() : value;
}

function tidyRow(row: Value, { properties }: ObjectSchema): Value {
  if (typeof row !== 'object' || row === null || Array.isArray(row)) return row;
  const values = row as Answers;
  const kept = Object.keys(properties).filter((name) => !empty(values[name]));
  return Object.fromEntries(kept.map((name) => [name, tidy(values[name])]));
}

/** What is sent and counts: answers of visible fields, without what is empty. */
export function pruned(definition: Definition, answers: Answers): Answers {
  const shown = visible(definition, answers);
  const { properties } = definition.form.schema;
  const kept: Answers = {};
  for (const name of fieldNames(definition)) {
    const value = tidy(answers[name]);
    if (!shown.has(name) || empty(value)) continue;
    const items = properties[name]?.items;
    kept[name] = items && Array.isArray(value) ? value.map((row) => tidyRow(row, items)) : value;
  }
  return kept;
}

/** The documents that are asked for, given what is answered. */
export function visibleDocuments(definition: Definition, answers: Answers): Definition['documents'] {
  const shown = visible(definition, answers);
  return definition.documents.filter(({ show }) => !show || holds(show, answers, shown));
}
