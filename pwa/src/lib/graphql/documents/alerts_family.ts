import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

/** An alert as the family of the child sees it. */
export const AbsenceAlertFields = graphql(`
  fragment AbsenceAlertFields on AbsenceAlert {
    id
    day
    session
    period
    status
    createdAt
    recordedBy {
      id
      fullName
    }
    answer
    answeredAt
    answeredBy {
      id
      fullName
    }
    dueAt
    schoolPhone
    acknowledgements {
      id
      createdAt
      person {
        id
        fullName
      }
    }
    outcome
    outcomeNote
    closedAt
    closedBy {
      id
      fullName
    }
  }
`);

export const AbsenceAlertQuery = graphql(
  `
    query AbsenceAlert($id: UUID!) {
      absenceAlert(id: $id) {
        ...AbsenceAlertFields
        student {
          id
          fullName
          givenName
        }
        classGroup {
          id
          name
        }
      }
    }
  `,
  [AbsenceAlertFields],
);

export const AnswerAbsence = graphql(
  `
    mutation AnswerAbsence($alert: UUID!, $answer: AbsenceAnswer!) {
      answerAbsence(alert: $alert, answer: $answer) {
        __typename
        ... on AbsenceAlertPayload {
          alert {
            ...AbsenceAlertFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [AbsenceAlertFields, ProblemFields],
);
