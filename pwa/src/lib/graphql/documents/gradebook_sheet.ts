/** The teacher's side of the gradebook: what I teach, the score sheet, its writes. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const ColumnFields = graphql(`
  fragment ColumnFields on ScoreColumn {
    id
    kind
    ordinal
    title
    publishedAt
    version
    enteredCount
    studentCount
  }
`);

export const ScoreFields = graphql(`
  fragment ScoreFields on Score {
    id
    columnId
    studentId
    mark
    reason
    version
  }
`);

export const MyTeachingQuery = graphql(`
  query MyTeaching {
    teachingAssignments {
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
  }
`);

/** Who teaches what in a class, and which of it is the viewer's own. */
export const ClassSubjectsQuery = graphql(`
  query ClassSubjects($classGroup: UUID!) {
    classGroup(id: $classGroup) {
      id
      schoolYear {
        id
        secondSemesterOn
      }
    }
    classAssignments(classGroup: $classGroup) {
      id
      teacherName
      subject {
        id
        name
        nameEn
        mode
      }
    }
    teachingAssignments {
      id
    }
  }
`);

export const SheetQuery = graphql(
  `
    query Sheet($classGroup: UUID!, $subject: UUID!, $semester: Semester!) {
      classGroup(id: $classGroup) {
        id
        name
        school {
          id
          name
        }
      }
      teachingAssignments {
        id
        classGroup {
          id
        }
        subject {
          id
          name
          nameEn
          mode
        }
      }
      classAssignments(classGroup: $classGroup) {
        id
        teacherName
        subject {
          id
          name
          nameEn
        }
      }
      scoreColumns(classGroup: $classGroup, subject: $subject, semester: $semester) {
        ...ColumnFields
        subject {
          id
          name
          nameEn
        }
      }
      sheetRows(classGroup: $classGroup, subject: $subject) {
        id
        student {
          id
          fullName
          givenName
        }
        scores(subject: $subject, semester: $semester) {
          ...ScoreFields
        }
        average(subject: $subject, semester: $semester)
      }
    }
  `,
  [ColumnFields, ScoreFields],
);

export const EnterScores = graphql(
  `
    mutation EnterScores($column: UUID!, $rows: [ScoreInput!]!, $correctionReason: String) {
      enterScores(column: $column, rows: $rows, correctionReason: $correctionReason) {
        __typename
        ... on EnterScoresPayload {
          saved {
            ...ScoreFields
          }
          refused {
            student
            problem {
              code
              message
            }
            current {
              ...ScoreFields
            }
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ScoreFields, ProblemFields],
);

export const CreateScoreColumn = graphql(
  `
    mutation CreateScoreColumn(
      $classGroup: UUID!
      $subject: UUID!
      $semester: Semester!
      $kind: ColumnKind!
      $title: String!
    ) {
      createScoreColumn(classGroup: $classGroup, subject: $subject, semester: $semester, kind: $kind, title: $title) {
        __typename
        ... on ScoreColumnPayload {
          column {
            ...ColumnFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ColumnFields, ProblemFields],
);

export const PublishScores = graphql(
  `
    mutation PublishScores($column: UUID!, $version: Int!) {
      publishScores(column: $column, version: $version) {
        __typename
        ... on ScoreColumnPayload {
          column {
            ...ColumnFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ColumnFields, ProblemFields],
);
