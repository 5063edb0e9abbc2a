import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const ViewerFields = graphql(`
  fragment ViewerFields on Viewer {
    id
    fullName
    phone
    username
    language
    theme
    textSize
    roles {
      role
      school {
        id
        name
      }
    }
  }
`);

export const ViewerQuery = graphql(
  `
    query Viewer {
      viewer {
        ...ViewerFields
      }
    }
  `,
  [ViewerFields],
);

/** A guardian's children; a pupil finds himself. */
export const MyStudentsQuery = graphql(`
  query MyStudents {
    myStudents {
      id
      fullName
      givenName
      classGroup {
        id
        name
      }
      school {
        id
        name
      }
    }
  }
`);

export const UpdateSettings = graphql(
  `
    mutation UpdateSettings($language: Language, $theme: Theme, $textSize: TextSize, $fullName: String) {
      updateSettings(language: $language, theme: $theme, textSize: $textSize, fullName: $fullName) {
        __typename
        ... on SettingsPayload {
          viewer {
            ...ViewerFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ViewerFields, ProblemFields],
);

export const MySessionsQuery = graphql(`
  query MySessions {
    mySessions {
      id
      deviceLabel
      createdAt
      lastSeenAt
      current
    }
  }
`);

export const RevokeSession = graphql(
  `
    mutation RevokeSession($id: UUID!) {
      revokeSession(id: $id) {
        __typename
        ... on SignOutPayload {
          ok
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const SignOut = graphql(
  `
    mutation SignOut {
      signOut {
        __typename
        ... on SignOutPayload {
          ok
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const SignOutEverywhere = graphql(
  `
    mutation SignOutEverywhere {
      signOutEverywhere {
        __typename
        ... on SignOutPayload {
          ok
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
