import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

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
