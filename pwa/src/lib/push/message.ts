/** Reads the payload of a push: Declarative Web Push JSON, marked by the number 8030. */

/** A button of a notification. */
export interface PushAction {
  action: string;
  title: string;
  /** A path of this application: where it leads when it cannot be done from here. */
  navigate: string;
}

export interface PushMessage {
  title: string;
  body: string;
  /** A path of this application. */
  navigate: string;
  /** A later message with the same tag takes the place of this one. */
  tag: string | undefined;
  lang: string;
  actions: PushAction[];
  /** The absence alert its buttons answer. */
  alert: string | undefined;
}

const MARK = 8030;

/** Paths of this application only: a push must not be able to open a foreign page. */
export function ownPath(target: unknown, origin: string): string {
  if (typeof target !== 'string') return '/';
  try {
    const url = new URL(target, origin);
    return url.origin === origin ? url.pathname + url.search + url.hash : '/';
  } catch {
    return '/';
  }
}

function readActions(actions: unknown, origin: string): PushAction[] {
  if (!Array.isArray(actions)) return [];
  return (actions as Record<string, unknown>[]).flatMap(({ action, title, navigate }) =>
    typeof action === 'string' && typeof title === 'string'
      ? [{ action, title, navigate: ownPath(navigate, origin) }]
      : [],
  );
}

/** @returns undefined for anything else; the caller still has to show something. */
export function parsePush(text: string, origin: string): PushMessage | undefined {
  try {
    const { web_push: mark, notification } = JSON.parse(text) as {
      web_push?: number;
      notification?: Record<string, unknown>;
    };
    if (mark !== MARK || typeof notification?.['title'] !== 'string') return undefined;
    const { title, body, navigate, tag, lang, actions, data } = notification;
    const alert = (data as { alert?: unknown } | null | undefined)?.alert;
    return {
      title,
      body: typeof body === 'string' ? body : '',
      navigate: ownPath(navigate, origin),
      tag: typeof tag === 'string' && tag ? tag : undefined,
      lang: typeof lang === 'string' ? lang : 'vi',
      actions: readActions(actions, origin),
      alert: typeof alert === 'string' ? alert : undefined,
    };
  } catch {
    return undefined;
  }
}
