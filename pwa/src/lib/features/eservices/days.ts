/** Working days as offices count them: the server's backend/eservices/rules/working_days.py, for the eye alone. */
import { addDays, weekday } from '#lib/i18n/days.ts';

/** A day that is not as usual: a holiday, or a weekend day on which offices work instead of another. */
export interface OfficeDay {
  day: string;
  works: boolean;
}

function works(day: string, unusual: ReadonlyMap<string, boolean>): boolean {
  const usual = weekday(day) !== 0 && weekday(day) !== 6;
  return unusual.get(day) ?? usual;
}

/** Working days after `start` up to and with `end`; negative when `end` is earlier. */
export function workingDaysBetween(start: string, end: string, unusual: readonly OfficeDay[]): number {
  if (end < start) return -workingDaysBetween(end, start, unusual);
  const known = new Map(unusual.map(({ day, works: open }) => [day, open]));
  let count = 0;
  for (let day = addDays(start, 1); day <= end; day = addDays(day, 1)) if (works(day, known)) count++;
  return count;
}
