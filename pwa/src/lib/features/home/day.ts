/**
 * What a card says of a child's day. Pure: the answer may be hours or days old (the phone was offline), so everything
 * is laid against the day and the time of the reader; nothing is said of a session that nobody has recorded.
 */
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { FamilyHomeQuery, HomeLesson } from '#lib/graphql/documents/home_family.ts';
import type { HalfDay } from '#lib/i18n/attendance.ts';

export type Card = ResultOf<typeof FamilyHomeQuery>['parentHome']['children'][number];
export type Mark = Card['marksToday'][number];
export type Lesson = ResultOf<typeof HomeLesson>;

/** "2026-11-23" and "07:05", both as in Vietnam. */
export interface Moment {
  day: string;
  time: string;
}

export interface Presence {
  day: string;
  session: HalfDay;
  /** 0: the whole session. */
  period: number;
  /** null: the session has begun and nothing is recorded. */
  mark: Mark | null;
}

const SESSIONS: readonly HalfDay[] = ['MORNING', 'AFTERNOON'];
const MIDNIGHT = '24:00';

const held = ({ change }: Lesson): boolean => change !== 'CANCELLED';

/** One line per session that has begun, and one per period that went otherwise than its session. */
export function presenceOf(card: Pick<Card, 'marksToday' | 'lessonsToday'>, now: Moment): Presence[] {
  const day = card.marksToday[0]?.day ?? card.lessonsToday[0]?.day;
  if (!day) return [];
  return SESSIONS.flatMap((session) => {
    const marks = card.marksToday.filter((mark) => mark.session === session);
    const whole = marks.find(({ period }) => period === 0);
    const periods = marks
      .filter(({ period, status }) => period > 0 && status !== (whole?.status ?? 'PRESENT'))
      .sort((a, b) => a.period - b.period);
    const starts = card.lessonsToday
      .filter((lesson) => lesson.session === session && held(lesson))
      .map(({ startsAt }) => startsAt ?? MIDNIGHT)
      .sort();
    // A day that has passed without a register is no news; only today something may still come.
    const begun = day === now.day && starts[0] !== undefined && starts[0] <= now.time;
    const lines: Presence[] = periods.map((mark) => ({ day, session, period: mark.period, mark }));
    if (whole) lines.unshift({ day, session, period: 0, mark: whole });
    else if (lines.length === 0 && begun) lines.push({ day, session, period: 0, mark: null });
    return lines;
  });
}

export interface Plan {
  day: string;
  today: boolean;
  /** Some lessons of today lie behind already. */
  begun: boolean;
  /** Those that take place and are not over. */
  lessons: Lesson[];
  /** Those of them, and cancelled ones, that are not as in the timetable. */
  changes: Lesson[];
  startsAt: string | null;
  endsAt: string | null;
}

/** The lessons of today that are left; after the last one those of the next school day. */
export function planOf(card: Pick<Card, 'lessonsToday' | 'lessonsNext'>, now: Moment): Plan | null {
  const all = [...card.lessonsToday, ...card.lessonsNext].filter(
    ({ day, endsAt }) => day > now.day || (day === now.day && (endsAt ?? MIDNIGHT) > now.time),
  );
  // A cancelled last lesson still belongs to today while its time runs.
  const day = all.map((lesson) => lesson.day).sort()[0];
  if (!day) return null;
  const left = all.filter((lesson) => lesson.day === day);
  const lessons = left.filter(held);
  const today = day === now.day;
  const first = lessons[0];
  return {
    day,
    today,
    begun: today && card.lessonsToday.some((lesson) => held(lesson) && (lesson.startsAt ?? MIDNIGHT) <= now.time),
    lessons,
    changes: left.filter(({ change }) => change !== null),
    startsAt: first?.startsAt ?? null,
    endsAt: lessons.at(-1)?.endsAt ?? null,
  };
}

/** The subjects in their order, each once, with how often: "Toán ×2". */
export function subjectsOf(lessons: readonly Lesson[]): { subject: Lesson['subject']; count: number }[] {
  const found: { subject: Lesson['subject']; count: number }[] = [];
  for (const { subject } of lessons) {
    const known = found.find((one) => one.subject.name === subject.name);
    if (known) known.count += 1;
    else found.push({ subject, count: 1 });
  }
  return found;
}
