/** Which register a teacher wants who opens the screen now. Pure; times are "07:00" as in the timetable. */
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { RegisterTasksQuery } from '#lib/graphql/documents/attendance.ts';
import { calendarDay } from '#lib/i18n/days.ts';
import { time } from '#lib/i18n/format.ts';
import type { Place } from '#lib/offline/queue.ts';

export type Task = ResultOf<typeof RegisterTasksQuery>['registerTasks'][number];
export type OwnLesson = ResultOf<typeof RegisterTasksQuery>['myLessons'][number];

/** Teachers stand in the room before the bell. */
const EARLY_MINUTES = 15;

function minutes(clock: string): number {
  const [hours = 0, rest = 0] = clock.split(':').map(Number);
  return hours * 60 + rest;
}

export function isNow({ startsAt, endsAt }: Pick<Task, 'startsAt' | 'endsAt'>, now: string): boolean {
  if (!startsAt || !endsAt) return false;
  const at = minutes(now);
  return at >= minutes(startsAt) - EARLY_MINUTES && at < minutes(endsAt);
}

const begun = ({ startsAt }: Pick<Task, 'startsAt'>, now: string): boolean =>
  startsAt === null || minutes(startsAt) - EARLY_MINUTES <= minutes(now);

/** The lessons she really gives: not cancelled, not given to somebody else. */
export function given(lessons: readonly OwnLesson[], user: string | null): OwnLesson[] {
  return lessons.filter(({ change, teacher }) => change !== 'CANCELLED' && teacher.id === user);
}

/** The register of a lesson: its own where the school takes them by period, else the session's. */
function taskOf<Some extends Slot>(tasks: readonly Some[], lesson: OwnLesson): Some | undefined {
  const here = tasks.filter(
    ({ classGroup, session }) => classGroup.id === lesson.classGroup.id && session === lesson.session,
  );
  return here.find(({ period }) => period === lesson.period) ?? here.find(({ period }) => period === 0);
}

type Slot = Pick<Task, 'classGroup' | 'session' | 'period' | 'mine' | 'startsAt' | 'endsAt' | 'register'>;

/**
 * The class she stands before now or in a moment; then hers that is missing (the last that began, else the next); then
 * hers that is done; and only then a class she may take too.
 */
export function pick<Some extends Slot>(
  tasks: readonly Some[],
  lessons: readonly OwnLesson[],
  now: string,
): Some | undefined {
  const under = lessons.find(({ startsAt, endsAt }) => startsAt !== null && startsAt <= now && now < (endsAt ?? ''));
  const lesson = under ?? lessons.find((one) => isNow(one, now));
  const mine = tasks.filter((task) => task.mine);
  const missing = mine.filter(({ register }) => register === null);
  return (
    (lesson && taskOf(tasks, lesson)) ??
    missing.findLast((task) => begun(task, now)) ??
    missing[0] ??
    mine.findLast((task) => begun(task, now)) ??
    mine[0] ??
    tasks.find((task) => isNow(task, now)) ??
    tasks[0]
  );
}

export function placeOf({ classGroup, day, session, period }: Task): Place {
  return { classGroup: classGroup.id, day, session, period };
}

export function pathOf({ classGroup, day, session, period }: Place): string {
  const rest = period ? `&period=${period}` : '';
  return `/attendance/${classGroup}?day=${day}&session=${session}${rest}`;
}

/** The register that an address names; what it leaves open is today, and the half-day of now. */
export function placeFrom(classGroup: string, search: Pick<URLSearchParams, 'get'>, now: Date): Place {
  const session = search.get('session');
  const period = Number(search.get('period') ?? 0);
  return {
    classGroup,
    day: /^\d{4}-\d{2}-\d{2}$/.exec(search.get('day') ?? '')?.[0] ?? calendarDay(now),
    session: session === 'MORNING' || session === 'AFTERNOON' ? session : time(now) < '12:00' ? 'MORNING' : 'AFTERNOON',
    period: Number.isInteger(period) && period > 0 ? period : 0,
  };
}
