/** The class register (sổ ghi đầu bài): lessons to log, signing, the week of a class, remarks about pupils. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const LoggedLessonFields = graphql(`
  fragment LoggedLessonFields on Lesson {
    id
    day
    session
    period
    startsAt
    endsAt
    change
    classGroup {
      id
      name
    }
    subject {
      id
      name
      nameEn
    }
    teacher {
      id
      fullName
    }
  }
`);

export const LogFields = graphql(`
  fragment LogFields on LessonLog {
    id
    day
    session
    period
    syllabusNumber
    content
    remark
    rating
    late
    signedAt
    version
    subject {
      id
      name
      nameEn
    }
    teacher {
      id
      fullName
    }
    absent {
      id
      studentId
      status
    }
    remarks {
      id
      kind
      text
      held
      student {
        id
        fullName
      }
    }
  }
`);

export const LessonsToLogQuery = graphql(
  `
    query LessonsToLog($from: Date!, $to: Date!) {
      lessonsToLog(from: $from, to: $to) {
        ...LoggedLessonFields
      }
    }
  `,
  [LoggedLessonFields],
);

/** What the form of one lesson needs; the logs before it tell the number in the syllabus. */
export const LessonFormQuery = graphql(
  `
    query LessonForm($classGroup: UUID!, $day: Date!, $from: Date!) {
      classLessons(classGroup: $classGroup, from: $day, to: $day) {
        ...LoggedLessonFields
      }
      lessonLogs(classGroup: $classGroup, from: $from, to: $day) {
        ...LogFields
      }
      roster(classGroup: $classGroup) {
        id
        student {
          id
          fullName
        }
      }
    }
  `,
  [LoggedLessonFields, LogFields],
);

export const LogWeekQuery = graphql(
  `
    query LogWeek($classGroup: UUID!, $from: Date!, $to: Date!) {
      classGroup(id: $classGroup) {
        id
        name
      }
      classLessons(classGroup: $classGroup, from: $from, to: $to) {
        ...LoggedLessonFields
      }
      lessonLogs(classGroup: $classGroup, from: $from, to: $to) {
        ...LogFields
      }
      roster(classGroup: $classGroup) {
        id
        student {
          id
          givenName
        }
      }
      closedWeek(classGroup: $classGroup, startsOn: $from) {
        id
        closedAt
        closedBy {
          id
          fullName
        }
      }
    }
  `,
  [LoggedLessonFields, LogFields],
);

export const LogClassesQuery = graphql(`
  query LogClasses($school: UUID!) {
    classGroups(school: $school) {
      id
      name
      grade
    }
  }
`);

export const RemarkFields = graphql(`
  fragment RemarkFields on LessonRemark {
    id
    kind
    text
    day
    createdAt
    releasedAt
    held
    author {
      id
      fullName
    }
    subject {
      id
      name
      nameEn
    }
    student {
      id
      fullName
      givenName
    }
  }
`);

export const HeldRemarksQuery = graphql(
  `
    query HeldRemarks {
      heldRemarks {
        ...RemarkFields
      }
    }
  `,
  [RemarkFields],
);

export const RemarksQuery = graphql(
  `
    query Remarks($student: UUID!, $after: String) {
      student(id: $student) {
        id
        givenName
      }
      remarks(student: $student, first: 20, after: $after) {
        nodes {
          ...RemarkFields
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  `,
  [RemarkFields],
);

export const SignLesson = graphql(
  `
    mutation SignLesson(
      $classGroup: UUID!
      $day: Date!
      $session: HalfDay!
      $period: Int!
      $content: String!
      $syllabusNumber: Int
      $remark: String!
      $rating: LessonRating
      $remarks: [RemarkInput!]!
      $version: Int!
    ) {
      signLesson(
        classGroup: $classGroup
        day: $day
        session: $session
        period: $period
        content: $content
        syllabusNumber: $syllabusNumber
        remark: $remark
        rating: $rating
        remarks: $remarks
        version: $version
      ) {
        __typename
        ... on SignLessonPayload {
          log {
            id
            late
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const ReleaseRemark = graphql(
  `
    mutation ReleaseRemark($id: UUID!) {
      releaseRemark(id: $id) {
        __typename
        ... on RemarkPayload {
          remark {
            id
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const DropRemark = graphql(
  `
    mutation DropRemark($id: UUID!) {
      dropRemark(id: $id) {
        __typename
        ... on DropRemarkPayload {
          id
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const CloseWeek = graphql(
  `
    mutation CloseWeek($classGroup: UUID!, $startsOn: Date!) {
      closeWeek(classGroup: $classGroup, startsOn: $startsOn) {
        __typename
        ... on CloseWeekPayload {
          ok
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const ReopenWeek = graphql(
  `
    mutation ReopenWeek($classGroup: UUID!, $startsOn: Date!) {
      reopenWeek(classGroup: $classGroup, startsOn: $startsOn) {
        __typename
        ... on ReopenWeekPayload {
          ok
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
