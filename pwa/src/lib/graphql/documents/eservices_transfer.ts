import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const TransferFields = graphql(`
  fragment TransferFields on Transfer {
    id
    status
    moves
    consentedAt
    doneAt
    mayConsent
    version
    studentName
    student {
      id
    }
    fromSchool {
      id
      name
    }
    school {
      id
      name
    }
    dossier {
      id
      code
    }
  }
`);

export const TransfersQuery = graphql(
  `
    query Transfers {
      transfers {
        ...TransferFields
      }
    }
  `,
  [TransferFields],
);

export const ShowTransferCode = graphql(
  `
    mutation ShowTransferCode($student: UUID!) {
      showTransferCode(student: $student) {
        __typename
        ... on TransferCodePayload {
          code
          qr
          expiresAt
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const AnswerTransfer = graphql(
  `
    mutation AnswerTransfer($id: UUID!, $version: Int!, $consent: Boolean!) {
      answerTransfer(id: $id, version: $version, consent: $consent) {
        __typename
        ... on TransferPayload {
          transfer {
            ...TransferFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [TransferFields, ProblemFields],
);
