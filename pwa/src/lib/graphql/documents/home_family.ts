import { AbsenceAlertFields } from './alerts_family.ts';
import { AnnouncementLine } from './announcements_received.ts';
import { graphql } from './graphql.ts';
import { LeaveLine } from './leave.ts';

/** What a card says of a lesson; the page of the timetable says more. */
export const HomeLesson = graphql(`
  fragment HomeLesson on Lesson {
    id
    day
    session
    period
    startsAt
    endsAt
    change
    subject {
      id
      name
      nameEn
    }
    teacher {
      id
      fullName
    }
    room {
      id
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
              id
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
              id
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
