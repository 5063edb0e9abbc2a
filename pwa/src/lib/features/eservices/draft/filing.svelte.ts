/**
 * "File", pressed once. Whatever stands in the way, files still going up, a crowd, no network, is waited for: the wish
 * is kept on the device, and sending twice files once.
 */
import { run } from '#lib/graphql/client.ts';
import { FileDraft } from '#lib/graphql/documents/eservices_draft.ts';
import { ProblemError, toFailure } from '#lib/graphql/failure.ts';
import type { Failure } from '#lib/graphql/failure.ts';
import { network } from '#lib/offline/network.svelte.ts';
import type { Uploads } from '../files/uploads.svelte.ts';
import type { Trouble } from '../form/definition.ts';
import { obstacleOf, pauseAfter } from './busy.ts';
import type { WritingDraft } from './draft.svelte.ts';

export type FilingState = 'IDLE' | 'UPLOADING' | 'SENDING' | 'BUSY' | 'OFFLINE';

interface Outcomes {
  onfiled: (dossier: { id: string; code: string }) => void;
  onwrong: (errors: Trouble[]) => void;
}

const STALE = 'core.stale';
const MOST_STALE = 3;

export class Filing {
  state = $state<FilingState>('IDLE');
  /** When it is tried again. */
  until = $state(0);
  failure = $state.raw<Failure>();
  readonly #draft: WritingDraft;
  readonly #uploads: Uploads;
  readonly #outcomes: Outcomes;
  #attempts = 0;
  #stale = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(draft: WritingDraft, uploads: Uploads, outcomes: Outcomes) {
    this.#draft = draft;
    this.#uploads = uploads;
    this.#outcomes = outcomes;
  }

  /** Call in an effect: goes on as soon as what was waited for is there. */
  watch(): void {
    if (this.state === 'UPLOADING' && this.#uploads.idle) void this.#send();
    if (this.state === 'OFFLINE' && network.online) void this.#send();
  }

  async start(): Promise<void> {
    if (this.state !== 'IDLE') return;
    this.failure = undefined;
    this.#attempts = this.#stale = 0;
    this.state = 'UPLOADING';
    await this.#draft.wantFiling(true);
    this.watch();
  }

  /** At once, without waiting for the end of the countdown. */
  now(): void {
    if (this.state === 'BUSY' || this.state === 'OFFLINE') void this.#send();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.state = 'IDLE';
    await this.#draft.wantFiling(false);
  }

  /** The screen is left; the wish stays on the device. */
  leave(): void {
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    this.state = 'SENDING';
    try {
      if (this.#draft.dirty && !(await this.#draft.save())) return await this.#unsaved();
      const { id, version } = this.#draft.server;
      const { fileDraft } = await run(FileDraft, { id, version });
      if (fileDraft.dossier) {
        await this.#draft.end();
        await this.#uploads.clear();
        this.#outcomes.onfiled(fileDraft.dossier);
      } else {
        await this.stop();
        this.#outcomes.onwrong(fileDraft.errors.map(({ path, message }) => ({ path, message })));
      }
    } catch (error) {
      await this.#failed(error);
    }
  }

  /** Another device wrote, or the answers did not get through. */
  async #unsaved(): Promise<void> {
    const { failure } = this.#draft;
    if (failure && !this.#draft.other) await this.#wait(failure);
    else await this.stop();
  }

  async #failed(error: unknown): Promise<void> {
    if (error instanceof ProblemError && error.code === STALE && this.#stale < MOST_STALE) {
      this.#stale += 1;
      try {
        await this.#draft.refresh();
        if (this.#draft.other) return await this.stop();
        return await this.#send();
      } catch (again) {
        return this.#wait(toFailure(again));
      }
    }
    await this.#wait(toFailure(error));
  }

  async #wait(failure: Failure): Promise<void> {
    const obstacle = obstacleOf(failure, network.online);
    if (obstacle === 'REFUSED') {
      await this.stop();
      this.failure = failure;
      return;
    }
    if (obstacle === 'OFFLINE') {
      this.state = 'OFFLINE';
      return;
    }
    this.#attempts += 1;
    const seconds = pauseAfter(this.#attempts, failure, Math.random());
    this.until = Date.now() + seconds * 1000;
    this.state = 'BUSY';
    this.#timer = setTimeout(() => void this.#send(), seconds * 1000);
  }
}
