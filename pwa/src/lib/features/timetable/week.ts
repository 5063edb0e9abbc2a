/** What the day and week views draw, worked out of dated lessons. Pure: no clock, no words. */
import { addDays, mondayOf } from '#lib/i18n/days.ts';
import type { CalendarEvent, HalfDay, Lesson, SchoolDay } from './types.ts';

export const SESSIONS: readonly HalfDay[] = ['MORNING', 'AFTERNOON'];
const WEEK = 7;
/** Saturday is shown even when nothing is taught, Sunday only when there is something on it. */
const ALWAYS = 6;

export interface Slot {
  session: HalfDay;
  period: number;
}

type Placed = Pick<Lesson, 'session' | 'period'>;

export function daysOfWeek(day: string): string[] {
  const monday = mondayOf(day);
  return Array.from({ length: WEEK }, (_, index) => addDays(monday, index));
}

/** The days worth a column. */
export function columnsOf(days: readonly string[], lessons: readonly Lesson[], known: readonly SchoolDay[]): string[] {
  const busy = new Set([
    ...lessons.map(({ day }) => day),
    ...known.filter(({ teaches, holiday }) => teaches || holiday).map(({ day }) => day),
  ]);
  return days.filter((day, index) => index < ALWAYS || busy.has(day));
}

/** The rows of a grid: every period up to the last one that is used, for each session that is used at all. */
export function slotsOf(lessons: readonly Placed[]): Slot[] {
  return SESSIONS.flatMap((session) => {
    const last = Math.max(0, ...lessons.filter((lesson) => lesson.session === session).map(({ period }) => period));
    return Array.from({ length: last }, (_, index): Slot => ({ session, period: index + 1 }));
  });
}

/** The lessons of a day by session, in order; sessions without lessons are left out. */
export function sessionsOf<Some extends Placed>(lessons: readonly Some[]): { session: HalfDay; lessons: Some[] }[] {
  return SESSIONS.map((session) => ({
    session,
    lessons: lessons.filter((lesson) => lesson.session === session).sort((a, b) => a.period - b.period),
  })).filter((part) => part.lessons.length > 0);
}

export function at<Some extends Placed & { day: string }>(lessons: readonly Some[], day: string, slot: Slot): Some[] {
  return lessons.filter(
    (lesson) => lesson.day === day && lesson.session === slot.session && lesson.period === slot.period,
  );
}

/** An event of a lesson stands with it; `session` without `period` means the whole session. */
export function belongs(event: CalendarEvent, lesson: Lesson): boolean {
  return event.day === lesson.day && event.session === lesson.session && event.period === lesson.period;
}

export type When = 'over' | 'now' | 'ahead';

/** Where a lesson of today stands. `clock`: "07:45" in Vietnam; without bells a lesson is never now or over. */
export function whenOf({ startsAt, endsAt }: Pick<Lesson, 'startsAt' | 'endsAt'>, clock: string): When {
  if (!startsAt || !endsAt || clock < startsAt) return 'ahead';
  return clock < endsAt ? 'now' : 'over';
}

export function isClock(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text);
}

/** "7h30", "730", "7:30" and "7" as people type them → "07:30", "07:00"; anything else stays as it is. */
export function clockOf(text: string): string {
  const found = /^(\d{1,2})\s*[:hg.]?\s*(\d{2})?$/iu.exec(text.trim());
  const clock = found ? `${(found[1] ?? '').padStart(2, '0')}:${found[2] ?? '00'}` : '';
  return isClock(clock) ? clock : text;
}

/** A finger that went sideways, further than down: the day before or after. 0 for anything else. */
export function swiped(dx: number, dy: number): -1 | 0 | 1 {
  const FAR = 56;
  if (Math.abs(dx) < FAR || Math.abs(dx) < 2 * Math.abs(dy)) return 0;
  return dx < 0 ? 1 : -1;
}

/** Small words that a short name leaves out, and how many initials it has at most. */
const SMALL = new Set(['và', 'của', 'and', 'of']);
const MOST = 4;

/** "Giáo dục công dân" → "GDCD", "Nghệ thuật (Âm nhạc)" → "Âm nhạc"; one or two words stay as they are. */
export function shortName(name: string): string {
  const inner = /\(([^)]+)\)/.exec(name)?.[1];
  if (inner) return inner.charAt(0).toLocaleUpperCase('vi') + inner.slice(1);
  const [main = name] = name.split(',');
  const words = main.trim().split(/\s+/);
  if (words.length <= 2) return main.trim();
  return words
    .filter((word) => !SMALL.has(word))
    .slice(-MOST)
    .map((word) => word.charAt(0).toLocaleUpperCase('vi'))
    .join('');
}
