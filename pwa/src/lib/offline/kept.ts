/**
 * What somebody has typed and the server does not have yet: marks, a draft. Unlike snapshots it cannot be fetched
 * again, so it outlives a session that ended by itself; another person's goes as soon as this one's is opened.
 */
import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';

type Key = [user: string, topic: string, key: string];

interface Stored extends DBSchema {
  kept: { key: Key; value: unknown };
}

let opened: Promise<IDBPDatabase<Stored>> | undefined;

function database(): Promise<IDBPDatabase<Stored>> {
  opened ??= openDB<Stored>('nhipcau-kept', 1, {
    upgrade(db) {
      db.createObjectStore('kept');
    },
    terminated() {
      opened = undefined;
    },
  });
  return opened;
}

/** Without storage the typed values live as long as the window. */
async function quietly<Value>(work: (db: IDBPDatabase<Stored>) => Promise<Value>): Promise<Value | undefined> {
  try {
    return await work(await database());
  } catch {
    opened = undefined;
    return undefined;
  }
}

async function forgetOthers(db: IDBPDatabase<Stored>, user: string): Promise<void> {
  const keys = await db.getAllKeys('kept');
  await Promise.all(keys.filter(([owner]) => owner !== user).map((key) => db.delete('kept', key)));
}

/** Everything kept for a topic, by key. */
export async function keptOf<Value>(user: string, topic: string): Promise<Map<string, Value>> {
  const found = await quietly(async (db) => {
    await forgetOthers(db, user);
    const range = IDBKeyRange.bound([user, topic, ''], [user, topic, '\uffff']);
    const [keys, values] = await Promise.all([db.getAllKeys('kept', range), db.getAll('kept', range)]);
    return keys.map((key, at): [string, Value] => [key[2], values[at] as Value]);
  });
  return new Map(found ?? []);
}

export async function keepTyped(user: string, topic: string, key: string, value: unknown): Promise<void> {
  await quietly((db) => db.put('kept', value, [user, topic, key]));
}

/** Several things at once: all of them or none. @returns whether the device has them now. */
export async function keepAll(user: string, topic: string, entries: ReadonlyMap<string, unknown>): Promise<boolean> {
  const stored = await quietly(async (db) => {
    const change = db.transaction('kept', 'readwrite');
    for (const [key, value] of entries) void change.store.put(value, [user, topic, key]);
    await change.done;
    return true;
  });
  return stored ?? false;
}

export async function dropAll(user: string, topic: string, keys: Iterable<string>): Promise<void> {
  await quietly(async (db) => {
    const change = db.transaction('kept', 'readwrite');
    for (const key of keys) void change.store.delete([user, topic, key]);
    await change.done;
  });
}

export async function dropTyped(user: string, topic: string, key: string): Promise<void> {
  await quietly((db) => db.delete('kept', [user, topic, key]));
}

/** How much of this person's typing only this device has. */
export async function countTyped(user: string): Promise<number> {
  const range = IDBKeyRange.bound([user, '', ''], [user, '\uffff', '\uffff']);
  return (await quietly((db) => db.count('kept', range))) ?? 0;
}

/** Somebody signs out on purpose: on a shared phone nothing of theirs stays. */
export async function forgetTyped(): Promise<void> {
  await quietly((db) => db.clear('kept'));
}
