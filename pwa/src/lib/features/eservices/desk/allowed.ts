/** What somebody may do with a dossier now. The server decides; this only spares people buttons that would be refused. */
import type { Definition, HandlingRole, HandlingStep } from '../definition.ts';
import type { Status } from '../words.ts';

export type { Status };

export type Action =
  | 'acceptStart'
  | 'accept'
  | 'start'
  | 'advance'
  | 'complete'
  | 'giveBack'
  | 'supplement'
  | 'requirePayment'
  | 'confirmPayment'
  | 'extend'
  | 'handOver'
  | 'note'
  | 'reject'
  | 'stop'
  | 'revoke';

export interface Case {
  status: Status;
  step: string;
  assignee: { id: string } | null;
  supplementRounds: number;
  dueOn: string | null;
  extendedAt: string | null;
  /** The officer's own matter, as applicant or as second signer: another person handles it. */
  mine: boolean;
  papers: readonly { kind: string; state: string }[];
}

export interface Officer {
  id: string;
  /** The roles held at the dossier's school. */
  roles: readonly string[];
}

/** A school asks twice at most, and the second time a leader does. */
export const MOST_ROUNDS = 2;

export function stepOf({ handling }: Pick<Definition, 'handling'>, id: string): HandlingStep | undefined {
  return handling.steps.find((step) => step.id === id);
}

/** The step after `id`; undefined for the last one. */
export function nextStep({ handling }: Pick<Definition, 'handling'>, id: string): HandlingStep | undefined {
  const at = handling.steps.findIndex((step) => step.id === id);
  return at < 0 ? undefined : handling.steps[at + 1];
}

/** Who is asking, against this dossier. */
interface Standing {
  leads: boolean;
  /** May ask the citizen for a supplement. */
  asks: boolean;
  today: string;
}

type Rules = Pick<Definition, 'handling' | 'most_fee'>;

export function actionsOf(dossier: Case, definition: Rules, officer: Officer, today: string): Action[] {
  if (dossier.mine || officer.roles.length === 0) return [];
  const leads = officer.roles.includes('HEADTEACHER');
  const asks = dossier.supplementRounds === 0 || (leads && dossier.supplementRounds < MOST_ROUNDS);
  const standing = { leads, asks, today };
  if (dossier.status === 'PROCESSING') return processing(dossier, definition, officer, standing);
  return leads || officer.roles.includes('ACADEMIC_CLERK') ? office(dossier, standing) : ['note'];
}

/** What the office does before and after the steps of the procedure. */
function office(dossier: Case, { leads, asks, today }: Standing): Action[] {
  switch (dossier.status) {
    case 'SUBMITTED':
      return ['acceptStart', 'accept', ...(asks ? (['supplement'] as const) : []), 'handOver', 'note', 'reject'];
    case 'ACCEPTED':
      return ['start', ...extension(dossier, leads, today), 'handOver', 'note'];
    case 'SUPPLEMENT_REQUESTED':
      return ['note', 'stop'];
    case 'PAYMENT_REQUIRED':
      return ['confirmPayment', 'note'];
    case 'COMPLETED':
      return ['giveBack', 'note', ...revocation(dossier, leads)];
    case 'RETURNED':
      return ['note', ...revocation(dossier, leads)];
    default:
      return ['note'];
  }
}

function processing(dossier: Case, definition: Rules, officer: Officer, { leads, asks, today }: Standing): Action[] {
  const step = stepOf(definition, dossier.step);
  const holds = dossier.assignee
    ? dossier.assignee.id === officer.id
    : step !== undefined && officer.roles.includes(step.role satisfies HandlingRole);
  if (!holds && !leads) return ['note'];
  return [
    nextStep(definition, dossier.step) ? 'advance' : 'complete',
    ...(asks ? (['supplement'] as const) : []),
    ...extension(dossier, leads, today),
    ...(definition.most_fee > 0 ? (['requirePayment'] as const) : []),
    'handOver',
    'note',
    'stop',
  ];
}

/** More time is taken once, by a leader, and only before the promised day has passed. */
function extension({ dueOn, extendedAt }: Case, leads: boolean, today: string): Action[] {
  return leads && dueOn !== null && dueOn >= today && extendedAt === null ? ['extend'] : [];
}

/** A result that was wrong is taken back by a leader. */
function revocation({ papers }: Case, leads: boolean): Action[] {
  return leads && papers.some(({ kind, state }) => kind === 'RESULT' && state === 'VALID') ? ['revoke'] : [];
}
