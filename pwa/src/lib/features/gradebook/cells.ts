/** What a teacher may type into a cell, and what a pasted column holds. Pure. */

export type Reason = 'EXEMPT' | 'MAKEUP_ALLOWED' | 'MISSING_AS_ZERO';
export const REASONS: readonly Reason[] = ['EXEMPT', 'MAKEUP_ALLOWED', 'MISSING_AS_ZERO'];

/** A cell as the server knows it; neither mark nor reason: empty. */
export interface Value {
  /** "8.5" */
  mark: string | null;
  reason: Reason | null;
}

export const EMPTY: Value = { mark: null, reason: null };

export type Refusal = 'not_a_number' | 'out_of_range' | 'too_precise';
export type Read = { ok: true; value: Value } | { ok: false; refusal: Refusal };

/** "8,5" and "8.5" alike; nothing typed empties the cell. The same limits as the server's, so that the cell says it at once. */
export function readMark(text: string): Read {
  const typed = text.trim();
  if (typed === '') return { ok: true, value: EMPTY };
  if (!/^-?\d{1,6}([.,]\d{1,6})?$/.test(typed)) return { ok: false, refusal: 'not_a_number' };
  const number = Number(typed.replace(',', '.'));
  if (number < 0 || number > 10) return { ok: false, refusal: 'out_of_range' };
  if ((typed.split(/[.,]/)[1] ?? '').replace(/0+$/, '').length > 1) return { ok: false, refusal: 'too_precise' };
  return { ok: true, value: { mark: number.toFixed(1), reason: null } };
}

export function same(left: Value, right: Value): boolean {
  return left.mark === right.mark && left.reason === right.reason;
}

export function isEmpty(value: Value): boolean {
  return value.mark === null && value.reason === null;
}

/** The rows and columns of what Excel puts on the clipboard. Its closing line break is no row. */
export function readPaste(text: string): string[][] {
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n$/, '').split('\n');
  return lines.map((line) => line.split('\t'));
}
