/** What the screens of the class register work out. Pure: no clock, no words. */
import type { LogFields, LoggedLessonFields, RemarkFields } from '#lib/graphql/documents/lesson_log.ts';
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';

export type LoggedLesson = ResultOf<typeof LoggedLessonFields>;
export type Log = ResultOf<typeof LogFields>;
export type Remark = ResultOf<typeof RemarkFields>;
export type Rating = NonNullable<Log['rating']>;
export type RemarkKind = Remark['kind'];

type Place = Pick<Log, 'day' | 'session' | 'period'>;

/** Mornings before afternoons: the order in which lessons are given. */
export function inOrder(a: Place, b: Place): number {
  const key = ({ day, session, period }: Place): string => `${day} ${session === 'MORNING' ? 0 : 1} ${period}`;
  return key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0;
}

export function same(a: Place, b: Place): boolean {
  return a.day === b.day && a.session === b.session && a.period === b.period;
}

/** The number in the syllabus that this lesson most likely has: one more than the subject's last before it. */
export function nextNumber(logs: readonly Log[], subject: string, place: Place): number | null {
  const before = logs
    .filter((log) => log.subject.id === subject && log.syllabusNumber !== null && inOrder(log, place) < 0)
    .sort(inOrder)
    .at(-1);
  return before?.syllabusNumber ? before.syllabusNumber + 1 : null;
}

/** `begun`: the lesson has begun by this day and clock, so that it should be written down. */
export function begun(
  { day, startsAt }: Pick<LoggedLesson, 'day' | 'startsAt'>,
  today: string,
  clock: string,
): boolean {
  return day < today || (day === today && (startsAt ?? '00:00') <= clock);
}

export interface Line {
  lesson: LoggedLesson;
  log: Log | undefined;
  /** Should be written and is not. */
  missing: boolean;
}

/** The lessons of a week, each with what is written of it. */
export function linesOf(
  lessons: readonly LoggedLesson[],
  logs: readonly Log[],
  today: string,
  clock: string,
): { day: string; lines: Line[] }[] {
  const lines = [...lessons].sort(inOrder).map((lesson): Line => {
    const log = logs.find((one) => same(one, lesson));
    return { lesson, log, missing: !log && lesson.change !== 'CANCELLED' && begun(lesson, today, clock) };
  });
  return [...new Set(lines.map(({ lesson }) => lesson.day))].map((day) => ({
    day,
    lines: lines.filter(({ lesson }) => lesson.day === day),
  }));
}

export function address({ classGroup, day, session, period }: LoggedLesson): string {
  return `/lesson-log/sign?${new URLSearchParams({ class: classGroup.id, day, session, period: String(period) })}`;
}
