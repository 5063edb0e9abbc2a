/** Where a person wanted to go before signing in: `?next=/announcements/…` on the sign-in screen. */
import { ownPath } from '../push/message.ts';

export function signInPath(wanted: Pick<URL, 'pathname' | 'search'>): string {
  const next = wanted.pathname + wanted.search;
  return next === '/' ? '/sign-in' : `/sign-in?next=${encodeURIComponent(next)}`;
}

/** The path after signing in: one of this application, never the sign-in screen itself. */
export function nextPath(here: { searchParams: Pick<URLSearchParams, 'get'>; origin: string }): string {
  const next = ownPath(here.searchParams.get('next') ?? '/', here.origin);
  return next.startsWith('/sign-in') ? '/' : next;
}
