import { AnnouncementLine } from './announcements_received.ts';
import { graphql } from './graphql.ts';

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
          latestScores(first: 4) {
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
  [AnnouncementLine],
);
