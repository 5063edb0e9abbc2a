/** Wires the parts of the worker; each part says what it answers to. */
import { self } from '$app/service-worker';

import { onNotificationClick, onPush, onPushSubscriptionChange } from './push.ts';
import { onSync } from './replay.ts';
import type { SyncEvent } from './replay.ts';
import { answer, install, tidy } from './shell.ts';

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(tidy()));
self.addEventListener('fetch', (event) => {
  const response = answer(event.request);
  if (response) event.respondWith(response);
});

self.addEventListener('push', (event) => event.waitUntil(onPush(event.data?.text() ?? '')));
self.addEventListener('notificationclick', (event) => event.waitUntil(onNotificationClick(event)));
self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(onPushSubscriptionChange(event)));
// Not in TypeScript's list of events: only some browsers have it.
self.addEventListener('sync' as 'message', (event: unknown) =>
  (event as SyncEvent).waitUntil(onSync(event as SyncEvent)),
);
