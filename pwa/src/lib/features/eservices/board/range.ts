/** The periods of the board. Days are calendar days of Vietnam. */
import { addDays } from '#lib/i18n/days.ts';

export const RANGES = ['month', 'semester', 'year'] as const;
export type Range = (typeof RANGES)[number];

interface Frame {
  startsOn: string;
  secondSemesterOn: string;
  endsOn: string;
}

export interface Period {
  from: string;
  to: string;
}

/** Where no school year is kept: September to December, January to August. */
function usualSemester(today: string): Period {
  const [year = '', month = ''] = today.split('-');
  return month >= '09'
    ? { from: `${year}-09-01`, to: `${year}-12-31` }
    : { from: `${year}-01-01`, to: `${year}-08-31` };
}

/** This month, this semester of the school year, this calendar year (reports of procedures go by it). */
export function periodOf(range: Range, today: string, frames: readonly Frame[]): Period {
  const [year = '', month = ''] = today.split('-');
  if (range === 'year') return { from: `${year}-01-01`, to: `${year}-12-31` };
  if (range === 'month') {
    const next = new Date(Date.UTC(Number(year), Number(month), 1)).toISOString().slice(0, 10);
    return { from: `${year}-${month}-01`, to: addDays(next, -1) };
  }
  const frame = frames.find(({ startsOn, endsOn }) => startsOn <= today && today <= endsOn);
  if (!frame) return usualSemester(today);
  return today < frame.secondSemesterOn
    ? { from: frame.startsOn, to: addDays(frame.secondSemesterOn, -1) }
    : { from: frame.secondSemesterOn, to: frame.endsOn };
}

/** 0.953 → 95: whole per cent, but never 100 where something is missing from it. */
export function percent(part: number): number {
  const rounded = Math.round(part * 100);
  return rounded === 100 && part < 1 ? 99 : rounded;
}

export interface Unit {
  finished: number;
  onTime: number;
  overdue: number;
}

/** Of what is finished, what was on time; null while nothing is. */
export const rateOf = ({ finished, onTime }: Unit): number | null => (finished > 0 ? onTime / finished : null);

/** Where help is needed first: the most overdue, then the lowest rate; units without finished work come last. */
export function ranked<One extends Unit>(units: readonly One[]): One[] {
  return [...units].sort((one, other) => other.overdue - one.overdue || (rateOf(one) ?? 2) - (rateOf(other) ?? 2));
}
