import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { BatchFields, ImportRowsQuery, StaffQuery } from '#lib/graphql/documents/enrolment_school.ts';

export type StaffLine = ResultOf<typeof StaffQuery>['staffMembers']['nodes'][number];
export type Batch = ResultOf<typeof BatchFields>;
export type ImportLine = NonNullable<ResultOf<typeof ImportRowsQuery>['importBatch']>['rows']['nodes'][number];
export type RowKind = 'NEW' | 'CHANGED' | 'MOVED' | 'SUGGESTED' | 'BROKEN';
