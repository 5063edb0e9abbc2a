/** The desk: the queue of an office, one dossier in full, the figures for leaders. */
import { StoredFile, SupplementFields } from './eservices.ts';
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const QueueRowFields = graphql(`
  fragment QueueRowFields on QueueRow {
    workingDaysLeft
    urgency
    procedureName {
      vi
      en
    }
    stepName {
      vi
      en
    }
    dossier {
      id
      code
      status
      channel
      applicantName
      filedAt
      dueOn
      overdue
      mine
      student {
        id
        fullName
      }
      assignee {
        id
        fullName
      }
    }
  }
`);

export const DossierQueueQuery = graphql(
  `
    query DossierQueue($filter: QueueFilter!, $after: String, $first: Int!) {
      dossierQueue(filter: $filter, after: $after, first: $first) {
        rows {
          ...QueueRowFields
        }
        next
        counts {
          status
          count
        }
      }
    }
  `,
  [QueueRowFields],
);

export const DeskEntryFields = graphql(`
  fragment DeskEntryFields on DossierEntry {
    id
    position
    action
    status
    step
    note
    dueOn
    internal
    createdAt
    actor {
      id
      fullName
    }
    toUser {
      id
      fullName
    }
  }
`);

export const DeskPaperFields = graphql(`
  fragment DeskPaperFields on Paper {
    id
    kind
    title
    createdAt
    signed
    state
    url
  }
`);

export const DeskDossierFields = graphql(
  `
    fragment DeskDossierFields on Dossier {
      id
      code
      channel
      applicantName
      applicantPhone
      answers
      status
      step
      filedAt
      receivedAt
      dueOn
      overdue
      extendedAt
      supplementRounds
      fee
      feeReceipt
      finishedAt
      onTime
      resultNote
      satisfaction
      satisfactionNote
      mine
      version
      school {
        id
        name
      }
      student {
        id
        code
        fullName
        birthDate
        classGroup {
          id
          name
          grade
        }
      }
      assignee {
        id
        fullName
      }
      procedure {
        id
        code
      }
      procedureVersion {
        id
        number
        definition
      }
      reopens {
        id
        code
      }
      files {
        ...StoredFile
      }
      entries {
        ...DeskEntryFields
      }
      supplements {
        ...SupplementFields
      }
      papers {
        ...DeskPaperFields
      }
    }
  `,
  [StoredFile, DeskEntryFields, SupplementFields, DeskPaperFields],
);

export const DeskDossierQuery = graphql(
  `
    query DeskDossier($id: UUID!) {
      dossier(id: $id) {
        ...DeskDossierFields
      }
    }
  `,
  [DeskDossierFields],
);

export const HandlersQuery = graphql(`
  query Handlers($school: UUID!) {
    handlers(school: $school) {
      id
      fullName
    }
  }
`);

export const ServiceBoardQuery = graphql(`
  query ServiceBoard($from: Date!, $to: Date!) {
    serviceBoard(from: $from, to: $to) {
      from
      to
      open
      overdue
      finished
      onTimeRate
      satisfactionRate
      schoolsWithout
      units {
        open
        overdue
        finished
        onTime
        averageWorkingDays
        verySatisfied
        satisfied
        unsatisfied
        school {
          id
          name
        }
        oldestOverdue {
          id
          code
          dueOn
          workingDaysLate
          procedureName {
            vi
            en
          }
          stepName {
            vi
            en
          }
          assignee {
            id
            fullName
          }
        }
      }
    }
  }
`);

export const StartAtCounter = graphql(
  `
    mutation StartAtCounter($procedureVersion: UUID!, $school: UUID!, $student: UUID, $applicant: ApplicantInput!) {
      startDraft(procedureVersion: $procedureVersion, school: $school, student: $student, applicant: $applicant) {
        __typename
        ... on DraftPayload {
          draft {
            id
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
