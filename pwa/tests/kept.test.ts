import 'fake-indexeddb/auto';

import { beforeEach, describe, expect, it } from 'vitest';

import { countTyped, dropTyped, forgetTyped, keepTyped, keptOf } from '../src/lib/offline/kept.ts';

beforeEach(() => forgetTyped());

describe('what was typed', () => {
  it('is found again by topic and key, until it is dropped', async () => {
    await keepTyped('minh', 'marks', 'c:lan', { typed: '8,5' });
    await keepTyped('minh', 'announcement', 'new', { title: 'Họp' });
    await expect(keptOf('minh', 'marks')).resolves.toEqual(new Map([['c:lan', { typed: '8,5' }]]));
    await expect(countTyped('minh')).resolves.toBe(2);
    await dropTyped('minh', 'marks', 'c:lan');
    await expect(keptOf('minh', 'marks')).resolves.toEqual(new Map());
    await expect(countTyped('minh')).resolves.toBe(1);
  });

  it('of one person goes when another opens theirs on this device', async () => {
    await keepTyped('minh', 'marks', 'c:lan', 1);
    await expect(keptOf('hoa', 'marks')).resolves.toEqual(new Map());
    await expect(keptOf('minh', 'marks')).resolves.toEqual(new Map());
  });

  it('is gone after signing out', async () => {
    await keepTyped('minh', 'announcement', 'new', 1);
    await forgetTyped();
    await expect(countTyped('minh')).resolves.toBe(0);
  });
});
