import type { TadaDocumentNode } from 'gql.tada';
import { untrack } from 'svelte';

import { keep, recall } from '../offline/snapshots.ts';
import { rememberedUser } from '../session/remembered.ts';
import { identityOf, run } from './client.ts';
import type { Settled } from './client.ts';
import type { Failure } from './failure.ts';
import { onNews } from './live.ts';
import { clock, read } from './read.ts';

export interface QueryOptions {
  /** News kinds that make this query stale, e.g. `marks`. */
  tags?: string[];
}

export interface Query<Result> {
  readonly data: Settled<Result> | undefined;
  readonly loading: boolean;
  readonly problem: Failure | undefined;
  /** When the shown data was true; undefined while it is as fresh as the last answer. */
  readonly staleAt: Date | undefined;
  refetch(): Promise<void>;
}

/**
 * A query as a rune object; call it while a component is being set up. `variables` may read runes: a change reads
 * again. Return null from it to wait. A failure keeps the data that is on the screen and says how old it is.
 */
export function query<Result, Variables>(
  document: TadaDocumentNode<Result, Variables>,
  variables: () => Variables | null,
  { tags = [] }: QueryOptions = {},
): Query<Result> {
  const { id } = identityOf(document);
  let data = $state.raw<Settled<Result>>();
  let at = $state.raw<Date>();
  let fresh = $state(false);
  let loading = $state(true);
  let problem = $state.raw<Failure>();
  let turn: AbortController | undefined;

  async function load(current: Variables): Promise<void> {
    turn?.abort();
    const mine = (turn = new AbortController());
    const user = rememberedUser();
    loading = true;
    const steps = read({
      recall: async () => (user && !data ? recall(user, id, current) : undefined),
      fetch: () => run(document, current, mine.signal),
      // Whoever signed in meanwhile must not find this answer under their name.
      keep: async (snapshot) => {
        const reader = rememberedUser();
        if (reader && (reader === user || !user)) await keep(reader, id, current, snapshot);
      },
      now: clock,
    });
    for await (const step of steps) {
      if (mine.signal.aborted) return;
      if ('failure' in step) {
        problem = step.failure;
        fresh = false;
      } else {
        ({ at, fresh } = step);
        data = step.data as Settled<Result>;
        problem = undefined;
      }
    }
    loading = false;
  }

  async function refetch(): Promise<void> {
    const current = untrack(variables);
    if (current !== null) await load(current);
  }

  // Equal variables are no other question: what they were read from may have been replaced by the like of it.
  const wanted = $derived(JSON.stringify(variables()));
  $effect(() => {
    if (wanted === 'null') return;
    untrack(() => {
      data = undefined;
      void refetch();
    });
    return () => turn?.abort();
  });
  $effect(() => (tags.length > 0 ? onNews(tags, () => void refetch()) : undefined));

  return {
    get data() {
      return data;
    },
    get loading() {
      return loading;
    },
    get problem() {
      return problem;
    },
    get staleAt() {
      return data !== undefined && !fresh ? at : undefined;
    },
    refetch,
  };
}
