import { graphql } from './graphql.ts';
import { ViewerFields } from './identity.ts';
import { ProblemFields } from './problem.ts';

export const SignInWithPassword = graphql(
  `
    mutation SignInWithPassword($username: String!, $password: String!) {
      signInWithPassword(username: $username, password: $password) {
        __typename
        ... on SignInPayload {
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
