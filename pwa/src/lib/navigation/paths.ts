import { routes } from '$app/manifest';

/** Paths without parameters that have a page; groups such as (app) are not part of a path. */
export const paths: ReadonlySet<string> = new Set(
  routes.map(({ id }) => id.replace(/\/\([^)]+\)/g, '') || '/').filter((path) => !path.includes('[')),
);
