/** Words and counts of an import. */
import { m } from '#lib/i18n/generated/messages.js';
import type { Batch, RowKind } from './types.ts';

const STATUS: Record<Batch['status'], () => string> = {
  CHECKING: m.import_checking,
  CHECKED: m.import_checked,
  APPLYING: m.import_applying,
  APPLIED: m.import_applied,
  FAILED: m.import_failed,
};

export function statusOf(batch: Batch): string {
  return STATUS[batch.status]();
}

export function toneOf({ status }: Batch): 'plain' | 'brand' | 'good' | 'bad' {
  if (status === 'APPLIED') return 'good';
  if (status === 'FAILED') return 'bad';
  return status === 'CHECKED' ? 'brand' : 'plain';
}

export const works = ({ status }: Batch): boolean => status === 'CHECKING' || status === 'APPLYING';

/** What would be written. */
export const writes = ({ newCount, changedCount, movedCount }: Batch): number => newCount + changedCount + movedCount;

/** The heaps of lines, in the order in which they need to be looked at; empty ones are left out. */
export function heaps(batch: Batch): { kind: RowKind; label: string; count: number }[] {
  const all: { kind: RowKind; label: string; count: number }[] = [
    { kind: 'BROKEN', label: m.import_kind_broken(), count: batch.brokenCount },
    { kind: 'SUGGESTED', label: m.import_kind_suggested(), count: batch.suggestedCount },
    { kind: 'NEW', label: m.import_kind_new(), count: batch.newCount },
    { kind: 'CHANGED', label: m.import_kind_changed(), count: batch.changedCount },
    { kind: 'MOVED', label: m.import_kind_moved(), count: batch.movedCount },
  ];
  return all.filter(({ count }) => count > 0);
}
