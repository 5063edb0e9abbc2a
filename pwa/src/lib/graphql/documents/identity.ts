import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const ViewerFields = graphql(`
  fragment ViewerFields on Viewer {
    id
    fullName
    language
    theme
    textSize
    unreadCount
    roles {
      role
      school {
        id
        name
      }
    }
    students {
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

export const UpdateSettings = graphql(
  `
    mutation UpdateSettings($language: Language, $theme: Theme, $textSize: TextSize) {
      updateSettings(language: $language, theme: $theme, textSize: $textSize) {
        __typename
        ... on UpdateSettingsPayload {
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
