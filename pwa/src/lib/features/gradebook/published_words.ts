/** How marks are said. */
import { mark as writeMark } from '#lib/i18n/format.ts';
import { m } from '#lib/i18n/generated/messages.js';
import { getLocale } from '#lib/i18n/generated/runtime.js';

export type ColumnKind = 'ONGOING' | 'MID' | 'END';
export type NoMarkReason = 'EXEMPT' | 'MAKEUP_ALLOWED' | 'MISSING_AS_ZERO';

interface Scored {
  mark: string | null;
  reason: NoMarkReason | null;
}

export const REASON_WORDS: Record<NoMarkReason, () => string> = {
  EXEMPT: m.marks_reason_EXEMPT,
  MAKEUP_ALLOWED: m.marks_reason_MAKEUP_ALLOWED,
  MISSING_AS_ZERO: m.marks_reason_MISSING_AS_ZERO,
};

/** "8,5", or why there is none; empty when nothing was recorded: that is not guessed. */
export function scoreWords({ mark, reason }: Scored): string {
  if (mark !== null) return writeMark(mark, getLocale());
  return reason ? REASON_WORDS[reason]() : '';
}

/** "Thường xuyên 2", "Giữa kì"; a title the teacher gave goes before. */
export function columnWords({ kind, ordinal, title }: { kind: ColumnKind; ordinal: number; title: string }): string {
  if (title) return title;
  if (kind === 'ONGOING') return m.marks_kind_ONGOING({ ordinal });
  return kind === 'MID' ? m.marks_kind_MID() : m.marks_kind_END();
}
