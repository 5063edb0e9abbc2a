/** The school's office: classes, rosters, imports, staff. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const ClassesQuery = graphql(`
  query Classes($school: UUID!) {
    classGroups(school: $school) {
      id
      name
      grade
    }
  }
`);

export const RosterQuery = graphql(`
  query Roster($classGroup: UUID!) {
    classGroup(id: $classGroup) {
      id
      name
      school {
        id
        name
      }
    }
    roster(classGroup: $classGroup) {
      id
      student {
        id
        code
        fullName
        birthDate
      }
      contacts {
        id
        name
        phone
        relation
      }
      guardians {
        id
        fullName
        relation
        createdAt
      }
    }
  }
`);

export const BatchFields = graphql(`
  fragment BatchFields on ImportBatch {
    id
    status
    createdAt
    finishedAt
    fileNames
    total
    done
    newCount
    changedCount
    movedCount
    suggestedCount
    unchangedCount
    brokenCount
    problem
    version
  }
`);

export const ImportsQuery = graphql(
  `
    query Imports($school: UUID!, $after: String) {
      importBatches(school: $school, first: 10, after: $after) {
        nodes {
          ...BatchFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [BatchFields],
);

export const ImportQuery = graphql(
  `
    query Import($id: UUID!) {
      importBatch(id: $id) {
        ...BatchFields
      }
    }
  `,
  [BatchFields],
);

export const ImportRowsQuery = graphql(`
  query ImportRows($id: UUID!, $kind: ImportRowKind!, $after: String) {
    importBatch(id: $id) {
      id
      rows(kind: $kind, first: 30, after: $after) {
        nodes {
          id
          cell
          title
          message
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);

export const ApplyImport = graphql(
  `
    mutation ApplyImport($batch: UUID!, $version: Int!) {
      applyImport(batch: $batch, version: $version) {
        __typename
        ... on ApplyImportPayload {
          batch {
            ...BatchFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [BatchFields, ProblemFields],
);

export const DiscardImport = graphql(
  `
    mutation DiscardImport($batch: UUID!) {
      discardImport(batch: $batch) {
        __typename
        ... on DiscardImportPayload {
          id
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const StaffQuery = graphql(`
  query Staff($school: UUID!, $after: String) {
    staffMembers(school: $school, first: 50, after: $after) {
      nodes {
        id
        code
        position
        hasPassword
        user {
          id
          fullName
          username
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const IssueStaffPassword = graphql(
  `
    mutation IssueStaffPassword($staff: UUID!) {
      issueStaffPassword(staff: $staff) {
        __typename
        ... on IssueStaffPasswordPayload {
          username
          password
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
