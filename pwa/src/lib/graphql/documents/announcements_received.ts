import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

/** A line of a list: no body, which may be long. */
export const AnnouncementLine = graphql(`
  fragment AnnouncementLine on Announcement {
    id
    title
    authorName
    school {
      id
      name
    }
    needsAcknowledgement
    publishedAt
    readAt
    acknowledgedAt
  }
`);

export const AnnouncementsQuery = graphql(
  `
    query Announcements($first: Int!, $after: String) {
      announcements(first: $first, after: $after) {
        nodes {
          ...AnnouncementLine
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [AnnouncementLine],
);

export const AnnouncementQuery = graphql(
  `
    query Announcement($id: UUID!) {
      announcement(id: $id) {
        ...AnnouncementLine
        body
      }
    }
  `,
  [AnnouncementLine],
);

export const ReadAnnouncement = graphql(
  `
    mutation ReadAnnouncement($id: UUID!) {
      readAnnouncement(id: $id) {
        __typename
        ... on AnnouncementPayload {
          announcement {
            ...AnnouncementLine
          }
        }
        ...ProblemFields
      }
    }
  `,
  [AnnouncementLine, ProblemFields],
);

export const AcknowledgeAnnouncement = graphql(
  `
    mutation AcknowledgeAnnouncement($id: UUID!) {
      acknowledgeAnnouncement(id: $id) {
        __typename
        ... on AnnouncementPayload {
          announcement {
            ...AnnouncementLine
          }
        }
        ...ProblemFields
      }
    }
  `,
  [AnnouncementLine, ProblemFields],
);
