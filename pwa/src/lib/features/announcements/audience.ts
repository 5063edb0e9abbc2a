import type { VariablesOf } from '#lib/graphql/documents/graphql.ts';
import type { AudienceQuery } from '#lib/graphql/documents/announcements_sent.ts';
import type { DraftValues } from './draft.svelte.ts';

export type AudienceInput = VariablesOf<typeof AudienceQuery>['audience'];

/** What the server is asked; null while nobody is chosen yet. Only what the chosen scope means travels. */
export function audienceOf({ school, scope, grades, classes, kinds }: DraftValues): AudienceInput | null {
  const wanted = [...kinds];
  if (kinds[0] === 'STAFF' || scope === 'school') return { school, kinds: wanted, grades: [], classes: [] };
  if (scope === 'grades') return grades.length > 0 ? { school, kinds: wanted, grades: [...grades], classes: [] } : null;
  return classes.length > 0 ? { school, kinds: wanted, grades: [], classes: [...classes] } : null;
}
