/** The sender's side of announcements. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const SentFields = graphql(`
  fragment SentFields on SentAnnouncement {
    id
    title
    needsAcknowledgement
    publishedAt
    remindedAt
    recipientCount
    readCount
    acknowledgedCount
  }
`);

export const SendPlacesQuery = graphql(`
  query SendPlaces($school: UUID!) {
    classGroups(school: $school) {
      id
      name
      grade
    }
  }
`);

export const AudienceQuery = graphql(`
  query Audience($audience: AudienceInput!) {
    announcementAudience(audience: $audience) {
      schoolName
      classNames
      recipientCount
      guardianCount
      studentCount
      staffCount
      unreachedStudentCount
      sample {
        fullName
        studentNames
      }
    }
  }
`);

export const SendAnnouncement = graphql(
  `
    mutation SendAnnouncement($input: AnnouncementInput!, $key: UUID!) {
      sendAnnouncement(input: $input, key: $key) {
        __typename
        ... on SentAnnouncementPayload {
          announcement {
            id
            recipientCount
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const RemindAnnouncement = graphql(
  `
    mutation RemindAnnouncement($id: UUID!) {
      remindAnnouncement(id: $id) {
        __typename
        ... on SentAnnouncementPayload {
          announcement {
            id
            remindedAt
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const SentQuery = graphql(
  `
    query Sent($after: String) {
      sentAnnouncements(first: 20, after: $after) {
        nodes {
          ...SentFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [SentFields],
);

export const SentOneQuery = graphql(
  `
    query SentOne($id: UUID!) {
      sentAnnouncement(id: $id) {
        ...SentFields
        body
      }
    }
  `,
  [SentFields],
);

export const RecipientsQuery = graphql(`
  query Recipients($id: UUID!, $state: RecipientState!, $after: String) {
    sentAnnouncement(id: $id) {
      id
      recipients(state: $state, first: 30, after: $after) {
        nodes {
          id
          fullName
          studentNames
          readAt
          acknowledgedAt
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`);
