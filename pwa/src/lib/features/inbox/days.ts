/** Rows under the calendar day they belong to. */
import { capital, nearDate } from '#lib/i18n/format.ts';
import type { Language } from '#lib/i18n/format.ts';

export interface Day<Row> {
  title: string;
  rows: Row[];
}

/** Keeps the order of the rows: newest first stays newest first. */
export function byDay<Row extends { createdAt: string }>(
  rows: readonly Row[],
  now: Date,
  language: Language,
): Day<Row>[] {
  const days: Day<Row>[] = [];
  for (const row of rows) {
    const title = capital(nearDate(row.createdAt, now, language));
    const last = days.at(-1);
    if (last?.title === title) last.rows.push(row);
    else days.push({ title, rows: [row] });
  }
  return days;
}
