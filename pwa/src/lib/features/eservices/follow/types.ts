import type { DossierFields } from '#lib/graphql/documents/eservices.ts';
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';

/** A dossier as its own page reads it. */
export type Dossier = ResultOf<typeof DossierFields>;
export type StoredFile = Dossier['files'][number];
export type Paper = Dossier['papers'][number];
export type Supplement = Dossier['supplements'][number];

/** The request that waits for an answer, if there is one. */
export function openSupplement<Asked extends { answeredAt: string | null }>({
  supplements,
}: {
  supplements: readonly Asked[];
}): Asked | undefined {
  return supplements.findLast(({ answeredAt }) => !answeredAt);
}
