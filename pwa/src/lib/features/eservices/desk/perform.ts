/** Sends what an officer decided. Every step carries the version that was on the screen. */
import { run } from '#lib/graphql/client.ts';
import {
  AcceptDossier,
  AddDossierNote,
  AdvanceDossier,
  CompleteDossier,
  ConfirmPayment,
  ExtendDossier,
  HandOver,
  RejectDossier,
  RequirePayment,
  ReturnDossier,
  RevokeResult,
  StartDossier,
  StopDossier,
} from '#lib/graphql/documents/eservices_desk_actions.ts';
import type { Action } from './allowed.ts';

export interface Given {
  /** A reason, a note to the next officer, or the words of the result: by the action. */
  words: string;
  number: number;
  person: string;
  data: Record<string, unknown> | null;
}

interface Seen {
  id: string;
  version: number;
}

async function acceptAndStart({ id, version }: Seen, note: string): Promise<void> {
  const { acceptDossier } = await run(AcceptDossier, { id, version, note });
  await run(StartDossier, { id, version: acceptDossier.dossier.version });
}

type Performed = Exclude<Action, 'supplement'>;

const HOW: Record<Performed, (seen: Seen, given: Given) => Promise<unknown>> = {
  acceptStart: (seen, { words }) => acceptAndStart(seen, words),
  accept: (seen, { words }) => run(AcceptDossier, { ...seen, note: words }),
  start: (seen) => run(StartDossier, seen),
  advance: (seen, { words, data }) => run(AdvanceDossier, { ...seen, note: words, resultData: data }),
  complete: (seen, { words, data }) => run(CompleteDossier, { ...seen, resultNote: words, resultData: data }),
  giveBack: (seen) => run(ReturnDossier, seen),
  requirePayment: (seen, { words, number }) => run(RequirePayment, { ...seen, note: words, fee: number }),
  confirmPayment: (seen, { words }) => run(ConfirmPayment, { ...seen, receipt: words }),
  extend: (seen, { words, number }) => run(ExtendDossier, { ...seen, reason: words, workingDays: number }),
  handOver: (seen, { words, person }) => run(HandOver, { ...seen, to: person, note: words }),
  note: ({ id }, { words }) => run(AddDossierNote, { id, note: words }),
  reject: (seen, { words }) => run(RejectDossier, { ...seen, reason: words }),
  revoke: (seen, { words }) => run(RevokeResult, { ...seen, reason: words }),
  stop: (seen, { words }) => run(StopDossier, { ...seen, reason: words }),
};

/** @throws ProblemError, Fault or Offline. */
export async function perform(action: Performed, { id, version }: Seen, given: Given): Promise<void> {
  await HOW[action]({ id, version }, given);
}
