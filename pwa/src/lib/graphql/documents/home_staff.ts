import { SentFields } from './announcements_sent.ts';
import { RegisterTaken } from './attendance.ts';
import { ColumnFields } from './gradebook_sheet.ts';
import { graphql } from './graphql.ts';

export const StaffHomeQuery = graphql(
  `
    query StaffHome {
      staffHome {
        assignments {
          id
          classGroup {
            id
            name
            school {
              id
              name
            }
            schoolYear {
              id
              secondSemesterOn
            }
          }
          subject {
            id
            name
            nameEn
            mode
          }
        }
        unpublished(first: 20) {
          ...ColumnFields
          semester
          classGroup {
            id
            name
          }
          subject {
            id
            name
            nameEn
          }
        }
        lastSent(first: 3) {
          ...SentFields
        }
        announcements(first: 3) {
          id
          title
          authorName
          publishedAt
          readAt
          needsAcknowledgement
          acknowledgedAt
        }
        dossiers {
          id
          code
          applicantName
          dueOn
          overdue
          procedureVersion {
            id
            name
          }
        }
        openDossierCount
        overdueDossierCount
        studentCount
        linkedStudentCount
      }
    }
  `,
  [ColumnFields, SentFields],
);

/** The school day as one person has to act on it: only what the chosen role may see is asked. */
export const StaffDayQuery = graphql(
  `
    query StaffDay(
      $school: UUID!
      $day: Date!
      $since: Date!
      $teacher: Boolean!
      $homeroom: Boolean!
      $decides: Boolean!
      $office: Boolean!
    ) {
      registerTasks(day: $day) @include(if: $teacher) {
        id
        classGroup {
          id
          name
        }
        day
        session
        period
        startsAt
        endsAt
        mine
        register {
          ...RegisterTaken
        }
      }
      absenceAlerts(first: 50) {
        id
        student {
          id
          fullName
        }
        classGroup {
          id
          name
        }
        session
        status
        answer
        answeredAt
        createdAt
        acknowledgements {
          id
          person {
            id
            fullName
          }
        }
      }
      leaveToDecide @include(if: $decides) {
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
      }
      lessonsToLog(from: $since, to: $day) @include(if: $teacher) {
        id
        day
        session
        period
        classGroup {
          id
          name
        }
        subject {
          id
          name
          nameEn
        }
      }
      heldRemarks @include(if: $homeroom) {
        id
        student {
          id
          fullName
        }
      }
      classDays(school: $school, day: $day) @include(if: $office) {
        id
        session
        startsAt
        studentCount
        excused
        unexcused
        late
        register {
          id
        }
      }
    }
  `,
  [RegisterTaken],
);

export const SchoolsQuery = graphql(`
  query Schools {
    schools {
      id
      code
      name
      level
    }
  }
`);
