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

const NOT_FOUND = 4;

/** Those in which every word of `text` begins one; what is named so before what only mentions it. */
export function found(procedures: readonly Listed[], text: string): Listed[] {
  const wanted = foldWords(text);
  if (wanted === '') return [...procedures];
  const words = wanted.split(' ');
  const rank = ({ code, card }: Listed): number => {
    // A code is typed as it stands: "truong" is a word, "2.0028" the beginning of one.
    if (/\d/.test(wanted) && foldWords(code).startsWith(wanted)) return 0;
    const name = ` ${foldWords(`${card.name.vi} ${card.name.en}`)}`;
    const rest = ` ${foldWords([card.summary.vi, card.summary.en, ...card.keywords].join(' '))}`;
    if (name.includes(` ${wanted}`)) return 0;
    if (rest.includes(` ${wanted}`)) return 1;
    if (words.every((word) => name.includes(` ${word}`))) return 2;
    return words.every((word) => name.includes(` ${word}`) || rest.includes(` ${word}`)) ? 3 : NOT_FOUND;
  };
  return procedures
    .map((procedure) => ({ procedure, at: rank(procedure) }))
    .filter(({ at }) => at < NOT_FOUND)
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
