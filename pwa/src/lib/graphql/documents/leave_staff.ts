/** Leave as those decide it who may. */
import { graphql } from './graphql.ts';
import { LeaveLine, LeaveRequestFields } from './leave.ts';
import { ProblemFields } from './problem.ts';

export const LeaveToDecideQuery = graphql(
  `
    query LeaveToDecide {
      leaveToDecide {
        ...LeaveRequestFields
      }
    }
  `,
  [LeaveRequestFields],
);

export const DecidedLeaveQuery = graphql(
  `
    query DecidedLeave($first: Int!, $after: String) {
      decidedLeave(first: $first, after: $after) {
        nodes {
          ...LeaveLine
          student {
            id
            fullName
          }
          classGroup {
            id
            name
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [LeaveLine],
);

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
