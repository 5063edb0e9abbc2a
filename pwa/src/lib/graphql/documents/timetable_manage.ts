/** What the office does with timetables, single lessons, bells and rooms. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';
import { LessonFields } from './timetable.ts';

export const PeriodFields = graphql(`
  fragment PeriodFields on Period {
    id
    session
    number
    startsAt
    endsAt
  }
`);

export const TimetableFields = graphql(`
  fragment TimetableFields on Timetable {
    id
    name
    startsOn
    publishedAt
    version
    entryCount
  }
`);

export const EntryFields = graphql(`
  fragment EntryFields on TimetableEntry {
    id
    weekday
    session
    period
    parity
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
  }
`);

export const RoomsQuery = graphql(`
  query Rooms($school: UUID!) {
    rooms(school: $school) {
      id
      name
    }
  }
`);

export const PeriodsQuery = graphql(
  `
    query Periods($school: UUID!) {
      periods(school: $school) {
        ...PeriodFields
      }
    }
  `,
  [PeriodFields],
);

export const TeachersQuery = graphql(`
  query Teachers($school: UUID!, $after: String) {
    staffMembers(school: $school, first: 100, after: $after) {
      nodes {
        id
        code
        user {
          id
          fullName
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
`);

export const AssignedQuery = graphql(`
  query Assigned($classGroup: UUID!) {
    classAssignments(classGroup: $classGroup) {
      id
      teacherName
      subject {
        id
        name
        nameEn
      }
    }
  }
`);

export const ToldQuery = graphql(`
  query Told($audience: AudienceInput!) {
    announcementAudience(audience: $audience) {
      recipientCount
    }
  }
`);

export const TimetablesQuery = graphql(
  `
    query Timetables($school: UUID!) {
      timetables(school: $school) {
        ...TimetableFields
      }
    }
  `,
  [TimetableFields],
);

export const EntriesQuery = graphql(
  `
    query Entries($timetable: UUID!, $classGroup: UUID!) {
      timetableEntries(timetable: $timetable, classGroup: $classGroup) {
        ...EntryFields
      }
    }
  `,
  [EntryFields],
);

export const CreateTimetable = graphql(
  `
    mutation CreateTimetable($school: UUID!, $name: String!, $startsOn: Date!, $copyFrom: UUID) {
      createTimetable(school: $school, name: $name, startsOn: $startsOn, copyFrom: $copyFrom) {
        __typename
        ... on TimetablePayload {
          timetable {
            ...TimetableFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [TimetableFields, ProblemFields],
);

export const PublishTimetable = graphql(
  `
    mutation PublishTimetable($id: UUID!, $version: Int!) {
      publishTimetable(id: $id, version: $version) {
        __typename
        ... on TimetablePayload {
          timetable {
            ...TimetableFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [TimetableFields, ProblemFields],
);

export const DeleteTimetable = graphql(
  `
    mutation DeleteTimetable($id: UUID!) {
      deleteTimetable(id: $id) {
        __typename
        ... on DeleteTimetablePayload {
          id
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const SetEntry = graphql(
  `
    mutation SetEntry($timetable: UUID!, $entry: EntryInput!) {
      setEntry(timetable: $timetable, entry: $entry) {
        __typename
        ... on EntryPayload {
          entry {
            ...EntryFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [EntryFields, ProblemFields],
);

export const RemoveEntry = graphql(
  `
    mutation RemoveEntry($id: UUID!) {
      removeEntry(id: $id) {
        __typename
        ... on RemoveEntryPayload {
          id
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const SetPeriods = graphql(
  `
    mutation SetPeriods($school: UUID!, $periods: [PeriodInput!]!) {
      setPeriods(school: $school, periods: $periods) {
        __typename
        ... on SetPeriodsPayload {
          periods {
            ...PeriodFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [PeriodFields, ProblemFields],
);

export const AddRoom = graphql(
  `
    mutation AddRoom($school: UUID!, $name: String!) {
      addRoom(school: $school, name: $name) {
        __typename
        ... on AddRoomPayload {
          room {
            id
            name
          }
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const ChangeLesson = graphql(
  `
    mutation ChangeLesson($change: LessonChangeInput!) {
      changeLesson(change: $change) {
        __typename
        ... on ChangeLessonPayload {
          lessons {
            ...LessonFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [LessonFields, ProblemFields],
);

export const UndoLessonChange = graphql(
  `
    mutation UndoLessonChange($classGroup: UUID!, $day: Date!, $session: HalfDay!, $period: Int!) {
      undoLessonChange(classGroup: $classGroup, day: $day, session: $session, period: $period) {
        __typename
        ... on UndoLessonChangePayload {
          ok
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);
