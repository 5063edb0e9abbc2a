/** The school's side of attendance: registers, the leader's board, patterns, settings. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const RegisterMark = graphql(`
  fragment RegisterMark on AttendanceMark {
    id
    status
    minutes
    explicit
    recordedAt
    recordedBy {
      id
      fullName
    }
  }
`);

export const RegisterTaken = graphql(`
  fragment RegisterTaken on Register {
    id
    takenAt
    takenBy {
      id
      fullName
    }
  }
`);

/** What the viewer may take that day, which of it she is expected to take, and where she teaches when. */
export const RegisterTasksQuery = graphql(
  `
    query RegisterTasks($day: Date!) {
      registerTasks(day: $day) {
        id
        classGroup {
          id
          name
        }
        day
        session
        period
        subject {
          id
          name
          nameEn
        }
        startsAt
        endsAt
        register {
          ...RegisterTaken
        }
        mine
        studentCount
        absentCount
      }
      myLessons(from: $day, to: $day) {
        id
        session
        period
        startsAt
        endsAt
        change
        classGroup {
          id
        }
        teacher {
          id
        }
      }
    }
  `,
  [RegisterTaken],
);

/** Every pupil of a class with what is saved for one register. `byPeriod`: also what the half-day says. */
export const RegisterQuery = graphql(
  `
    query Register($classGroup: UUID!, $day: Date!, $session: HalfDay!, $period: Int!, $byPeriod: Boolean!) {
      classGroup(id: $classGroup) {
        id
        name
      }
      register(classGroup: $classGroup, day: $day, session: $session, period: $period) {
        ...RegisterTaken
      }
      registerRows(classGroup: $classGroup) {
        id
        studentId
        student {
          id
          fullName
        }
        mark(day: $day, session: $session, period: $period) {
          ...RegisterMark
        }
        sessionMark(day: $day, session: $session) @include(if: $byPeriod) {
          id
          status
        }
        excused(day: $day, session: $session)
      }
    }
  `,
  [RegisterMark, RegisterTaken],
);

export const RegisterHistoryQuery = graphql(`
  query RegisterHistory($classGroup: UUID!, $day: Date!, $session: HalfDay!, $period: Int!) {
    registerRows(classGroup: $classGroup) {
      id
      student {
        id
        fullName
      }
      history(day: $day, session: $session, period: $period) {
        id
        status
        minutes
        explicit
        decidedAt
        receivedAt
        recordedBy {
          id
          fullName
        }
      }
    }
  }
`);

export const TakeRegister = graphql(
  `
    mutation TakeRegister(
      $classGroup: UUID!
      $day: Date!
      $session: HalfDay!
      $period: Int!
      $deviceTime: DateTime!
      $operations: [OperationInput!]!
    ) {
      takeRegister(
        classGroup: $classGroup
        day: $day
        session: $session
        period: $period
        deviceTime: $deviceTime
        operations: $operations
      ) {
        __typename
        ... on TakeRegisterPayload {
          register {
            ...RegisterTaken
          }
          rows {
            id
            studentId
            mark(day: $day, session: $session, period: $period) {
              ...RegisterMark
            }
          }
          received
          refused {
            id
            problem {
              code
              message
            }
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields, RegisterMark, RegisterTaken],
);

/** The leader's board: one row per class and session that has lessons. */
export const ClassDaysQuery = graphql(
  `
    query ClassDays($school: UUID!, $day: Date!) {
      classDays(school: $school, day: $day) {
        id
        classGroup {
          id
          name
          grade
        }
        session
        register {
          ...RegisterTaken
        }
        studentCount
        excused
        unexcused
        late
        startsAt
      }
    }
  `,
  [RegisterTaken],
);

export const AbsencePatternsQuery = graphql(`
  query AbsencePatterns($school: UUID!) {
    absencePatterns(school: $school) {
      id
      student {
        id
        fullName
        classGroup {
          id
          name
        }
      }
      kind
      halfDays
      since
      counted
      lastDay
    }
  }
`);

export const AttendanceSettingsFields = graphql(`
  fragment AttendanceSettingsFields on AttendanceSettings {
    id
    byPeriod
    answerMinutes
    safetyMinutes
    reminderMinutes
    homeroomLeaveDays
    holdRemarks
  }
`);

export const AttendanceSettingsQuery = graphql(
  `
    query AttendanceSettings($school: UUID!) {
      attendanceSettings(school: $school) {
        ...AttendanceSettingsFields
      }
    }
  `,
  [AttendanceSettingsFields],
);

export const SetAttendanceSettings = graphql(
  `
    mutation SetAttendanceSettings(
      $school: UUID!
      $byPeriod: Boolean!
      $answerMinutes: Int!
      $safetyMinutes: Int!
      $reminderMinutes: Int!
      $homeroomLeaveDays: Int!
      $holdRemarks: Boolean!
    ) {
      setAttendanceSettings(
        school: $school
        byPeriod: $byPeriod
        answerMinutes: $answerMinutes
        safetyMinutes: $safetyMinutes
        reminderMinutes: $reminderMinutes
        homeroomLeaveDays: $homeroomLeaveDays
        holdRemarks: $holdRemarks
      ) {
        __typename
        ... on AttendanceSettingsPayload {
          settings {
            ...AttendanceSettingsFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [AttendanceSettingsFields, ProblemFields],
);
