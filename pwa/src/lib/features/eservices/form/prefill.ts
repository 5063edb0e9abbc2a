/** What is known already is not asked again: answers taken from the pupil's data and from the account. Pure. */
import { empty } from './conditions.ts';
import type { Answers, Definition, Value } from './definition.ts';

export interface Prefill {
  field: string;
  value: Value;
  /** SECTOR: what the school entered about the pupil. ACCOUNT: what the person told about herself. */
  source: string;
  /** Since when it stands so, "2026-09-15". */
  asOf: string;
}

/** A value that is shown as it is and may only be said to be wrong. */
export function isLocked(definition: Definition, name: string, prefilled: Prefill | undefined): boolean {
  return Boolean(definition.form.fields[name]?.locked && prefilled && !empty(prefilled.value));
}

/** Locked values always follow the data; the others begin with it and are the person's afterwards. */
export function withPrefilled(definition: Definition, answers: Answers, prefilled: readonly Prefill[]): Answers {
  const result = { ...answers };
  for (const one of prefilled) {
    if (!(one.field in definition.form.fields) || empty(one.value)) continue;
    if (isLocked(definition, one.field, one) || result[one.field] === undefined) result[one.field] = one.value;
  }
  return result;
}

/** The answers as they would count: what was said to be wrong is taken at the person's word. */
export function withDisputes(answers: Answers, disputes: Answers): Answers {
  return { ...answers, ...said(disputes) };
}

/** Claims that are written out; one that was only opened says nothing yet. */
export function said(disputes: Answers): Answers {
  return Object.fromEntries(Object.entries(disputes).filter(([, value]) => !empty(value)));
}

/** An unticked box is an answer as soon as it has been shown. */
export function withBoxes(definition: Definition, answers: Answers, shown: Iterable<string>): Answers {
  const result = { ...answers };
  for (const name of shown) {
    const schema = definition.form.schema.properties[name];
    const box = schema?.type === 'boolean' && definition.form.fields[name]?.widget === 'checkbox';
    if (box && result[name] === undefined) result[name] = false;
  }
  return result;
}
