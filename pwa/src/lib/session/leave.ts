/** Signing out of this device: the server ends the session, no more pushes come to it, nothing stays behind. */
import { forgetPages } from '../graphql/pages.svelte.ts';
import { countTyped, forgetTyped } from '../offline/kept.ts';
import { push } from '../push/push.svelte.ts';
import { rememberedUser } from './remembered.ts';
import { session } from './session.svelte.ts';

/** How many marks and drafts of this person only this device has: whoever leaves on purpose is asked about them. */
export async function unsent(): Promise<number> {
  const user = rememberedUser();
  return user === null ? 0 : countTyped(user);
}

/**
 * `end` tells the server; without its answer the cookie would still open the door, so nothing is wiped then.
 * @throws the failures of run().
 */
export async function leaveDevice(end: () => Promise<unknown>): Promise<void> {
  await end();
  // The server rings no device of an ended session; here the browser forgets its address too.
  await push.forget();
  forgetPages();
  await forgetTyped();
  await session.forget();
}
