/**
 * What a register says of each pupil and what has to be sent. Pure. Nothing is recorded before it is sent: a pupil
 * without a saved mark stands as present on the screen only.
 */
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { RegisterQuery } from '#lib/graphql/documents/attendance.ts';
import type { Operation, Queued } from '#lib/offline/queue.ts';
import { weaker } from '#lib/offline/taken.ts';

export type Pupil = ResultOf<typeof RegisterQuery>['registerRows'][number];
export type Status = NonNullable<Pupil['mark']>['status'];

export interface Decision {
  status: Status;
  /** With LATE and LEFT_EARLY. */
  minutes: number | null;
}

/** A tap that is not sent yet; `at` is when it was made, by this device's clock. */
export interface Edit extends Decision {
  at: string;
}

export interface Standing extends Decision {
  /** recorded: the server has it. waiting: sent, still on this device. assumed: nothing is recorded. */
  from: 'recorded' | 'waiting' | 'assumed';
}

export const FIRST_MINUTES = 10;
export const STEP_MINUTES = 5;
const MOST_MINUTES = 300;
const PRESENT: Decision = { status: 'PRESENT', minutes: null };

export const isAbsent = ({ status }: Pick<Decision, 'status'>): boolean =>
  status === 'EXCUSED' || status === 'UNEXCUSED';
export const hasMinutes = (status: Status): boolean => status === 'LATE' || status === 'LEFT_EARLY';
const same = (one: Decision, other: Decision): boolean => one.status === other.status && one.minutes === other.minutes;

/** With leave an absence is excused, whoever records it. */
function withLeave(decision: Decision, pupil: Pupil): Decision {
  return pupil.excused && decision.status === 'UNEXCUSED' ? { status: 'EXCUSED', minutes: null } : decision;
}

/** Before anybody said anything: leave is known, and who is away for the half-day is away in its periods. */
export function assumed(pupil: Pupil): Decision {
  if (pupil.excused) return { status: 'EXCUSED', minutes: null };
  if (pupil.sessionMark && isAbsent(pupil.sessionMark)) return { status: pupil.sessionMark.status, minutes: null };
  return PRESENT;
}

/** As the register stands without the taps of now; of several operations that wait the last decision holds. */
export function standing(pupil: Pupil, queued: readonly Queued[]): Standing {
  const waiting = queued
    .filter(({ refused }) => refused === null)
    .map(({ operation }) => operation)
    .sort(weaker)
    .at(-1);
  const saved = pupil.mark;
  // What nobody touched never takes the place of what somebody decided.
  if (waiting && (waiting.explicit || !saved?.explicit))
    return { ...withLeave({ status: waiting.status, minutes: waiting.minutes ?? null }, pupil), from: 'waiting' };
  if (saved) return { status: saved.status, minutes: saved.minutes, from: waiting ? 'waiting' : 'recorded' };
  return { ...assumed(pupil), from: 'assumed' };
}

/** One tap on the line: there, or away. @returns undefined when that is how the pupil stands anyway. */
export function toggled(pupil: Pupil, stands: Standing, now: Decision): Decision | undefined {
  const away = withLeave({ status: 'UNEXCUSED', minutes: null }, pupil);
  const next = now.status === 'PRESENT' ? away : PRESENT;
  return same(next, stands) ? undefined : next;
}

/** A tap on one of the four kinds. */
export function chosen(stands: Standing, status: Status): Decision | undefined {
  const next: Decision = { status, minutes: hasMinutes(status) ? FIRST_MINUTES : null };
  return same(next, stands) ? undefined : next;
}

export function stepped(decision: Decision, by: number): Decision {
  const minutes = (decision.minutes ?? FIRST_MINUTES) + by;
  return { ...decision, minutes: Math.min(Math.max(minutes, STEP_MINUTES), MOST_MINUTES) };
}

export interface Line {
  pupil: Pupil;
  stands: Standing;
  edit: Edit | undefined;
  /** What the line shows. */
  shown: Decision;
  /** Operations the server did not take. */
  refused: Queued[];
}

export function lines(pupils: readonly Pupil[], queued: readonly Queued[], edits: ReadonlyMap<string, Edit>): Line[] {
  const byPupil = new Map<string, Queued[]>();
  for (const item of queued) {
    const { student } = item.operation;
    byPupil.set(student, [...(byPupil.get(student) ?? []), item]);
  }
  return pupils.map((pupil) => {
    const own = byPupil.get(pupil.studentId) ?? [];
    const stands = standing(pupil, own);
    const edit = edits.get(pupil.studentId);
    return { pupil, stands, edit, shown: edit ?? stands, refused: own.filter(({ refused }) => refused !== null) };
  });
}

/** The taps, and for whoever nothing is recorded yet what stands on the screen. */
export function toSend(all: readonly Line[], newId: () => string, now: string): Operation[] {
  const found: Operation[] = [];
  for (const { pupil, stands, edit, refused } of all) {
    const student = pupil.studentId;
    if (edit) {
      const { status, minutes, at } = edit;
      found.push({ id: newId(), student, status, minutes, explicit: true, decidedAt: at });
    } else if (stands.from === 'assumed' && refused.length === 0) {
      const { status, minutes } = stands;
      // Leave and "there" go without saying; that somebody is away must not.
      const explicit = status === 'UNEXCUSED';
      found.push({ id: newId(), student, status, minutes, explicit, decidedAt: now });
    }
  }
  return found;
}

export interface Counts {
  total: number;
  absent: number;
  late: number;
  /** Taps that are not sent. */
  edited: number;
  /** Pupils of whom nothing is recorded and nothing is on its way. */
  assumed: number;
  /** Pupils of whom something is on its way. */
  waiting: number;
  refused: number;
}

export function count(all: readonly Line[]): Counts {
  const found: Counts = { total: all.length, absent: 0, late: 0, edited: 0, assumed: 0, waiting: 0, refused: 0 };
  for (const { shown, edit, stands, refused } of all) {
    if (isAbsent(shown)) found.absent++;
    if (shown.status === 'LATE') found.late++;
    if (edit) found.edited++;
    if (stands.from === 'assumed') found.assumed++;
    if (stands.from === 'waiting') found.waiting++;
    if (refused.length > 0) found.refused++;
  }
  return found;
}
