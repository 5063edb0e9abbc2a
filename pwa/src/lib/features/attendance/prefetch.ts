/**
 * Class lists for a room without a signal: after the registers of the day were shown, the pupils of each of them are
 * read onto the device, and those of the next day too. Whoever opens the register there finds names, not an excuse.
 */
import type { TadaDocumentNode } from 'gql.tada';

import { identityOf, run } from '#lib/graphql/client.ts';
import { RegisterQuery, RegisterTasksQuery } from '#lib/graphql/documents/attendance.ts';
import { clock } from '#lib/graphql/read.ts';
import { addDays } from '#lib/i18n/days.ts';
import { keep, recall } from '#lib/offline/snapshots.ts';
import { registerVariables } from '#lib/offline/taken.ts';
import { rememberedUser } from '#lib/session/remembered.ts';
import { placeOf } from './tasks.ts';
import type { Task } from './tasks.ts';

/** A list this young is not read again. */
const FRESH_MS = 30 * 60_000;

async function fetched<Result, Variables>(
  document: TadaDocumentNode<Result, Variables>,
  variables: Variables,
): Promise<Result | undefined> {
  const user = rememberedUser();
  if (user === null) return undefined;
  const { id } = identityOf(document);
  const known = await recall(user, id, variables);
  if (known && clock().getTime() - known.at.getTime() < FRESH_MS) return known.data as Result;
  const data = await run(document, variables);
  if (rememberedUser() === user) await keep(user, id, variables, { data, at: clock() });
  return data as Result;
}

/** One after the other, quietly: this is nobody's wait. */
export async function prefetch(tasks: readonly Task[], today: string): Promise<void> {
  try {
    for (const task of tasks) await fetched(RegisterQuery, registerVariables(placeOf(task)));
    const next = await fetched(RegisterTasksQuery, { day: addDays(today, 1) });
    for (const task of next?.registerTasks ?? []) await fetched(RegisterQuery, registerVariables(placeOf(task)));
  } catch {
    // Without a network there is nothing to read ahead.
  }
}
