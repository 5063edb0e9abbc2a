/** Words of the desk: time left, actions, lines of the history. */
import { m } from '#lib/i18n/generated/messages.js';
import { statusWords as told } from '../words.ts';
import type { Action } from './allowed.ts';
import type { Group } from './filter.ts';
import type { Entry, QueueRow, Urgency } from './types.ts';

export type Tone = 'plain' | 'brand' | 'good' | 'warn' | 'bad';

/** The state as the office says it: the citizen is somebody else here. */
export function stateWords(status: QueueRow['dossier']['status']): string {
  if (status === 'SUPPLEMENT_REQUESTED') return m.desk_waits_supplement();
  return status === 'PAYMENT_REQUIRED' ? m.desk_waits_payment() : told(status);
}

const URGENCY_TONES: Record<Urgency, Tone> = {
  OVERDUE: 'bad',
  TODAY: 'warn',
  SOON: 'warn',
  CALM: 'good',
  WAITING: 'plain',
  DONE: 'plain',
};

export const urgencyTone = ({ urgency }: Pick<QueueRow, 'urgency'>): Tone => URGENCY_TONES[urgency];

/** "Trễ 2 ngày", "Hôm nay", "Còn 3 ngày", "Chờ bổ sung": the words carry the meaning, the colour only repeats it. */
export function timeLeft(
  row: Pick<QueueRow, 'urgency' | 'workingDaysLeft'> & { dossier: Pick<QueueRow['dossier'], 'status'> },
): string {
  const { urgency, workingDaysLeft: days, dossier } = row;
  switch (urgency) {
    case 'OVERDUE':
      return days === null || days === 0 ? m.desk_overdue() : m.desk_late({ count: Math.abs(days) });
    case 'TODAY':
      return m.desk_due_today();
    case 'SOON':
    case 'CALM':
      return days === null ? stateWords(dossier.status) : m.desk_left({ count: days });
    case 'WAITING':
      return stateWords(dossier.status);
    default:
      return stateWords(dossier.status);
  }
}

const GROUP_WORDS: Record<Group, () => string> = {
  open: m.desk_group_open,
  new: m.desk_group_new,
  working: m.desk_group_working,
  waiting: m.desk_group_waiting,
  toGive: m.desk_group_to_give,
  done: m.desk_group_done,
};

/** "Đã xong", "Đã xong (3)". */
export function groupWords(group: Group, count?: number): string {
  const name = GROUP_WORDS[group]();
  return count === undefined ? name : m.desk_group_count({ name, count });
}

const ACTIONS: Record<Action, () => string> = {
  acceptStart: m.desk_do_accept_start,
  accept: m.desk_do_accept,
  start: m.desk_do_start,
  advance: m.desk_do_advance,
  complete: m.desk_do_complete,
  giveBack: m.desk_do_give_back,
  supplement: m.desk_do_supplement,
  requirePayment: m.desk_do_require_payment,
  confirmPayment: m.desk_do_confirm_payment,
  extend: m.desk_do_extend,
  handOver: m.desk_do_hand_over,
  note: m.desk_do_note,
  reject: m.desk_do_reject,
  stop: m.desk_do_stop,
  revoke: m.desk_do_revoke,
};
export const actionWords = (action: Action): string => ACTIONS[action]();

const ENTRIES: Record<Entry['action'], () => string> = {
  FILED: m.desk_entry_FILED,
  ACCEPTED: m.desk_entry_ACCEPTED,
  REJECTED: m.desk_entry_REJECTED,
  SUPPLEMENT_REQUESTED: m.desk_entry_SUPPLEMENT_REQUESTED,
  SUPPLEMENTED: m.desk_entry_SUPPLEMENTED,
  STARTED: m.desk_entry_STARTED,
  HANDED_OVER: m.desk_entry_HANDED_OVER,
  PAYMENT_REQUESTED: m.desk_entry_PAYMENT_REQUESTED,
  PAID: m.desk_entry_PAID,
  EXTENDED: m.desk_entry_EXTENDED,
  WITHDRAWN: m.desk_entry_WITHDRAWN,
  STOPPED: m.desk_entry_STOPPED,
  COMPLETED: m.desk_entry_COMPLETED,
  RETURNED: m.desk_entry_RETURNED,
  REVOKED: m.desk_entry_REVOKED,
  NOTED: m.desk_entry_NOTED,
};
export const entryWords = ({ action }: Pick<Entry, 'action'>): string => ENTRIES[action]();

export const CHANNELS = { COUNTER: m.desk_channel_COUNTER, ONLINE: m.desk_channel_ONLINE };
export const SATISFACTION = {
  VERY_SATISFIED: m.desk_rated_VERY_SATISFIED,
  SATISFIED: m.desk_rated_SATISFIED,
  UNSATISFIED: m.desk_rated_UNSATISFIED,
};
