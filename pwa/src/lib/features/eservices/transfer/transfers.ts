/** Moving to another school: what goes along, in words. */
import type { TransferFields } from '#lib/graphql/documents/eservices_transfer.ts';
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import { shortDate } from '#lib/i18n/format.ts';
import { m } from '#lib/i18n/generated/messages.js';
import type { Tone } from '../words.ts';

export type Transfer = ResultOf<typeof TransferFields>;

/** What would move, counted when the transfer was proposed. */
export interface Moves {
  studentName?: string;
  birthDate?: string | null;
  className?: string;
  schoolName?: string;
  enrolledOn?: string | null;
  results?: number;
  absences?: number;
  guardians?: number;
}

const STATUS = {
  PROPOSED: m.services_transfer_PROPOSED,
  CONSENTED: m.services_transfer_CONSENTED,
  REFUSED: m.services_transfer_REFUSED,
  DONE: m.services_transfer_DONE,
};
const TONES: Record<Transfer['status'], Tone> = {
  PROPOSED: 'warn',
  CONSENTED: 'brand',
  REFUSED: 'plain',
  DONE: 'good',
};

export const transferWords = ({ status }: Pick<Transfer, 'status'>): string => STATUS[status]();
export const transferTone = ({ status }: Pick<Transfer, 'status'>): Tone => TONES[status];

/** What goes to the other school, line by line; nothing is said of what there is none of. */
export function moveLines(moves: Moves): string[] {
  const { className, enrolledOn, results = 0, absences, guardians = 0 } = moves;
  return [
    m.services_moves_person(),
    ...(className
      ? [
          enrolledOn
            ? m.services_moves_class_since({ name: className, day: shortDate(enrolledOn) })
            : m.services_moves_class({ name: className }),
        ]
      : []),
    ...(results > 0 ? [m.services_moves_results({ count: results })] : []),
    ...(absences === undefined ? [] : [m.services_moves_absences({ count: absences })]),
    ...(guardians > 0 ? [m.services_moves_guardians({ count: guardians })] : []),
  ];
}

/** "ABCD EFGH JKLM": the code as one reads it to the officer. */
export function spacedCode(code: string): string {
  return (code.replace(/[^0-9A-Za-z]/g, '').match(/.{1,4}/g) ?? []).join(' ');
}

/** Whole minutes left, the last one counted as one; 0 once it is over. */
export function minutesLeft(expiresAt: string, now: Date): number {
  return Math.max(0, Math.ceil((Date.parse(expiresAt) - now.getTime()) / 60_000));
}
