"""GraphQL of holidays, frames of a year and calendar events."""

from datetime import date
from uuid import UUID

import strawberry

from backend.core.actor import Permission
from backend.core.graphql import Info, Problem, Ref, mutation, root
from backend.timetable import dates, holidays, tables
from backend.timetable.api import CalendarEvent, Holiday, YearFrame, own_units


@strawberry.type
class CalendarQuery:
    unit_holidays: list[Holiday] = root(
        Permission.CALENDAR_MANAGE,
        where=lambda it, actor: own_units(it, actor),
        order=lambda it: (it.starts_on,),
        description="Those of the officer's unit, which every school below inherits",
    )
    year_frames: list[YearFrame] = root(
        Permission.CALENDAR_MANAGE,
        where=lambda it, actor: own_units(it, actor),
        order=lambda it: (it.name.desc(),),
        cap=20,
    )


@strawberry.type
class HolidayPayload:
    holiday: Holiday


@strawberry.type
class RemoveHolidayPayload:
    id: UUID


@strawberry.type
class YearFramePayload:
    """`schoolCount`: the schools whose year was set."""

    year_frame: YearFrame
    school_count: int


@strawberry.type
class CalendarEventPayload:
    event: CalendarEvent


@strawberry.type
class RemoveCalendarEventPayload:
    id: UUID


@strawberry.type
class CalendarMutation:
    @mutation(Permission.CALENDAR_MANAGE)
    async def add_holiday(
        self,
        info: Info,
        kind: tables.HolidayKind,
        name: str,
        starts_on: date,
        ends_on: date,
        school: UUID | None = None,
        as_weekday: int | None = None,
    ) -> HolidayPayload | Problem:
        """Days off, or a make-up day taught as another weekday. Without `school`: for every school below the unit."""
        made = await info.context.write(holidays.add_holiday, school, kind, name, starts_on, ends_on, as_weekday)
        return HolidayPayload(holiday=Ref.of(Holiday, made))

    @mutation(Permission.CALENDAR_MANAGE)
    async def remove_holiday(self, info: Info, id: UUID) -> RemoveHolidayPayload | Problem:
        return RemoveHolidayPayload(id=await info.context.write(holidays.remove_holiday, id))

    @mutation(Permission.CALENDAR_MANAGE)
    async def set_year_frame(
        self, info: Info, name: str, starts_on: date, second_semester_on: date, ends_on: date
    ) -> YearFramePayload | Problem:
        """The frame of a school year, for every school below the officer's unit."""
        frame, schools = await info.context.write(holidays.set_year_frame, name, starts_on, second_semester_on, ends_on)
        return YearFramePayload(year_frame=Ref.of(YearFrame, frame), school_count=schools)

    @mutation(Permission.EVENT_WRITE)
    async def add_calendar_event(
        self,
        info: Info,
        kind: tables.EventKind,
        day: date,
        title: str,
        class_group: UUID | None = None,
        school: UUID | None = None,
        subject: UUID | None = None,
        session: tables.HalfDay | None = None,
        period: int | None = None,
    ) -> CalendarEventPayload | Problem:
        """Of one class, or of the whole school: exactly one of `classGroup` and `school` is given."""
        event = dates.EventToAdd(class_group, school, kind, day, title, subject, session, period)
        return CalendarEventPayload(
            event=Ref.of(CalendarEvent, await info.context.write(dates.add_calendar_event, event))
        )

    @mutation(Permission.EVENT_WRITE)
    async def remove_calendar_event(self, info: Info, id: UUID) -> RemoveCalendarEventPayload | Problem:
        return RemoveCalendarEventPayload(id=await info.context.write(dates.remove_calendar_event, id))
