/** Holidays, make-up days and the frame of the school year: a school's own, and those of the department. */
import { graphql } from './graphql.ts';
import { ProblemFields } from './problem.ts';

export const HolidayFields = graphql(`
  fragment HolidayFields on Holiday {
    id
    kind
    name
    startsOn
    endsOn
    asWeekday
    inherited
  }
`);

export const YearFrameFields = graphql(`
  fragment YearFrameFields on YearFrame {
    id
    name
    startsOn
    secondSemesterOn
    endsOn
  }
`);

export const HolidaysQuery = graphql(
  `
    query Holidays($school: UUID!) {
      holidays(school: $school) {
        ...HolidayFields
      }
    }
  `,
  [HolidayFields],
);

export const UnitCalendarQuery = graphql(
  `
    query UnitCalendar {
      unitHolidays {
        ...HolidayFields
      }
      yearFrames {
        ...YearFrameFields
      }
      schools {
        id
      }
    }
  `,
  [HolidayFields, YearFrameFields],
);

export const AddHoliday = graphql(
  `
    mutation AddHoliday(
      $school: UUID
      $kind: HolidayKind!
      $name: String!
      $startsOn: Date!
      $endsOn: Date!
      $asWeekday: Int
    ) {
      addHoliday(
        school: $school
        kind: $kind
        name: $name
        startsOn: $startsOn
        endsOn: $endsOn
        asWeekday: $asWeekday
      ) {
        __typename
        ... on HolidayPayload {
          holiday {
            ...HolidayFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [HolidayFields, ProblemFields],
);

export const RemoveHoliday = graphql(
  `
    mutation RemoveHoliday($id: UUID!) {
      removeHoliday(id: $id) {
        __typename
        ... on RemoveHolidayPayload {
          id
        }
        ...ProblemFields
      }
    }
  `,
  [ProblemFields],
);

export const SetYearFrame = graphql(
  `
    mutation SetYearFrame($name: String!, $startsOn: Date!, $secondSemesterOn: Date!, $endsOn: Date!) {
      setYearFrame(name: $name, startsOn: $startsOn, secondSemesterOn: $secondSemesterOn, endsOn: $endsOn) {
        __typename
        ... on YearFramePayload {
          schoolCount
          yearFrame {
            ...YearFrameFields
          }
        }
        ...ProblemFields
      }
    }
  `,
  [YearFrameFields, ProblemFields],
);
