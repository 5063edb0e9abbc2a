/** Which marks of a child are new to this device: those published after the last visit to the screen. */
import { SEEN_KEY } from '#lib/session/session.svelte.ts';

function read(student: string): string | null {
  try {
    return localStorage.getItem(SEEN_KEY + student);
  } catch {
    return null;
  }
}

/** The moment of the last visit, and this visit noted. Null at the first: then nothing is called new. */
export function visit(student: string, now: Date): string | null {
  const before = read(student);
  try {
    localStorage.setItem(SEEN_KEY + student, now.toISOString());
  } catch {
    // Without storage nothing is ever "new".
  }
  return before;
}

export function isNew(publishedAt: string, before: string | null): boolean {
  return before !== null && publishedAt > before;
}
