/**
 * A draft while it is being written: first on the device, then on the server, so that a lost network loses nothing and
 * another device can go on. The server's version tells whether somebody else has written meanwhile.
 */
import { run } from '#lib/graphql/client.ts';
import { AttachFile, DetachFile, DraftQuery, SaveDraft } from '#lib/graphql/documents/eservices_draft.ts';
import type { DraftFields } from '#lib/graphql/documents/eservices_draft.ts';
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import { ProblemError, toFailure } from '#lib/graphql/failure.ts';
import type { Failure } from '#lib/graphql/failure.ts';
import { dropTyped, keepTyped, keptOf } from '#lib/offline/kept.ts';
import type { Answers, Definition } from '../form/definition.ts';
import { said, withPrefilled } from '../form/prefill.ts';
import type { Prefill } from '../form/prefill.ts';
import { same, whichCopy } from './merge.ts';
import type { Kept } from './merge.ts';

export type ServerDraft = ResultOf<typeof DraftFields>;

const TOPIC = 'service draft';
const KEEP_AFTER_MS = 300;
const SAVE_AFTER_MS = 2_500;
const STALE = 'core.stale';

export function keptDraft(user: string, id: string): Promise<Kept | undefined> {
  return keptOf<Kept>(user, TOPIC).then((all) => all.get(id));
}

export function dropDraft(user: string, id: string): Promise<void> {
  return dropTyped(user, TOPIC, id);
}

const written = (draft: ServerDraft): { answers: Answers; disputes: Answers } => ({
  answers: draft.answers as Answers,
  disputes: draft.disputes as Answers,
});

export class WritingDraft {
  answers = $state.raw<Answers>({});
  disputes = $state.raw<Answers>({});
  /** As the server last told: files, signature, office. */
  server = $state.raw<ServerDraft>() as ServerDraft;
  dirty = $state(false);
  saving = $state(false);
  filing = $state(false);
  ready = $state(false);
  savedAt = $state<string>();
  failure = $state.raw<Failure>();
  /** Another device's copy, when both have written. */
  other = $state.raw<ServerDraft>();
  readonly definition: Definition;
  readonly #user: string;
  #base: Kept['base'];
  #sending: Kept['sending'];
  #keepTimer: ReturnType<typeof setTimeout> | undefined;
  #saveTimer: ReturnType<typeof setTimeout> | undefined;
  #under: Promise<boolean> | undefined;
  #gone = false;

  constructor(user: string, server: ServerDraft, definition: Definition) {
    this.#user = user;
    this.definition = definition;
    this.server = server;
    this.#base = { ...written(server), at: server.version };
    this.answers = written(server).answers;
    this.disputes = written(server).disputes;
  }

  /** Takes up what this device has and the server does not. */
  async open(): Promise<void> {
    const kept = await keptDraft(this.#user, this.server.id);
    this.filing = kept?.filing ?? false;
    this.#settle(kept, this.server);
    this.ready = true;
  }

  /** Reading again on news: a file from another device, a signature. */
  receive(server: ServerDraft): void {
    if (!this.ready || this.saving || server.version < this.server.version) return;
    this.#settle(this.#kept(), server);
  }

  #settle(kept: Kept | undefined, server: ServerDraft): void {
    this.server = server;
    const which = whichCopy(kept, { ...written(server), version: server.version });
    if (which === 'BOTH') {
      this.other = server;
      this.#take(kept);
      return;
    }
    this.#base = { ...written(server), at: server.version };
    this.dirty = which === 'DEVICE';
    if (which === 'DEVICE') this.#take(kept);
    else {
      // The same words: what is open here and says nothing yet ("wrong", and no right value so far) stays open.
      if (!same(this, written(server))) this.#take(written(server));
      this.savedAt = server.changedAt;
    }
    if (this.dirty) this.#later();
  }

  #take(copy: { answers: Answers; disputes: Answers } | undefined): void {
    if (!copy) return;
    this.answers = copy.answers;
    this.disputes = copy.disputes;
  }

  choose(which: 'MINE' | 'THEIRS'): void {
    const { other } = this;
    if (!other) return;
    this.other = undefined;
    this.#base = { ...written(other), at: other.version };
    this.dirty = which === 'MINE';
    if (which === 'THEIRS') this.#take(written(other));
    void this.keep();
    if (this.dirty) void this.save();
  }

  /** What is known already goes in by itself. */
  prefill(prefilled: readonly Prefill[]): void {
    const answers = withPrefilled(this.definition, this.answers, prefilled);
    if (!same({ answers, disputes: {} }, { answers: this.answers, disputes: {} })) this.change(answers, this.disputes);
  }

  change(answers: Answers, disputes: Answers): void {
    this.answers = answers;
    this.disputes = disputes;
    // Words on their way count as not there yet: they may arrive, and these are others.
    this.dirty = this.#sending !== undefined || !same(this, this.#base);
    clearTimeout(this.#keepTimer);
    this.#keepTimer = setTimeout(() => void this.keep(), KEEP_AFTER_MS);
    if (this.dirty) this.#later();
  }

  #later(): void {
    clearTimeout(this.#saveTimer);
    this.#saveTimer = setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  #kept(): Kept {
    const { answers, disputes, dirty, filing } = this;
    return { answers, disputes, dirty, filing, base: this.#base, sending: this.#sending };
  }

  async keep(): Promise<void> {
    clearTimeout(this.#keepTimer);
    if (this.#gone) return;
    // Only what the device alone knows is worth asking about when somebody signs out.
    if (this.dirty || this.filing) await keepTyped(this.#user, TOPIC, this.server.id, this.#kept());
    else await dropDraft(this.#user, this.server.id);
  }

  /** Sends what is new. @returns whether the server now has everything. */
  save(): Promise<boolean> {
    clearTimeout(this.#saveTimer);
    this.#under ??= this.#save().finally(() => (this.#under = undefined));
    return this.#under;
  }

  async #save(): Promise<boolean> {
    const MOST_TURNS = 5;
    for (let turn = 0; turn < MOST_TURNS && this.dirty && !this.other && !this.#gone; turn += 1) {
      const { answers, disputes } = this;
      this.saving = true;
      this.#sending = { answers, disputes };
      await this.keep();
      try {
        const sent = { id: this.server.id, version: this.#base.at, answers, disputes: said(disputes) };
        const { saveDraft } = await run(SaveDraft, sent);
        this.server = saveDraft.draft;
        this.#base = { answers, disputes, at: saveDraft.draft.version };
        this.#sending = undefined;
        this.savedAt = saveDraft.draft.changedAt;
        this.failure = undefined;
        // Typed on meanwhile: once more.
        this.dirty = !same(this, { answers, disputes });
      } catch (error) {
        if (!(await this.#stale(error))) {
          this.failure = toFailure(error);
          this.#again();
          return false;
        }
      } finally {
        this.saving = false;
      }
    }
    await this.keep();
    return !this.dirty;
  }

  /** A slow or lost line: it goes by itself later. What the server refuses is not sent for ever. */
  #again(): void {
    const { failure } = this;
    if (failure instanceof ProblemError && failure.retryAfter === null) return;
    const PAUSE_MS = 15_000;
    this.#saveTimer = setTimeout(() => void this.save(), PAUSE_MS);
  }

  /** Somebody has written meanwhile, or only a file came. @returns whether to go on. */
  async #stale(error: unknown): Promise<boolean> {
    if (!(error instanceof ProblemError) || error.code !== STALE) return false;
    try {
      await this.refresh();
      return true;
    } catch {
      return false;
    }
  }

  /** Reads the draft again and puts both copies together. @throws the failures of run(). */
  async refresh(): Promise<void> {
    const { draft } = await run(DraftQuery, { id: this.server.id });
    if (!draft) throw new ProblemError({ code: 'core.not_found', message: '' });
    this.#settle(this.#kept(), draft);
  }

  async attach(document: string, upload: string): Promise<void> {
    const { attachFile } = await run(AttachFile, { draft: this.server.id, document, upload });
    this.#news(attachFile.draft);
  }

  async detach(id: string): Promise<void> {
    const { detachFile } = await run(DetachFile, { id });
    this.#news(detachFile.draft);
  }

  /** The server's answer to something that changed no answers. */
  #news(server: ServerDraft): void {
    if (same(this.#base, written(server)) || !this.dirty) this.#settle(this.#kept(), server);
    else this.server = { ...server, version: this.server.version };
  }

  signature(server: ServerDraft): void {
    this.#news(server);
  }

  async wantFiling(filing: boolean): Promise<void> {
    this.filing = filing;
    await this.keep();
  }

  /** Filed or thrown away: nothing of it stays on the device. */
  async end(): Promise<void> {
    this.#gone = true;
    this.stop();
    await dropDraft(this.#user, this.server.id);
  }

  /** The screen is left. What is not sent stays on the device and goes at the next visit. */
  stop(): void {
    clearTimeout(this.#keepTimer);
    clearTimeout(this.#saveTimer);
    if (this.dirty && !this.#gone) void keepTyped(this.#user, TOPIC, this.server.id, this.#kept());
  }
}
