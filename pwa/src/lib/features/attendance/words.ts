/** Statuses and half-days in words. */
import BadgeCheck from '@lucide/svelte/icons/badge-check';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock';
import LogOut from '@lucide/svelte/icons/log-out';

import { m } from '#lib/i18n/generated/messages.js';
import type { Decision, Status } from './decide.ts';

/** A shape for each, so that nothing rests on colour. */
export const STATUS = {
  PRESENT: { label: m.attendance_present, short: m.attendance_present, icon: CircleCheck, tone: 'good' },
  EXCUSED: { label: m.attendance_excused, short: m.attendance_excused_short, icon: BadgeCheck, tone: 'brand' },
  UNEXCUSED: { label: m.attendance_unexcused, short: m.attendance_unexcused_short, icon: CircleX, tone: 'bad' },
  LATE: { label: m.attendance_late, short: m.attendance_late, icon: Clock, tone: 'warn' },
  LEFT_EARLY: { label: m.attendance_left_early, short: m.attendance_left_early, icon: LogOut, tone: 'warn' },
} as const;

/** The four that are not simply "there", in the order of the buttons. */
export const EXCEPTIONS: Status[] = ['UNEXCUSED', 'EXCUSED', 'LATE', 'LEFT_EARLY'];

export function statusWords({ status, minutes }: Decision): string {
  if (minutes === null) return STATUS[status].label();
  return m.attendance_with_minutes({ status: STATUS[status].label(), minutes });
}

export const SESSION = { MORNING: m.attendance_morning, AFTERNOON: m.attendance_afternoon } as const;
export type Session = keyof typeof SESSION;

/** "Buổi sáng" or "Tiết 3, buổi sáng". */
export function sessionWords({ session, period }: { session: Session; period?: number | null }): string {
  return period ? m.attendance_period({ period, session: SESSION[session]() }) : SESSION[session]();
}
