import { SentFields } from './announcements_sent.ts';
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
        studentCount
        linkedStudentCount
      }
    }
  `,
  [ColumnFields, SentFields],
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
