import { graphql } from './graphql.ts';

export const MarkFields = graphql(`
  fragment MarkFields on PublishedScore {
    id
    semester
    kind
    ordinal
    title
    mark
    reason
    publishedAt
  }
`);

/** Published marks of one child in one semester, by subject in the order of the report card. */
export const MarksQuery = graphql(
  `
    query Marks($student: UUID!, $semester: Semester!) {
      student(id: $student) {
        id
        fullName
        givenName
        classGroup {
          id
          name
          schoolYear {
            id
            name
            secondSemesterOn
          }
        }
      }
      subjectMarks(student: $student, semester: $semester) {
        id
        semester
        average
        yearAverage
        subject {
          id
          code
          name
          nameEn
          mode
        }
        scores {
          ...MarkFields
        }
      }
    }
  `,
  [MarkFields],
);
