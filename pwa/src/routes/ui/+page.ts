import { dev } from '$app/env';
import { redirect } from '@sveltejs/kit';

import type { PageLoad } from './$types.js';

/** The living style guide is for those who build the application; a family never meets it. */
export const load: PageLoad = () => {
  if (!dev) redirect(307, '/');
};
