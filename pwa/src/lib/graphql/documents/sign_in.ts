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

export const RequestSignInCode = graphql(
  `
    mutation RequestSignInCode($phone: String!, $claimCode: String) {
      requestSignInCode(phone: $phone, claimCode: $claimCode) {
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

export const SignInWithCode = graphql(
  `
    mutation SignInWithCode($challenge: UUID!, $code: String!) {
      signInWithCode(challenge: $challenge, code: $code) {
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

export const PreviewClaim = graphql(
  `
    mutation PreviewClaim($code: String!) {
      previewClaim(code: $code) {
        __typename
        ... on PreviewClaimPayload {
          student {
            fullName
            className
            schoolName
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const ClaimStudent = graphql(
  `
    mutation ClaimStudent($code: String!, $relation: Relation!, $fullName: String) {
      claimStudent(code: $code, relation: $relation, fullName: $fullName) {
        __typename
        ... on ClaimStudentPayload {
          student {
            id
            givenName
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
