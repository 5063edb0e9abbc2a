/** What the server stores of a Web Push subscription. Used by the window and by the service worker. */

export interface PushTarget {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** @throws when the browser gives a subscription without keys, to which nothing could be sent. */
export function pushTarget(subscription: PushSubscription): PushTarget {
  const { endpoint, keys } = subscription.toJSON();
  if (!endpoint || !keys?.['p256dh'] || !keys['auth']) throw new Error('push subscription without keys');
  return { endpoint, p256dh: keys['p256dh'], auth: keys['auth'] };
}

/** "Chrome · Android": enough to tell one's own devices apart, too little to follow anyone. */
export function deviceLabel(userAgent: string): string {
  const browser = /Firefox\//.test(userAgent)
    ? 'Firefox'
    : /Edg/.test(userAgent)
      ? 'Edge'
      : /Chrome\//.test(userAgent)
        ? 'Chrome'
        : 'Safari';
  const system = ['Android', 'iPhone', 'iPad', 'Windows', 'Mac OS', 'Linux'].find((name) => userAgent.includes(name));
  return system ? `${browser} · ${system}` : browser;
}
