import { describe, expect, it } from 'vitest';

import { begun, inOrder, linesOf, nextNumber } from '../src/lib/features/lesson_log/log.ts';
import type { Log, LoggedLesson } from '../src/lib/features/lesson_log/log.ts';

const log = (day: string, period: number, subject: string, syllabusNumber: number | null): Log =>
  ({ id: `${day}${period}`, day, session: 'MORNING', period, subject: { id: subject }, syllabusNumber }) as Log;
const lesson = (day: string, period: number, more: Partial<LoggedLesson> = {}): LoggedLesson =>
  ({
    id: `${day}${period}`,
    day,
    session: 'MORNING',
    period,
    startsAt: '07:00',
    change: null,
    ...more,
  }) as LoggedLesson;

describe('the number in the syllabus', () => {
  const logs = [
    log('2026-11-20', 1, 'toan', 40),
    log('2026-11-20', 2, 'toan', 41),
    log('2026-11-21', 1, 'van', 60),
    log('2026-11-24', 1, 'toan', 44),
  ];

  it('follows the last lesson of the subject before this one', () => {
    expect(nextNumber(logs, 'toan', { day: '2026-11-23', session: 'MORNING', period: 1 })).toBe(42);
    expect(nextNumber(logs, 'toan', { day: '2026-11-20', session: 'MORNING', period: 2 })).toBe(41);
    expect(nextNumber(logs, 'van', { day: '2026-11-21', session: 'AFTERNOON', period: 1 })).toBe(61);
  });

  it('is not guessed when nothing is known', () => {
    expect(nextNumber(logs, 'tin', { day: '2026-11-23', session: 'MORNING', period: 1 })).toBeNull();
    expect(nextNumber([log('2026-11-20', 1, 'toan', null)], 'toan', lesson('2026-11-23', 1))).toBeNull();
  });
});

describe('the week', () => {
  it('puts mornings before afternoons', () => {
    const places = [
      { day: '2026-11-23', session: 'AFTERNOON' as const, period: 1 },
      { day: '2026-11-23', session: 'MORNING' as const, period: 4 },
      { day: '2026-11-22', session: 'AFTERNOON' as const, period: 5 },
    ];
    expect(places.sort(inOrder).map(({ period }) => period)).toEqual([5, 4, 1]);
  });

  it('misses what has begun, was not cancelled and is not written', () => {
    const lessons = [
      lesson('2026-11-23', 1),
      lesson('2026-11-23', 2),
      lesson('2026-11-23', 3, { change: 'CANCELLED' }),
      lesson('2026-11-24', 1),
      lesson('2026-11-24', 2, { startsAt: '07:50' }),
    ];
    const days = linesOf(lessons, [log('2026-11-23', 1, 'toan', 1)], '2026-11-24', '07:30');
    expect(days.map(({ day, lines }) => [day, lines.map(({ missing }) => missing)])).toEqual([
      ['2026-11-23', [false, true, false]],
      ['2026-11-24', [true, false]],
    ]);
    expect(begun(lesson('2026-11-25', 1), '2026-11-24', '23:59')).toBe(false);
  });
});
