/**
 * The last good answer of every query, in IndexedDB, for the one person signed in on this device. It is what the
 * screen shows before the network answers, and all it has without one.
 */
import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';

export interface Snapshot {
  data: unknown;
  /** When the server gave this answer. */
  at: Date;
}

interface Stored extends DBSchema {
  snapshots: { key: [user: string, document: string, variables: string]; value: Snapshot; indexes: { at: Date } };
}

const NAME = 'nhipcau';
/** A phone keeps at most this many answers; the oldest go first. */
export const LIMIT = 200;

let opened: Promise<IDBPDatabase<Stored>> | undefined;

function database(): Promise<IDBPDatabase<Stored>> {
  opened ??= openDB<Stored>(NAME, 1, {
    upgrade(db) {
      db.createObjectStore('snapshots').createIndex('at', 'at');
    },
    terminated() {
      opened = undefined;
    },
  });
  return opened;
}

/** Private windows and full disks refuse storage; the application then works from the network alone. */
async function quietly<Value>(work: (db: IDBPDatabase<Stored>) => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work(await database());
  } catch {
    opened = undefined;
    return undefined;
  }
}

/** The same variables give the same key whatever the order in which they were written. */
export function keyOf(variables: unknown): string {
  return JSON.stringify(variables ?? {}, (_, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

export function recall(user: string, document: string, variables: unknown): Promise<Snapshot | undefined> {
  return quietly((db) => db.get('snapshots', [user, document, keyOf(variables)]));
}

export async function keep(user: string, document: string, variables: unknown, snapshot: Snapshot): Promise<void> {
  await quietly(async (db) => {
    const change = db.transaction('snapshots', 'readwrite');
    await change.store.put(snapshot, [user, document, keyOf(variables)]);
    let surplus = (await change.store.count()) - LIMIT;
    let oldest = surplus > 0 ? await change.store.index('at').openCursor() : null;
    while (oldest && surplus-- > 0) {
      await oldest.delete();
      oldest = await oldest.continue();
    }
    await change.done;
  });
}

/** Called on sign-out and when another account signs in: nothing of the last person stays on the device. */
export async function wipe(): Promise<void> {
  await quietly((db) => db.clear('snapshots'));
}
