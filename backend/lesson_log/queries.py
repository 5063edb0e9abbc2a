"""Reads that the class register's actions need."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ScalarSelect, Time, and_, exists, func, literal, or_, select
from sqlmodel import col

from backend.attendance.tables import AttendanceSetting, Register
from backend.core.actor import Actor
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.core.problem import NotAllowed, NotFound
from backend.enrolment import access
from backend.enrolment.tables import Enrolment, Homeroom
from backend.lesson_log.tables import LessonLog, LessonRemark
from backend.organisation.tables import ClassGroup, Subject
from backend.timetable.lessons import LESSONS
from backend.timetable.tables import ChangeKind, HalfDay

LESSON = LESSONS.subquery("lesson")


@dataclass(frozen=True)
class Slot:
    """Where in a class's time a lesson stands."""

    class_group_id: UUID
    day: date
    session: HalfDay
    period: int


@dataclass(frozen=True)
class Lesson:
    """A dated lesson as it is signed: of which subject, by whom it is given, and what the school wants of remarks."""

    school_id: UUID
    class_name: str
    subject: Subject
    starts_at: time | None
    cancelled: bool
    by_homeroom: bool
    """The actor is the homeroom teacher of the class."""
    hold_remarks: bool


async def lesson_to_sign(session: Session, actor: Actor, slot: Slot) -> Lesson:
    """The lesson of this slot for its teacher of that day or the homeroom teacher.

    Raises NotFound("lesson_log.no_lesson") when there is none and the actor sees the class, NotFound("core.not_found")
    when she does not, NotAllowed("lesson_log.not_yours") for another's lesson.
    """
    found = await _lesson(session, actor, slot)
    if found is not None:
        lesson, gives, sees = found
        if gives or lesson.by_homeroom:
            return lesson
        raise NotAllowed("lesson_log.not_yours") if sees else NotFound("core.not_found")
    sees_class = access.sees_class(actor, col(ClassGroup.id), col(ClassGroup.school_id))
    known = select(col(ClassGroup.id)).where(col(ClassGroup.id) == slot.class_group_id, sees_class)
    if (await session.execute(known)).first() is None:
        raise NotFound("core.not_found")
    raise NotFound("lesson_log.no_lesson")


async def _lesson(session: Session, actor: Actor, slot: Slot) -> tuple[Lesson, bool, bool] | None:
    """The lesson; whether the actor gives it; whether she sees the class."""
    statement = (
        select(
            LESSON.c.school_id,
            col(ClassGroup.name),
            Subject,
            LESSON.c.starts_at,
            LESSON.c.change,
            func.coalesce(access.leads(actor, col(ClassGroup.id)), False),
            func.coalesce(col(AttendanceSetting.hold_remarks), True),
            LESSON.c.user_id,
            access.sees_class(actor, col(ClassGroup.id), col(ClassGroup.school_id)),
        )
        .select_from(LESSON)
        .join(ClassGroup, col(ClassGroup.id) == LESSON.c.class_group_id)
        .join(Subject, col(Subject.id) == LESSON.c.subject_id)
        .outerjoin(AttendanceSetting, col(AttendanceSetting.school_id) == LESSON.c.school_id)
        .where(
            LESSON.c.school_id == _school_of(slot.class_group_id),  # reaches the index of school_day
            LESSON.c.class_group_id == slot.class_group_id,
            LESSON.c.day == slot.day,
            LESSON.c.session == slot.session,
            LESSON.c.period == slot.period,
        )
    )
    row = (await session.execute(statement)).first()
    if row is None:
        return None
    cancelled = row[4] == ChangeKind.CANCELLED
    lesson = Lesson(row[0], row[1], row[2], row[3], cancelled, bool(row[5]), bool(row[6]))
    return lesson, row[7] == actor.user_id, bool(row[8])


def _school_of(class_group_id: UUID) -> ScalarSelect[UUID]:
    return select(col(ClassGroup.school_id)).where(col(ClassGroup.id) == class_group_id).scalar_subquery()


async def log_for_update(session: Session, slot: Slot) -> LessonLog | None:
    """What is written of this slot, locked."""
    statement = (
        select(LessonLog)
        .where(
            col(LessonLog.class_group_id) == slot.class_group_id,
            col(LessonLog.day) == slot.day,
            col(LessonLog.session) == slot.session,
            col(LessonLog.period) == slot.period,
        )
        .with_for_update()
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def pupils_of(session: Session, slot: Slot, students: Collection[UUID]) -> set[UUID]:
    """Those of `students` who were in the class that day."""
    statement = select(col(Enrolment.student_id)).where(
        col(Enrolment.class_group_id) == slot.class_group_id,
        one_of(col(Enrolment.student_id), students),
        col(Enrolment.started_on) <= slot.day,
        or_(col(Enrolment.ended_on).is_(None), col(Enrolment.ended_on) > slot.day),
    )
    return set((await session.execute(statement)).scalars())


async def remarks_of(session: Session, lesson_log_id: UUID) -> list[LessonRemark]:
    """The remarks on pupils in this lesson that were not taken back."""
    statement = select(LessonRemark).where(
        col(LessonRemark.lesson_log_id) == lesson_log_id, col(LessonRemark.dropped_at).is_(None)
    )
    return list((await session.execute(statement)).scalars())


@dataclass(frozen=True)
class Remarked:
    """A remark with what its news says of the lesson."""

    remark: LessonRemark
    class_name: str
    subject: Subject
    by_homeroom: bool
    """The actor is the homeroom teacher of the class."""


async def remark_for_update(session: Session, actor: Actor, remark_id: UUID) -> Remarked:
    """A remark that was not taken back, locked, for its author or the homeroom teacher; NotFound for anybody else."""
    leads = access.leads(actor, col(LessonRemark.class_group_id))
    statement = (
        select(LessonRemark, col(ClassGroup.name), Subject, leads)
        .join(ClassGroup, col(ClassGroup.id) == LessonRemark.class_group_id)
        .join(Subject, col(Subject.id) == LessonRemark.subject_id)
        .where(
            col(LessonRemark.id) == remark_id,
            col(LessonRemark.dropped_at).is_(None),
            or_(leads, col(LessonRemark.author_id) == actor.user_id),
        )
        .with_for_update(of=LessonRemark)
    )
    row = (await session.execute(statement)).first()
    if row is None:
        raise NotFound("core.not_found")
    return Remarked(row[0], row[1], row[2], bool(row[3]))


async def check_leads(session: Session, actor: Actor, class_group_id: UUID) -> None:
    """Raises NotFound unless the actor is the homeroom teacher of the class."""
    statement = select(col(Homeroom.id)).where(
        col(Homeroom.class_group_id) == class_group_id, col(Homeroom.user_id) == actor.user_id
    )
    if (await session.execute(statement)).first() is None:
        raise NotFound("core.not_found")


@dataclass(frozen=True)
class Missing:
    """What a week still lacks: lessons nobody has signed, sessions whose register nobody has taken."""

    logs: int
    registers: int


async def missing(session: Session, class_group_id: UUID, first: date, last: date, now: datetime) -> Missing:
    """Of the lessons of the class in these days that have ended by now (Vietnamese time) and were not cancelled."""
    signed = exists().where(
        col(LessonLog.class_group_id) == LESSON.c.class_group_id,
        col(LessonLog.day) == LESSON.c.day,
        col(LessonLog.session) == LESSON.c.session,
        col(LessonLog.period) == LESSON.c.period,
    )
    taken = exists().where(
        col(Register.class_group_id) == LESSON.c.class_group_id,
        col(Register.day) == LESSON.c.day,
        col(Register.session) == LESSON.c.session,
    )
    over = or_(
        LESSON.c.day < now.date(),
        and_(LESSON.c.day == now.date(), LESSON.c.ends_at <= literal(now.time(), Time)),
    )
    session_key = func.row(LESSON.c.day, LESSON.c.session)
    statement = select(
        func.count().filter(~signed),
        func.count(session_key.distinct()).filter(~taken),
    ).where(
        LESSON.c.school_id == _school_of(class_group_id),
        LESSON.c.class_group_id == class_group_id,
        LESSON.c.day.between(first, last),
        LESSON.c.change.is_distinct_from(ChangeKind.CANCELLED),
        over,
    )
    row = (await session.execute(statement)).one()
    return Missing(row[0], row[1])
