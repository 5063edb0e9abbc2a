/** What has happened to a dossier, as the person who filed it reads it. */
import { m } from '#lib/i18n/generated/messages.js';
import { plainDay } from '../words.ts';
import type { Tone } from '../words.ts';

export type Action =
  | 'FILED'
  | 'ACCEPTED'
  | 'REJECTED'
  | 'SUPPLEMENT_REQUESTED'
  | 'SUPPLEMENTED'
  | 'STARTED'
  | 'HANDED_OVER'
  | 'PAYMENT_REQUESTED'
  | 'PAID'
  | 'EXTENDED'
  | 'WITHDRAWN'
  | 'STOPPED'
  | 'COMPLETED'
  | 'RETURNED'
  | 'REVOKED'
  | 'NOTED';

export interface Happened {
  action: Action;
  at: string;
  office: string;
  dueOn: string | null;
  /** Why, in the office's own words. */
  note?: string;
  /** The name of the step of the work, where the definition has one. */
  step?: string;
}

export interface Line {
  key: string;
  title: string;
  /** What it means for the appointment: "Hẹn trả thứ Sáu 27/11". */
  due: string;
  note: string;
  at: string;
  tone: Tone;
}

const TITLES: Record<Action, (inputs: { office: string }) => string> = {
  FILED: m.services_entry_FILED,
  ACCEPTED: m.services_entry_ACCEPTED,
  REJECTED: m.services_entry_REJECTED,
  SUPPLEMENT_REQUESTED: m.services_entry_SUPPLEMENT_REQUESTED,
  SUPPLEMENTED: m.services_entry_SUPPLEMENTED,
  STARTED: m.services_entry_STARTED,
  HANDED_OVER: m.services_entry_HANDED_OVER,
  PAYMENT_REQUESTED: m.services_entry_PAYMENT_REQUESTED,
  PAID: m.services_entry_PAID,
  EXTENDED: m.services_entry_EXTENDED,
  WITHDRAWN: m.services_entry_WITHDRAWN,
  STOPPED: m.services_entry_STOPPED,
  COMPLETED: m.services_entry_COMPLETED,
  RETURNED: m.services_entry_RETURNED,
  REVOKED: m.services_entry_REVOKED,
  NOTED: m.services_entry_NOTED,
};

const TONES: Partial<Record<Action, Tone>> = {
  REJECTED: 'bad',
  STOPPED: 'bad',
  REVOKED: 'bad',
  SUPPLEMENT_REQUESTED: 'warn',
  PAYMENT_REQUESTED: 'warn',
  EXTENDED: 'warn',
  COMPLETED: 'good',
  RETURNED: 'good',
};

/** Those that set the day of the appointment anew. */
const APPOINTS: readonly Action[] = ['FILED', 'SUPPLEMENTED', 'PAID', 'EXTENDED'];

/** The newest first. What an office notes for itself is no business of this list. */
export function timeline(happened: readonly Happened[], today: string): Line[] {
  return happened
    .filter(({ action }) => action !== 'NOTED')
    .map(({ action, at, office, dueOn, note = '', step = '' }, index) => {
      const handed = action === 'HANDED_OVER' && step !== '';
      return {
        key: `${index}`,
        title: handed ? m.services_entry_step({ step, office }) : TITLES[action]({ office }),
        due: dueOn && APPOINTS.includes(action) ? m.services_entry_due({ day: plainDay(dueOn, today) }) : '',
        note,
        at,
        tone: TONES[action] ?? 'plain',
      };
    })
    .reverse();
}
