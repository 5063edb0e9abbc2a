/** Filing when many file at once: who is asked to wait waits, and not all wake in the same second. Pure. */
import { Fault, Offline, ProblemError } from '#lib/graphql/failure.ts';
import type { Failure } from '#lib/graphql/failure.ts';

export type Obstacle = 'BUSY' | 'OFFLINE' | 'REFUSED';

/** Seconds; the server may ask for more. */
const PAUSES = [5, 10, 20, 40, 60] as const;
/** Longer is no crowd: the server means this person, and says so in words. */
const LONGEST_CROWD = 180;
const SPREAD = 0.25;

/** @param online whether the device believes to have a network: then no answer means an overloaded server. */
export function obstacleOf(failure: Failure, online: boolean): Obstacle {
  if (failure instanceof Offline) return online ? 'BUSY' : 'OFFLINE';
  // Not the application answered but something before it that had enough.
  if (failure instanceof Fault) return failure.requestId === null ? 'BUSY' : 'REFUSED';
  const { retryAfter } = failure as ProblemError;
  return retryAfter !== null && retryAfter <= LONGEST_CROWD ? 'BUSY' : 'REFUSED';
}

/** Seconds until the next try. @param chance from 0 to 1 */
export function pauseAfter(attempts: number, failure: Failure, chance: number): number {
  const usual = PAUSES[Math.min(attempts, PAUSES.length) - 1] ?? PAUSES[0];
  const asked = failure instanceof ProblemError ? (failure.retryAfter ?? 0) : 0;
  // Never sooner than the server has asked.
  return Math.ceil(Math.max(asked, usual) * (1 + SPREAD * chance));
}
