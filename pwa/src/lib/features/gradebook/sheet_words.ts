/** Names of columns, reasons and refusals in the teacher's sheet, in the reader's language. */
import { mark as writtenMark } from '#lib/i18n/format.ts';
import { m } from '#lib/i18n/generated/messages.js';
import { getLocale } from '#lib/i18n/generated/runtime.js';
import type { Reason, Refusal, Value } from './cells.ts';
import type { Cell } from './sheet.svelte.ts';

interface ColumnName {
  kind: 'ONGOING' | 'MID' | 'END';
  ordinal: number;
}

/** "ĐĐGtx 2", "ĐĐGgk", "ĐĐGck". */
export function columnName({ kind, ordinal }: ColumnName): string {
  return { ONGOING: m.sheet_ongoing({ ordinal }), MID: m.sheet_mid(), END: m.sheet_end() }[kind];
}

export const REASON_WORDS: Record<Reason, () => string> = {
  EXEMPT: m.sheet_reason_exempt,
  MAKEUP_ALLOWED: m.sheet_reason_makeup,
  MISSING_AS_ZERO: m.sheet_reason_missing,
};

const SHORT: Record<Reason, () => string> = {
  EXEMPT: m.sheet_short_exempt,
  MAKEUP_ALLOWED: m.sheet_short_makeup,
  MISSING_AS_ZERO: m.sheet_short_missing,
};

/** "8,5", or the short word of a reason, or nothing. */
export function shown(value: Value | null): string {
  if (value?.reason) return SHORT[value.reason]();
  return value?.mark ? writtenMark(value.mark, getLocale()) : '';
}

/** What stands in the cell on the screen. */
export function inCell(cell: Cell): string {
  if (cell.wanted) return shown(cell.wanted);
  return cell.typed ?? shown(cell.saved);
}

const REFUSALS: Record<Refusal, () => string> = {
  not_a_number: m.sheet_not_a_number,
  out_of_range: m.sheet_out_of_range,
  too_precise: m.sheet_too_precise,
};

/** Why a cell is not saved; empty while there is nothing to say. */
export function complaint(cell: Cell): string {
  if (cell.state === 'stale') return m.sheet_stale({ theirs: shown(cell.theirs ?? null) || m.sheet_blank() });
  if (cell.state !== 'refused') return '';
  return cell.refusal ? REFUSALS[cell.refusal]() : (cell.problem ?? m.sheet_not_saved());
}

/** The semester of a calendar day; both days as "2026-11-23". */
export function semesterOf(secondSemesterOn: string, today: string): 'SEM1' | 'SEM2' {
  return today < secondSemesterOn ? 'SEM1' : 'SEM2';
}

/** Today's calendar day in Vietnam. */
export function today(): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Ho_Chi_Minh' }).format(new Date());
}
