/** One reading of a query: the snapshot first, then the network. Pure of Svelte, so that it can be tested alone. */
import type { Snapshot } from '../offline/snapshots.ts';
import { toFailure } from './failure.ts';
import type { Failure } from './failure.ts';

export interface Sources {
  recall(): Promise<Snapshot | undefined>;
  fetch(): Promise<unknown>;
  keep(snapshot: Snapshot): Promise<void>;
  now(): Date;
}

export type Step = { data: unknown; at: Date; fresh: boolean } | { failure: Failure };

export const clock = (): Date => new Date();

/** Yields the snapshot if there is one, then the fresh answer or the failure. */
export async function* read(sources: Sources): AsyncGenerator<Step, void, void> {
  const fetched = sources.fetch().then(
    (data): Step => ({ data, at: sources.now(), fresh: true }),
    (error: unknown): Step => ({ failure: toFailure(error) }),
  );
  const snapshot = await sources.recall();
  if (snapshot) yield { ...snapshot, fresh: false };
  const step = await fetched;
  if ('data' in step) await sources.keep({ data: step.data, at: step.at });
  yield step;
}
