import { StoredFile } from './eservices.ts';
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

/** A request while it is being written, without what its procedure is. */
export const DraftFields = graphql(
  `
    fragment DraftFields on Draft {
      id
      channel
      applicantName
      applicantPhone
      answers
      disputes
      signatureAskedAt
      signedAt
      mine
      changedAt
      version
      school {
        id
        name
      }
      student {
        id
        fullName
        givenName
      }
      cosigner {
        id
        fullName
      }
      files {
        ...StoredFile
      }
    }
  `,
  [StoredFile],
);

export const DraftQuery = graphql(
  `
    query Draft($id: UUID!) {
      draft(id: $id) {
        ...DraftFields
        procedureVersion {
          id
          definition
          procedure {
            id
            code
          }
        }
      }
    }
  `,
  [DraftFields],
);

/** What one needs to know to begin: the procedure, and what one has begun already. */
export const BeginDraftQuery = graphql(`
  query BeginDraft($code: String!) {
    procedure(code: $code) {
      id
      code
      live {
        id
        definition
      }
    }
    myDrafts {
      id
      changedAt
      mine
      applicantName
      channel
      student {
        id
        fullName
      }
      procedureVersion {
        id
        procedure {
          id
          code
        }
      }
    }
  }
`);

export const ServiceSchoolsQuery = graphql(`
  query ServiceSchools($search: String!) {
    serviceSchools(search: $search) {
      id
      code
      name
      level
    }
  }
`);

export const PrefillQuery = graphql(`
  query Prefill($procedureVersion: UUID!, $student: UUID) {
    prefill(procedureVersion: $procedureVersion, student: $student) {
      field
      value
      source
      asOf
    }
  }
`);

export const CosignersQuery = graphql(`
  query Cosigners($draft: UUID!) {
    cosigners(draft: $draft) {
      id
      fullName
    }
  }
`);

export const StartDraft = graphql(
  `
    mutation StartDraft($procedureVersion: UUID!, $school: UUID, $student: UUID, $applicant: ApplicantInput) {
      startDraft(procedureVersion: $procedureVersion, school: $school, student: $student, applicant: $applicant) {
        __typename
        ... on DraftPayload {
          draft {
            id
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const SaveDraft = graphql(
  `
    mutation SaveDraft($id: UUID!, $version: Int!, $answers: JSON!, $disputes: JSON!) {
      saveDraft(id: $id, version: $version, answers: $answers, disputes: $disputes) {
        __typename
        ... on DraftPayload {
          draft {
            ...DraftFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DraftFields, ProblemFields],
);

export const DiscardDraft = graphql(
  `
    mutation DiscardDraft($id: UUID!) {
      discardDraft(id: $id) {
        __typename
        ... on DiscardDraftPayload {
          id
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const AttachFile = graphql(
  `
    mutation AttachFile($draft: UUID!, $document: String!, $upload: UUID!) {
      attachFile(draft: $draft, document: $document, upload: $upload) {
        __typename
        ... on AttachFilePayload {
          draft {
            ...DraftFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DraftFields, ProblemFields],
);

export const DetachFile = graphql(
  `
    mutation DetachFile($id: UUID!) {
      detachFile(id: $id) {
        __typename
        ... on DetachFilePayload {
          draft {
            ...DraftFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DraftFields, ProblemFields],
);

export const AskSignature = graphql(
  `
    mutation AskSignature($draft: UUID!, $cosigner: UUID!) {
      askSignature(draft: $draft, cosigner: $cosigner) {
        __typename
        ... on DraftPayload {
          draft {
            ...DraftFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DraftFields, ProblemFields],
);

export const SignDraft = graphql(
  `
    mutation SignDraft($id: UUID!, $version: Int!) {
      signDraft(id: $id, version: $version) {
        __typename
        ... on DraftPayload {
          draft {
            ...DraftFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DraftFields, ProblemFields],
);

export const FileDraft = graphql(
  `
    mutation FileDraft($id: UUID!, $version: Int!) {
      fileDraft(id: $id, version: $version) {
        __typename
        ... on FileDraftPayload {
          dossier {
            id
            code
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
  [ProblemFields],
);
