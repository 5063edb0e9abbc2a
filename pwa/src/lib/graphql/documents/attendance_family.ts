import { graphql } from './graphql.ts';

/** One mark, as the family of the child sees it. */
export const ChildMarkFields = graphql(`
  fragment ChildMarkFields on AttendanceMark {
    id
    day
    session
    period
    status
    minutes
    counted
    reason
    recordedAt
    recordedBy {
      id
      fullName
    }
  }
`);

/** A month of one child, and how many sessions of the year count toward the 45. */
export const ChildAttendanceQuery = graphql(
  `
    query ChildAttendance($student: UUID!, $from: Date!, $to: Date!) {
      student(id: $student) {
        id
        fullName
        givenName
        classGroup {
          id
          name
        }
      }
      attendanceMarks(student: $student, from: $from, to: $to) {
        ...ChildMarkFields
      }
      attendanceCount(student: $student) {
        id
        counted
        excused
        unexcused
        late
      }
    }
  `,
  [ChildMarkFields],
);
