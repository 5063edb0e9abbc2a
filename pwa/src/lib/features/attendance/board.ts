/** The leader's view of a day: which registers are there, and how many are away. Pure. */
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { ClassDaysQuery } from '#lib/graphql/documents/attendance.ts';

export type ClassDay = ResultOf<typeof ClassDaysQuery>['classDays'][number];

export interface Board {
  session: ClassDay['session'];
  taken: ClassDay[];
  /** Lessons have begun and nobody has sent. */
  missing: ClassDay[];
  /** Lessons have not begun. */
  later: ClassDay[];
  studentCount: number;
  excused: number;
  unexcused: number;
  late: number;
}

const byName = (a: ClassDay, b: ClassDay): number =>
  a.classGroup.name.localeCompare(b.classGroup.name, 'vi', { numeric: true });

function sum(days: readonly ClassDay[], field: 'studentCount' | 'excused' | 'unexcused' | 'late'): number {
  return days.reduce((total, day) => total + day[field], 0);
}

/** One board a session, the morning first. `now`: "07:20"; on a past day everything has begun. */
export function boards(days: readonly ClassDay[], now: string): Board[] {
  return (['MORNING', 'AFTERNOON'] as const).flatMap((session) => {
    const here = days.filter((day) => day.session === session).sort(byName);
    if (here.length === 0) return [];
    const taken = here.filter(({ register }) => register !== null);
    const open = here.filter(({ register }) => register === null);
    const begun = ({ startsAt }: ClassDay): boolean => startsAt !== null && startsAt <= now;
    return [
      {
        session,
        taken,
        missing: open.filter(begun),
        later: open.filter((day) => !begun(day)),
        studentCount: sum(taken, 'studentCount'),
        excused: sum(taken, 'excused'),
        unexcused: sum(taken, 'unexcused'),
        late: sum(taken, 'late'),
      },
    ];
  });
}

/** Of a class with a register: "2 vắng", in the order that hurries. */
export const absentOf = ({ excused, unexcused }: Pick<ClassDay, 'excused' | 'unexcused'>): number =>
  excused + unexcused;
