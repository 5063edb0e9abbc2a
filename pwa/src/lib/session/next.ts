/** Where a person wanted to go before signing in: `?next=/announcements/…` on the sign-in screen. */
import { ownPath } from '../push/message.ts';

/** What stands behind a "#" may be a secret (a guardian's code): it stays there, where browsers send it to nobody. */
export function signInPath(wanted: Pick<URL, 'pathname' | 'search' | 'hash'>): string {
  const next = wanted.pathname + wanted.search;
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}${wanted.hash}`;
}

interface Here {
  searchParams: Pick<URLSearchParams, 'get'>;
  origin: string;
  hash: string;
}

/** The path after signing in: one of this application, never the sign-in screen itself. */
export function nextPath({ searchParams, origin, hash }: Here): string {
  const next = ownPath(searchParams.get('next') ?? '/', origin);
  if (next === '/' || next.startsWith('/sign-in')) return '/';
  return next.includes('#') ? next : next + hash;
}
