/** How the class register is said. */
import { m } from '#lib/i18n/generated/messages.js';
import type { LoggedLesson, Rating, RemarkKind } from './log.ts';

export const RATING_WORDS: Record<Rating, () => string> = {
  A: m.lesson_log_rating_a,
  B: m.lesson_log_rating_b,
  C: m.lesson_log_rating_c,
  D: m.lesson_log_rating_d,
};

export const KIND_WORDS: Record<RemarkKind, () => string> = {
  PRAISE: m.lesson_log_praise,
  CONCERN: m.lesson_log_concern,
};

/** "Sáng, tiết 2". */
export function placeWords({ session, period }: Pick<LoggedLesson, 'session' | 'period'>): string {
  return session === 'MORNING' ? m.lesson_log_place_morning({ period }) : m.lesson_log_place_afternoon({ period });
}
