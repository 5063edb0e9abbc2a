"""Calendar events: announced tests, work due, events of a class or of the whole school."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.db import Session
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound
from backend.enrolment import access
from backend.organisation.tables import ClassGroup, SchoolYear, Subject
from backend.timetable import events, queries, rules
from backend.timetable.tables import CalendarEvent, EventKind, HalfDay

MOST_A_DAY: Final = 20  # of one class or school
LATEST: Final = timedelta(days=30)  # something may still be entered that long afterwards


@dataclass(frozen=True)
class EventToAdd:
    """An event as it is entered: of a class, or of the whole school when no class is named."""

    class_group_id: UUID | None
    school_id: UUID | None
    kind: EventKind
    day: date
    title: str
    subject_id: UUID | None
    session: HalfDay | None
    period: int | None


async def add_calendar_event(session: Session, actor: Actor, event: EventToAdd) -> UUID:
    """Those who teach or lead a class enter its dates; headteacher and clerk those of every class and of the school.

    Raises NotFound for another class or school, Invalid: timetable.class_or_school, timetable.name_length,
    timetable.outside_year, timetable.event_long_ago, timetable.event_time, timetable.subject_unknown,
    timetable.too_many_events.
    """
    title = rules.clean_title(event.title)
    school_id, year = await _where(session, actor, event)
    if not year.starts_on <= event.day <= year.ends_on:
        raise Invalid("timetable.outside_year", field="day", first=year.starts_on, last=year.ends_on)
    if event.day < clock.today() - LATEST:
        raise Invalid("timetable.event_long_ago", field="day", most=LATEST.days)
    if event.period is not None and (event.session is None or event.period not in range(1, 8)):
        raise Invalid("timetable.event_time", field="period")
    if event.subject_id is not None and await session.get(Subject, event.subject_id) is None:
        raise Invalid("timetable.subject_unknown", field="subject")
    there = (
        col(CalendarEvent.class_group_id) == event.class_group_id
        if event.class_group_id
        else col(CalendarEvent.class_group_id).is_(None)
    )
    known = select(func.count()).select_from(CalendarEvent)
    known = known.where(col(CalendarEvent.school_id) == school_id, col(CalendarEvent.day) == event.day, there)
    if (await session.execute(known)).scalar_one() >= MOST_A_DAY:
        raise Invalid("timetable.too_many_events", field="day", most=MOST_A_DAY)
    assert actor.user_id is not None
    row = CalendarEvent(
        school_id=school_id,
        class_group_id=event.class_group_id,
        subject_id=event.subject_id,
        kind=event.kind,
        day=event.day,
        session=event.session,
        period=event.period,
        title=title,
        created_by=actor.user_id,
    )
    session.add(row)
    record(session, actor, events.CalendarEventAdded(school_id, row.id, event.class_group_id, event.day))
    return row.id


async def _where(session: Session, actor: Actor, event: EventToAdd) -> tuple[UUID, SchoolYear]:
    """The school and the year in which the actor may enter it."""
    if (event.class_group_id is None) == (event.school_id is None):
        raise Invalid("timetable.class_or_school", field="classGroup")
    if event.school_id is not None:
        queries.check_office(actor, event.school_id)
        return event.school_id, await queries.current_year(session, event.school_id)
    statement = (
        select(col(ClassGroup.school_id), SchoolYear)
        .join(SchoolYear, col(SchoolYear.id) == ClassGroup.school_year_id)
        .where(
            col(ClassGroup.id) == event.class_group_id,
            access.sees_class(actor, col(ClassGroup.id), col(ClassGroup.school_id)),
        )
    )
    row = (await session.execute(statement)).first()
    if row is None:
        raise NotFound("core.not_found")
    return row[0], row[1]


async def remove_calendar_event(session: Session, actor: Actor, event_id: UUID) -> UUID:
    """By whoever entered it, or the headteacher; NotFound for everybody else."""
    row = await session.get(CalendarEvent, event_id)
    if row is None:
        raise NotFound("core.not_found")
    staff = row.created_by == actor.user_id and row.school_id in actor.staff_schools
    if not staff and row.school_id not in actor.schools_as(Role.HEADTEACHER):
        raise NotFound("core.not_found")
    await session.delete(row)
    record(session, actor, events.CalendarEventRemoved(row.school_id, row.id, row.title, row.day))
    return event_id
