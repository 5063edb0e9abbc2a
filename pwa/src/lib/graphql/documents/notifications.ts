import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const NotificationFields = graphql(`
  fragment NotificationFields on Notification {
    id
    kind
    title
    body
    link
    createdAt
    readAt
    studentId
  }
`);

export const InboxQuery = graphql(
  `
    query Inbox($first: Int!, $after: String) {
      inbox(first: $first, after: $after) {
        nodes {
          ...NotificationFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [NotificationFields],
);

/** For the badge. */
export const UnreadQuery = graphql(`
  query Unread {
    inboxSummary {
      unreadCount
    }
  }
`);

export const ReadNotification = graphql(
  `
    mutation ReadNotification($id: UUID!) {
      readNotification(id: $id) {
        __typename
        ... on ReadNotificationPayload {
          notification {
            id
            link
            readAt
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const ReadAllNotifications = graphql(
  `
    mutation ReadAllNotifications {
      readAllNotifications {
        __typename
        ... on ReadAllNotificationsPayload {
          ok
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const DevicesQuery = graphql(`
  query Devices {
    devices {
      id
      channel
      label
      createdAt
      lastSentAt
      confirmedAt
      current
    }
  }
`);

export const PushKeyQuery = graphql(`
  query PushKey {
    pushKey
  }
`);

export const AddWebPushDevice = graphql(
  `
    mutation AddWebPushDevice($endpoint: String!, $p256dh: String!, $auth: String!, $label: String!) {
      addWebPushDevice(endpoint: $endpoint, p256dh: $p256dh, auth: $auth, label: $label) {
        __typename
        ... on AddDevicePayload {
          device {
            id
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const RemoveDevice = graphql(
  `
    mutation RemoveDevice($id: UUID!) {
      removeDevice(id: $id) {
        __typename
        ... on RemoveDevicePayload {
          id
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const SendTestPush = graphql(
  `
    mutation SendTestPush($device: UUID!) {
      sendTestPush(device: $device) {
        __typename
        ... on SendTestPushPayload {
          notification
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const ConfirmTestPush = graphql(
  `
    mutation ConfirmTestPush($device: UUID!) {
      confirmTestPush(device: $device) {
        __typename
        ... on AddDevicePayload {
          device {
            id
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
