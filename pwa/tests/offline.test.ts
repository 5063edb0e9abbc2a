import 'fake-indexeddb/auto';

import { beforeEach, describe, expect, it } from 'vitest';

import { Fault, Offline } from '../src/lib/graphql/failure.ts';
import { read } from '../src/lib/graphql/read.ts';
import type { Sources, Step } from '../src/lib/graphql/read.ts';
import { LIMIT, keep, keyOf, recall, wipe } from '../src/lib/offline/snapshots.ts';

const at = new Date('2026-11-22T10:05:00Z');

beforeEach(() => wipe());

describe('snapshots', () => {
  it('belong to one person, one document and one set of variables', async () => {
    await keep('lan', 'marks', { b: 1, a: { d: 2, c: 3 } }, { data: { x: 1 }, at });
    await expect(recall('lan', 'marks', { a: { c: 3, d: 2 }, b: 1 })).resolves.toEqual({ data: { x: 1 }, at });
    await expect(recall('minh', 'marks', { b: 1, a: { d: 2, c: 3 } })).resolves.toBeUndefined();
    await expect(recall('lan', 'marks', { b: 2 })).resolves.toBeUndefined();
    expect(keyOf(undefined)).toBe(keyOf({}));
  });

  it('are gone after a wipe', async () => {
    await keep('lan', 'marks', {}, { data: 1, at });
    await wipe();
    await expect(recall('lan', 'marks', {})).resolves.toBeUndefined();
  });

  it('keep a bounded number, the newest', async () => {
    for (let index = 0; index <= LIMIT; index++)
      await keep('lan', 'marks', { index }, { data: index, at: new Date(index) });
    await expect(recall('lan', 'marks', { index: 0 })).resolves.toBeUndefined();
    await expect(recall('lan', 'marks', { index: LIMIT })).resolves.toMatchObject({ data: LIMIT });
  });
});

describe('read', () => {
  const later = new Date('2026-11-22T11:00:00Z');

  async function steps(sources: Partial<Sources>): Promise<Step[]> {
    const all: Step[] = [];
    const complete: Sources = {
      recall: () => recall('lan', 'marks', {}),
      fetch: () => Promise.resolve('fresh'),
      keep: (snapshot) => keep('lan', 'marks', {}, snapshot),
      now: () => later,
      ...sources,
    };
    for await (const step of read(complete)) all.push(step);
    return all;
  }

  it('shows the snapshot, then the fresh answer, and keeps that', async () => {
    await keep('lan', 'marks', {}, { data: 'old', at });
    await expect(steps({})).resolves.toEqual([
      { data: 'old', at, fresh: false },
      { data: 'fresh', at: later, fresh: true },
    ]);
    await expect(recall('lan', 'marks', {})).resolves.toEqual({ data: 'fresh', at: later });
  });

  it('keeps the snapshot when the network fails', async () => {
    await keep('lan', 'marks', {}, { data: 'old', at });
    const seen = await steps({ fetch: () => Promise.reject(new Offline()) });
    expect(seen).toEqual([{ data: 'old', at, fresh: false }, { failure: expect.any(Offline) as Offline }]);
    await expect(recall('lan', 'marks', {})).resolves.toEqual({ data: 'old', at });
  });

  it('calls an unknown error a fault', async () => {
    await expect(steps({ fetch: () => Promise.reject(new Error('?')) })).resolves.toEqual([
      { failure: expect.any(Fault) as Fault },
    ]);
  });
});
