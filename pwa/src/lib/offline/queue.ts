/**
 * What a teacher sent of a register, on its way to the server: one operation a pupil, first on the device, then sent
 * until the server has said "received" or why not. Operations carry their own ids, so sending one twice changes
 * nothing. Works in a window and in the service worker alike.
 */
import { run } from '../graphql/client.ts';
import { TakeRegister } from '../graphql/documents/attendance.ts';
import type { ResultOf, VariablesOf } from '../graphql/documents/graphql.ts';
import { ProblemError, toFailure } from '../graphql/failure.ts';
import { dropAll, keepAll, keptOf } from './kept.ts';
import { rememberTaken } from './taken.ts';

type Variables = VariablesOf<typeof TakeRegister>;
export type Operation = Variables['operations'][number];
/** Which register: a class, a day, a session, and a period or 0 for the whole session. */
export type Place = Pick<Variables, 'classGroup' | 'day' | 'session' | 'period'>;
/** What was sent of a register, and what the server answered. */
export interface Taken {
  place: Place;
  operations: readonly Operation[];
  answer: Extract<ResultOf<typeof TakeRegister>['takeRegister'], { __typename: 'TakeRegisterPayload' }>;
}

export interface Queued {
  place: Place;
  operation: Operation;
  /** The server's words for not taking it; it stays until somebody has read them. */
  refused: string | null;
}

/** Without `taken` the queue alone has changed. */
export interface QueueNews {
  taken?: Taken;
}

/** As many as the server takes at once. */
export const BATCH = 100;
/** The name under which the browser wakes the service worker to send (service-worker/replay.ts). */
export const SYNC_TAG = 'register';
const TOPIC = 'register';
const CHANNEL = 'nhipcau-register';
/** The person may sign in again and everything goes then. */
const LATER = new Set(['core.sign_in_required']);

/** Where the device keeps nothing (a private window), operations live as long as the window. */
const loose = new Map<string, { user: string; queued: Queued }>();
const listeners = new Set<(news: QueueNews) => void>();
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(CHANNEL);
channel?.addEventListener('message', ({ data }: MessageEvent<QueueNews>) => tell(data));
// Only for the tests of these parts: a window never ends because of it, a process of Node would not end without.
(channel as { unref?: () => void } | undefined)?.unref?.();

function tell(news: QueueNews): void {
  for (const listener of listeners) listener(news);
}

function announce(news: QueueNews): void {
  tell(news);
  channel?.postMessage(news);
}

/** Calls back when the queue changes, in whichever window. @returns the way to stop. */
export function onQueue(listener: (news: QueueNews) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function placeKey({ classGroup, day, session, period }: Place): string {
  return `${classGroup} ${day} ${session} ${period ?? 0}`;
}

/** Everything of this person that the server has not taken. Another person's goes, as with all that was typed. */
export async function queuedOf(user: string): Promise<Queued[]> {
  const kept = await keptOf<Queued>(user, TOPIC);
  const mine = [...loose.values()].filter((held) => held.user === user).map(({ queued }) => queued);
  return [...kept.values(), ...mine];
}

export async function enqueue(user: string, place: Place, operations: readonly Operation[]): Promise<void> {
  const entries = new Map(operations.map((operation) => [operation.id, { place, operation, refused: null }]));
  if (!(await keepAll(user, TOPIC, entries))) for (const [id, queued] of entries) loose.set(id, { user, queued });
  announce({});
}

/** Received, or read and dismissed by the person. */
export async function drop(user: string, ids: readonly string[]): Promise<void> {
  for (const id of ids) loose.delete(id);
  await dropAll(user, TOPIC, ids);
}

export async function dismiss(user: string, ids: readonly string[]): Promise<void> {
  await drop(user, ids);
  announce({});
}

async function refuse(user: string, refused: readonly Queued[]): Promise<void> {
  const entries = new Map(refused.map((queued) => [queued.operation.id, queued]));
  if (!(await keepAll(user, TOPIC, entries))) for (const [id, queued] of entries) loose.set(id, { user, queued });
}

/** One register after the other, each in parts the server takes. */
export function batches(queued: readonly Queued[]): { place: Place; operations: Operation[] }[] {
  const found = new Map<string, { place: Place; operations: Operation[] }[]>();
  for (const { place, operation, refused } of queued) {
    if (refused !== null) continue;
    const key = placeKey(place);
    const parts = found.get(key) ?? [];
    found.set(key, parts);
    const last = parts.at(-1);
    if (last && last.operations.length < BATCH) last.operations.push(operation);
    else parts.push({ place, operations: [operation] });
  }
  return [...found.values()].flat();
}

/** @returns false when it makes no sense to go on now. */
async function send(user: string, { place, operations }: ReturnType<typeof batches>[number]): Promise<boolean> {
  try {
    // The device's clock as the request leaves: the server works out how wrong it is.
    const { takeRegister: answer } = await run(TakeRegister, {
      ...place,
      deviceTime: new Date().toISOString(),
      operations,
    });
    const why = new Map(answer.refused.map(({ id, problem }) => [id, problem.message]));
    await refuse(
      user,
      operations.flatMap((operation) => {
        const refused = why.get(operation.id);
        return refused === undefined ? [] : [{ place, operation, refused }];
      }),
    );
    await drop(user, answer.received);
    const taken = { place, operations, answer };
    await rememberTaken(user, taken, new Date());
    announce({ taken });
    return true;
  } catch (error) {
    const failure = toFailure(error);
    if (!(failure instanceof ProblemError) || failure.retryAfter !== null || LATER.has(failure.code)) return false;
    await refuse(
      user,
      operations.map((operation) => ({ place, operation, refused: failure.message })),
    );
    announce({});
    return true;
  }
}

/** One window or worker at a time: two would send the same twice, which is harmless but costs a slow line. */
async function alone<Result>(work: () => Promise<Result>): Promise<Result> {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  return locks ? await locks.request(CHANNEL, work) : await work();
}

/** Sends what waits. @returns whether nothing waits any more. */
export function flush(user: string): Promise<boolean> {
  return alone(async () => {
    for (const batch of batches(await queuedOf(user))) if (!(await send(user, batch))) return false;
    return batches(await queuedOf(user)).length === 0;
  });
}
