"""GraphQL of the timetable as people read it: dated lessons, school days, bells, rooms, dates, holidays."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import strawberry
from sqlalchemy import and_, exists, func, or_, select
from sqlmodel import col

from backend.core.actor import WHOLE_SCHOOL, Permission, Role
from backend.core.graphql import column, edge, one_of, root, source
from backend.enrolment import access
from backend.identity.tables import RoleGrant, User
from backend.organisation.api import ClassGroup, Subject
from backend.organisation.tables import ClassGroup as ClassTable
from backend.organisation.tables import School as SchoolTable
from backend.organisation.tables import SchoolYear as YearTable
from backend.organisation.tables import Unit
from backend.timetable import tables
from backend.timetable.lessons import LESSONS

for _kind in (tables.HalfDay, tables.WeekParity, tables.HolidayKind, tables.ChangeKind, tables.EventKind):
    strawberry.enum(_kind)

LONGEST_SPAN: Final = 62  # days of lessons one read may cover
STAFF: Final = (Role.SUBJECT_TEACHER, Role.HOMEROOM_TEACHER, *WHOLE_SCHOOL)
_SPAN: Final = {"from": date, "to": date}
_Entry = tables.TimetableEntry


@source(User)
class Person:
    """A user by name only."""

    id: UUID = column()
    full_name: str = column()


@source(tables.Room)
class Room:
    id: UUID = column()
    name: str = column()


def clock_text(time: Any) -> Any:
    """A time of day as "07:00"."""
    return func.to_char(time, "HH24:MI")


@source(tables.Period)
class Period:
    """A bell: when a period of a session begins and ends, Vietnamese time."""

    id: UUID = column()
    session: tables.HalfDay = column()
    number: int = column()
    starts_at: str = column(lambda me: clock_text(me.starts_at), description='"07:00"')
    ends_at: str = column(lambda me: clock_text(me.ends_at))


@source(tables.SchoolDay)
class SchoolDay:
    id: UUID = column()
    day: date = column()
    teaches: bool = column()
    weekday: int = column(description="The weekday whose lessons are taught; Monday is 1")
    week: int = column()
    odd: bool = column()
    holiday: str | None = column(description="The name of the holiday, or of the make-up day")


@source(LESSONS)
class Lesson:
    """One lesson of one day, with the change that lies over it. A cancelled one stays, with change CANCELLED."""

    id: UUID = column()
    day: date = column()
    week: int = column()
    session: tables.HalfDay = column()
    period: int = column()
    starts_at: str | None = column(lambda me: clock_text(me.starts_at))
    ends_at: str | None = column(lambda me: clock_text(me.ends_at))
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    subject: Subject = edge(lambda me, it: it.id == me.subject_id)
    teacher: Person = edge(lambda me, it: it.id == me.user_id)
    room: Room | None = edge(lambda me, it: it.id == me.room_id)
    regular_teacher: Person = edge(lambda me, it: it.id == me.regular_user_id)
    regular_room: Room | None = edge(lambda me, it: it.id == me.regular_room_id)
    change: tables.ChangeKind | None = column()
    note: str = column()


@source(tables.CalendarEvent)
class CalendarEvent:
    """A test, work due or an event; of one class, or of the whole school when `classGroup` is null."""

    id: UUID = column()
    kind: tables.EventKind = column()
    day: date = column()
    session: tables.HalfDay | None = column()
    period: int | None = column()
    title: str = column()
    class_group: ClassGroup | None = edge(lambda me, it: it.id == me.class_group_id)
    subject: Subject | None = edge(lambda me, it: it.id == me.subject_id)
    mine: bool = column(lambda me, actor: me.created_by == actor.user_id, description="Entered by the viewer")


@source(tables.Timetable)
class Timetable:
    id: UUID = column()
    name: str = column()
    starts_on: date = column()
    published_at: datetime | None = column()
    version: int = column()
    entry_count: int = column(
        lambda me: select(func.count()).select_from(_Entry).where(col(_Entry.timetable_id) == me.id).scalar_subquery()
    )


@source(tables.TimetableEntry)
class TimetableEntry:
    """A weekly lesson."""

    id: UUID = column()
    weekday: int = column()
    session: tables.HalfDay = column()
    period: int = column()
    parity: tables.WeekParity = column()
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    subject: Subject = edge(lambda me, it: it.id == me.subject_id)
    teacher: Person = edge(lambda me, it: it.id == me.user_id)
    room: Room | None = edge(lambda me, it: it.id == me.room_id)


@source(tables.Holiday)
class Holiday:
    id: UUID = column()
    kind: tables.HolidayKind = column()
    name: str = column()
    starts_on: date = column()
    ends_on: date = column()
    as_weekday: int | None = column()
    inherited: bool = column(lambda me: me.unit_id.is_not(None), description="Set by the department")


@source(tables.YearFrame)
class YearFrame:
    id: UUID = column()
    name: str = column()
    starts_on: date = column()
    second_semester_on: date = column()
    ends_on: date = column()


def in_order(it: Any) -> tuple[Any, ...]:
    """Lessons by day, morning before afternoon, period."""
    return (it.day, it.session.desc(), it.period)


def _within(it: Any, args: Any) -> Any:
    """From `from` to `to`, at most LONGEST_SPAN days."""
    first = getattr(args, "from")
    return and_(it.day >= first, it.day <= args.to, it.day < first + LONGEST_SPAN)


def _school_of(class_group_id: Any) -> Any:
    return select(col(ClassTable.school_id)).where(col(ClassTable.id) == class_group_id).scalar_subquery()


def _reads_class(actor: Any, class_group_id: Any) -> Any:
    """Families of the class, and staff who see it."""
    return or_(
        access.studies_in(actor, class_group_id),
        access.sees_class(actor, class_group_id, _school_of(class_group_id)),
    )


def _class_lessons(it: Any, args: Any, actor: Any) -> Any:
    return and_(
        it.class_group_id == args.class_group,
        it.school_id == _school_of(args.class_group),  # reaches the index of school_day
        _within(it, args),
        _reads_class(actor, args.class_group),
    )


def _given_by(it: Any, user_id: Any) -> Any:
    """Given by this teacher, or taken from her."""
    return or_(it.user_id == user_id, it.regular_user_id == user_id)


def _my_lessons(it: Any, args: Any, actor: Any) -> Any:
    return and_(one_of(it.school_id, actor.schools_as(*STAFF)), _within(it, args), _given_by(it, actor.user_id))


def _teacher_lessons(it: Any, args: Any, actor: Any) -> Any:
    return and_(
        it.school_id == args.school,
        one_of(args.school, actor.schools_as(*STAFF)),
        _within(it, args),
        _given_by(it, args.teacher),
    )


def _room_lessons(it: Any, args: Any, actor: Any) -> Any:
    school = select(col(tables.Room.school_id)).where(col(tables.Room.id) == args.room).scalar_subquery()
    return and_(
        it.school_id == school,
        one_of(it.school_id, actor.schools_as(*STAFF)),
        _within(it, args),
        or_(it.room_id == args.room, it.regular_room_id == args.room),
    )


def _events(it: Any, args: Any, actor: Any) -> Any:
    of_school = and_(it.class_group_id.is_(None), it.school_id == _school_of(args.class_group))
    return and_(
        or_(it.class_group_id == args.class_group, of_school),
        _within(it, args),
        _reads_class(actor, args.class_group),
    )


def _holidays(it: Any, args: Any, actor: Any) -> Any:
    """The school's own and those of the units above it, that touch its current year."""
    units = select(col(SchoolTable.unit_id)).where(col(SchoolTable.id) == args.school)
    above = select(col(Unit.parent_id)).where(col(Unit.id).in_(units))
    this_year = exists().where(
        col(YearTable.school_id) == args.school,
        col(YearTable.is_current),
        col(YearTable.starts_on) <= it.ends_on,
        col(YearTable.ends_on) >= it.starts_on,
    )
    whose = or_(it.school_id == args.school, it.unit_id.in_(units), it.unit_id.in_(above))
    return and_(one_of(args.school, actor.schools), whose, this_year)


def own_units(it: Any, actor: Any) -> Any:
    """The units at which the viewer is an officer."""
    return it.unit_id.in_(
        select(col(RoleGrant.unit_id)).where(
            col(RoleGrant.user_id) == actor.user_id, col(RoleGrant.role) == Role.PROVINCIAL_OFFICER.value
        )
    )


def _lessons(permission: Permission, where: Any, description: str, **arguments: Any) -> Any:
    """Lessons of a span of days: usually a week of one class or person, at most two months."""
    return root(
        permission,
        arguments={**arguments, **_SPAN},
        where=where,
        order=in_order,
        cap=600,
        usual=60,
        description=f"{description}; at most {LONGEST_SPAN} days, by day, session and period",
    )


@strawberry.type
class TimetableQuery:
    class_lessons: list[Lesson] = _lessons(
        Permission.TIMETABLE_READ,
        lambda it, args, actor: _class_lessons(it, args, actor),
        "Lessons of a class; families see those of their children's classes",
        class_group=UUID,
    )
    my_lessons: list[Lesson] = _lessons(
        Permission.TIMETABLE_READ,
        lambda it, args, actor: _my_lessons(it, args, actor),
        "A teacher's own lessons, those she substitutes in, and those taken from her (their teacher is another)",
    )
    teacher_lessons: list[Lesson] = _lessons(
        Permission.CLASS_READ,
        lambda it, args, actor: _teacher_lessons(it, args, actor),
        "A colleague's lessons",
        school=UUID,
        teacher=UUID,
    )
    room_lessons: list[Lesson] = _lessons(
        Permission.CLASS_READ,
        lambda it, args, actor: _room_lessons(it, args, actor),
        "Lessons in a room, and those moved out of it",
        room=UUID,
    )
    school_days: list[SchoolDay] = root(
        Permission.TIMETABLE_READ,
        arguments={"school": UUID, **_SPAN},
        where=lambda it, args, actor: and_(
            it.school_id == args.school,
            one_of(it.school_id, actor.schools),
            it.day >= getattr(args, "from"),
            it.day <= args.to,
        ),
        order=lambda it: (it.day,),
        cap=370,
        usual=62,
    )
    periods: list[Period] = root(
        Permission.TIMETABLE_READ,
        arguments={"school": UUID},
        where=lambda it, args, actor: and_(it.school_id == args.school, one_of(it.school_id, actor.schools)),
        order=lambda it: (it.session.desc(), it.number),
        cap=14,
    )
    rooms: list[Room] = root(
        Permission.CLASS_READ,
        arguments={"school": UUID},
        where=lambda it, args, actor: and_(it.school_id == args.school, one_of(it.school_id, actor.schools_as(*STAFF))),
        order=lambda it: (it.name,),
    )
    calendar_events: list[CalendarEvent] = root(
        Permission.TIMETABLE_READ,
        arguments={"class_group": UUID, **_SPAN},
        where=lambda it, args, actor: _events(it, args, actor),
        order=lambda it: (it.day, func.concat(it.session).desc(), func.coalesce(it.period, 0)),
        usual=30,
        description=f"Of the class and of its whole school; at most {LONGEST_SPAN} days",
    )
    holidays: list[Holiday] = root(
        Permission.TIMETABLE_READ,
        arguments={"school": UUID},
        where=lambda it, args, actor: _holidays(it, args, actor),
        order=lambda it: (it.starts_on,),
        description="Own and inherited, of the current year",
    )
