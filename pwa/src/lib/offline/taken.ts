/** The saved register on the device follows what the server has just answered, also while no window shows it. */
import { identityOf } from '../graphql/client.ts';
import { RegisterQuery } from '../graphql/documents/attendance.ts';
import type { ResultOf, VariablesOf } from '../graphql/documents/graphql.ts';
import type { Place, Taken } from './queue.ts';
import { keep, recall } from './snapshots.ts';

export type RegisterData = ResultOf<typeof RegisterQuery>;

/** Always written alike: the snapshot is found by them. */
export function registerVariables({ classGroup, day, session, period }: Place): VariablesOf<typeof RegisterQuery> {
  return { classGroup, day, session, period: period ?? 0, byPeriod: (period ?? 0) > 0 };
}

export function withTaken<Data extends RegisterData>(data: Data, { register, rows }: Taken): Data {
  const marks = new Map(rows.map(({ studentId, mark }) => [studentId, mark]));
  const registerRows = data.registerRows.map((row) => {
    const mark = marks.get(row.studentId);
    return mark === undefined ? row : { ...row, mark };
  });
  return { ...data, register, registerRows };
}

export async function rememberTaken(user: string, place: Place, answer: Taken, at: Date): Promise<void> {
  const { id } = identityOf(RegisterQuery);
  const variables = registerVariables(place);
  const before = await recall(user, id, variables);
  if (before) await keep(user, id, variables, { data: withTaken(before.data as RegisterData, answer), at });
}
