/** What the server tells about dossiers, as the desk uses it. */
import type { ResultOf } from '#lib/graphql/documents/graphql.ts';
import type { DeskDossierFields, DossierQueueQuery, QueueRowFields } from '#lib/graphql/documents/eservices_desk.ts';

export type QueueRow = ResultOf<typeof QueueRowFields>;
export type Dossier = ResultOf<typeof DeskDossierFields>;
export type Status = Dossier['status'];
export type Urgency = QueueRow['urgency'];
export type Count = ResultOf<typeof DossierQueueQuery>['dossierQueue']['counts'][number];
export type Entry = Dossier['entries'][number];
export type DeskFile = Dossier['files'][number];
