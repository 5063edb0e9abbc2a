/** An error nobody caught: the page says so in words (routes/+error.svelte). The console keeps it, no server does. */
import type { HandleClientError } from '@sveltejs/kit/hooks';

import { m } from '#lib/i18n/generated/messages.js';

/** `framework` is an address without a page; everything else broke. */
export const handleError: HandleClientError = ({ kind, error }) => {
  if (kind === 'framework') return { message: m.page_missing() };
  console.error(error);
  return { message: m.state_fault() };
};
