/**
 * One stream of news per window. News says what changed, never the content; whoever shows it reads again. The stream
 * is closed while the window is hidden, so that a sleeping phone costs the school's server nothing.
 */
export interface News {
  kind: string;
  id: string;
}

/** A refused stream (signed out, server restarting) is tried again after this, doubled up to the longest. */
const SHORTEST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;

interface Listener {
  tags: readonly string[];
  call: () => void;
}

const listeners = new Set<Listener>();

/** `marks` matches the kinds `marks` and `marks.published`. */
export function matches(tags: readonly string[], kind: string): boolean {
  return tags.some((tag) => kind === tag || kind.startsWith(`${tag}.`));
}

/** @returns the news in one frame of the stream; undefined for a frame that holds none. */
export function parseNews(frame: string): News | undefined {
  try {
    const news = (JSON.parse(frame) as { data?: { news?: Partial<News> } }).data?.news;
    return news && typeof news.kind === 'string' ? { kind: news.kind, id: String(news.id ?? '') } : undefined;
  } catch {
    return undefined;
  }
}

/** Calls back on matching news, and after a gap in which news may have been missed. @returns the way to stop. */
export function onNews(tags: readonly string[], call: () => void): () => void {
  const listener = { tags, call };
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

export function announce(news: News): void {
  for (const { tags, call } of listeners) if (matches(tags, news.kind)) call();
}

function announceGap(): void {
  for (const { call } of listeners) call();
}

/** Opens the stream for as long as someone is signed in. @returns the way to close it for good. */
export function listen(): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let pause = SHORTEST_PAUSE_MS;
  /** News may have been missed: the stream was open once and closed, or could not be opened at first. */
  let gap = false;

  function close(): void {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  }

  function open(): void {
    close();
    source = new EventSource('/live', { withCredentials: true });
    source.addEventListener('next', (event) => {
      const news = parseNews((event as MessageEvent<string>).data);
      if (news) announce(news);
    });
    source.addEventListener('open', () => {
      pause = SHORTEST_PAUSE_MS;
      if (gap) announceGap();
      gap = true;
    });
    source.addEventListener('error', () => {
      gap = true;
      // While CONNECTING the browser tries again by itself.
      if (source?.readyState !== EventSource.CLOSED) return;
      timer = setTimeout(open, pause);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    });
  }

  function follow(): void {
    if (document.visibilityState === 'hidden') close();
    else if (!source) open();
  }

  /** The network is back: nobody waits for the pause to end. */
  function hurry(): void {
    if (document.visibilityState !== 'hidden' && source?.readyState !== EventSource.OPEN) open();
  }

  document.addEventListener('visibilitychange', follow);
  window.addEventListener('online', hurry);
  follow();
  return () => {
    document.removeEventListener('visibilitychange', follow);
    window.removeEventListener('online', hurry);
    close();
  };
}
