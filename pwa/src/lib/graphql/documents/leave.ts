import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

/** A line of a list. */
export const LeaveLine = graphql(`
  fragment LeaveLine on LeaveRequest {
    id
    startsOn
    startsSession
    endsOn
    endsSession
    halfDays
    reason
    status
    createdAt
  }
`);

export const LeaveRequestFields = graphql(
  `
    fragment LeaveRequestFields on LeaveRequest {
      ...LeaveLine
      detail
      decider
      decidedAt
      decisionNote
      version
      mayDecide
      mayWithdraw
      student {
        id
        fullName
        givenName
      }
      classGroup {
        id
        name
      }
      requestedBy {
        id
        fullName
      }
      decidedBy {
        id
        fullName
      }
      photos {
        id
        width
        height
        path
      }
    }
  `,
  [LeaveLine],
);

export const LeaveRequestsQuery = graphql(
  `
    query LeaveRequests($student: UUID!, $first: Int!, $after: String) {
      maySendLeave(student: $student)
      leaveRequests(student: $student, first: $first, after: $after) {
        nodes {
          ...LeaveLine
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

export const LeaveRequestQuery = graphql(
  `
    query LeaveRequest($id: UUID!) {
      leaveRequest(id: $id) {
        ...LeaveRequestFields
      }
    }
  `,
  [LeaveRequestFields],
);

/** What the form has to know: whether one may, and on which days there is school. */
export const LeaveFormQuery = graphql(`
  query LeaveForm($student: UUID!, $school: UUID!, $from: Date!, $to: Date!) {
    maySendLeave(student: $student)
    schoolDays(school: $school, from: $from, to: $to) {
      id
      day
      teaches
    }
  }
`);

export const RequestLeave = graphql(
  `
    mutation RequestLeave(
      $student: UUID!
      $startsOn: Date!
      $startsSession: HalfDay!
      $endsOn: Date!
      $endsSession: HalfDay!
      $reason: AbsenceReason!
      $detail: String!
      $photos: [UUID!]!
    ) {
      requestLeave(
        student: $student
        startsOn: $startsOn
        startsSession: $startsSession
        endsOn: $endsOn
        endsSession: $endsSession
        reason: $reason
        detail: $detail
        photos: $photos
      ) {
        __typename
        ... on LeaveRequestPayload {
          request {
            ...LeaveLine
          }
        }
        ...ProblemFields
      }
    }
  `,
  [LeaveLine, ProblemFields],
);

export const WithdrawLeave = graphql(
  `
    mutation WithdrawLeave($request: UUID!, $version: Int!) {
      withdrawLeave(request: $request, version: $version) {
        __typename
        ... on LeaveRequestPayload {
          request {
            ...LeaveRequestFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [LeaveRequestFields, ProblemFields],
);
