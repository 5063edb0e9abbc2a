/** The spans one tap asks leave for: today, the next school morning, the next school day. Pure. */
import type { Span } from '#lib/i18n/attendance.ts';
import { addDays, weekday } from '#lib/i18n/days.ts';

export type When = 'TODAY' | 'MORNING' | 'DAY' | 'OTHER';

/** As early as the server takes a late note, and as late as it takes a request, in days from today. */
export const EARLIEST = -7;
export const LATEST = 119;
/** How far ahead the school's calendar is read: Tết is the longest pause. */
export const AHEAD = 21;
/** From this hour on leave is more likely for the next day. */
const NOON = '12:00';
const SUNDAY = 0;

export interface Today {
  day: string;
  /** "07:05", in Vietnam. */
  time: string;
  /** Days with lessons; undefined while the school's calendar is not known. */
  teaching: readonly string[] | undefined;
}

function teaches({ teaching }: Today, day: string): boolean {
  return teaching ? teaching.includes(day) : weekday(day) !== SUNDAY;
}

/** The first day with lessons after today. */
export function nextSchoolDay(today: Today): string {
  for (let ahead = 1; ahead <= AHEAD; ahead += 1) {
    const day = addDays(today.day, ahead);
    if (teaches(today, day)) return day;
  }
  return addDays(today.day, 1);
}

export function choices(today: Today): When[] {
  return [...(teaches(today, today.day) ? (['TODAY'] as const) : []), 'MORNING', 'DAY', 'OTHER'];
}

/** Before noon of a school day today, otherwise the next morning. */
export function usual(today: Today): When {
  return teaches(today, today.day) && today.time < NOON ? 'TODAY' : 'MORNING';
}

/** What a choice means today; OTHER is what stands in the fields. */
export function spanOf(when: When, today: Today, other: Span): Span {
  if (when === 'OTHER') return other;
  const day = when === 'TODAY' ? today.day : nextSchoolDay(today);
  const endsSession = when === 'MORNING' ? 'MORNING' : 'AFTERNOON';
  return { startsOn: day, startsSession: 'MORNING', endsOn: day, endsSession };
}

/** Whether the end lies before the start: seen before the server has to say so. */
export function backwards({ startsOn, startsSession, endsOn, endsSession }: Span): boolean {
  return endsOn < startsOn || (endsOn === startsOn && startsSession === 'AFTERNOON' && endsSession === 'MORNING');
}
