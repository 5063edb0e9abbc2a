/** Which document reads whose week. The four have one shape; only a class has events of its own. */
import { ClassWeekQuery, MyWeekQuery, RoomWeekQuery, TeacherWeekQuery } from '#lib/graphql/documents/timetable.ts';
import type { Scope } from './types.ts';

const DOCUMENTS = {
  class: ClassWeekQuery,
  mine: MyWeekQuery as unknown as typeof ClassWeekQuery,
  teacher: TeacherWeekQuery as unknown as typeof ClassWeekQuery,
  room: RoomWeekQuery as unknown as typeof ClassWeekQuery,
};

export function documentOf({ kind }: Scope): typeof ClassWeekQuery {
  return DOCUMENTS[kind];
}

export interface WeekVariables {
  of: string;
  school: string;
  from: string;
  to: string;
}

/** `of` is left out where the document does not know it: the server refuses unknown variables. */
export function variablesOf(scope: Scope, school: string, from: string, to: string): WeekVariables {
  const span = { school, from, to };
  return scope.kind === 'mine' ? (span as WeekVariables) : { of: scope.id, ...span };
}
