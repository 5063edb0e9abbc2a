/** Words of a request for leave. */
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { LeaveLine, LeaveRequestFields } from '#lib/graphql/documents/leave.ts';
import { m } from '#lib/i18n/generated/messages.js';

export type Line = ResultOf<typeof LeaveLine>;
export type Request = ResultOf<typeof LeaveRequestFields>;

const STATUS = {
  PENDING: m.leave_status_PENDING,
  APPROVED: m.leave_status_APPROVED,
  REFUSED: m.leave_status_REFUSED,
  WITHDRAWN: m.leave_status_WITHDRAWN,
};
const TONES = { PENDING: 'warn', APPROVED: 'good', REFUSED: 'bad', WITHDRAWN: 'plain' } as const;
const REASONS = { SICK: m.absence_reason_SICK, FAMILY: m.absence_reason_FAMILY, OTHER: m.absence_reason_OTHER };

export const statusOf = ({ status }: Line): string => STATUS[status]();
export const toneOf = ({ status }: Line): 'warn' | 'good' | 'bad' | 'plain' => TONES[status];
export const reasonOf = ({ reason }: Line): string => REASONS[reason]();
