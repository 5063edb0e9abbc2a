/** What a dossier moves elsewhere: transfers from school to school, the register of diplomas. For the office. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const DeskTransferFields = graphql(`
  fragment DeskTransferFields on Transfer {
    id
    status
    consentedAt
    doneAt
    version
    studentName
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

export const DeskTransfersQuery = graphql(
  `
    query DeskTransfers {
      transfers {
        ...DeskTransferFields
      }
    }
  `,
  [DeskTransferFields],
);

export const OpenTransferQuery = graphql(`
  query OpenTransfer($code: String!) {
    openTransfer(code: $code) {
      studentName
      birthDate
      className
      grade
      schoolName
      enrolledOn
      results
      absences
      guardians
    }
  }
`);

export const ProposeTransfer = graphql(
  `
    mutation ProposeTransfer($code: String!, $school: UUID!, $classGroup: UUID) {
      proposeTransfer(code: $code, school: $school, classGroup: $classGroup) {
        __typename
        ... on TransferPayload {
          transfer {
            ...DeskTransferFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DeskTransferFields, ProblemFields],
);

export const DiplomaFields = graphql(`
  fragment DiplomaFields on Diploma {
    id
    kind
    serialNumber
    registerNumber
    fullName
    birthDate
    birthplace
    ethnicity
    sex
    graduationYear
    classification
    issuedOn
    corrections {
      id
      field
      old
      new
      reason
      decisionNumber
      decidedOn
    }
  }
`);

export const DiplomasQuery = graphql(
  `
    query Diplomas($school: UUID!, $search: String!) {
      diplomas(school: $school, search: $search) {
        ...DiplomaFields
      }
    }
  `,
  [DiplomaFields],
);

export const AddDiploma = graphql(
  `
    mutation AddDiploma($school: UUID!, $diploma: DiplomaInput!) {
      addDiploma(school: $school, diploma: $diploma) {
        __typename
        ... on DiplomaPayload {
          diploma {
            ...DiplomaFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [DiplomaFields, ProblemFields],
);
