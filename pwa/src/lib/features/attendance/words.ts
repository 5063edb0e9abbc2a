/** Statuses as they stand in the register: short on a button, with a shape for each, so that nothing rests on colour. */
import BadgeCheck from '@lucide/svelte/icons/badge-check';
import CircleCheck from '@lucide/svelte/icons/circle-check';
import CircleX from '@lucide/svelte/icons/circle-x';
import Clock from '@lucide/svelte/icons/clock';
import LogOut from '@lucide/svelte/icons/log-out';

import { sessionName } from '#lib/i18n/attendance.ts';
import type { HalfDay } from '#lib/i18n/attendance.ts';
import { capital } from '#lib/i18n/format.ts';
import { m } from '#lib/i18n/generated/messages.js';
import type { Status } from './decide.ts';

export const STATUS = {
  PRESENT: { short: m.attendance_present, icon: CircleCheck, tone: 'good' },
  EXCUSED: { short: m.attendance_excused, icon: BadgeCheck, tone: 'brand' },
  UNEXCUSED: { short: m.attendance_unexcused, icon: CircleX, tone: 'bad' },
  LATE: { short: m.attendance_late, icon: Clock, tone: 'warn' },
  LEFT_EARLY: { short: m.attendance_left_early, icon: LogOut, tone: 'warn' },
} as const;

/** The four that are not simply "there", in the order of the buttons. */
export const EXCEPTIONS: Status[] = ['UNEXCUSED', 'EXCUSED', 'LATE', 'LEFT_EARLY'];

/** On the chip of a line: with the minutes, else in one word or two. */
export function chipWords({ status, minutes }: { status: Status; minutes: number | null }): string {
  const words = STATUS[status].short();
  return minutes === null ? words : m.attendance_with_minutes({ status: words, minutes });
}

/** "Buổi sáng" or "Tiết 3, buổi sáng". */
export function sessionWords({ session, period }: { session: HalfDay; period?: number | null }): string {
  return period ? m.attendance_period({ period, session: sessionName(session) }) : capital(sessionName(session));
}
