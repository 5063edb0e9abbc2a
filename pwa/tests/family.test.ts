import { describe, expect, it } from 'vitest';

import { mayAnswer, wantedAnswer } from '../src/lib/features/attendance/alert_answer.svelte.ts';
import { exceptions, lastOfMonth, weeksOf } from '../src/lib/features/attendance/month.ts';
import type { ChildMark } from '../src/lib/features/attendance/month.ts';
import { planOf, presenceOf, subjectsOf } from '../src/lib/features/home/day.ts';
import type { Lesson, Mark } from '../src/lib/features/home/day.ts';
import { fit } from '../src/lib/features/leave/photos.ts';
import { backwards, choices, nextSchoolDay, spanOf, usual } from '../src/lib/features/leave/spans.ts';
import { partOfDay, spanWords, statusWords } from '../src/lib/i18n/attendance.ts';
import { addDays, calendarDay, daysBetween, monthFrom, weekday, weekdayDate } from '../src/lib/i18n/days.ts';

const MONDAY = '2026-11-23';
const TUESDAY = '2026-11-24';
const TIMES = ['07:00', '07:50', '08:45', '09:35', '10:25'];

function lesson(period: number, more: Partial<Lesson> = {}): Lesson {
  const startsAt = TIMES[period - 1] ?? '07:00';
  const hour = Number(startsAt.slice(0, 2)) * 60 + Number(startsAt.slice(3)) + 45;
  const endsAt = `${String(Math.floor(hour / 60)).padStart(2, '0')}:${String(hour % 60).padStart(2, '0')}`;
  return {
    day: MONDAY,
    session: 'MORNING',
    period,
    startsAt,
    endsAt,
    change: null,
    subject: { name: `Môn ${period}`, nameEn: `Subject ${period}` },
    teacher: { fullName: 'Lê Thị Thu Hà' },
    room: null,
    ...more,
  };
}

function mark(more: Partial<Mark> = {}): Mark {
  return {
    id: 'm',
    day: MONDAY,
    session: 'MORNING',
    period: 0,
    status: 'PRESENT',
    minutes: null,
    recordedAt: '2026-11-23T00:08:00Z',
    recordedBy: { fullName: 'Lê Thị Thu Hà' },
    ...more,
  };
}

const childMark = (more: Partial<ChildMark>): ChildMark => ({
  ...mark(),
  recordedBy: null,
  counted: false,
  reason: null,
  ...more,
  id: JSON.stringify(more),
});

describe('days in Vietnam', () => {
  it('counts by the calendar there', () => {
    expect(calendarDay(new Date('2026-11-22T17:30:00Z'))).toBe(MONDAY);
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(daysBetween('2026-11-01', '2026-12-01')).toBe(30);
    expect(weekday(MONDAY)).toBe(1);
    expect(weekdayDate(MONDAY, 'vi')).toBe('thứ Hai 23/11');
    expect(monthFrom('2026-01-31', -1)).toBe('2025-12-01');
    expect(lastOfMonth('2028-02-01')).toBe('2028-02-29');
  });

  it('names parts of days and spans of leave', () => {
    const half = { startsOn: TUESDAY, startsSession: 'MORNING', endsOn: TUESDAY, endsSession: 'MORNING' } as const;
    expect(spanWords(half, MONDAY, 'vi')).toBe('sáng mai');
    expect(spanWords(half, null, 'vi')).toBe('sáng thứ Ba 24/11');
    expect(spanWords({ ...half, endsSession: 'AFTERNOON' }, TUESDAY, 'vi')).toBe('cả ngày hôm nay');
    expect(spanWords({ ...half, endsOn: '2026-11-26', endsSession: 'AFTERNOON' }, MONDAY, 'vi')).toBe(
      'từ sáng mai đến chiều thứ Năm 26/11',
    );
    expect(partOfDay('2026-11-20', 'AFTERNOON', MONDAY, 'vi')).toBe('chiều thứ Sáu 20/11');
    expect(statusWords({ status: 'LATE', minutes: 10 })).toBe('Đi muộn 10 phút');
  });
});

describe('is the child at school', () => {
  const lessonsToday = [lesson(1), lesson(2), lesson(1, { session: 'AFTERNOON', startsAt: '13:00', endsAt: '13:45' })];
  const at = (time: string, day = MONDAY): { day: string; time: string } => ({ day, time });

  it('says nothing before school, and that nobody has looked once it has begun', () => {
    expect(presenceOf({ marksToday: [], lessonsToday }, at('06:40'))).toEqual([]);
    expect(presenceOf({ marksToday: [], lessonsToday }, at('07:05'))).toMatchObject([
      { session: 'MORNING', mark: null },
    ]);
  });

  it('says what was recorded, and where a period went otherwise', () => {
    const marksToday = [mark(), mark({ id: 'p', period: 2, status: 'UNEXCUSED' }), mark({ id: 'q', period: 1 })];
    expect(presenceOf({ marksToday, lessonsToday }, at('09:00'))).toMatchObject([
      { period: 0, mark: { status: 'PRESENT' } },
      { period: 2, mark: { status: 'UNEXCUSED' } },
    ]);
  });

  it('knows leave ahead, and asks nothing of a cancelled session', () => {
    const leave = mark({ session: 'AFTERNOON', status: 'EXCUSED', recordedBy: null });
    expect(presenceOf({ marksToday: [leave], lessonsToday }, at('06:40'))).toMatchObject([{ session: 'AFTERNOON' }]);
    const cancelled = [lesson(1, { change: 'CANCELLED' })];
    expect(presenceOf({ marksToday: [], lessonsToday: cancelled }, at('08:00'))).toEqual([]);
  });

  it('guesses nothing about the day of an old answer', () => {
    expect(presenceOf({ marksToday: [], lessonsToday }, at('08:00', TUESDAY))).toEqual([]);
    expect(presenceOf({ marksToday: [mark()], lessonsToday }, at('08:00', TUESDAY))).toMatchObject([{ day: MONDAY }]);
  });
});

describe('lessons to come', () => {
  const lessonsToday = [1, 2, 3].map((period) => lesson(period));
  const lessonsNext = [lesson(1, { day: TUESDAY }), lesson(2, { day: TUESDAY, subject: lessonsToday[0]!.subject })];
  const card = { lessonsToday, lessonsNext };

  it('are those of today until the last has ended, then those of the next day', () => {
    expect(planOf(card, { day: MONDAY, time: '06:30' })).toMatchObject({
      today: true,
      begun: false,
      startsAt: '07:00',
    });
    const plan = planOf(card, { day: MONDAY, time: '08:00' });
    expect(plan).toMatchObject({ today: true, begun: true, endsAt: '09:30' });
    expect(plan?.lessons.map(({ period }) => period)).toEqual([2, 3]);
    expect(planOf(card, { day: MONDAY, time: '09:30' })).toMatchObject({ today: false, day: TUESDAY });
    expect(planOf({ lessonsToday: [], lessonsNext: [] }, { day: MONDAY, time: '08:00' })).toBeNull();
  });

  it('leave out cancelled ones and name every change', () => {
    const changed = [lessonsToday[0]!, lesson(2, { change: 'CANCELLED' }), lesson(3, { change: 'SUBSTITUTED' })];
    const plan = planOf({ lessonsToday: changed, lessonsNext }, { day: MONDAY, time: '07:00' });
    expect(plan?.lessons).toHaveLength(2);
    expect(plan?.changes.map(({ change }) => change)).toEqual(['CANCELLED', 'SUBSTITUTED']);
  });

  it('of an answer from yesterday are those of today by now', () => {
    expect(planOf(card, { day: TUESDAY, time: '07:10' })).toMatchObject({ today: true, day: TUESDAY });
  });

  it('count a subject once', () => {
    expect(subjectsOf(lessonsNext.concat(lesson(3)))).toMatchObject([{ count: 2 }, { count: 1 }]);
  });
});

describe('leave', () => {
  const today = { day: '2026-11-21', time: '18:00', teaching: [MONDAY, TUESDAY] };
  const other = { startsOn: '', startsSession: 'MORNING', endsOn: '', endsSession: 'AFTERNOON' } as const;

  it('begins on the next day with lessons', () => {
    expect(nextSchoolDay(today)).toBe(MONDAY);
    expect(nextSchoolDay({ ...today, teaching: undefined })).toBe(MONDAY);
    expect(nextSchoolDay({ ...today, teaching: [] })).toBe('2026-11-22');
    expect(choices(today)).toEqual(['MORNING', 'DAY', 'OTHER']);
    expect(spanOf('DAY', today, other)).toEqual({
      startsOn: MONDAY,
      startsSession: 'MORNING',
      endsOn: MONDAY,
      endsSession: 'AFTERNOON',
    });
  });

  it('means today on the morning of a school day', () => {
    const morning = { day: MONDAY, time: '06:30', teaching: [MONDAY, TUESDAY] };
    expect(usual(morning)).toBe('TODAY');
    expect(usual({ ...morning, time: '15:00' })).toBe('MORNING');
    expect(choices(morning)).toContain('TODAY');
  });

  it('does not end before it begins', () => {
    const span = { startsOn: MONDAY, startsSession: 'AFTERNOON', endsOn: MONDAY, endsSession: 'AFTERNOON' } as const;
    expect(backwards(span)).toBe(false);
    expect(backwards({ ...span, endsSession: 'MORNING' })).toBe(true);
    expect(backwards({ ...span, endsOn: '2026-11-20' })).toBe(true);
  });

  it('carries photos that are never larger than needed', () => {
    expect(fit(4000, 3000, 1600)).toEqual({ width: 1600, height: 1200 });
    expect(fit(300, 200, 1600)).toEqual({ width: 300, height: 200 });
    expect(fit(1, 5000, 1600)).toEqual({ width: 1, height: 1600 });
  });
});

describe('a month', () => {
  const marks = [
    childMark({ day: '2026-11-02' }),
    childMark({ day: '2026-11-03', status: 'UNEXCUSED' }),
    childMark({ day: '2026-11-03', period: 2, status: 'UNEXCUSED' }),
    childMark({ day: '2026-11-06', session: 'AFTERNOON', status: 'LATE', minutes: 5 }),
    childMark({ day: '2026-11-09', period: 0 }),
    childMark({ day: '2026-11-09', period: 3, status: 'EXCUSED' }),
  ];

  it('stands in weeks from Monday, each session with the gravest of its marks', () => {
    const weeks = weeksOf('2026-11-01', marks);
    expect(weeks.map((week) => week.length)).toEqual([7, 7, 7, 7, 7, 7]);
    expect(weeks[0]?.filter(Boolean)).toHaveLength(1);
    expect(weeks[1]?.slice(0, 2).map((cell) => cell?.sessions.MORNING)).toEqual(['PRESENT', 'UNEXCUSED']);
    expect(weeks[1]?.[4]?.sessions).toEqual({ MORNING: null, AFTERNOON: 'LATE' });
    expect(weeks[2]?.[0]?.sessions.MORNING).toBe('EXCUSED');
  });

  it('lists what was not as usual, the newest first, a missed session once', () => {
    expect(exceptions(marks).map(({ day, period }) => [day, period])).toEqual([
      ['2026-11-09', 3],
      ['2026-11-06', 0],
      ['2026-11-03', 0],
    ]);
  });
});

describe('an alert', () => {
  it('takes only the answers there are from an address', () => {
    expect(wantedAnswer(new URLSearchParams('answer=SICK'))).toBe('SICK');
    expect(wantedAnswer(new URLSearchParams('answer=DELETE'))).toBeUndefined();
    expect(wantedAnswer(new URLSearchParams(''))).toBeUndefined();
  });

  it('is answered once, and a search may be asked for until the end', () => {
    expect(mayAnswer({ status: 'OPEN', answer: null }, 'SICK')).toBe(true);
    expect(mayAnswer({ status: 'ANSWERED', answer: 'SICK' }, 'FAMILY')).toBe(false);
    expect(mayAnswer({ status: 'ANSWERED', answer: 'SICK' }, 'SHOULD_BE_AT_SCHOOL')).toBe(true);
    expect(mayAnswer({ status: 'CLOSED', answer: 'SICK' }, 'SHOULD_BE_AT_SCHOOL')).toBe(false);
    expect(mayAnswer({ status: 'CANCELLED', answer: null }, 'SICK')).toBe(false);
  });
});
