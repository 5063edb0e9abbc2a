/** Which dossiers the queue shows. */
import type { Count, Status } from './types.ts';

export const GROUPS = {
  open: ['SUBMITTED', 'ACCEPTED', 'PROCESSING', 'SUPPLEMENT_REQUESTED', 'PAYMENT_REQUIRED'],
  new: ['SUBMITTED'],
  working: ['ACCEPTED', 'PROCESSING'],
  waiting: ['SUPPLEMENT_REQUESTED', 'PAYMENT_REQUIRED'],
  toGive: ['COMPLETED'],
  done: ['COMPLETED', 'RETURNED', 'REJECTED', 'STOPPED', 'WITHDRAWN'],
} as const satisfies Record<string, readonly Status[]>;
export type Group = keyof typeof GROUPS;

export interface Filter {
  group: Group;
  procedure: string;
  assignedToMe: boolean;
  search: string;
}

export const isGroup = (word: string | null): word is Group => word !== null && Object.hasOwn(GROUPS, word);

export function countOf(group: Group, counts: readonly Count[]): number {
  const wanted: readonly Status[] = GROUPS[group];
  return counts.reduce((sum, { status, count }) => (wanted.includes(status) ? sum + count : sum), 0);
}

/** The parts of the queue in which the words that are looked for are found, when this one has nothing. */
export function elsewhere({ group, search }: Filter, counts: readonly Count[]): { group: Group; count: number }[] {
  if (search.trim() === '') return [];
  return (['open', 'done'] as const)
    .map((other) => ({ group: other, count: countOf(other, counts) }))
    .filter(({ group: other, count }) => other !== group && count > 0);
}

/** As the server wants it. */
export function asked(school: string, { group, procedure, assignedToMe, search }: Filter) {
  return {
    school,
    statuses: [...GROUPS[group]],
    procedure: procedure || null,
    assignedToMe,
    search: search.trim() || null,
  };
}

/** The address keeps the filter: going back from a dossier finds the same list. */
export function fromAddress(params: Pick<URLSearchParams, 'get' | 'has'>): Filter {
  const group = params.get('show');
  return {
    group: isGroup(group) ? group : 'open',
    procedure: params.get('procedure') ?? '',
    assignedToMe: params.has('mine'),
    search: params.get('search') ?? '',
  };
}

export function toAddress({ group, procedure, assignedToMe, search }: Filter): string {
  const params = new URLSearchParams();
  if (group !== 'open') params.set('show', group);
  if (procedure) params.set('procedure', procedure);
  if (assignedToMe) params.set('mine', '1');
  if (search.trim()) params.set('search', search.trim());
  const text = params.toString();
  return text ? `?${text}` : '';
}
