/**
 * The first useful moment (a notice read, a mark seen) comes before any offer to install or to notify. An offer put off
 * stays away for a fortnight. Kept on the device alone.
 */
const USEFUL_KEY = 'nhipcau.useful';
const LATER_KEY = 'nhipcau.later.';
const FORTNIGHT_MS = 14 * 86_400_000;

export type Offer = 'install' | 'push';

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Without storage the offer may come again.
  }
}

export function noteUseful(): void {
  if (read(USEFUL_KEY) === null) write(USEFUL_KEY, '1');
}

export function wasUseful(): boolean {
  return read(USEFUL_KEY) !== null;
}

export function putOff(offer: Offer, now: Date): void {
  write(LATER_KEY + offer, String(now.getTime()));
}

/** Whether an offer may be shown: something useful was seen, and it was not put off within the last 14 days. */
export function mayOffer(offer: Offer, now: Date): boolean {
  if (!wasUseful()) return false;
  const at = Number(read(LATER_KEY + offer) ?? 0);
  return now.getTime() - at >= FORTNIGHT_MS;
}
