/**
 * The shell (page, scripts, styles, fonts) is kept on the phone, so the application starts without a network. Data is
 * no business of this file: the window keeps it in IndexedDB (lib/offline/snapshots.ts).
 */
import { version } from '$app/env';
import { immutable } from '$app/manifest';
import { self } from '$app/service-worker';

const PREFIX = 'shell-';
const CURRENT = `${PREFIX}${version}`;
const PAGE = '/';
/** Of the static files only what a start needs; the large icons belong to the operating system. */
const STARTING = [PAGE, '/appearance.js', '/icons/icon.svg'];
/** Paths the server answers itself; a visit to them is never given the shell. */
const SERVER = [
  '/graphql',
  '/live',
  '/imports',
  '/slips',
  '/health',
  '/calendar',
  '/timetables',
  '/leave/photos',
  '/uploads',
  '/files',
  '/dossiers',
];

export async function install(): Promise<void> {
  const cache = await caches.open(CURRENT);
  await cache.addAll([...STARTING, ...immutable.map(({ path }) => new URL(path, self.registration.scope).pathname)]);
  await self.skipWaiting();
}

/** One older shell stays: a window that is still open may ask for its scripts. */
export async function tidy(): Promise<void> {
  const shells = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== CURRENT);
  await Promise.all(shells.slice(0, -1).map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function page(request: Request): Promise<Response> {
  const cache = await caches.open(CURRENT);
  return (await cache.match(PAGE)) ?? fetch(request);
}

async function file(request: Request): Promise<Response> {
  return (await caches.match(request, { ignoreVary: true })) ?? fetch(request);
}

/** @returns undefined where the browser should go to the network by itself. */
export function answer(request: Request): Promise<Response> | undefined {
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return undefined;
  if (SERVER.some((path) => pathname === path || pathname.startsWith(`${path}/`))) return undefined;
  return request.mode === 'navigate' ? page(request) : file(request);
}
