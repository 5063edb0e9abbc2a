import { describe, expect, it } from 'vitest';

import { capital, givenName, longDate, mark, nearDate, nearTime, shortDate, time } from '../src/lib/i18n/format.ts';

const now = new Date('2026-11-22T10:05:00Z');

describe('dates', () => {
  it('writes a calendar day and a moment in the time of Vietnam', () => {
    expect(longDate('2026-11-23', 'vi')).toBe('thứ Hai, 23/11/2026');
    expect(longDate('2026-11-22T17:30:00.000Z', 'vi')).toBe('thứ Hai, 23/11/2026');
    expect(longDate('2026-11-22', 'vi')).toBe('Chủ Nhật, 22/11/2026');
    expect(longDate('2026-11-23', 'en')).toBe('Monday, 23/11/2026');
    expect(shortDate('2026-02-03')).toBe('03/02/2026');
    expect(time('2026-11-22T10:05:00.000Z')).toBe('17:05');
    expect(time('2026-11-22T17:00:00.000Z')).toBe('00:00');
  });

  it('names the days around today', () => {
    expect(nearDate('2026-11-22', now, 'vi')).toBe('hôm nay');
    expect(nearDate('2026-11-23', now, 'vi')).toBe('ngày mai');
    expect(nearDate('2026-11-22T17:00:00Z', now, 'vi')).toBe('ngày mai');
    expect(nearDate('2026-11-21', now, 'en')).toBe('yesterday');
    expect(nearDate('2026-11-27', now, 'vi')).toBe('thứ Sáu, 27/11/2026');
  });

  it('leaves the day out for a moment of today', () => {
    expect(nearTime('2026-11-22T10:05:00Z', now, 'vi')).toBe('17:05');
    expect(nearTime('2026-11-21T10:05:00Z', now, 'vi')).toBe('hôm qua 17:05');
  });
});

it('writes marks with the comma of Vietnamese', () => {
  expect(mark('8.5', 'vi')).toBe('8,5');
  expect(mark('8.5', 'en')).toBe('8.5');
});

it('takes the last word of a name as the given name', () => {
  expect(givenName('Nguyễn Thị Lan')).toBe('Lan');
  expect(givenName('  Lan ')).toBe('Lan');
  expect(givenName('')).toBe('');
  expect(capital('đã đọc')).toBe('Đã đọc');
});
