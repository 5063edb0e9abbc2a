/** Words that every screen of the services shares: names in two languages, days, sizes, states of a dossier. */
import { daysBetween, weekdayDate } from '#lib/i18n/days.ts';
import { longDate } from '#lib/i18n/format.ts';
import type { Language } from '#lib/i18n/format.ts';
import { m } from '#lib/i18n/generated/messages.js';
import { getLocale } from '#lib/i18n/generated/runtime.js';
import type { Words } from './definition.ts';

/** Words of a definition in the viewer's language; the Vietnamese where the other was left empty. */
export function spoken(words: Words | undefined): string {
  return words ? words[getLocale()] || words.vi : '';
}

/** The name of a procedure as every dossier carries it. The API's JSON is opaque; its shape is the definition's. */
export function nameOf(version: { name: unknown }): string {
  return spoken(version.name as Words);
}

/** What is compared in a search: no diacritics, no capitals, one space between words. */
export function foldWords(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/đ/giu, 'd').toLowerCase().replace(/\s+/g, ' ').trim();
}

export type Status =
  | 'SUBMITTED'
  | 'ACCEPTED'
  | 'REJECTED'
  | 'PROCESSING'
  | 'SUPPLEMENT_REQUESTED'
  | 'PAYMENT_REQUIRED'
  | 'WITHDRAWN'
  | 'STOPPED'
  | 'COMPLETED'
  | 'RETURNED';

export type Tone = 'plain' | 'brand' | 'good' | 'warn' | 'bad';

const STATUS: Record<Status, () => string> = {
  SUBMITTED: m.services_status_SUBMITTED,
  ACCEPTED: m.services_status_ACCEPTED,
  REJECTED: m.services_status_REJECTED,
  PROCESSING: m.services_status_PROCESSING,
  SUPPLEMENT_REQUESTED: m.services_status_SUPPLEMENT_REQUESTED,
  PAYMENT_REQUIRED: m.services_status_PAYMENT_REQUIRED,
  WITHDRAWN: m.services_status_WITHDRAWN,
  STOPPED: m.services_status_STOPPED,
  COMPLETED: m.services_status_COMPLETED,
  RETURNED: m.services_status_RETURNED,
};

const TONES: Record<Status, Tone> = {
  SUBMITTED: 'brand',
  ACCEPTED: 'brand',
  REJECTED: 'bad',
  PROCESSING: 'brand',
  SUPPLEMENT_REQUESTED: 'warn',
  PAYMENT_REQUIRED: 'warn',
  WITHDRAWN: 'plain',
  STOPPED: 'bad',
  COMPLETED: 'good',
  RETURNED: 'good',
};

const RUNNING: readonly Status[] = ['SUBMITTED', 'ACCEPTED', 'PROCESSING'];
const WAITING: readonly Status[] = ['SUPPLEMENT_REQUESTED', 'PAYMENT_REQUIRED'];

/** The office has it: the clock runs. */
export const isRunning = (status: Status): boolean => RUNNING.includes(status);
/** The citizen has it: the clock stands. */
export const isWaiting = (status: Status): boolean => WAITING.includes(status);
export const isOpen = (status: Status): boolean => isRunning(status) || isWaiting(status);

export const statusWords = (status: Status): string => STATUS[status]();

export function toneOf({ status, overdue }: { status: Status; overdue: boolean }): Tone {
  return overdue && isRunning(status) ? 'bad' : TONES[status];
}

const NEAR = new Map([
  [-1, m.services_day_yesterday],
  [0, m.services_day_today],
  [1, m.services_day_tomorrow],
]);

/** "hôm nay", "ngày mai", "thứ Sáu 27/11"; with the year when it is another one. */
export function dayWords(day: string, today: string, language: Language = getLocale()): string {
  const near = NEAR.get(daysBetween(today, day));
  return near ? near() : plainDay(day, today, language);
}

/** The same without "ngày mai": what was promised then may not be what holds today. */
export function plainDay(day: string, today: string, language: Language = getLocale()): string {
  return day.slice(0, 4) === today.slice(0, 4) ? weekdayDate(day, language) : longDate(day, language);
}

const KILO = 1000;

/** "320 kB", "1,4 MB". */
export function sizeWords(bytes: number, language: Language = getLocale()): string {
  const shown = (value: number, digits: number): string =>
    value.toLocaleString(language, { maximumFractionDigits: digits });
  if (bytes < KILO * KILO) return m.services_size_kb({ size: shown(Math.max(1, bytes / KILO), 0) });
  return m.services_size_mb({ size: shown(bytes / KILO / KILO, 1) });
}

/** What somebody means by "15.000" or "15 000"; NaN for words. */
export function wholeNumberOf(text: string): number {
  return Number(text.replace(/[.\s]/g, ''));
}

/** "250.000 đồng". */
export function moneyWords(dong: number, language: Language = getLocale()): string {
  return m.services_money({ amount: dong.toLocaleString(language) });
}
