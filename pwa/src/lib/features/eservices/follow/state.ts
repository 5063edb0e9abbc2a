/** Where a dossier is now, in words: who has it, until when, and what is waited for. */
import { m } from '#lib/i18n/generated/messages.js';
import { calendarDay } from '#lib/i18n/days.ts';
import { workingDaysBetween } from '../days.ts';
import type { OfficeDay } from '../days.ts';
import { dayWords, isRunning, moneyWords } from '../words.ts';
import type { Status } from '../words.ts';

export interface Followed {
  status: Status;
  office: string;
  dueOn: string | null;
  overdue: boolean;
  finishedAt?: string | null;
  onTime?: boolean | null;
  fee?: number;
  /** The request that waits for an answer: how many items, until which day. */
  asked?: { count?: number; answerBy: string } | undefined;
}

/** "Trường THCS Tiên Phong đang giữ hồ sơ", "Chờ bạn bổ sung 2 mục đến thứ Sáu 27/11". */
export function holderWords({ status, office, asked, fee = 0 }: Followed, today: string): string {
  switch (status) {
    case 'SUPPLEMENT_REQUESTED':
      return asked?.count
        ? m.services_wait_supplement({ count: asked.count, day: dayWords(asked.answerBy, today) })
        : m.services_wait_supplement_some();
    case 'PAYMENT_REQUIRED':
      return fee > 0 ? m.services_wait_payment({ amount: moneyWords(fee), office }) : m.services_wait_payment_some();
    case 'REJECTED':
      return m.services_was_rejected({ office });
    case 'WITHDRAWN':
      return m.services_was_withdrawn();
    case 'STOPPED':
      return m.services_was_stopped({ office });
    case 'COMPLETED':
      return m.services_was_completed({ office });
    case 'RETURNED':
      return m.services_was_returned({ office });
    default:
      return m.services_held_by({ office });
  }
}

/**
 * "Hẹn trả kết quả thứ Sáu 27/11, còn 4 ngày làm việc", "Trễ hẹn 2 ngày làm việc". Without the holidays
 * (`unusual` null: not read yet, no network) no number is given: it could be wrong.
 */
export function dueWords(dossier: Followed, today: string, unusual: readonly OfficeDay[] | null): string {
  const { status, dueOn, overdue, finishedAt, onTime } = dossier;
  if (!isRunning(status)) {
    if (status === 'SUPPLEMENT_REQUESTED' || status === 'PAYMENT_REQUIRED') return m.services_clock_stands();
    if (!finishedAt || onTime === null || onTime === undefined) return '';
    const day = dayWords(calendarDay(new Date(finishedAt)), today);
    return onTime ? m.services_done_on_time({ day }) : m.services_done_late({ day });
  }
  if (!dueOn) return '';
  const day = dayWords(dueOn, today);
  const count = unusual ? workingDaysBetween(today, dueOn, unusual) : 0;
  if (overdue || dueOn < today)
    return count < 0 ? m.services_late_days({ count: -count, day }) : m.services_late({ day });
  return count > 0 ? m.services_due_left({ day, count }) : m.services_due({ day });
}

/** The short form for a row of a list. */
export function lineWords(dossier: Followed, today: string): string {
  const { status, dueOn, overdue, asked } = dossier;
  if (status === 'SUPPLEMENT_REQUESTED' && asked)
    return m.services_line_until({ day: dayWords(asked.answerBy, today) });
  if (!isRunning(status) || !dueOn) return '';
  const day = dayWords(dueOn, today);
  return overdue || dueOn < today ? m.services_late({ day }) : m.services_due({ day });
}
