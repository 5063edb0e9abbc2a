/** What kind of browser this is, as far as notifications and installing differ. */

export type Unsupported = 'ios' | 'webview' | 'other';
export type Browser = 'chrome' | 'firefox' | 'safari';

/** iPhone and iPad; an iPad calls itself a Mac that can be touched. */
export function isApple({ userAgent, maxTouchPoints }: Pick<Navigator, 'userAgent' | 'maxTouchPoints'>): boolean {
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

/** Started from the home screen. */
export function isStandalone(): boolean {
  return (
    matchMedia('(display-mode: standalone)').matches || ('standalone' in navigator && navigator.standalone === true)
  );
}

/** The windows inside Facebook, Zalo and others have no notifications. */
export function isInsideApp(userAgent: string): boolean {
  return /FBAN|FBAV|Instagram|Zalo|Line\/|; wv\)/.test(userAgent);
}

/** Why this browser cannot be notified; undefined when it can. */
export function unsupported(): Unsupported | undefined {
  if ('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window) return undefined;
  if (isInsideApp(navigator.userAgent)) return 'webview';
  return isApple(navigator) && !isStandalone() ? 'ios' : 'other';
}

export function browserOf(userAgent: string): Browser {
  if (/Firefox\/|FxiOS/.test(userAgent)) return 'firefox';
  return /Chrome\/|CriOS|Edg/.test(userAgent) ? 'chrome' : 'safari';
}
