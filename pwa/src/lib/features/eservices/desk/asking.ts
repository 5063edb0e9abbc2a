/** What the sheet of an action asks for and says, action by action. */
import { m } from '#lib/i18n/generated/messages.js';
import type { Action } from './allowed.ts';

export interface Asking {
  /** What will happen, said before it does. */
  consequence: (about: { name: string; next: string }) => string;
  /** The text to be given; none when it is not asked. */
  words?: { label: () => string; hint?: () => string; required: boolean; most: number };
  number?: { label: () => string };
  person?: true;
  /** What the result needs is asked as well. */
  result?: true;
  danger?: true;
  done: () => string;
}

const note = { label: m.desk_note, required: false, most: 500 };
const reason = { label: m.desk_reason, hint: m.desk_reason_hint, required: true, most: 1000 };

export const ASKING: Record<Exclude<Action, 'supplement'>, Asking> = {
  acceptStart: { consequence: m.desk_will_accept_start, words: note, done: m.desk_done_accept },
  accept: { consequence: m.desk_will_accept, words: note, done: m.desk_done_accept },
  start: { consequence: m.desk_will_start, done: m.desk_done_start },
  advance: { consequence: m.desk_will_advance, words: note, done: m.desk_done_advance },
  complete: {
    consequence: m.desk_will_complete,
    words: { label: m.desk_result_note, hint: m.desk_result_note_hint, required: false, most: 2000 },
    result: true,
    done: m.desk_done_complete,
  },
  giveBack: { consequence: m.desk_will_give_back, done: m.desk_done_give_back },
  requirePayment: {
    consequence: m.desk_will_require_payment,
    words: note,
    number: { label: m.desk_fee },
    done: m.desk_done_require_payment,
  },
  confirmPayment: {
    consequence: m.desk_will_confirm_payment,
    words: { label: m.desk_receipt, required: true, most: 60 },
    done: m.desk_done_confirm_payment,
  },
  extend: {
    consequence: m.desk_will_extend,
    words: { ...reason, hint: m.desk_extend_hint },
    number: { label: m.desk_extend_days },
    done: m.desk_done_extend,
  },
  handOver: { consequence: m.desk_will_hand_over, words: note, person: true, done: m.desk_done_hand_over },
  note: {
    consequence: m.desk_will_note,
    words: { label: m.desk_note_text, required: true, most: 1000 },
    done: m.desk_done_note,
  },
  reject: { consequence: m.desk_will_reject, words: reason, danger: true, done: m.desk_done_reject },
  revoke: { consequence: m.desk_will_revoke, words: reason, danger: true, done: m.desk_done_revoke },
  stop: { consequence: m.desk_will_stop, words: reason, danger: true, done: m.desk_done_stop },
};
