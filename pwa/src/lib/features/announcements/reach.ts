import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { SentFields } from '#lib/graphql/documents/announcements_sent.ts';
import { m } from '#lib/i18n/generated/messages.js';

export type Sent = ResultOf<typeof SentFields>;

/** What counts as done: acknowledged where that was asked, else opened. */
export function reached(sent: Sent): number {
  return sent.needsAcknowledgement ? sent.acknowledgedCount : sent.readCount;
}

/** "đã đọc 212/300" */
export function reachWords(sent: Sent): string {
  const words = { done: reached(sent), total: sent.recipientCount };
  return sent.needsAcknowledgement ? m.send_reach_acknowledged(words) : m.send_reach_read(words);
}
