/** Calendar days as the server writes them, "2026-11-23", counted in Vietnam wherever the reader is. */
import type { Language } from './format.ts';

const ZONE = 'Asia/Ho_Chi_Minh';
const DAY_MS = 86_400_000;
const day = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE, year: 'numeric', month: '2-digit', day: '2-digit' });
const SHORT_WEEKDAYS = {
  vi: ['CN', 'T2', 'T3', 'T4', 'T5', 'T6', 'T7'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
} as const;
const WEEKDAYS = {
  vi: ['Chủ Nhật', 'thứ Hai', 'thứ Ba', 'thứ Tư', 'thứ Năm', 'thứ Sáu', 'thứ Bảy'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
} as const;

/** The calendar day of a moment in Vietnam. */
export function calendarDay(moment: Date): string {
  return day.format(moment);
}

export function addDays(from: string, count: number): string {
  return new Date(Date.parse(from) + count * DAY_MS).toISOString().slice(0, 10);
}

/** Days from `from` to `to`; negative when `to` is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

/** 0 for Sunday to 6 for Saturday. */
export function weekday(of: string): number {
  return new Date(of).getUTCDay();
}

/** The Monday of the week in which the day lies. */
export function mondayOf(of: string): string {
  return addDays(of, -((weekday(of) + 6) % 7));
}

/** "thứ Hai". */
export function weekdayName(of: string, language: Language): string {
  return WEEKDAYS[language][weekday(of)] ?? '';
}

/** "T2", for the head of a narrow column. */
export function shortWeekday(of: string, language: Language): string {
  return SHORT_WEEKDAYS[language][weekday(of)] ?? '';
}

/** "23/11". */
export function dayMonth(of: string): string {
  const [, month, date] = of.split('-');
  return `${date}/${month}`;
}

/** "thứ Hai 23/11". */
export function weekdayDate(of: string, language: Language): string {
  return `${weekdayName(of, language)} ${dayMonth(of)}`;
}

/** First day of the month `count` months from the month of `from`. */
export function monthFrom(from: string, count: number): string {
  const [year, month] = from.split('-').map(Number) as [number, number];
  return new Date(Date.UTC(year, month - 1 + count, 1)).toISOString().slice(0, 10);
}
