/**
 * Files on their way up for one draft or one dossier. They are kept on the device until the server has them, so a
 * closed window, a call or a lost network costs nothing but time.
 */
import { toFailure, Offline, ProblemError } from '#lib/graphql/failure.ts';
import { dropAll, dropTyped, keepTyped, keptOf } from '#lib/offline/kept.ts';
import { network } from '#lib/offline/network.svelte.ts';
import { rememberedUser } from '#lib/session/remembered.ts';
import { sha256 } from './sha256.ts';
import { cancel, send } from './upload.ts';

export interface Waiting {
  key: string;
  /** Under which of the procedure's documents it is. */
  document: string;
  name: string;
  kind: 'image' | 'pdf';
  file: Blob;
  sha256: string;
  address: string | null;
  sent: number;
  /** The server's id of it, once it is there. */
  stored: string | null;
  /** Why the server does not take it. */
  refused: string | null;
  addedAt: number;
}

export interface UploadState {
  done: number;
  total: number;
  percent: number;
  /** Waits for the network or for a busy server. */
  paused: boolean;
}

const SHORTEST_PAUSE_MS = 3_000;
const LONGEST_PAUSE_MS = 30_000;
/** What another try cannot mend until the person signs in. */
const LATER = new Set(['core.sign_in_required']);

export class Uploads {
  items = $state.raw<Waiting[]>([]);
  paused = $state(false);
  ready = $state(false);
  #finished = $state.raw({ count: 0, bytes: 0 });
  readonly #user = rememberedUser() ?? '';
  readonly #topic: string;
  readonly #onstored: ((one: Waiting) => Promise<void>) | undefined;
  #running = false;
  #stopped = true;
  #pause = SHORTEST_PAUSE_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn: AbortController | undefined;
  #sending: string | undefined;

  /**
   * @param scope the draft or dossier they belong to.
   * @param onstored what is done with a file that has arrived; it is forgotten afterwards. Without it arrived files
   * wait in `stored` until clear(). May throw: a ProblemError is shown beside the file, anything else is tried again.
   */
  constructor(scope: string, onstored?: (one: Waiting) => Promise<void>) {
    this.#topic = `upload ${scope}`;
    this.#onstored = onstored;
  }

  // Plain getters, no deriveds: sending goes on for a moment after the screen they were made for is gone.

  /** Still on their way; refused ones are not. */
  get left(): Waiting[] {
    return this.items.filter(
      ({ refused, stored }) => refused === null && (stored === null || this.#onstored !== undefined),
    );
  }

  /** Nothing is on its way. */
  get idle(): boolean {
    return this.ready && this.left.length === 0;
  }

  get stored(): { document: string; upload: string }[] {
    return this.items.flatMap(({ document, stored }) => (stored ? [{ document, upload: stored }] : []));
  }

  get state(): UploadState {
    const good = this.items.filter(({ refused }) => refused === null);
    const arrived = good.filter(({ stored }) => stored !== null).length;
    const bytes = good.reduce((sum, { file }) => sum + file.size, this.#finished.bytes);
    const sent = good.reduce((sum, one) => sum + (one.stored ? one.file.size : one.sent), this.#finished.bytes);
    return {
      done: this.#finished.count + arrived,
      total: this.#finished.count + good.length,
      percent: bytes === 0 ? 100 : Math.floor((100 * sent) / bytes),
      paused: this.paused || !network.online,
    };
  }

  of(document: string): Waiting[] {
    return this.items.filter((one) => one.document === document);
  }

  /** For as long as the screen is open. @returns the way to stop. */
  start(): () => void {
    this.#stopped = false;
    const now = (): void => this.#hurry();
    window.addEventListener('online', now);
    void this.#restore();
    return () => {
      this.#stopped = true;
      window.removeEventListener('online', now);
      clearTimeout(this.#timer);
      this.#turn?.abort();
    };
  }

  async add(document: string, kind: Waiting['kind'], file: Blob, name: string): Promise<void> {
    const fresh = { address: null, sent: 0, stored: null, refused: null };
    const key = crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
    const one = { key, document, name, kind, file, sha256: await sha256(file), ...fresh, addedAt: Date.now() };
    this.items = [...this.items, one];
    await this.#keep(one);
    this.#hurry();
  }

  async remove(key: string): Promise<void> {
    const one = this.items.find((item) => item.key === key);
    this.items = this.items.filter((item) => item.key !== key);
    if (this.#sending === key) this.#turn?.abort();
    await dropTyped(this.#user, this.#topic, key);
    if (one?.address && !one.stored) await cancel(one.address);
  }

  /** A refused one once more, from the beginning: what was in the way may be gone. */
  retry(key: string): void {
    this.#change(key, { refused: null, address: null, sent: 0 });
    this.#hurry();
  }

  /** They belong to something that is done. */
  async clear(): Promise<void> {
    const keys = this.items.map(({ key }) => key);
    this.items = [];
    this.#finished = { count: 0, bytes: 0 };
    await dropAll(this.#user, this.#topic, keys);
  }

  async #restore(): Promise<void> {
    const kept = await keptOf<Waiting>(this.#user, this.#topic);
    const found = [...kept.values()].filter(({ key }) => !this.items.some((one) => one.key === key));
    this.items = [...found, ...this.items].sort((one, other) => one.addedAt - other.addedAt);
    this.ready = true;
    this.#hurry();
  }

  async #keep(one: Waiting): Promise<void> {
    await keepTyped(this.#user, this.#topic, one.key, one);
  }

  #change(key: string, change: Partial<Waiting>, worthKeeping = true): void {
    this.items = this.items.map((one) => (one.key === key ? { ...one, ...change } : one));
    const one = this.items.find((item) => item.key === key);
    if (one && worthKeeping) void this.#keep(one);
  }

  #hurry(): void {
    this.#pause = SHORTEST_PAUSE_MS;
    clearTimeout(this.#timer);
    void this.#run();
  }

  async #run(): Promise<void> {
    if (this.#running || this.#stopped) return;
    this.#running = true;
    try {
      for (let next = this.left[0]; next && !this.#stopped; next = this.left[0]) {
        const wait = await this.#sendOne(next);
        if (wait === undefined) continue;
        this.paused = true;
        this.#timer = setTimeout(() => void this.#run(), wait);
        return;
      }
      this.paused = false;
    } finally {
      this.#running = false;
    }
  }

  /** @returns after how many milliseconds to go on; undefined for at once. */
  async #sendOne(one: Waiting): Promise<number | undefined> {
    const { key } = one;
    this.#turn = new AbortController();
    this.#sending = key;
    try {
      const stored = one.stored ?? (await this.#push(one, this.#turn.signal));
      this.#change(key, { stored, sent: one.file.size });
      const arrived = this.items.find((item) => item.key === key);
      if (arrived && this.#onstored) {
        await this.#onstored(arrived);
        this.items = this.items.filter((item) => item.key !== key);
        this.#finished = { count: this.#finished.count + 1, bytes: this.#finished.bytes + one.file.size };
        await dropTyped(this.#user, this.#topic, key);
      }
      this.#pause = SHORTEST_PAUSE_MS;
      return undefined;
    } catch (error) {
      return this.#failed(key, error);
    } finally {
      this.#sending = undefined;
    }
  }

  #push(one: Waiting, signal: AbortSignal): Promise<string> {
    return send(one, {
      signal,
      onaddress: (address) => this.#change(one.key, { address }),
      onprogress: (sent) => {
        this.paused = false;
        this.#change(one.key, { sent }, false);
      },
    });
  }

  #failed(key: string, error: unknown): number | undefined {
    const failure = toFailure(error);
    if (!this.items.some((one) => one.key === key)) return undefined;
    if (failure instanceof ProblemError && failure.retryAfter === null && !LATER.has(failure.code)) {
      this.#change(key, { refused: failure.message, address: null, sent: 0, stored: null });
      return undefined;
    }
    const asked = failure instanceof ProblemError ? (failure.retryAfter ?? 0) * 1000 : 0;
    const pause = this.#pause;
    if (!(failure instanceof Offline) || network.online) this.#pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    return Math.max(asked, pause);
  }
}
