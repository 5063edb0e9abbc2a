/** The administrator's side: procedures and their versions, the days offices work, the periods of filing. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const VersionFields = graphql(`
  fragment VersionFields on ProcedureVersion {
    id
    number
    status
    definition
    publishedAt
    version
  }
`);

export const AllProceduresQuery = graphql(`
  query AllProcedures {
    allProcedures {
      id
      code
      kind
      position
      live {
        id
        number
        name
        publishedAt
      }
    }
  }
`);

export const ProcedureVersionsQuery = graphql(
  `
    query ProcedureVersions($procedure: UUID!) {
      procedureVersions(procedure: $procedure) {
        ...VersionFields
        procedure {
          id
          code
          kind
        }
      }
    }
  `,
  [VersionFields],
);

export const CreateProcedure = graphql(
  `
    mutation CreateProcedure($code: String!, $kind: ProcedureKind!) {
      createProcedure(code: $code, kind: $kind) {
        __typename
        ... on ProcedurePayload {
          procedure {
            id
            code
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const StartVersion = graphql(
  `
    mutation StartVersion($procedure: UUID!) {
      startVersion(procedure: $procedure) {
        __typename
        ... on ProcedureVersionPayload {
          version {
            ...VersionFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [VersionFields, ProblemFields],
);

export const SaveVersion = graphql(
  `
    mutation SaveVersion($id: UUID!, $version: Int!, $definition: JSON!) {
      saveVersion(id: $id, version: $version, definition: $definition) {
        __typename
        ... on SaveVersionPayload {
          version {
            ...VersionFields
          }
          errors {
            path
            message
          }
        }
        ...ProblemFields
      }
    }
  `,
  [VersionFields, ProblemFields],
);

export const PublishVersion = graphql(
  `
    mutation PublishVersion($id: UUID!, $version: Int!) {
      publishVersion(id: $id, version: $version) {
        __typename
        ... on SaveVersionPayload {
          version {
            ...VersionFields
          }
          errors {
            path
            message
          }
        }
        ...ProblemFields
      }
    }
  `,
  [VersionFields, ProblemFields],
);

export const RetireProcedure = graphql(
  `
    mutation RetireProcedure($id: UUID!) {
      retireProcedure(id: $id) {
        __typename
        ... on ProcedurePayload {
          procedure {
            id
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const OfficeDaysQuery = graphql(`
  query OfficeDays($from: Date!, $to: Date!) {
    officeDays(from: $from, to: $to) {
      id
      day
      works
      name
    }
  }
`);

export const SetOfficeDay = graphql(
  `
    mutation SetOfficeDay($day: Date!, $works: Boolean!, $name: String!) {
      setOfficeDay(day: $day, works: $works, name: $name) {
        __typename
        ... on OfficeDayPayload {
          officeDay {
            id
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const RemoveOfficeDay = graphql(
  `
    mutation RemoveOfficeDay($day: Date!) {
      removeOfficeDay(day: $day) {
        __typename
        ... on RemoveOfficeDayPayload {
          day
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const ServiceWindowsQuery = graphql(`
  query ServiceWindows($school: UUID!) {
    serviceWindows(school: $school) {
      id
      opensOn
      closesOn
      procedure {
        id
        code
      }
    }
    procedures {
      id
      code
      live {
        id
        card
      }
    }
  }
`);

export const SetServiceWindow = graphql(
  `
    mutation SetServiceWindow($school: UUID!, $procedure: UUID!, $opensOn: Date!, $closesOn: Date!) {
      setServiceWindow(school: $school, procedure: $procedure, opensOn: $opensOn, closesOn: $closesOn) {
        __typename
        ... on ServiceWindowPayload {
          window {
            id
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
