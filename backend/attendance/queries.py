"""Reads that attendance needs: who may take a register, what is taught, which weeks are closed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Text, Uuid, bindparam, cast, exists, func, or_, select
from sqlalchemy.dialects.postgresql import JSON
from sqlmodel import col

from backend.attendance.marks import register_turn
from backend.attendance.tables import AttendanceMark, ClosedWeek
from backend.core.actor import Actor, Role
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.core.problem import NotFound
from backend.enrolment import access
from backend.enrolment.tables import Homeroom, TeachingAssignment
from backend.organisation.tables import ClassGroup
from backend.timetable.lessons import LESSONS
from backend.timetable.tables import ChangeKind, HalfDay, SchoolDay


def monday(day: date) -> date:
    """The first day of the week that `day` is in."""
    return day - timedelta(days=day.weekday())


def given(lessons: Any) -> ColumnElement[bool]:
    """The lesson takes place. `lessons` has the columns of LESSONS."""
    return lessons.change.is_distinct_from(ChangeKind.CANCELLED)


def may_take(actor: access.Asker, class_group_id: Any, school_id: Any, day: Any) -> ColumnElement[bool]:
    """Whose register it is: the class's teachers, its homeroom teacher, the headteacher, and who gives a lesson then.

    Clerks see every class but take no registers: the permission keeps them out.
    """
    there = LESSONS.subquery("given")
    gives = exists().where(
        there.c.class_group_id == class_group_id,
        there.c.day == day,
        there.c.user_id == actor.user_id,
        given(there.c),
    )
    return or_(access.sees_class(actor, class_group_id, school_id), gives)


@dataclass(frozen=True)
class RegisterPlace:
    """The class and day a register is for, and what is known of them."""

    school_id: UUID
    class_name: str
    is_school_day: bool
    holiday: str | None
    closed: bool
    lessons: frozenset[tuple[HalfDay, int]]


_dated = LESSONS.subquery("dated_lessons")
_CLASS: Final = bindparam("class", type_=Uuid())
_DAY: Final = bindparam("day", type_=Date())
_USER: Final = bindparam("user", type_=Uuid())
_PLACE: Final = (
    select(
        col(ClassGroup.school_id),
        col(ClassGroup.name),
        col(SchoolDay.teaches),
        col(SchoolDay.holiday),
        exists()
        .where(col(ClosedWeek.class_group_id) == _CLASS, col(ClosedWeek.starts_on) == bindparam("monday", type_=Date()))
        .label("closed"),
        or_(
            exists().where(col(TeachingAssignment.class_group_id) == _CLASS, col(TeachingAssignment.user_id) == _USER),
            exists().where(col(Homeroom.class_group_id) == _CLASS, col(Homeroom.user_id) == _USER),
        ).label("works_in"),
        select(func.json_agg(func.json_build_array(_dated.c.session, _dated.c.period, cast(_dated.c.user_id, Text))))
        .where(
            _dated.c.school_id == ClassGroup.school_id,
            _dated.c.class_group_id == _CLASS,
            _dated.c.day == _DAY,
            given(_dated.c),
        )
        .scalar_subquery()
        .cast(JSON)
        .label("lessons"),
        func.pg_advisory_xact_lock(func.hashtextextended(bindparam("turn", type_=Text()), 0)),
    )
    .outerjoin(SchoolDay, (col(SchoolDay.school_id) == ClassGroup.school_id) & (col(SchoolDay.day) == _DAY))
    .where(col(ClassGroup.id) == _CLASS)
)


async def register_place(
    session: Session, actor: Actor, class_group_id: UUID, day: date, half_day: HalfDay
) -> RegisterPlace:
    """Where a register is to be taken, held until the end; NotFound unless the actor may take it that day."""
    values = {
        "class": class_group_id,
        "day": day,
        "user": actor.user_id,
        "monday": monday(day),
        "turn": register_turn(class_group_id, day, half_day),
    }
    row = (await session.execute(_PLACE, values)).first()
    lessons = (row.lessons or []) if row else []
    if row is None or not (
        row.works_in
        or row.school_id in actor.schools_as(Role.HEADTEACHER)
        or any(user == str(actor.user_id) for _, _, user in lessons)
    ):
        raise NotFound("core.not_found")
    return RegisterPlace(
        school_id=row.school_id,
        class_name=row.name,
        is_school_day=bool(row.teaches),
        holiday=row.holiday,
        closed=row.closed,
        lessons=frozenset((HalfDay(half), period) for half, period, _ in lessons),
    )


async def sessions_of(session: Session, class_group_id: UUID, first: date, last: date) -> list[tuple[date, HalfDay]]:
    """The sessions in which the class has lessons, from `first` to `last`, as they come; cancelled ones not counted."""
    there = LESSONS.subquery("given")
    school = select(col(ClassGroup.school_id)).where(col(ClassGroup.id) == class_group_id).scalar_subquery()
    statement = (
        select(there.c.day, there.c.session)
        .distinct()
        .where(
            there.c.school_id == school,
            there.c.class_group_id == class_group_id,
            there.c.day.between(first, last),
            given(there.c),
        )
    )
    found = [(day, HalfDay(half)) for day, half in await session.execute(statement)]
    return sorted(found, key=lambda each: (each[0], each[1] is HalfDay.AFTERNOON))


async def week_closed(session: Session, class_group_id: UUID, day: date) -> bool:
    """Whether the week of `day` is closed for this class."""
    return bool(await closed_weeks(session, class_group_id, [day]))


async def closed_weeks(session: Session, class_group_id: UUID, days: Sequence[date]) -> list[date]:
    """The Mondays of those weeks around `days` that are closed for this class."""
    statement = select(col(ClosedWeek.starts_on)).where(
        col(ClosedWeek.class_group_id) == class_group_id,
        one_of(col(ClosedWeek.starts_on), sorted({monday(day) for day in days})),
    )
    return list((await session.execute(statement)).scalars())


async def class_led(session: Session, actor: Actor, class_group_id: UUID) -> ClassGroup:
    """A class whose homeroom teacher the actor is; NotFound otherwise."""
    return await _class_if(session, class_group_id, access.leads(actor, class_group_id))


async def class_headed(session: Session, actor: Actor, class_group_id: UUID) -> ClassGroup:
    """A class of a school whose headteacher the actor is; NotFound otherwise."""
    return await _class_if(
        session, class_group_id, one_of(col(ClassGroup.school_id), actor.schools_as(Role.HEADTEACHER))
    )


async def _class_if(session: Session, class_group_id: UUID, condition: ColumnElement[bool]) -> ClassGroup:
    found = await session.execute(select(ClassGroup).where(col(ClassGroup.id) == class_group_id, condition))
    row = found.scalar_one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return row


async def periods_marked(
    session: Session, student_id: UUID, sessions: Sequence[tuple[date, HalfDay]]
) -> list[tuple[date, HalfDay, int]]:
    """Single periods of these sessions for which the pupil has a mark of her own."""
    statement = select(col(AttendanceMark.day), col(AttendanceMark.session), col(AttendanceMark.period)).where(
        col(AttendanceMark.student_id) == student_id,
        col(AttendanceMark.period) > 0,
        one_of(col(AttendanceMark.day), sorted({day for day, _ in sessions})),
    )
    wanted = set(sessions)
    rows = await session.execute(statement)
    return [(day, half, period) for day, half, period in rows if (day, half) in wanted]


async def classes_on(
    session: Session, student_id: UUID, sessions: Sequence[tuple[date, HalfDay]]
) -> dict[UUID, list[tuple[date, HalfDay]]]:
    """By class, those of these sessions for which the pupil has a mark."""
    statement = select(col(AttendanceMark.class_group_id), col(AttendanceMark.day), col(AttendanceMark.session)).where(
        col(AttendanceMark.student_id) == student_id,
        col(AttendanceMark.period) == 0,
        one_of(col(AttendanceMark.day), sorted({day for day, _ in sessions})),
    )
    wanted = set(sessions)
    found: dict[UUID, list[tuple[date, HalfDay]]] = {}
    for class_group_id, day, half in await session.execute(statement):
        if (day, half) in wanted:
            found.setdefault(class_group_id, []).append((day, half))
    return found
