/** An error nobody caught: the page says so in words (routes/+error.svelte). The console keeps it, no server does. */
import type { HandleClientError } from '@sveltejs/kit/hooks';

import { m } from '#lib/i18n/generated/messages.js';

export const handleError: HandleClientError = ({ error, status }) => {
  if (status !== 404) console.error(error);
  return { message: status === 404 ? m.page_missing() : m.state_fault() };
};
