import { AbsenceAlertFields } from './alerts_family.ts';
import { AnnouncementLine } from './announcements_received.ts';
import { graphql } from './graphql.ts';
import { LeaveLine } from './leave.ts';

/** What a card says of a lesson; the page of the timetable says more. No ids: forty of them weigh on a thin line. */
export const HomeLesson = graphql(`
  fragment HomeLesson on Lesson {
    day
    session
    period
    startsAt
    endsAt
    change
    subject {
      name
      nameEn
    }
    teacher {
      fullName
    }
    room {
      name
    }
  }
`);

/** A parent's or pupil's first screen, in one answer. */
export const FamilyHomeQuery = graphql(
  `
    query FamilyHome {
      parentHome {
        children {
          id
          student {
            id
            fullName
            givenName
            classGroup {
              id
              name
            }
            school {
              id
              name
            }
          }
          marksToday {
            id
            day
            session
            period
            status
            minutes
            recordedAt
            recordedBy {
              fullName
            }
          }
          lessonsToday {
            ...HomeLesson
          }
          nextDay {
            id
            day
          }
          lessonsNext {
            ...HomeLesson
          }
          events {
            id
            kind
            day
            session
            period
            title
            subject {
              name
              nameEn
            }
          }
          alert {
            ...AbsenceAlertFields
          }
          leave {
            ...LeaveLine
          }
          latestScores(first: 3) {
            id
            kind
            mark
            reason
            publishedAt
            subject {
              id
              code
              name
              nameEn
            }
          }
        }
        waiting(first: 5) {
          ...AnnouncementLine
        }
        announcements(first: 4) {
          ...AnnouncementLine
        }
        dossiers {
          id
          status
          dueOn
          overdue
          procedureVersion {
            id
            name
          }
        }
        signatures {
          id
          procedureVersion {
            id
            name
          }
        }
        transfers {
          id
          studentName
          school {
            id
            name
          }
        }
      }
      inbox(first: 5) {
        nodes {
          id
          title
          link
          createdAt
          readAt
        }
      }
    }
  `,
  [AbsenceAlertFields, AnnouncementLine, HomeLesson, LeaveLine],
);
