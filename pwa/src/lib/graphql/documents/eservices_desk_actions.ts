/** What an office does with a dossier. Every one answers with what the queue shows; the dossier is then read again. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

/** What every action answers with: the dossier as it is now, or why not. */
export const DossierMoved = graphql(
  `
    fragment DossierMoved on DossierPayloadProblem {
      ... on DossierPayload {
        dossier {
          id
          code
          status
          version
        }
      }
      ...ProblemFields
    }
  `,
  [ProblemFields],
);

export const AcceptDossier = graphql(
  `
    mutation AcceptDossier($id: UUID!, $version: Int!, $note: String!) {
      acceptDossier(id: $id, version: $version, note: $note) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const RejectDossier = graphql(
  `
    mutation RejectDossier($id: UUID!, $version: Int!, $reason: String!) {
      rejectDossier(id: $id, version: $version, reason: $reason) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const RequestSupplement = graphql(
  `
    mutation RequestSupplement($id: UUID!, $version: Int!, $defects: [DefectInput!]!, $note: String!) {
      requestSupplement(id: $id, version: $version, defects: $defects, note: $note) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const StartDossier = graphql(
  `
    mutation StartDossier($id: UUID!, $version: Int!) {
      startDossier(id: $id, version: $version) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const AdvanceDossier = graphql(
  `
    mutation AdvanceDossier($id: UUID!, $version: Int!, $note: String!, $resultData: JSON) {
      advanceDossier(id: $id, version: $version, note: $note, resultData: $resultData) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const HandOver = graphql(
  `
    mutation HandOver($id: UUID!, $version: Int!, $to: UUID!, $note: String!) {
      handOver(id: $id, version: $version, to: $to, note: $note) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const RequirePayment = graphql(
  `
    mutation RequirePayment($id: UUID!, $version: Int!, $fee: Int!, $note: String!) {
      requirePayment(id: $id, version: $version, fee: $fee, note: $note) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const ConfirmPayment = graphql(
  `
    mutation ConfirmPayment($id: UUID!, $version: Int!, $receipt: String!) {
      confirmPayment(id: $id, version: $version, receipt: $receipt) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const ExtendDossier = graphql(
  `
    mutation ExtendDossier($id: UUID!, $version: Int!, $workingDays: Int!, $reason: String!) {
      extendDossier(id: $id, version: $version, workingDays: $workingDays, reason: $reason) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const StopDossier = graphql(
  `
    mutation StopDossier($id: UUID!, $version: Int!, $reason: String!) {
      stopDossier(id: $id, version: $version, reason: $reason) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const RevokeResult = graphql(
  `
    mutation RevokeResult($id: UUID!, $version: Int!, $reason: String!) {
      revokeResult(id: $id, version: $version, reason: $reason) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const CompleteDossier = graphql(
  `
    mutation CompleteDossier($id: UUID!, $version: Int!, $resultNote: String!, $resultData: JSON) {
      completeDossier(id: $id, version: $version, resultNote: $resultNote, resultData: $resultData) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const ReturnDossier = graphql(
  `
    mutation ReturnDossier($id: UUID!, $version: Int!) {
      returnDossier(id: $id, version: $version) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);

export const AddDossierNote = graphql(
  `
    mutation AddDossierNote($id: UUID!, $note: String!) {
      addNote(id: $id, note: $note) {
        __typename
        ...DossierMoved
      }
    }
  `,
  [DossierMoved],
);
