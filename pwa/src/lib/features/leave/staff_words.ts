/** How a span of leave is written for those who decide. */
import { shortDate } from '#lib/i18n/format.ts';
import { m } from '#lib/i18n/generated/messages.js';

export interface Span {
  startsOn: string;
  startsSession: 'MORNING' | 'AFTERNOON';
  endsOn: string;
  endsSession: 'MORNING' | 'AFTERNOON';
}

const SESSION = { MORNING: m.leave_staff_morning, AFTERNOON: m.leave_staff_afternoon } as const;

/** "sáng 23/11/2026", "cả ngày 23/11/2026" or "chiều 23/11/2026 – sáng 25/11/2026". */
export function spanWords({ startsOn, startsSession, endsOn, endsSession }: Span): string {
  const from = m.leave_staff_moment({ session: SESSION[startsSession](), date: shortDate(startsOn) });
  if (startsOn !== endsOn)
    return `${from} – ${m.leave_staff_moment({ session: SESSION[endsSession](), date: shortDate(endsOn) })}`;
  if (startsSession === endsSession) return from;
  return m.leave_staff_whole_day({ date: shortDate(startsOn) });
}
