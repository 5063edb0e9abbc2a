/** The catalogue: what a procedure's card says, finding one, and who may begin it. */
import type { ProceduresQuery } from '#lib/graphql/documents/eservices.ts';
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { DocumentDefinition, Definition } from '../definition.ts';
import { foldWords, spoken } from '../words.ts';

export type Procedure = ResultOf<typeof ProceduresQuery>['procedures'][number];

/** The part of a definition that says what a procedure is; the form comes when one begins. */
export type ProcedureCard = Pick<
  Definition,
  | 'name'
  | 'summary'
  | 'who'
  | 'how_long'
  | 'fee_words'
  | 'bring'
  | 'basis'
  | 'keywords'
  | 'opens'
  | 'subject'
  | 'office'
  | 'applicants'
  | 'cosign'
> & { documents?: Pick<DocumentDefinition, 'id' | 'name' | 'help' | 'required' | 'copy'>[] };

export interface Listed {
  code: string;
  kind: Procedure['kind'];
  card: ProcedureCard;
}

/** Procedures that can be begun today, in their order. */
export function listed(procedures: readonly Procedure[]): Listed[] {
  return procedures.flatMap(({ code, kind, live }) => (live ? [{ code, kind, card: live.card as ProcedureCard }] : []));
}

/** Those in which every word of `text` occurs; the ones named so before those that only mention it. */
export function found(procedures: readonly Listed[], text: string): Listed[] {
  const wanted = foldWords(text).split(' ').filter(Boolean);
  if (wanted.length === 0) return [...procedures];
  const rank = ({ code, card }: Listed): number => {
    // A code is typed as it stands: "truong" is a word, "2.0028" the beginning of one.
    if (/\d/.test(text) && foldWords(code).startsWith(wanted.join(' '))) return 0;
    const name = foldWords(`${card.name.vi} ${card.name.en}`);
    const rest = foldWords([card.summary.vi, card.summary.en, ...card.keywords].join(' '));
    if (wanted.every((word) => name.includes(word))) return 0;
    return wanted.every((word) => name.includes(word) || rest.includes(word)) ? 1 : 2;
  };
  return procedures
    .map((procedure) => ({ procedure, at: rank(procedure) }))
    .filter(({ at }) => at < 2)
    .sort((a, b) => a.at - b.at)
    .map(({ procedure }) => procedure);
}

export const titleOf = ({ card }: Pick<Listed, 'card'>): string => spoken(card.name);

/** Whether a person may begin: `CHILD` when a child in the system is missing, `GUARDIAN` when a pupil has to ask one. */
export function mayBegin(
  { applicants }: Pick<ProcedureCard, 'applicants'>,
  roles: readonly string[],
): 'YES' | 'CHILD' | 'GUARDIAN' {
  if (applicants.includes('CITIZEN')) return 'YES';
  if (applicants.some((applicant) => roles.includes(applicant))) return 'YES';
  return roles.includes('STUDENT') ? 'GUARDIAN' : 'CHILD';
}
