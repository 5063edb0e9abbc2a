/** Absence alerts as the school sees them. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const StaffAlert = graphql(`
  fragment StaffAlert on AbsenceAlert {
    id
    student {
      id
      fullName
    }
    classGroup {
      id
      name
    }
    day
    session
    period
    status
    createdAt
    dueAt
    escalations
    answer
    answeredBy {
      id
      fullName
    }
    answeredAt
    acknowledgements {
      id
      person {
        id
        fullName
      }
      createdAt
    }
    outcome
    outcomeNote
    closedBy {
      id
      fullName
    }
    closedAt
    recordedBy {
      id
      fullName
    }
    version
  }
`);

export const StaffAlertsQuery = graphql(
  `
    query StaffAlerts {
      absenceAlerts(first: 50) {
        ...StaffAlert
      }
    }
  `,
  [StaffAlert],
);

export const StaffAlertQuery = graphql(
  `
    query StaffAlert($id: UUID!) {
      absenceAlert(id: $id) {
        ...StaffAlert
      }
    }
  `,
  [StaffAlert],
);

export const AcknowledgeSafety = graphql(
  `
    mutation AcknowledgeSafety($alert: UUID!) {
      acknowledgeSafety(alert: $alert) {
        __typename
        ... on AbsenceAlertPayload {
          alert {
            ...StaffAlert
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields, StaffAlert],
);

export const CloseAlert = graphql(
  `
    mutation CloseAlert($alert: UUID!, $outcome: AlertOutcome!, $note: String!) {
      closeAlert(alert: $alert, outcome: $outcome, note: $note) {
        __typename
        ... on AbsenceAlertPayload {
          alert {
            ...StaffAlert
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields, StaffAlert],
);
