/**
 * A long list by keyset pages. The first page is a query(), so it is there without a network and reads itself again on
 * news; further pages are read on demand. Pages are remembered while the window lives: going back finds the place.
 */
import { Attempt } from './attempt.svelte.ts';
import { onNews } from './live.ts';
import { toFailure } from './failure.ts';
import type { Failure } from './failure.ts';

export interface PageOf<Node> {
  nodes: Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

interface Kept {
  rest: unknown[];
  end: PageOf<unknown>['pageInfo'];
  scroll: number;
}

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
  readonly more: boolean = $derived((this.#end ?? this.#first()?.pageInfo)?.hasNextPage ?? false);

  constructor(key: string, first: () => PageOf<Node> | undefined, read: (after: string) => Promise<PageOf<Node>>) {
    this.#key = key;
    this.#first = first;
    this.#read = read;
    const before = kept.get(key);
    if (before) {
      this.#rest = before.rest as Node[];
      this.#end = before.end;
    }
  }

  get failure(): Failure | undefined {
    return this.attempt.failure && toFailure(this.attempt.failure);
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

  /** Call while a component is set up: keeps the pages and the place on leaving, and goes back to it. */
  remember(ready: () => boolean): void {
    let restored = false;
    $effect(() => {
      if (restored || !ready()) return;
      restored = true;
      const scroll = kept.get(this.#key)?.scroll ?? 0;
      if (scroll > 0) requestAnimationFrame(() => scrollTo({ top: scroll, behavior: 'instant' }));
    });
    // Further pages may be out of date after news; the reader's place is kept, the rows behind it are read again later.
    $effect(() => onNews(['notification'], () => kept.delete(this.#key)));
    $effect.pre(() => {
      const place = { top: 0 };
      const follow = (): void => void (place.top = scrollY);
      addEventListener('scroll', follow, { passive: true });
      return () => {
        removeEventListener('scroll', follow);
        if (this.#end) kept.set(this.#key, { rest: this.#rest, end: this.#end, scroll: place.top });
        else kept.set(this.#key, { rest: [], end: { hasNextPage: true, endCursor: null }, scroll: place.top });
      };
    });
  }
}
