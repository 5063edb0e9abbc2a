import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

/** What there is to ask for. Public; about twenty, searched on the phone. */
export const ProceduresQuery = graphql(`
  query Procedures {
    procedures {
      id
      code
      kind
      position
      live {
        id
        card
      }
    }
  }
`);

/** A line of a list. */
export const DossierLine = graphql(`
  fragment DossierLine on Dossier {
    id
    code
    status
    filedAt
    dueOn
    overdue
    finishedAt
    onTime
    procedureVersion {
      id
      name
    }
    school {
      id
      name
    }
    student {
      id
      fullName
      givenName
    }
    supplements {
      id
      answerBy
      answeredAt
    }
  }
`);

export const MyDossiersQuery = graphql(
  `
    query MyDossiers($first: Int!, $after: String) {
      myDossiers(first: $first, after: $after) {
        nodes {
          ...DossierLine
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [DossierLine],
);

export const MyDraftsQuery = graphql(`
  query MyDrafts {
    myDrafts {
      id
      applicantName
      signatureAskedAt
      signedAt
      mine
      changedAt
      procedureVersion {
        id
        name
      }
      student {
        id
        fullName
        givenName
      }
    }
  }
`);

export const StoredFile = graphql(`
  fragment StoredFile on DossierFile {
    id
    document
    name
    kind
    size
    pages
    url
    thumbnailUrl
    replaced
  }
`);

export const DossierEntryFields = graphql(`
  fragment DossierEntryFields on DossierEntry {
    id
    position
    action
    status
    step
    note
    dueOn
    internal
    createdAt
  }
`);

export const SupplementFields = graphql(`
  fragment SupplementFields on Supplement {
    id
    round
    note
    answerBy
    answeredAt
    createdAt
    items {
      id
      position
      target
      defect
      note
      answered
    }
  }
`);

export const PaperFields = graphql(`
  fragment PaperFields on Paper {
    id
    kind
    title
    createdAt
    size
    signed
    state
    verifyCode
    url
  }
`);

export const DossierFields = graphql(
  `
    fragment DossierFields on Dossier {
      ...DossierLine
      channel
      applicantName
      applicantPhone
      answers
      step
      receivedAt
      extendedAt
      supplementRounds
      fee
      feeReceipt
      resultNote
      satisfaction
      satisfactionNote
      mayReopenUntil
      mine
      version
      procedure {
        id
        code
      }
      procedureVersion {
        id
        definition
      }
      files {
        ...StoredFile
      }
      entries {
        ...DossierEntryFields
      }
      supplements {
        ...SupplementFields
      }
      papers {
        ...PaperFields
      }
      reopens {
        id
        code
      }
    }
  `,
  [DossierLine, StoredFile, DossierEntryFields, SupplementFields, PaperFields],
);

export const DossierQuery = graphql(
  `
    query Dossier($id: UUID!) {
      dossier(id: $id) {
        ...DossierFields
      }
    }
  `,
  [DossierFields],
);

/** The days on which offices work otherwise than usual: holidays, compensating days. */
export const UnusualDaysQuery = graphql(`
  query UnusualDays($from: Date!, $to: Date!) {
    officeDays(from: $from, to: $to) {
      id
      day
      works
    }
  }
`);

export const WithdrawDossier = graphql(
  `
    mutation WithdrawDossier($id: UUID!, $version: Int!, $reason: String!) {
      withdrawDossier(id: $id, version: $version, reason: $reason) {
        __typename
        ... on DossierPayload {
          dossier {
            ...DossierLine
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DossierLine, ProblemFields],
);

export const AnswerSupplement = graphql(
  `
    mutation AnswerSupplement($id: UUID!, $version: Int!, $answers: JSON!, $files: [SupplementFileInput!]!) {
      answerSupplement(id: $id, version: $version, answers: $answers, files: $files) {
        __typename
        ... on FileDraftPayload {
          dossier {
            ...DossierLine
          }
          errors {
            path
            code
            message
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DossierLine, ProblemFields],
);

export const RateDossier = graphql(
  `
    mutation RateDossier($id: UUID!, $satisfaction: Satisfaction!, $note: String!) {
      rateDossier(id: $id, satisfaction: $satisfaction, note: $note) {
        __typename
        ... on DossierPayload {
          dossier {
            ...DossierLine
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DossierLine, ProblemFields],
);

export const ReopenDossier = graphql(
  `
    mutation ReopenDossier($id: UUID!, $reason: String!) {
      reopenDossier(id: $id, reason: $reason) {
        __typename
        ... on DossierPayload {
          dossier {
            ...DossierLine
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DossierLine, ProblemFields],
);

/** Public: by the code on the receipt and the last digits of the applicant's phone. No names, no notes. */
export const TrackDossierQuery = graphql(`
  query TrackDossier($code: String!, $phoneDigits: String!) {
    trackDossier(code: $code, phoneDigits: $phoneDigits) {
      code
      procedureName {
        vi
        en
      }
      office
      status
      filedAt
      dueOn
      overdue
      entries {
        action
        status
        at
        office
        dueOn
      }
    }
  }
`);

/** Public: what stands behind the QR of a paper. */
export const VerifyPaperQuery = graphql(`
  query VerifyPaper($code: String!) {
    verifyPaper(code: $code) {
      state
      title
      office
      holder
      issuedOn
      dossierCode
      signed
      sha256
    }
  }
`);
