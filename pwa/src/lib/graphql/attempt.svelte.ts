/** One write at a time with what a button needs: safe against a double tap, "busy" only once it takes a while. */
import { toFailure } from './failure.ts';
import type { Failure } from './failure.ts';

/** Shorter waits need no sign; a flicker is worse than none. */
const BUSY_AFTER_MS = 300;

export class Attempt {
  busy = $state(false);
  failure = $state.raw<Failure>();
  #running = false;

  /** @returns what `work` answers; undefined when it failed (see `failure`) or another is still under way. */
  async run<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
    if (this.#running) return undefined;
    this.#running = true;
    this.failure = undefined;
    const timer = setTimeout(() => (this.busy = true), BUSY_AFTER_MS);
    try {
      return await work();
    } catch (error) {
      this.failure = toFailure(error);
      return undefined;
    } finally {
      clearTimeout(timer);
      this.busy = false;
      this.#running = false;
    }
  }
}
