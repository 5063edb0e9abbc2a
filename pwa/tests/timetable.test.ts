import { describe, expect, it } from 'vitest';

import { addDays, mondayOf } from '../src/lib/i18n/days.ts';
import type { Lesson, SchoolDay } from '../src/lib/features/timetable/types.ts';
import {
  at,
  clockOf,
  columnsOf,
  daysOfWeek,
  sessionsOf,
  shortName,
  slotsOf,
  swiped,
  whenOf,
} from '../src/lib/features/timetable/week.ts';

function lesson(day: string, session: Lesson['session'], period: number): Lesson {
  return { id: `${day}${session}${period}`, day, session, period } as Lesson;
}
const school = (day: string, teaches: boolean, holiday: string | null = null): SchoolDay =>
  ({ id: day, day, teaches, holiday, week: 1, odd: true }) as SchoolDay;

describe('weeks', () => {
  it('begin on Monday, across months and years', () => {
    expect(mondayOf('2026-11-22')).toBe('2026-11-16');
    expect(mondayOf('2026-11-23')).toBe('2026-11-23');
    expect(mondayOf('2027-01-01')).toBe('2026-12-28');
    expect(daysOfWeek('2026-11-25')).toEqual([0, 1, 2, 3, 4, 5, 6].map((more) => addDays('2026-11-23', more)));
  });

  it('show Sunday only when something is on it', () => {
    const days = daysOfWeek('2026-11-23');
    expect(columnsOf(days, [], [])).toHaveLength(6);
    expect(columnsOf(days, [lesson('2026-11-29', 'MORNING', 1)], [])).toHaveLength(7);
    expect(columnsOf(days, [], [school('2026-11-29', false)])).toHaveLength(6);
    expect(columnsOf(days, [], [school('2026-11-29', true)])).toHaveLength(7);
    expect(columnsOf(days, [], [school('2026-11-29', false, 'Tết')])).toHaveLength(7);
  });
});

describe('lessons', () => {
  const some = [
    lesson('2026-11-23', 'AFTERNOON', 2),
    lesson('2026-11-23', 'MORNING', 3),
    lesson('2026-11-23', 'MORNING', 1),
    lesson('2026-11-24', 'MORNING', 1),
  ];

  it('fill the rows up to the last used period of each session', () => {
    expect(slotsOf(some).map(({ session, period }) => `${session[0]}${period}`)).toEqual([
      'M1',
      'M2',
      'M3',
      'A1',
      'A2',
    ]);
    expect(slotsOf([])).toEqual([]);
  });

  it('stand by session in order', () => {
    const parts = sessionsOf(some.filter(({ day }) => day === '2026-11-23'));
    expect(parts.map(({ session, lessons }) => [session, lessons.map(({ period }) => period)])).toEqual([
      ['MORNING', [1, 3]],
      ['AFTERNOON', [2]],
    ]);
  });

  it('are found by day and slot', () => {
    expect(at(some, '2026-11-24', { session: 'MORNING', period: 1 })).toHaveLength(1);
    expect(at(some, '2026-11-24', { session: 'MORNING', period: 2 })).toHaveLength(0);
  });

  it('are over, going on or ahead', () => {
    const bells = { startsAt: '07:00', endsAt: '07:45' };
    expect(['06:59', '07:00', '07:44', '07:45'].map((clock) => whenOf(bells, clock))).toEqual([
      'ahead',
      'now',
      'now',
      'over',
    ]);
    expect(whenOf({ startsAt: null, endsAt: null }, '12:00')).toBe('ahead');
  });
});

it('reads times as people type them', () => {
  for (const typed of ['7h30', '730', '7:30', '07.30', '0730', ' 7g30 ']) expect(clockOf(typed)).toBe('07:30');
  expect(clockOf('13')).toBe('13:00');
  for (const wrong of ['25:00', '7:65', 'sáng', '']) expect(clockOf(wrong)).toBe(wrong);
});

it('turns the day when the finger goes sideways', () => {
  expect(swiped(-80, 10)).toBe(1);
  expect(swiped(80, 10)).toBe(-1);
  expect(swiped(40, 0)).toBe(0);
  expect(swiped(80, 60)).toBe(0);
});

it('shortens long names of subjects and leaves short ones', () => {
  const names: Record<string, string> = {
    Toán: 'Toán',
    'Ngữ văn': 'Ngữ văn',
    'Khoa học tự nhiên': 'KHTN',
    'Lịch sử và Địa lí': 'LSĐL',
    'Nghệ thuật (Âm nhạc)': 'Âm nhạc',
    'Hoạt động trải nghiệm, hướng nghiệp': 'HĐTN',
    'Nội dung giáo dục của địa phương': 'GDĐP',
    'Giáo dục kinh tế và pháp luật': 'KTPL',
    'Ngoại ngữ 1': 'NN1',
  };
  for (const [name, short] of Object.entries(names)) expect(shortName(name)).toBe(short);
});
