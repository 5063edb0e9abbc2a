/** Who was signed in last on this device. Survives a start without network; holds an id and nothing personal. */
const KEY = 'nhipcau.user';

export function rememberedUser(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function rememberUser(id: string | null): void {
  try {
    if (id === null) localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, id);
  } catch {
    // Without storage nothing is remembered, and snapshots are not kept either.
  }
}
