import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { HolidayFields, YearFrameFields } from '#lib/graphql/documents/school_calendar.ts';
import type { EventFields, LessonFields, SchoolDayFields } from '#lib/graphql/documents/timetable.ts';
import type { EntryFields, PeriodFields, TimetableFields } from '#lib/graphql/documents/timetable_manage.ts';

export type Lesson = ResultOf<typeof LessonFields>;
export type HalfDay = Lesson['session'];
export type ChangeKind = NonNullable<Lesson['change']>;
export type SchoolDay = ResultOf<typeof SchoolDayFields>;
export type CalendarEvent = ResultOf<typeof EventFields>;
export type Entry = ResultOf<typeof EntryFields>;
export type Parity = Entry['parity'];
export type Period = ResultOf<typeof PeriodFields>;
export type Timetable = ResultOf<typeof TimetableFields>;
export type Holiday = ResultOf<typeof HolidayFields>;
export type YearFrame = ResultOf<typeof YearFrameFields>;

export interface Named {
  id: string;
  name: string;
}

/** Whose lessons are on the screen. `mine`: a teacher's own, substitutions included. */
export type Scope = { kind: 'mine' } | { kind: 'class' | 'teacher' | 'room'; id: string; name?: string };
