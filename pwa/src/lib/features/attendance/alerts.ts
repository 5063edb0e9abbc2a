/** What a staff member sees and may do of an alert. Pure apart from the words. */
import { m } from '#lib/i18n/generated/messages.js';
import type { StaffAlert } from '#lib/graphql/documents/alerts_staff.ts';
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';

export type Alert = ResultOf<typeof StaffAlert>;
export type Outcome = NonNullable<Alert['outcome']>;

export const OUTCOME: Record<Outcome, () => string> = {
  EXCUSED: m.alert_staff_outcome_excused,
  UNEXCUSED: m.alert_staff_outcome_unexcused,
  FOUND_AT_SCHOOL: m.alert_staff_outcome_found,
  WITH_FAMILY: m.alert_staff_outcome_family,
  FOUND_ELSEWHERE: m.alert_staff_outcome_elsewhere,
  POLICE_INFORMED: m.alert_staff_outcome_police,
};

/** How a search may end, the good ends first. */
export const SEARCH_ENDS: Outcome[] = ['FOUND_AT_SCHOOL', 'WITH_FAMILY', 'FOUND_ELSEWHERE', 'POLICE_INFORMED'];

export const isLive = ({ status }: Pick<Alert, 'status'>): boolean =>
  status === 'OPEN' || status === 'ANSWERED' || status === 'SAFETY';

export const TONE = { OPEN: 'warn', ANSWERED: 'brand', SAFETY: 'bad', CLOSED: 'plain', CANCELLED: 'plain' } as const;

/** What the family said; why a child is ill is for the homeroom teacher and the leader, so it may be hidden. */
export function answerWords({ answer, status }: Pick<Alert, 'answer' | 'status'>): string {
  if (answer === 'SICK') return m.alert_staff_sick();
  if (answer === 'FAMILY') return m.alert_staff_family();
  if (answer === 'SHOULD_BE_AT_SCHOOL') return m.alert_staff_should();
  return status === 'ANSWERED' ? m.alert_staff_answered() : m.alert_staff_silent();
}

export function statusWords(alert: Alert): string {
  if (alert.status === 'SAFETY')
    return alert.acknowledgements.length > 0 ? m.alert_staff_searching() : m.alert_staff_nobody_yet();
  if (alert.status === 'CANCELLED') return m.alert_staff_cancelled();
  if (alert.status === 'CLOSED') return alert.outcome ? OUTCOME[alert.outcome]() : m.alert_staff_closed();
  return answerWords(alert);
}

/** "12:05" minutes and seconds since; hours in front once there are any. */
export function elapsed(since: string, now: Date): string {
  const seconds = Math.max(0, Math.floor((now.getTime() - Date.parse(since)) / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}
