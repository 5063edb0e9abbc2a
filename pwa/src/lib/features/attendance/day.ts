/** The school day and the clock of Vietnam, wherever the device believes to be. */
import { time } from '#lib/i18n/format.ts';

const day = new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Ho_Chi_Minh' });

/** "2026-11-23" */
export function schoolDay(at: Date): string {
  return day.format(at);
}

/** The next calendar day. */
export function dayAfter(today: string): string {
  return new Date(Date.parse(today) + 86_400_000).toISOString().slice(0, 10);
}

/** "07:05" */
export function schoolTime(at: Date): string {
  return time(at);
}
