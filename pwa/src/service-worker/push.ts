/**
 * Push: always show something (a silent push costs the permission), open the right place on a tap, and take a guardian's
 * answer from the notification's own buttons to the server.
 */
import { self } from '$app/service-worker';

import { run } from '../lib/graphql/client.ts';
import { AnswerAbsence } from '../lib/graphql/documents/alerts_family.ts';
import { AddWebPushDevice } from '../lib/graphql/documents/notifications.ts';
import { m } from '../lib/i18n/generated/messages.js';
import { parsePush } from '../lib/push/message.ts';
import type { PushAction, PushMessage } from '../lib/push/message.ts';
import { deviceLabel, pushTarget } from '../lib/push/subscription.ts';

const ICON = '/icons/icon-192.png';
const BADGE = '/icons/badge-96.png';
/** Longer, and a browser no longer lets a tap open a window. */
const ANSWER_MS = 8_000;

const ANSWERS = {
  SICK: m.absence_answer_SICK,
  FAMILY: m.absence_answer_FAMILY,
  SHOULD_BE_AT_SCHOOL: m.absence_answer_SHOULD_BE_AT_SCHOOL,
};
type Answer = keyof typeof ANSWERS;

/** What a notification remembers until it is tapped. */
interface Remembered {
  navigate: string;
  actions: PushAction[];
  alert?: string;
  lang: string;
}

/** TypeScript's list of options lacks what only some browsers show. */
type Options = NotificationOptions & { actions?: { action: string; title: string }[] };

function show(title: string, message: Partial<PushMessage>): Promise<void> {
  const { body = '', navigate = '/', tag, lang = 'vi', actions = [], alert } = message;
  const data: Remembered = { navigate, actions, alert, lang };
  const options: Options = {
    body,
    lang,
    tag,
    icon: ICON,
    badge: BADGE,
    data,
    actions: actions.map(({ action, title: words }) => ({ action, title: words })),
    // A question stays until somebody has answered it or waved it away.
    requireInteraction: actions.length > 0,
  };
  return self.registration.showNotification(title, options);
}

export async function onPush(text: string): Promise<void> {
  const message = parsePush(text, self.location.origin);
  await show(message?.title ?? m.app_name(), message ?? { body: m.push_fallback() });
}

async function open(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: 'window' });
  const shown = windows.find((window) => window.focused) ?? windows[0];
  if (!shown) {
    await self.clients.openWindow(path);
    return;
  }
  await shown.focus();
  await shown.navigate(path);
}

/** The answer goes up from here; what cannot be sent opens its page, which says so and sends it when it can. */
async function answerAlert(alert: string, answer: Answer, notification: Notification): Promise<void> {
  const { navigate, actions, lang } = notification.data as Remembered;
  const locale = lang === 'en' ? 'en' : 'vi';
  const words = ANSWERS[answer]({}, { locale });
  const place = actions.find(({ action }) => action === answer)?.navigate ?? navigate;
  const told = { tag: notification.tag, lang, body: m.absence_confirm_failed_help({}, { locale }), navigate: place };
  try {
    await run(AnswerAbsence, { alert, answer }, AbortSignal.timeout(ANSWER_MS));
  } catch {
    await open(place).catch(() => show(m.absence_unsent({ answer: words }, { locale }), told));
    return;
  }
  const next = answer === 'SHOULD_BE_AT_SCHOOL' ? m.absence_confirm_search : m.absence_next_answered;
  const body = next({}, { locale });
  await show(m.absence_sent({ answer: words }, { locale }), { ...told, body, navigate: `/absences/${alert}` });
}

export async function onNotificationClick({ notification, action }: NotificationEvent): Promise<void> {
  notification.close();
  const { navigate, actions, alert } = notification.data as Remembered;
  if (alert && action in ANSWERS) await answerAlert(alert, action as Answer, notification);
  else await open(actions.find((offered) => offered.action === action)?.navigate ?? navigate);
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
