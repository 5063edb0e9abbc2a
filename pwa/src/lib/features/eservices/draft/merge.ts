/** Which of two copies of a draft goes on: the one on this device or the one on the server. Pure. */
import { keyOf } from '#lib/offline/snapshots.ts';
import type { Answers } from '../form/definition.ts';
import { said } from '../form/prefill.ts';

export interface Written {
  answers: Answers;
  disputes: Answers;
}

/** What the device keeps of a draft. */
export interface Kept extends Written {
  /** What the server had when this was written; `at` is its version. */
  base: Written & { at: number };
  /** What was on its way when this was kept: the answer may have been lost, not the words. */
  sending?: Written;
  /** There is something the server does not have. */
  dirty: boolean;
  /** The person has pressed "file" and waits. */
  filing: boolean;
}

export interface OnServer extends Written {
  version: number;
}

/** A claim that was only opened is nothing yet. */
export function same(one: Written, other: Written): boolean {
  return keyOf([one.answers, said(one.disputes)]) === keyOf([other.answers, said(other.disputes)]);
}

/**
 * SERVER: nothing of this device is lost by it. DEVICE: nobody else has changed the answers since.
 * BOTH: two devices have written, and a person has to choose.
 */
export function whichCopy(kept: Kept | undefined, server: OnServer): 'SERVER' | 'DEVICE' | 'BOTH' {
  if (!kept?.dirty || same(kept, server)) return 'SERVER';
  // A newer version with the same answers: only a file or a signature came.
  if (kept.base.at === server.version || same(kept.base, server)) return 'DEVICE';
  // Another version because this device's own words arrived, and typing went on before the answer came.
  if (kept.sending && same(kept.sending, server)) return 'DEVICE';
  return 'BOTH';
}
