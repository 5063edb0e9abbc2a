/** What of the school day concerns whom, and what of it is due. Pure. */
import type { ResultOf, VariablesOf } from '#lib/graphql/documents/graphql.ts';
import type { StaffDayQuery } from '#lib/graphql/documents/home_staff.ts';
import { addDays, calendarDay } from '#lib/i18n/days.ts';
import { time } from '#lib/i18n/format.ts';
import type { GrantedRole } from '#lib/session/session.svelte.ts';

type Day = ResultOf<typeof StaffDayQuery>;
type Task = NonNullable<Day['registerTasks']>[number];
type Alert = Day['absenceAlerts'][number];

/** Lessons of a week ago that nobody wrote down are still worth a line. */
const LOG_DAYS = 7;

/** What is asked: no field that the person may not read. A teacher's own class comes with whichever role is chosen. */
export function askedDay(
  { role }: Pick<GrantedRole, 'role'>,
  roles: readonly GrantedRole[],
  school: string,
  now: Date,
): VariablesOf<typeof StaffDayQuery> {
  const teacher = role === 'SUBJECT_TEACHER' || role === 'HOMEROOM_TEACHER';
  const homeroom = teacher && roles.some((one) => one.role === 'HOMEROOM_TEACHER' && one.school?.id === school);
  return {
    school,
    day: calendarDay(now),
    since: addDays(calendarDay(now), 1 - LOG_DAYS),
    teacher,
    homeroom,
    decides: homeroom || role === 'HEADTEACHER',
    office: role === 'HEADTEACHER' || role === 'ACADEMIC_CLERK',
  };
}

/** Hers, begun, and nobody has sent it. */
export function dueRegisters(tasks: readonly Task[], now: Date): Task[] {
  return tasks.filter(({ mine, register, startsAt }) => mine && !register && (startsAt ?? '') <= time(now));
}

export function registerPath({ classGroup, day, session, period }: Task): string {
  return `/attendance/${classGroup.id}?day=${day}&session=${session}${period ? `&period=${period}` : ''}`;
}

export const searches = (alerts: readonly Alert[]): Alert[] => alerts.filter(({ status }) => status === 'SAFETY');

/** Answered ones first: there one tap ends it. */
export function liveAlerts(alerts: readonly Alert[]): Alert[] {
  const of = (wanted: Alert['status']): Alert[] => alerts.filter(({ status }) => status === wanted);
  return [...of('ANSWERED'), ...of('OPEN')];
}
