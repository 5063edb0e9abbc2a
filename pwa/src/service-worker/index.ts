/** Wires the parts of the worker; each part says what it answers to. */
import { self } from '$app/service-worker';

import { onNotificationClick, onPush, onPushSubscriptionChange } from './push.ts';
import { answer, install, tidy } from './shell.ts';

self.addEventListener('install', (event) => event.waitUntil(install()));
self.addEventListener('activate', (event) => event.waitUntil(tidy()));
self.addEventListener('fetch', (event) => {
  const response = answer(event.request);
  if (response) event.respondWith(response);
});

self.addEventListener('push', (event) => event.waitUntil(onPush(event.data?.text() ?? '')));
self.addEventListener('notificationclick', (event) => event.waitUntil(onNotificationClick(event.notification)));
self.addEventListener('pushsubscriptionchange', (event) => event.waitUntil(onPushSubscriptionChange(event)));
