/** Push: always show something (a silent push costs the permission), and open the right place on a tap. */
import { self } from '$app/service-worker';

import { run } from '../lib/graphql/client.ts';
import { AddWebPushDevice } from '../lib/graphql/documents/notifications.ts';
import { m } from '../lib/i18n/generated/messages.js';
import { parsePush } from '../lib/push/message.ts';
import { deviceLabel, pushTarget } from '../lib/push/subscription.ts';

const ICON = '/icons/icon-192.png';
const BADGE = '/icons/badge-96.png';

export async function onPush(text: string): Promise<void> {
  const message = parsePush(text, self.location.origin);
  await self.registration.showNotification(message?.title ?? m.app_name(), {
    body: message?.body ?? m.push_fallback(),
    lang: message?.lang ?? 'vi',
    tag: message?.tag,
    icon: ICON,
    badge: BADGE,
    data: { navigate: message?.navigate ?? '/' },
  });
}

export async function onNotificationClick(notification: Notification): Promise<void> {
  notification.close();
  const { navigate } = notification.data as { navigate: string };
  const windows = await self.clients.matchAll({ type: 'window' });
  const open = windows.find((window) => window.focused) ?? windows[0];
  if (!open) {
    await self.clients.openWindow(navigate);
    return;
  }
  await open.focus();
  await open.navigate(navigate);
}

interface SubscriptionChange extends ExtendableEvent {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}

/** The browser replaced the address of this device: tell the server, or the phone falls silent. */
export async function onPushSubscriptionChange(event: Event): Promise<void> {
  const { oldSubscription, newSubscription } = event as SubscriptionChange;
  const subscription =
    newSubscription ?? (oldSubscription && (await self.registration.pushManager.subscribe(oldSubscription.options)));
  if (!subscription) return;
  await run(AddWebPushDevice, { ...pushTarget(subscription), label: deviceLabel(self.navigator.userAgent) });
}
