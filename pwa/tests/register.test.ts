import { describe, expect, it } from 'vitest';

import { boards } from '../src/lib/features/attendance/board.ts';
import type { ClassDay } from '../src/lib/features/attendance/board.ts';
import { chosen, count, lines, standing, stepped, toggled, toSend } from '../src/lib/features/attendance/decide.ts';
import type { Edit, Pupil } from '../src/lib/features/attendance/decide.ts';
import { elapsed } from '../src/lib/features/attendance/alerts.ts';
import { given, pathOf, pick, placeFrom } from '../src/lib/features/attendance/tasks.ts';
import type { OwnLesson } from '../src/lib/features/attendance/tasks.ts';
import type { Operation, Queued } from '../src/lib/offline/queue.ts';

const PLACE = { classGroup: '7a1', day: '2026-11-23', session: 'MORNING', period: 0 } as const;
const teacher = { id: 'ha', fullName: 'Phạm Thị Hà' };

function pupil(id: string, change: Partial<Pupil> = {}): Pupil {
  return { id, studentId: id, student: { id, fullName: id }, mark: null, excused: false, ...change };
}

function mark(status: NonNullable<Pupil['mark']>['status'], change: Partial<NonNullable<Pupil['mark']>> = {}) {
  const recordedAt = '2026-11-23T00:08:00Z';
  return { id: 'm', status, minutes: null, explicit: true, recordedAt, recordedBy: teacher, ...change };
}

function queued(student: string, change: Partial<Operation> = {}, refused: string | null = null): Queued {
  const operation = {
    id: `${student}-1`,
    student,
    status: 'PRESENT' as const,
    minutes: null,
    explicit: false,
    decidedAt: '2026-11-23T00:10:00Z',
    ...change,
  };
  return { place: PLACE, operation, refused };
}

const edit = (status: Edit['status'], minutes: number | null = null): Edit => ({ status, minutes, at: 'T' });

function ids(): () => string {
  let last = 0;
  return () => String(++last);
}

describe('how a pupil stands', () => {
  it('is present on the screen only, unless leave or the half-day says otherwise', () => {
    expect(standing(pupil('lan'), [])).toEqual({ status: 'PRESENT', minutes: null, from: 'assumed' });
    expect(standing(pupil('lan', { excused: true }), [])).toMatchObject({ status: 'EXCUSED', from: 'assumed' });
    const away = pupil('lan', { sessionMark: { id: 's', status: 'UNEXCUSED' } });
    expect(standing(away, [])).toMatchObject({ status: 'UNEXCUSED', from: 'assumed' });
  });

  it('is what is saved, never the default', () => {
    expect(standing(pupil('lan', { mark: mark('LATE', { minutes: 15 }), excused: true }), [])).toEqual({
      status: 'LATE',
      minutes: 15,
      from: 'recorded',
    });
  });

  it('is what waits, the last decision of several, and a default never over a decision', () => {
    const two = [
      queued('lan', { id: 'b', status: 'PRESENT', explicit: true, decidedAt: '2026-11-23T00:30:00Z' }),
      queued('lan', { id: 'a', status: 'UNEXCUSED', explicit: true }),
      queued('lan', { id: 'c', status: 'PRESENT', explicit: false, decidedAt: '2026-11-23T00:40:00Z' }),
    ];
    expect(standing(pupil('lan'), two)).toMatchObject({ status: 'PRESENT', from: 'waiting' });
    expect(standing(pupil('lan', { mark: mark('UNEXCUSED') }), [queued('lan')])).toMatchObject({
      status: 'UNEXCUSED',
      from: 'waiting',
    });
    expect(standing(pupil('lan'), [queued('lan', {}, 'Lớp khác')])).toMatchObject({ from: 'assumed' });
  });

  it('is excused where there is leave, whoever taps', () => {
    const waits = [queued('lan', { status: 'UNEXCUSED', explicit: true })];
    expect(standing(pupil('lan', { excused: true }), waits)).toMatchObject({ status: 'EXCUSED' });
  });
});

describe('a tap', () => {
  it('makes absent, and a second one undoes it', () => {
    const lan = pupil('lan');
    const stands = standing(lan, []);
    const away = toggled(lan, stands, stands);
    expect(away).toEqual({ status: 'UNEXCUSED', minutes: null });
    expect(toggled(lan, stands, away!)).toBeUndefined();
  });

  it('on a pupil with leave says that she is there after all', () => {
    const lan = pupil('lan', { excused: true });
    const stands = standing(lan, []);
    expect(toggled(lan, stands, stands)).toEqual({ status: 'PRESENT', minutes: null });
    expect(toggled(lan, stands, { status: 'PRESENT', minutes: null })).toBeUndefined();
  });

  it('on a kind chooses it, ten minutes to begin with, five at a time, within 5 and 300', () => {
    const stands = standing(pupil('lan'), []);
    const late = chosen(stands, 'LATE');
    expect(late).toEqual({ status: 'LATE', minutes: 10 });
    expect(stepped(late!, 5).minutes).toBe(15);
    expect(stepped({ status: 'LATE', minutes: 5 }, -5).minutes).toBe(5);
    expect(stepped({ status: 'LATE', minutes: 300 }, 5).minutes).toBe(300);
    expect(chosen(standing(pupil('lan', { mark: mark('EXCUSED') }), []), 'EXCUSED')).toBeUndefined();
  });
});

describe('what is sent', () => {
  it('is everybody the first time: taps as decisions, the rest as defaults', () => {
    const all = lines(
      [pupil('an'), pupil('binh', { excused: true }), pupil('chi')],
      [],
      new Map([['chi', edit('LATE', 10)]]),
    );
    expect(toSend(all, ids(), 'N')).toEqual([
      { id: '1', student: 'an', status: 'PRESENT', minutes: null, explicit: false, decidedAt: 'N' },
      { id: '2', student: 'binh', status: 'EXCUSED', minutes: null, explicit: false, decidedAt: 'N' },
      { id: '3', student: 'chi', status: 'LATE', minutes: 10, explicit: true, decidedAt: 'T' },
    ]);
    expect(count(all)).toMatchObject({ total: 3, absent: 1, late: 1, edited: 1, assumed: 3, waiting: 0 });
  });

  it('is only what changed the next time, and what nobody has recorded', () => {
    const saved = { mark: mark('PRESENT') };
    const all = lines(
      [pupil('an', saved), pupil('binh', saved), pupil('moi')],
      [],
      new Map([['binh', edit('UNEXCUSED')]]),
    );
    expect(toSend(all, ids(), 'N').map(({ student, explicit }) => [student, explicit])).toEqual([
      ['binh', true],
      ['moi', false],
    ]);
  });

  it('is nothing twice: not what waits, not what the server refused', () => {
    const all = lines([pupil('an'), pupil('binh')], [queued('an'), queued('binh', {}, 'Lớp khác')], new Map());
    expect(toSend(all, ids(), 'N')).toEqual([]);
    expect(count(all)).toMatchObject({ waiting: 1, refused: 1 });
  });

  it('never assumes an absence: who was away for the half-day is sent as a decision', () => {
    const all = lines([pupil('an', { sessionMark: { id: 's', status: 'UNEXCUSED' } })], [], new Map());
    expect(toSend(all, ids(), 'N')).toMatchObject([{ status: 'UNEXCUSED', explicit: true }]);
  });
});

describe('the class of now', () => {
  const register = { id: 'r', takenAt: 'T', takenBy: teacher };
  const task = (name: string, startsAt: string, endsAt: string, change: { mine?: boolean; done?: boolean } = {}) => ({
    classGroup: { id: name, name },
    session: 'MORNING' as const,
    period: 0,
    startsAt,
    endsAt,
    mine: change.mine ?? true,
    register: change.done ? register : null,
  });
  const lesson = (name: string, period: number, startsAt: string, endsAt: string): OwnLesson => ({
    id: name,
    classGroup: { id: name },
    session: 'MORNING',
    period,
    startsAt,
    endsAt,
    change: null,
    teacher: { id: 'ha' },
  });

  it('is the one she teaches, or will in a quarter of an hour, though others may take it too', () => {
    const [first, second] = [task('7A1', '07:00', '11:20'), task('7A2', '07:00', '11:20', { mine: false })];
    const lessons = [lesson('7A1', 1, '07:00', '07:45'), lesson('7A2', 2, '07:50', '08:35')];
    expect(pick([first, second], lessons, '06:46')).toBe(first);
    expect(pick([first, second], lessons, '07:44')).toBe(first);
    expect(pick([first, second], lessons, '07:45')).toBe(second);
    const third = { ...second, period: 2 };
    expect(pick([first, second, third], lessons, '08:00')).toBe(third);
  });

  it('is never a lesson that is cancelled or given to somebody else', () => {
    const lessons = [
      { ...lesson('7A1', 1, '07:00', '07:45'), change: 'CANCELLED' as const },
      { ...lesson('7A2', 1, '07:00', '07:45'), change: 'SUBSTITUTED' as const, teacher: { id: 'minh' } },
      { ...lesson('7A3', 1, '07:00', '07:45'), change: 'SUBSTITUTED' as const },
    ];
    expect(given(lessons, 'ha').map(({ id }) => id)).toEqual(['7A3']);
  });

  it('is else the last that is missing, the next, one that is done, one she may take too', () => {
    const [first, second, third] = [
      task('a', '07:00', '07:45'),
      task('b', '08:00', '08:45'),
      task('c', '13:00', '13:45'),
    ];
    expect(pick([first, second, third], [], '09:30')).toBe(second);
    expect(pick([third], [], '06:00')).toBe(third);
    const done = task('d', '07:00', '07:45', { done: true });
    const other = task('e', '07:00', '07:45', { mine: false });
    expect(pick([done, other], [], '10:00')).toBe(done);
    expect(pick([other], [], '10:00')).toBe(other);
    expect(pick([], [], '10:00')).toBeUndefined();
  });

  it('has an address that says all of it', () => {
    const place = { ...PLACE, period: 3 };
    const url = new URL(pathOf(place), 'https://x');
    expect(placeFrom('7a1', url.searchParams, new Date())).toEqual(place);
    const noon = new Date('2026-11-23T05:30:00Z');
    expect(placeFrom('7a1', new URLSearchParams('day=x&session=NIGHT&period=-1'), noon)).toEqual({
      ...PLACE,
      session: 'AFTERNOON',
    });
  });
});

describe('the leader’s board', () => {
  const day = (name: string, change: Partial<ClassDay>): ClassDay => ({
    id: name,
    classGroup: { id: name, name, grade: 7 },
    session: 'MORNING',
    register: null,
    studentCount: 40,
    excused: 0,
    unexcused: 0,
    late: 0,
    startsAt: '07:00',
    ...change,
  });

  it('tells missing from not yet begun, and counts only what was taken', () => {
    const taken = { register: { id: 'r', takenAt: 'T', takenBy: teacher }, excused: 1, unexcused: 2 };
    const [morning, afternoon] = boards(
      [day('7A10', taken), day('7A2', {}), day('6A1', { session: 'AFTERNOON', startsAt: '13:00' })],
      '07:20',
    );
    expect(morning).toMatchObject({ studentCount: 40, excused: 1, unexcused: 2 });
    expect(morning!.missing.map(({ id }) => id)).toEqual(['7A2']);
    expect(afternoon!.later.map(({ id }) => id)).toEqual(['6A1']);
  });
});

it('a search is timed in minutes and seconds', () => {
  expect(elapsed('2026-11-23T00:10:00Z', new Date('2026-11-23T00:22:05Z'))).toBe('12:05');
  expect(elapsed('2026-11-23T00:10:00Z', new Date('2026-11-23T01:10:00Z'))).toBe('1:00:00');
  expect(elapsed('2026-11-23T00:10:00Z', new Date('2026-11-23T00:09:00Z'))).toBe('00:00');
});
