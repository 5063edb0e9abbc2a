import { redirect } from '@sveltejs/kit';

import type { PageLoad } from './$types.js';

/** What there is of a pupil is the marks; notifications about the pupil lead here. */
export const load: PageLoad = ({ params }) => redirect(307, `/students/${params.id}/marks`);
