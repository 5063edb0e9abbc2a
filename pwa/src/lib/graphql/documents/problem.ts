import { graphql } from './graphql.ts';

/** What every mutation selects for its refusal; client.ts turns it into a thrown ProblemError. */
export const ProblemFields = graphql(`
  fragment ProblemFields on Problem {
    code
    message
    fields {
      path
      message
    }
    retryAfter
  }
`);
