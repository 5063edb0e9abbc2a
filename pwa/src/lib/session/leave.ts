/** Signing out of this device: no more pushes to it, the server ends the session, nothing stays behind. */
import { forgetPages } from '../graphql/pages.svelte.ts';
import { push } from '../push/push.svelte.ts';
import { session } from './session.svelte.ts';

/**
 * `end` tells the server; without its answer the cookie would still open the door, so nothing is wiped then.
 * @throws the failures of run().
 */
export async function leaveDevice(end: () => Promise<unknown>): Promise<void> {
  await push.leave();
  await end();
  forgetPages();
  await session.forget();
}
