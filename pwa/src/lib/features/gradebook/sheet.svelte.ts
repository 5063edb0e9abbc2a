/* eslint-disable svelte/prefer-svelte-reactivity -- timers and requests under way are nobody's screen */
/**
 * The score sheet while it is being typed: every cell saves itself, cells of one column travel together, one request a
 * column at a time. What is typed stays on the device until the server has it.
 */
import { SvelteMap } from 'svelte/reactivity';

import { run } from '#lib/graphql/client.ts';
import { EnterScores } from '#lib/graphql/documents/gradebook_sheet.ts';
import { Offline, ProblemError, toFailure } from '#lib/graphql/failure.ts';
import { dropTyped, keepTyped, keptOf } from '#lib/offline/kept.ts';
import { EMPTY, readMark, same } from './cells.ts';
import type { Refusal, Value } from './cells.ts';

export interface Stored extends Value {
  columnId: string;
  studentId: string;
  version: number;
}

export interface Cell {
  /** As the server last said; version 0: there is no score yet. */
  saved: Value & { version: number };
  /** As it was typed, while it differs or cannot be read. */
  typed: string | null;
  /** What should be saved; null while the typed text is no mark. */
  wanted: Value | null;
  state: 'saved' | 'waiting' | 'saving' | 'refused' | 'stale';
  refusal?: Refusal;
  /** The server's words for a refusal. */
  problem?: string;
  /** What somebody else has put there. */
  theirs?: Stored;
}

interface Kept {
  typed: string | null;
  wanted: Value | null;
  version: number;
  correction: string | null;
}

const BLANK: Cell = { saved: { ...EMPTY, version: 0 }, typed: null, wanted: null, state: 'saved' };
const PAUSE_MS = 600;
const SHORTEST_RETRY_MS = 4_000;
const LONGEST_RETRY_MS = 60_000;
const TOPIC = 'marks';

export const keyOf = (column: string, student: string): string => `${column}:${student}`;

export class Sheet {
  readonly cells = new SvelteMap<string, Cell>();
  /** Reasons of published columns that are being corrected. */
  readonly corrections = new SvelteMap<string, string>();
  savedAt = $state.raw<Date>();
  offline = $state(false);
  /** Undo, newest last; what is pasted goes back in one step. */
  #history: { key: string; before: Cell }[][] = [];
  #timers = new Map<string, ReturnType<typeof setTimeout>>();
  #flying = new Set<string>();
  #retry = SHORTEST_RETRY_MS;
  #closed = false;
  readonly #user: string;
  readonly #onsaved: (column: string) => void;

  constructor(user: string, onsaved: (column: string) => void) {
    this.#user = user;
    this.#onsaved = onsaved;
  }

  readonly waiting = $derived.by(() => this.#count('waiting', 'saving'));
  readonly wrong = $derived.by(() => this.#count('refused', 'stale'));
  /** Good marks that the server did not take: these can be tried again. */
  readonly failed = $derived.by(() => {
    let count = 0;
    for (const cell of this.cells.values()) if (cell.state === 'refused' && cell.wanted) count++;
    return count;
  });

  #count(...states: Cell['state'][]): number {
    let count = 0;
    for (const cell of this.cells.values()) if (states.includes(cell.state)) count++;
    return count;
  }

  cell(column: string, student: string): Cell {
    return this.cells.get(keyOf(column, student)) ?? BLANK;
  }

  /** Takes over what the server says; a cell that is being typed keeps what was typed. */
  take(scores: readonly Stored[]): void {
    for (const score of scores) {
      const key = keyOf(score.columnId, score.studentId);
      const cell = this.cells.get(key);
      if (cell && cell.state !== 'saved') continue;
      const { mark, reason, version } = score;
      this.cells.set(key, { ...BLANK, saved: { mark, reason, version } });
    }
  }

  /** What was typed on this device before and never reached the server. `fresh`: the server's own values are known. */
  async restore(columns: readonly string[], fresh: boolean): Promise<void> {
    const kept = await keptOf<Kept>(this.#user, TOPIC);
    for (const [key, typed] of kept) {
      const [column = ''] = key.split(':');
      const cell = this.cells.get(key) ?? BLANK;
      if (!columns.includes(column) || cell.state !== 'saved') continue;
      if (fresh && typed.wanted && same(typed.wanted, cell.saved)) void dropTyped(this.#user, TOPIC, key);
      else this.#resume(column, key, cell, typed);
    }
  }

  #resume(column: string, key: string, cell: Cell, { typed, wanted, version, correction }: Kept): void {
    if (correction) this.corrections.set(column, correction);
    const saved = { ...cell.saved, version };
    const read = typed === null ? undefined : readMark(typed);
    const refusal = read && !read.ok ? read.refusal : undefined;
    this.cells.set(key, { saved, typed, wanted, state: refusal ? 'refused' : 'waiting', refusal });
    if (wanted) this.#schedule(column, 0);
  }

  type(column: string, student: string, text: string): void {
    this.typeAll([{ column, student, text }]);
  }

  /** Several cells in one step of undo. */
  typeAll(entries: readonly { column: string; student: string; text: string }[]): void {
    this.#remember(entries.map(({ column, student }) => keyOf(column, student)));
    for (const { column, student, text } of entries) {
      const read = readMark(text);
      if (read.ok) this.#want(column, student, read.value, text.trim());
      else this.#hold(column, student, { typed: text, wanted: null, state: 'refused', refusal: read.refusal });
    }
  }

  give(column: string, student: string, value: Value): void {
    this.#remember([keyOf(column, student)]);
    this.#want(column, student, value, null);
  }

  undo(): void {
    for (const { key, before } of this.#history.pop() ?? []) {
      const [column = '', student = ''] = key.split(':');
      this.#want(column, student, before.wanted ?? before.saved, before.typed);
    }
  }

  /** After "somebody else has just changed this": keep one's own value, or take theirs. */
  settle(column: string, student: string, mine: boolean): void {
    const key = keyOf(column, student);
    const cell = this.cells.get(key);
    if (!cell) return;
    const { mark = null, reason = null, version = 0 } = cell.theirs ?? {};
    const saved = { mark, reason, version };
    this.cells.set(key, { ...BLANK, saved });
    if (mine && cell.wanted) this.#want(column, student, cell.wanted, cell.typed);
    else void dropTyped(this.#user, TOPIC, key);
  }

  /** Try at once what waits, and once more what the server could not take. */
  flush(): void {
    for (const [key, cell] of this.cells) {
      if (!cell.wanted || (cell.state !== 'waiting' && cell.state !== 'refused')) continue;
      this.cells.set(key, { ...cell, state: 'waiting', problem: undefined });
      this.#schedule(key.split(':')[0] ?? '', 0);
    }
  }

  /** Timers end; what is kept is taken up when the sheet opens again. */
  close(): void {
    this.#closed = true;
    for (const column of this.#timers.keys()) {
      clearTimeout(this.#timers.get(column));
      void this.#send(column);
    }
    this.#timers.clear();
  }

  #remember(keys: readonly string[]): void {
    this.#history.push(keys.map((key) => ({ key, before: this.cells.get(key) ?? BLANK })));
    if (this.#history.length > 100) this.#history.shift();
  }

  #want(column: string, student: string, value: Value, typed: string | null): void {
    const cell = this.cell(column, student);
    if (same(value, cell.saved) && !this.#flying.has(column)) {
      this.cells.set(keyOf(column, student), { ...BLANK, saved: cell.saved });
      void dropTyped(this.#user, TOPIC, keyOf(column, student));
      return;
    }
    this.#hold(column, student, { typed, wanted: value, state: 'waiting' });
    this.#schedule(column, PAUSE_MS);
  }

  #hold(column: string, student: string, change: Pick<Cell, 'typed' | 'wanted' | 'state' | 'refusal'>): void {
    const key = keyOf(column, student);
    const { saved } = this.cell(column, student);
    this.cells.set(key, { saved, ...change });
    const correction = this.corrections.get(column) ?? null;
    const kept: Kept = { typed: change.typed, wanted: change.wanted, version: saved.version, correction };
    void keepTyped(this.#user, TOPIC, key, kept);
  }

  #schedule(column: string, pause: number): void {
    if (this.#closed) return;
    clearTimeout(this.#timers.get(column));
    this.#timers.set(
      column,
      setTimeout(() => void this.#send(column), pause),
    );
  }

  async #send(column: string): Promise<void> {
    this.#timers.delete(column);
    if (this.#flying.has(column)) return;
    const sent = new Map<string, Value>();
    const rows = [];
    for (const [key, cell] of this.cells) {
      const [of, student = ''] = key.split(':');
      if (of !== column || cell.state !== 'waiting' || !cell.wanted) continue;
      sent.set(student, cell.wanted);
      rows.push({ student, ...cell.wanted, version: cell.saved.version });
      this.cells.set(key, { ...cell, state: 'saving' });
    }
    if (rows.length === 0) return;
    this.#flying.add(column);
    try {
      const correctionReason = this.corrections.get(column) ?? null;
      const { enterScores } = await run(EnterScores, { column, rows, correctionReason });
      for (const score of enterScores.saved) this.#saved(score, sent.get(score.studentId));
      for (const { student, problem, current } of enterScores.refused)
        this.#refused(keyOf(column, student), problem, current, sent.get(student));
      this.offline = false;
      this.#retry = SHORTEST_RETRY_MS;
      this.savedAt = new Date();
      this.#onsaved(column);
    } catch (error) {
      this.#failed(column, sent, error);
    } finally {
      this.#flying.delete(column);
    }
    if (!this.offline && this.#waits(column)) this.#schedule(column, 0);
  }

  #waits(column: string): boolean {
    for (const [key, cell] of this.cells) if (key.startsWith(column) && cell.state === 'waiting') return true;
    return false;
  }

  #saved(score: Stored, sent: Value | undefined): void {
    const key = keyOf(score.columnId, score.studentId);
    const cell = this.cells.get(key) ?? BLANK;
    const { mark, reason, version } = score;
    const saved = { mark, reason, version };
    // Typed on while it travelled: only the version is new, the newer value still waits.
    if (cell.state !== 'saving' && cell.wanted && sent && !same(cell.wanted, sent)) {
      this.cells.set(key, { ...cell, saved });
      return;
    }
    if (cell.state === 'refused') {
      this.cells.set(key, { ...cell, saved });
      return;
    }
    this.cells.set(key, { ...BLANK, saved });
    void dropTyped(this.#user, TOPIC, key);
  }

  #refused(
    key: string,
    problem: { code: string; message: string },
    current: Stored | null,
    sent: Value | undefined,
  ): void {
    const cell = this.cells.get(key);
    if (!cell) return;
    // The answer to an earlier try was lost on the way: what stands there is what was sent.
    if (current && sent && same(current, sent)) return this.#saved(current, sent);
    const stale = problem.code === 'gradebook.score_stale';
    this.cells.set(key, {
      ...cell,
      state: stale ? 'stale' : 'refused',
      problem: problem.message,
      theirs: current ?? undefined,
    });
  }

  #failed(column: string, sent: ReadonlyMap<string, Value>, error: unknown): void {
    const failure = toFailure(error);
    this.offline = failure instanceof Offline;
    for (const student of sent.keys()) {
      const key = keyOf(column, student);
      const cell = this.cells.get(key);
      if (cell?.state !== 'saving') continue;
      if (this.offline) this.cells.set(key, { ...cell, state: 'waiting' });
      else {
        const problem = failure instanceof ProblemError ? failure.message : undefined;
        this.cells.set(key, { ...cell, state: 'refused', problem });
      }
    }
    if (!this.offline) return;
    this.#schedule(column, this.#retry);
    this.#retry = Math.min(this.#retry * 2, LONGEST_RETRY_MS);
  }
}
