/** Reading the timetable: one week of a class, of oneself, of a teacher or of a room; events; one's calendar address. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const LessonFields = graphql(`
  fragment LessonFields on Lesson {
    id
    day
    week
    session
    period
    startsAt
    endsAt
    change
    note
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
    room {
      id
      name
    }
    regularTeacher {
      id
      fullName
    }
    regularRoom {
      id
      name
    }
  }
`);

export const SchoolDayFields = graphql(`
  fragment SchoolDayFields on SchoolDay {
    id
    day
    teaches
    week
    odd
    holiday
  }
`);

export const EventFields = graphql(`
  fragment EventFields on CalendarEvent {
    id
    kind
    day
    session
    period
    title
    mine
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
`);

export const ClassWeekQuery = graphql(
  `
    query ClassWeek($of: UUID!, $school: UUID!, $from: Date!, $to: Date!) {
      lessons: classLessons(classGroup: $of, from: $from, to: $to) {
        ...LessonFields
      }
      days: schoolDays(school: $school, from: $from, to: $to) {
        ...SchoolDayFields
      }
      events: calendarEvents(classGroup: $of, from: $from, to: $to) {
        ...EventFields
      }
    }
  `,
  [LessonFields, SchoolDayFields, EventFields],
);

export const MyWeekQuery = graphql(
  `
    query MyWeek($school: UUID!, $from: Date!, $to: Date!) {
      lessons: myLessons(from: $from, to: $to) {
        ...LessonFields
      }
      days: schoolDays(school: $school, from: $from, to: $to) {
        ...SchoolDayFields
      }
    }
  `,
  [LessonFields, SchoolDayFields],
);

export const TeacherWeekQuery = graphql(
  `
    query TeacherWeek($of: UUID!, $school: UUID!, $from: Date!, $to: Date!) {
      lessons: teacherLessons(school: $school, teacher: $of, from: $from, to: $to) {
        ...LessonFields
      }
      days: schoolDays(school: $school, from: $from, to: $to) {
        ...SchoolDayFields
      }
    }
  `,
  [LessonFields, SchoolDayFields],
);

export const RoomWeekQuery = graphql(
  `
    query RoomWeek($of: UUID!, $school: UUID!, $from: Date!, $to: Date!) {
      lessons: roomLessons(room: $of, from: $from, to: $to) {
        ...LessonFields
      }
      days: schoolDays(school: $school, from: $from, to: $to) {
        ...SchoolDayFields
      }
    }
  `,
  [LessonFields, SchoolDayFields],
);

/** Whose timetables a member of the staff may choose among. */
export const SeenClassesQuery = graphql(`
  query SeenClasses($school: UUID!) {
    classGroups(school: $school) {
      id
      name
      grade
    }
  }
`);

export const AddCalendarEvent = graphql(
  `
    mutation AddCalendarEvent(
      $classGroup: UUID
      $school: UUID
      $kind: EventKind!
      $day: Date!
      $title: String!
      $subject: UUID
      $session: HalfDay
      $period: Int
    ) {
      addCalendarEvent(
        classGroup: $classGroup
        school: $school
        kind: $kind
        day: $day
        title: $title
        subject: $subject
        session: $session
        period: $period
      ) {
        __typename
        ... on CalendarEventPayload {
          event {
            ...EventFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [EventFields, ProblemFields],
);

export const RemoveCalendarEvent = graphql(
  `
    mutation RemoveCalendarEvent($id: UUID!) {
      removeCalendarEvent(id: $id) {
        __typename
        ... on RemoveCalendarEventPayload {
          id
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const CalendarFeedQuery = graphql(`
  query CalendarFeed {
    calendarFeed {
      id
      createdAt
      lastReadAt
    }
  }
`);

export const CreateCalendarFeed = graphql(
  `
    mutation CreateCalendarFeed {
      createCalendarFeed {
        __typename
        ... on CreateCalendarFeedPayload {
          path
          feed {
            id
            createdAt
            lastReadAt
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const RevokeCalendarFeed = graphql(
  `
    mutation RevokeCalendarFeed {
      revokeCalendarFeed {
        __typename
        ... on RevokeCalendarFeedPayload {
          ok
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
