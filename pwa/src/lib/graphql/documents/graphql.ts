/**
 * The typed `graphql()` function: a document's result and variables are inferred from the server's schema.
 * Fragments are plain types (no masking): a component takes `ResultOf<typeof fragment>`.
 */
import { initGraphQLTada } from 'gql.tada';

import type { introspection } from './graphql-env.d.ts';

export const graphql = initGraphQLTada<{
  introspection: introspection;
  disableMasking: true;
  scalars: { UUID: string; Date: string; DateTime: string; Mark: string; JSON: unknown };
}>();

export type { ResultOf, VariablesOf } from 'gql.tada';
