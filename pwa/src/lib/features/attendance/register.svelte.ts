/**
 * One register while it is being taken: the server's marks, what waits on this device, and the taps of now. Taps stay
 * on the device too, so a call in between costs nothing; nothing of them counts before they are sent.
 */
import { SvelteMap } from 'svelte/reactivity';

import { dropAll, dropTyped, keepTyped, keptOf } from '#lib/offline/kept.ts';
import { dismiss, enqueue, onQueue, placeKey, queuedOf } from '#lib/offline/queue.ts';
import type { Place, Queued, QueueNews } from '#lib/offline/queue.ts';
import { sendWaiting } from '#lib/offline/sending.ts';
import { withTaken } from '#lib/offline/taken.ts';
import type { RegisterData } from '#lib/offline/taken.ts';
import { chosen, count, lines, stepped, toggled, toSend } from './decide.ts';
import type { Decision, Edit, Line, Status } from './decide.ts';

const TOPIC = 'register taps';

const newId = (): string => crypto.randomUUID();
const now = (): string => new Date().toISOString();

export class Register {
  data = $state.raw<RegisterData>();
  /** The queue has been read: before that the screen does not say what is sent. */
  ready = $state(false);
  #queued = $state.raw<Queued[]>([]);
  readonly #edits = new SvelteMap<string, Edit>();
  readonly place: Place;
  readonly #user: string;
  readonly #key: string;
  #stop: () => void;

  constructor(user: string, place: Place) {
    this.#user = user;
    this.place = place;
    this.#key = placeKey(place);
    this.#stop = onQueue((news) => void this.#hear(news));
    void this.#restore();
  }

  readonly lines: Line[] = $derived.by(() => lines(this.data?.registerRows ?? [], this.#queued, this.#edits));
  readonly counts = $derived.by(() => count(this.lines));
  readonly taken = $derived.by(() => this.data?.register ?? null);
  /** What a press of the button would send. */
  readonly unsent = $derived.by(() => toSend(this.lines, String, '').length);

  /** Takes over what the server says; taps and what waits stay. */
  take(data: RegisterData): void {
    this.data = data;
  }

  close(): void {
    this.#stop();
  }

  toggle(line: Line): void {
    this.#edit(line, toggled(line.pupil, line.stands, line.shown));
  }

  choose(line: Line, status: Status): void {
    this.#edit(line, chosen(line.stands, status));
  }

  step(line: Line, by: number): void {
    this.#edit(line, stepped(line.shown, by));
  }

  #edit({ pupil }: Line, decision: Decision | undefined): void {
    const key = `${this.#key} ${pupil.studentId}`;
    if (!decision) {
      this.#edits.delete(pupil.studentId);
      void dropTyped(this.#user, TOPIC, key);
      return;
    }
    const edit: Edit = { ...decision, at: now() };
    this.#edits.set(pupil.studentId, edit);
    void keepTyped(this.#user, TOPIC, key, edit);
  }

  /** First onto the device, then to the server; the screen goes on at once. */
  async send(): Promise<void> {
    const operations = toSend(this.lines, newId, now());
    if (operations.length > 0) {
      const taps = [...this.#edits.keys()].map((student) => `${this.#key} ${student}`);
      await enqueue(this.#user, this.place, operations);
      // Only now: between the two a pupil would stand as present again.
      this.#queued = await this.#own();
      this.#edits.clear();
      void dropAll(this.#user, TOPIC, taps);
    }
    void sendWaiting();
  }

  async dismiss({ refused }: Line): Promise<void> {
    await dismiss(
      this.#user,
      refused.map(({ operation }) => operation.id),
    );
  }

  async #own(): Promise<Queued[]> {
    return (await queuedOf(this.#user)).filter(({ place }) => placeKey(place) === this.#key);
  }

  async #restore(): Promise<void> {
    const taps = await keptOf<Edit>(this.#user, TOPIC);
    for (const [key, edit] of taps) {
      if (!key.startsWith(`${this.#key} `)) continue;
      const student = key.slice(this.#key.length + 1);
      if (!this.#edits.has(student)) this.#edits.set(student, edit);
    }
    this.#queued = await this.#own();
    this.ready = true;
  }

  async #hear({ taken }: QueueNews): Promise<void> {
    // The answer and the queue change in one step: a pupil is either on the way or saved.
    const queued = await this.#own();
    if (taken && placeKey(taken.place) === this.#key && this.data) this.data = withTaken(this.data, taken);
    this.#queued = queued;
  }
}
