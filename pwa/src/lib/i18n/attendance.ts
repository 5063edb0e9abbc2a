/** How half-days, spans of leave and what was recorded of a pupil are written. */
import { addDays, weekdayDate } from './days.ts';
import type { Language } from './format.ts';
import { m } from './generated/messages.js';

export type HalfDay = 'MORNING' | 'AFTERNOON';
export type AttendanceStatus = 'PRESENT' | 'EXCUSED' | 'UNEXCUSED' | 'LATE' | 'LEFT_EARLY';

type Part = HalfDay | 'DAY';

const NAMES = { MORNING: m.absence_session_MORNING, AFTERNOON: m.absence_session_AFTERNOON };
const TODAY = { MORNING: m.absence_today_MORNING, AFTERNOON: m.absence_today_AFTERNOON, DAY: m.absence_today_DAY };
const TOMORROW = {
  MORNING: m.absence_tomorrow_MORNING,
  AFTERNOON: m.absence_tomorrow_AFTERNOON,
  DAY: m.absence_tomorrow_DAY,
};
const ON = { MORNING: m.absence_on_MORNING, AFTERNOON: m.absence_on_AFTERNOON, DAY: m.absence_on_DAY };

/** "buổi sáng". */
export function sessionName(session: HalfDay): string {
  return NAMES[session]();
}

/** "sáng nay", "cả ngày mai", "chiều thứ Hai 23/11". Without `today` always the date. */
export function partOfDay(day: string, part: Part, today: string | null, language: Language): string {
  if (day === today) return TODAY[part]();
  if (today !== null && day === addDays(today, 1)) return TOMORROW[part]();
  return ON[part]({ day: weekdayDate(day, language) });
}

export interface Span {
  startsOn: string;
  startsSession: HalfDay;
  endsOn: string;
  endsSession: HalfDay;
}

/** "sáng mai", "cả ngày thứ Hai 23/11", "từ sáng mai đến chiều thứ Tư 25/11". Without `today` always the dates. */
export function spanWords(span: Span, today: string | null, language: Language): string {
  const { startsOn, startsSession, endsOn, endsSession } = span;
  if (startsOn !== endsOn)
    return m.absence_from_to({
      from: partOfDay(startsOn, startsSession, today, language),
      to: partOfDay(endsOn, endsSession, today, language),
    });
  return partOfDay(startsOn, startsSession === endsSession ? startsSession : 'DAY', today, language);
}

/** "Có mặt", "Vắng không phép", "Đi muộn 10 phút". */
export function statusWords({ status, minutes }: { status: AttendanceStatus; minutes: number | null }): string {
  switch (status) {
    case 'PRESENT':
      return m.absence_status_PRESENT();
    case 'EXCUSED':
      return m.absence_status_EXCUSED();
    case 'UNEXCUSED':
      return m.absence_status_UNEXCUSED();
    case 'LATE':
      return minutes === null ? m.absence_status_LATE() : m.absence_status_LATE_minutes({ minutes });
    case 'LEFT_EARLY':
      return minutes === null ? m.absence_status_LEFT_EARLY() : m.absence_status_LEFT_EARLY_minutes({ minutes });
  }
}
