/** Leave as those decide it who may. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const LeaveLine = graphql(`
  fragment LeaveLine on LeaveRequest {
    id
    student {
      id
      fullName
    }
    classGroup {
      id
      name
    }
    requestedBy {
      id
      fullName
    }
    startsOn
    startsSession
    endsOn
    endsSession
    halfDays
    reason
    detail
    status
    createdAt
    version
    photos {
      id
      width
      height
      path
    }
  }
`);

export const LeaveToDecideQuery = graphql(
  `
    query LeaveToDecide {
      leaveToDecide {
        ...LeaveLine
      }
    }
  `,
  [LeaveLine],
);

export const DecidedLeaveQuery = graphql(`
  query DecidedLeave($first: Int!, $after: String) {
    decidedLeave(first: $first, after: $after) {
      nodes {
        id
        student {
          id
          fullName
        }
        classGroup {
          id
          name
        }
        startsOn
        startsSession
        endsOn
        endsSession
        halfDays
        status
        decidedAt
        decidedBy {
          id
          fullName
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const DecideLeave = graphql(
  `
    mutation DecideLeave($request: UUID!, $version: Int!, $approve: Boolean!, $note: String!) {
      decideLeave(request: $request, version: $version, approve: $approve, note: $note) {
        __typename
        ... on LeaveRequestPayload {
          request {
            id
            status
            decisionNote
            version
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
