/** When a window sends the queue: at once, at every start, when the network or the reader comes back, and in between. */
import { rememberedUser } from '../session/remembered.ts';
import { flush, SYNC_TAG } from './queue.ts';

const SHORTEST_PAUSE_MS = 2_000;
/** A server that is away is not burdened by being asked; a teacher who waits for "sent" is, by a longer pause. */
const LONGEST_PAUSE_MS = 15_000;

interface SyncRegistration extends ServiceWorkerRegistration {
  readonly sync?: { register(tag: string): Promise<void> };
}

let pause = SHORTEST_PAUSE_MS;
let timer: ReturnType<typeof setTimeout> | undefined;
let under: Promise<void> | undefined;
let again = false;

/** The browser may send it after the window is closed; where it does not know how, the next start does. */
async function askWorker(): Promise<void> {
  try {
    const registration = (await navigator.serviceWorker?.getRegistration()) as SyncRegistration | undefined;
    await registration?.sync?.register(SYNC_TAG);
  } catch {
    // Refused by the person's settings.
  }
}

async function attempt(): Promise<void> {
  clearTimeout(timer);
  const user = rememberedUser();
  if (user === null || (await flush(user))) {
    pause = SHORTEST_PAUSE_MS;
    return;
  }
  void askWorker();
  // Two thousand phones that lost the same network do not come back in the same second.
  timer = setTimeout(() => void sendWaiting(), pause * (0.75 + Math.random() / 2));
  pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
}

/** Sends what waits; what comes while it is under way goes with a second turn. */
export function sendWaiting(): Promise<void> {
  if (under) {
    again = true;
    return under;
  }
  under = (async () => {
    do {
      again = false;
      await attempt();
    } while (again);
  })().finally(() => (under = undefined));
  return under;
}

/** For as long as somebody is signed in. @returns the way to stop. */
export function keepSending(): () => void {
  const now = (): void => {
    pause = SHORTEST_PAUSE_MS;
    void sendWaiting();
  };
  const seen = (): void => {
    if (document.visibilityState === 'visible') now();
  };
  window.addEventListener('online', now);
  document.addEventListener('visibilitychange', seen);
  now();
  return () => {
    clearTimeout(timer);
    window.removeEventListener('online', now);
    document.removeEventListener('visibilitychange', seen);
  };
}
