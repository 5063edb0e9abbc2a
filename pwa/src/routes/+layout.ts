/** A static application: every page is drawn in the browser. */
export const ssr = false;
