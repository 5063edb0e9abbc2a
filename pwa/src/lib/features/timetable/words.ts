/** How lessons, their changes and events are said. */
import { m } from '#lib/i18n/generated/messages.js';
import type { CalendarEvent, ChangeKind, HalfDay, Lesson, Parity } from './types.ts';

export const SESSION_WORDS: Record<HalfDay, () => string> = {
  MORNING: m.timetable_morning,
  AFTERNOON: m.timetable_afternoon,
};

export const PARITY_WORDS: Record<Parity, () => string> = {
  EVERY: m.timetable_every_week,
  ODD: m.timetable_odd_week,
  EVEN: m.timetable_even_week,
};

export const EVENT_WORDS: Record<CalendarEvent['kind'], () => string> = {
  TEST: m.timetable_event_test,
  DUE: m.timetable_event_due,
  EVENT: m.timetable_event_other,
};

const WEEKDAYS = [
  m.timetable_weekday_1,
  m.timetable_weekday_2,
  m.timetable_weekday_3,
  m.timetable_weekday_4,
  m.timetable_weekday_5,
  m.timetable_weekday_6,
  m.timetable_weekday_7,
];
const SHORT = [
  m.timetable_short_1,
  m.timetable_short_2,
  m.timetable_short_3,
  m.timetable_short_4,
  m.timetable_short_5,
  m.timetable_short_6,
  m.timetable_short_7,
];

/** "thứ Hai" for 1, "Chủ Nhật" for 7. */
export function weekdayWords(weekday: number): string {
  return WEEKDAYS[weekday - 1]?.() ?? '';
}

/** "T2" for 1. */
export function shortWeekdayWords(weekday: number): string {
  return SHORT[weekday - 1]?.() ?? '';
}

/** What became of a lesson, for `viewer`; empty when it is as planned. */
export function changeWords(lesson: Lesson, viewer: string | undefined): string {
  const { change, teacher, regularTeacher, room, regularRoom } = lesson;
  const moved = room && room.id !== regularRoom?.id ? m.timetable_change_room({ room: room.name }) : '';
  switch (change) {
    case 'CANCELLED':
      return m.timetable_change_cancelled();
    case 'ADDED':
      return m.timetable_change_added();
    case 'SUBSTITUTED':
      return [substitution(teacher, regularTeacher, viewer), moved].filter(Boolean).join(' · ');
    case 'ROOM_CHANGED':
      return moved || m.timetable_change_room_gone();
    case null:
      return '';
  }
}

function substitution(
  teacher: Lesson['teacher'],
  regular: Lesson['regularTeacher'],
  viewer: string | undefined,
): string {
  if (teacher.id === viewer) return m.timetable_change_by_you({ name: regular.fullName });
  if (regular.id === viewer) return m.timetable_change_for_you({ name: teacher.fullName });
  return m.timetable_change_substituted({ name: teacher.fullName });
}

export const CHANGE_CHOICES: Record<Exclude<ChangeKind, 'ADDED'>, () => string> = {
  SUBSTITUTED: m.timetable_change_choose_teacher,
  CANCELLED: m.timetable_change_choose_cancel,
  ROOM_CHANGED: m.timetable_change_choose_room,
};
