/** The month of a child's attendance as a calendar. Pure. */
import type { ChildMarkFields } from '#lib/graphql/documents/attendance_family.ts';
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { AttendanceStatus, HalfDay } from '#lib/i18n/attendance.ts';
import { addDays, monthFrom, weekday } from '#lib/i18n/days.ts';

export type ChildMark = ResultOf<typeof ChildMarkFields>;

/** TT 22/2021 art. 12: more sessions missed in a year, and the pupil is not promoted. */
export const MOST_MISSED = 45;
const SESSIONS: readonly HalfDay[] = ['MORNING', 'AFTERNOON'];
/** The gravest stands for a session in which periods went differently. */
const GRAVITY: readonly AttendanceStatus[] = ['UNEXCUSED', 'EXCUSED', 'LATE', 'LEFT_EARLY', 'PRESENT'];
const DAYS = 7;

export interface DayCell {
  day: string;
  date: number;
  /** What holds for morning and afternoon; null: nothing recorded. */
  sessions: Record<HalfDay, AttendanceStatus | null>;
}

export function lastOfMonth(first: string): string {
  return addDays(monthFrom(first, 1), -1);
}

function statusOf(marks: readonly ChildMark[], day: string, session: HalfDay): AttendanceStatus | null {
  const found = marks.filter((mark) => mark.day === day && mark.session === session).map(({ status }) => status);
  return GRAVITY.find((status) => found.includes(status)) ?? null;
}

/** Weeks from Monday to Sunday; null where the month has not begun or is over. */
export function weeksOf(first: string, marks: readonly ChildMark[]): (DayCell | null)[][] {
  const last = lastOfMonth(first);
  const cells: (DayCell | null)[] = Array.from({ length: (weekday(first) + DAYS - 1) % DAYS }, () => null);
  for (let day = first; day <= last; day = addDays(day, 1)) {
    const [morning, afternoon] = SESSIONS.map((session) => statusOf(marks, day, session));
    cells.push({
      day,
      date: Number(day.slice(8)),
      sessions: { MORNING: morning ?? null, AFTERNOON: afternoon ?? null },
    });
  }
  while (cells.length % DAYS > 0) cells.push(null);
  return Array.from({ length: cells.length / DAYS }, (_, week) => cells.slice(week * DAYS, (week + 1) * DAYS));
}

const place = ({ day, session, period }: ChildMark): string => `${day}${SESSIONS.indexOf(session)}${period}`;

/** In order of time. */
export function inOrder(marks: readonly ChildMark[]): ChildMark[] {
  return [...marks].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}

/** What was not as it should be, the newest first. A period says nothing new when its whole session was missed alike. */
export function exceptions(marks: readonly ChildMark[]): ChildMark[] {
  const whole = new Map(
    marks.filter(({ period }) => period === 0).map((mark) => [mark.day + mark.session, mark.status]),
  );
  return inOrder(marks)
    .filter(
      ({ day, session, period, status }) =>
        status !== 'PRESENT' && (period === 0 || whole.get(day + session) !== status),
    )
    .reverse();
}
