import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

/** A code to any Vietnamese phone: whoever signs in with it may file, with or without a child at a school. */
export const RequestCitizenCode = graphql(
  `
    mutation RequestCitizenCode($phone: String!) {
      requestCitizenCode(phone: $phone) {
        __typename
        ... on SignInCodePayload {
          challenge
          expiresAt
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
