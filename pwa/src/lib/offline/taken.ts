/** The saved register on the device follows what the server has just answered, also while no window shows it. */
import { identityOf } from '../graphql/client.ts';
import { RegisterQuery } from '../graphql/documents/attendance.ts';
import type { ResultOf, VariablesOf } from '../graphql/documents/graphql.ts';
import type { Operation, Taken } from './queue.ts';
import { keep, recall } from './snapshots.ts';

export type RegisterData = ResultOf<typeof RegisterQuery>;
type Mark = NonNullable<RegisterData['registerRows'][number]['mark']>;

/** Always written alike: the snapshot is found by them. */
export function registerVariables({
  classGroup,
  day,
  session,
  period,
}: Taken['place']): VariablesOf<typeof RegisterQuery> {
  return { classGroup, day, session, period: period ?? 0, byPeriod: (period ?? 0) > 0 };
}

/** Which of two operations on one pupil holds: as the server merges them. */
export function weaker(one: Operation, other: Operation): number {
  return (
    Number(one.explicit) - Number(other.explicit) ||
    Date.parse(one.decidedAt) - Date.parse(other.decidedAt) ||
    (one.id < other.id ? -1 : 1)
  );
}

/** What was received holds as it was sent, but for the pupils of whom the server says something else. */
function marksOf({ answer: { register, rows, received }, operations }: Taken): Map<string, Mark | null> {
  const marks = new Map<string, Mark | null>();
  for (const operation of operations.filter(({ id }) => received.includes(id)).sort(weaker)) {
    const { id, status, explicit } = operation;
    const said = { id, status, explicit, minutes: operation.minutes ?? null };
    marks.set(operation.student, { ...said, recordedAt: register.takenAt, recordedBy: register.takenBy });
  }
  for (const { studentId, mark } of rows) marks.set(studentId, mark);
  return marks;
}

export function withTaken<Data extends RegisterData>(data: Data, taken: Taken): Data {
  const marks = marksOf(taken);
  const registerRows = data.registerRows.map((row) => {
    const mark = marks.get(row.studentId);
    return mark === undefined ? row : { ...row, mark };
  });
  return { ...data, register: taken.answer.register, registerRows };
}

export async function rememberTaken(user: string, taken: Taken, at: Date): Promise<void> {
  const { id } = identityOf(RegisterQuery);
  const variables = registerVariables(taken.place);
  const before = await recall(user, id, variables);
  if (before) await keep(user, id, variables, { data: withTaken(before.data as RegisterData, taken), at });
}
