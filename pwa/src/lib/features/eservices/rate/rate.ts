/** When an opinion about a finished dossier is still taken. */
import { calendarDay, daysBetween } from '#lib/i18n/days.ts';

export interface Rated {
  satisfaction: 'VERY_SATISFIED' | 'SATISFIED' | 'UNSATISFIED' | null;
  satisfactionNote: string;
  finishedAt: string | null;
}

export function mayRate({ satisfaction, finishedAt }: Rated, days: number, now: Date): boolean {
  if (satisfaction !== null || finishedAt === null) return false;
  return daysBetween(calendarDay(new Date(finishedAt)), calendarDay(now)) <= days;
}
