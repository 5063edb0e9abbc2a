/**
 * A long list by keyset pages. The first page is a query(), so it is there without a network and reads itself again on
 * news; further pages are read on demand. Pages are remembered while the window lives: going back finds the place.
 */
import { onDestroy } from 'svelte';
import { afterNavigate, beforeNavigate } from '$app/navigation';

import { Attempt } from './attempt.svelte.ts';

export interface PageOf<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Kept {
  rest: unknown[];
  end: PageOf<unknown>['pageInfo'] | undefined;
  scroll: number;
}

// eslint-disable-next-line svelte/prefer-svelte-reactivity -- read once on coming back; nobody watches it
const kept = new Map<string, Kept>();

/** Whoever signs out leaves nothing behind in memory either. */
export function forgetPages(): void {
  kept.clear();
}

export class Pages<Node extends { id: string }> {
  #first: () => PageOf<Node> | undefined;
  #read: (after: string) => Promise<PageOf<Node>>;
  #key: string;
  #rest = $state.raw<Node[]>([]);
  #end = $state.raw<PageOf<Node>['pageInfo']>();
  readonly attempt = new Attempt();
  /** Each once: a new first page pushes known rows into the pages behind it. */
  readonly nodes: Node[] = $derived.by(() => {
    const all = [...(this.#first()?.nodes ?? []), ...this.#rest];
    return all.filter((node, index) => all.findIndex(({ id }) => id === node.id) === index);
  });
  readonly more: boolean = $derived.by(() => (this.#end ?? this.#first()?.pageInfo)?.hasNextPage ?? false);

  constructor(key: string, first: () => PageOf<Node> | undefined, read: (after: string) => Promise<PageOf<Node>>) {
    this.#key = key;
    this.#first = first;
    this.#read = read;
  }

  async next(): Promise<void> {
    const after = (this.#end ?? this.#first()?.pageInfo)?.endCursor;
    if (!after || !this.more) return;
    const page = await this.attempt.run(() => this.#read(after));
    if (!page) return;
    this.#rest = [...this.#rest, ...page.nodes];
    this.#end = page.pageInfo;
  }

  /** Changes a row already read, e.g. to "read". */
  change(update: (node: Node) => Node): void {
    this.#rest = this.#rest.map(update);
  }

  /** Call while a component is set up: going back finds the pages and the place; a fresh visit starts at the top. */
  remember(ready: () => boolean): void {
    let place = 0;
    let wanted = $state(0);
    afterNavigate(({ type }) => {
      const before = type === 'popstate' ? kept.get(this.#key) : undefined;
      if (!before) return;
      this.#rest = before.rest as Node[];
      this.#end = before.end;
      wanted = before.scroll;
    });
    $effect(() => {
      if (wanted === 0 || !ready()) return;
      const top = wanted;
      requestAnimationFrame(() => scrollTo({ top, behavior: 'instant' }));
      wanted = 0;
    });
    beforeNavigate(() => {
      place = scrollY;
    });
    onDestroy(() => kept.set(this.#key, { rest: this.#rest, end: this.#end, scroll: place }));
  }
}
