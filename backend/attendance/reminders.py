"""Missing registers and the limit of absence: who is reminded, once, and not of a day that is over.

Each step is one statement over all schools; what it returns is new, because the row that remembers it was just made.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, Select, Text, and_, cast, exists, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlmodel import col

from backend.attendance import alert_events as events
from backend.attendance.rules import alerts as rules
from backend.attendance.tables import (
    AbsenceWarning,
    AttendanceMark,
    AttendanceSetting,
    Register,
    RegisterReminder,
    ReminderStep,
)
from backend.core.actor import SYSTEM, Role
from backend.core.clock import VIETNAM
from backend.core.db import INSTANT, Session
from backend.core.graphql.binds import one_of
from backend.core.ids import new_id
from backend.core.journal import record
from backend.enrolment.tables import Enrolment, Homeroom
from backend.identity.tables import RoleGrant, Student
from backend.organisation.tables import ClassGroup, School, SchoolYear
from backend.timetable.lessons import LESSONS
from backend.timetable.tables import ChangeKind

MOST_NAMES: Final = 8  # classes named in one message to a leader
_MINUTES: Final = AttendanceSetting.model_fields["reminder_minutes"].default
_MARK: Final = AttendanceMark


async def remind(session: Session, now: datetime) -> int:
    """Remind of the registers that are missing now: first who gives the session's first lesson, later the leaders.

    How many sessions were reminded of. A register is missing from `reminder_minutes` after the first lesson began.
    """
    late = await _remember(session, now, ReminderStep.TEACHER, waits=1)
    for row in late:
        record(
            session,
            SYSTEM,
            events.RegisterMissing(
                school_id=row.school_id,
                class_group_id=row.class_group_id,
                class_name=row.class_name,
                day=row.day,
                session=row.session,
                user_ids=(row.teacher,),
            ),
        )
    later = await _remember(session, now, ReminderStep.LEADER, waits=2)
    leaders = await _leaders(session, {row.school_id for row in later})
    by_school: defaultdict[tuple[UUID, str], list[Any]] = defaultdict(list)
    for row in later:
        by_school[row.school_id, row.session].append(row)
    for (school_id, half), rows in by_school.items():
        if school_id in leaders:
            names = sorted(row.class_name for row in rows)
            record(
                session,
                SYSTEM,
                events.RegistersMissing(
                    school_id=school_id,
                    day=rows[0].day,
                    session=half,
                    count=len(rows),
                    class_names=", ".join(names[:MOST_NAMES]) + ("…" if len(names) > MOST_NAMES else ""),
                    user_ids=leaders[school_id],
                ),
            )
    return len(late) + len(later)


async def _remember(session: Session, now: datetime, step: ReminderStep, *, waits: int) -> list[Any]:
    """The sessions whose register is missing `waits` times the school's minutes after they began, each once."""
    missing = _missing(now, waits).cte("missing")
    row = (func.gen_random_uuid(), literal(now, INSTANT), missing.c.school_id, missing.c.class_group_id)
    added = (
        insert(RegisterReminder)
        .from_select(
            ["id", "created_at", "school_id", "class_group_id", "day", "session", "step"],
            select(*row, missing.c.day, missing.c.session, literal(step.value)),
        )
        .on_conflict_do_nothing()
        .returning(col(RegisterReminder.class_group_id), col(RegisterReminder.session))
        .cte("added")
    )
    same = and_(added.c.class_group_id == missing.c.class_group_id, added.c.session == missing.c.session)
    found = await session.execute(
        select(
            missing.c.school_id,
            missing.c.class_group_id,
            missing.c.day,
            cast(missing.c.session, Text).label("session"),
            missing.c.teacher,
            col(ClassGroup.name).label("class_name"),
        )
        .select_from(missing)
        .join(added, same)
        .join(ClassGroup, col(ClassGroup.id) == missing.c.class_group_id)
    )
    return list(found)


def _missing(now: datetime, waits: int) -> Select[Any, Any, Any, Any, Any]:
    """Sessions of today that began a while ago, are not long over, and whose whole-session register is not there."""
    local = now.astimezone(VIETNAM)
    moment = literal(local.replace(tzinfo=None), DateTime())
    lesson = LESSONS.subquery("lesson")
    begins, ends = func.min(lesson.c.starts_at), func.max(lesson.c.ends_at)
    minutes = func.coalesce(func.max(AttendanceSetting.reminder_minutes), _MINUTES)
    taken = exists().where(
        col(Register.class_group_id) == lesson.c.class_group_id,
        col(Register.day) == lesson.c.day,
        col(Register.session) == lesson.c.session,
        col(Register.period) == 0,
    )
    return (
        select(
            lesson.c.school_id,
            lesson.c.class_group_id,
            lesson.c.day,
            lesson.c.session,
            func.array_agg(aggregate_order_by(lesson.c.user_id, lesson.c.period))[1].label("teacher"),
        )
        .select_from(lesson)
        .outerjoin(AttendanceSetting, col(AttendanceSetting.school_id) == lesson.c.school_id)
        .where(lesson.c.day == local.date(), lesson.c.change.is_distinct_from(ChangeKind.CANCELLED), ~taken)
        .group_by(lesson.c.school_id, lesson.c.class_group_id, lesson.c.day, lesson.c.session)
        .having(
            moment >= lesson.c.day + begins + _minutes(minutes * waits),
            moment < lesson.c.day + ends + literal(timedelta(hours=rules.REMINDER_HOURS)),
        )
    )


def _minutes(count: ColumnElement[int]) -> ColumnElement[Any]:
    return func.make_interval(0, 0, 0, 0, 0, count)


async def _leaders(session: Session, school_ids: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The headteachers of these schools."""
    if not school_ids:
        return {}
    rows = await session.execute(
        select(col(School.id), func.array_agg(col(RoleGrant.user_id)))
        .join(RoleGrant, and_(col(RoleGrant.school_id) == School.id, col(RoleGrant.role) == Role.HEADTEACHER))
        .where(one_of(col(School.id), list(school_ids)))
        .group_by(col(School.id))
    )
    return {school_id: tuple(users) for school_id, users in rows}


async def warn_today(session: Session, now: datetime) -> int:
    """Warn of the pupils whose absence of today brought them to a threshold; how many."""
    return await _warn(session, _away_on(now))


async def warn(session: Session, now: datetime) -> int:
    """The same over the whole year: absences of past days may arrive late."""
    return await _warn(session, None)


def _away_on(now: datetime) -> Select[Any]:
    """Pupils with a counted absence today, reached class by class through the index."""
    return (
        select(col(_MARK.student_id))
        .join(ClassGroup, col(ClassGroup.id) == _MARK.class_group_id)
        .join(SchoolYear, and_(col(SchoolYear.id) == ClassGroup.school_year_id, col(SchoolYear.is_current)))
        .where(col(_MARK.day) == now.astimezone(VIETNAM).date(), col(_MARK.counted))
    )


async def _warn(session: Session, of: Select[Any] | None) -> int:
    counts = (
        select(col(_MARK.student_id), col(ClassGroup.school_year_id), func.count().label("half_days"))
        .join(ClassGroup, col(ClassGroup.id) == _MARK.class_group_id)
        .join(SchoolYear, and_(col(SchoolYear.id) == ClassGroup.school_year_id, col(SchoolYear.is_current)))
        .where(col(_MARK.counted), *((col(_MARK.student_id).in_(of),) if of is not None else ()))
        .group_by(col(_MARK.student_id), col(ClassGroup.school_year_id))
        .having(func.count() >= rules.WARNINGS[0])
        .subquery("counts")
    )
    highest = (
        select(func.max(AbsenceWarning.threshold))
        .where(
            col(AbsenceWarning.student_id) == counts.c.student_id,
            col(AbsenceWarning.school_year_id) == counts.c.school_year_id,
        )
        .scalar_subquery()
    )
    near = await session.execute(
        select(
            counts,
            func.coalesce(highest, 0).label("highest"),
            col(Student.school_id),
            col(Student.full_name),
            func.coalesce(col(ClassGroup.name), "").label("class_name"),
            col(Homeroom.user_id).label("homeroom"),
        )
        .join(Student, col(Student.id) == counts.c.student_id)
        .outerjoin(Enrolment, and_(col(Enrolment.student_id) == Student.id, col(Enrolment.ended_on).is_(None)))
        .outerjoin(ClassGroup, col(ClassGroup.id) == Enrolment.class_group_id)
        .outerjoin(Homeroom, col(Homeroom.class_group_id) == ClassGroup.id)
    )
    reached = [(row, threshold) for row in near if (threshold := rules.warned(row.half_days, row.highest)) is not None]
    new = await _remember_warnings(session, [(row, threshold) for row, threshold in reached])
    for row, threshold in reached:
        if row.student_id in new:
            event = events.AbsenceLimitNear(
                school_id=row.school_id,
                student_id=row.student_id,
                child=row.full_name,
                class_name=row.class_name,
                threshold=threshold,
                count=row.half_days,
                user_ids=(row.homeroom,) if row.homeroom else (),
            )
            record(session, SYSTEM, event)
    return len(new)


async def _remember_warnings(session: Session, reached: list[tuple[Any, int]]) -> set[UUID]:
    """The pupils whose warning nobody else has just made."""
    if not reached:
        return set()
    rows = [
        AbsenceWarning(
            id=new_id(),
            school_id=row.school_id,
            student_id=row.student_id,
            school_year_id=row.school_year_id,
            threshold=threshold,
        ).model_dump()
        for row, threshold in reached
    ]
    added = await session.scalars(
        insert(AbsenceWarning).values(rows).on_conflict_do_nothing().returning(col(AbsenceWarning.student_id))
    )
    return set(added)
