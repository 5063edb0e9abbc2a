"""Patterns of absence of a school: the marks are fetched in four statements, the rules look at them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlmodel import col

from backend.attendance.rules.patterns import (
    WINDOW_DAYS,
    Pattern,
    PatternKind,
    Sitting,
    chronic,
    consecutive,
    limit,
)
from backend.attendance.tables import ABSENT, AttendanceMark, Register
from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.db import Session
from backend.enrolment import access
from backend.enrolment.tables import Enrolment
from backend.organisation.tables import SchoolYear
from backend.timetable.tables import HalfDay, SchoolDay

MOST_PATTERNS: Final = 100
_WEIGHT: Final = {PatternKind.LIMIT: 0, PatternKind.CONSECUTIVE: 1, PatternKind.CHRONIC: 2}


@dataclass(frozen=True)
class StudentPattern:
    """A reason to look after a pupil, and her counted half-days of the year."""

    student_id: UUID
    pattern: Pattern
    counted: int


@dataclass(frozen=True)
class _Year:
    counted: int
    first_day: date
    last_day: date


async def absence_patterns(session: Session, actor: Actor, school_id: UUID) -> list[StudentPattern]:
    """Everybody the actor leads (homeroom teacher) or answers for (headteacher) who stays away too much, worst first.

    Nobody for anybody else.
    """
    pupils = await _pupils(session, actor, school_id)
    if not pupils:
        return []
    since = await _window(session, school_id)
    taught = await _taught(session, school_id, since)
    away = await _away(session, school_id, since)
    years = await _years(session, school_id)
    found: list[StudentPattern] = []
    for student_id, class_group_id in pupils.items():
        year = years.get(student_id)
        missed = away.get(student_id, frozenset())
        if year is None and not missed:
            continue
        sittings = taught.get(class_group_id, ())
        counted = year.counted if year else 0
        patterns = (
            limit(counted, year.first_day, year.last_day) if year else None,
            consecutive(sittings, missed),
            chronic(sittings, missed),
        )
        found += [StudentPattern(student_id, pattern, counted) for pattern in patterns if pattern]
    found.sort(key=lambda each: (_WEIGHT[each.pattern.kind], -each.pattern.half_days, str(each.student_id)))
    return found[:MOST_PATTERNS]


async def _pupils(session: Session, actor: Actor, school_id: UUID) -> dict[UUID, UUID]:
    """Pupils enrolled now, with their class."""
    whose: list[ColumnElement[bool]] = [access.leads(actor, col(Enrolment.class_group_id))]
    if actor.system or school_id in actor.schools_as(Role.HEADTEACHER):
        whose.append(true())
    statement = select(col(Enrolment.student_id), col(Enrolment.class_group_id)).where(
        col(Enrolment.school_id) == school_id, col(Enrolment.ended_on).is_(None), or_(*whose)
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def _window(session: Session, school_id: UUID) -> date:
    """The first of the last WINDOW_DAYS days that were taught."""
    last = (
        select(col(SchoolDay.day))
        .where(col(SchoolDay.school_id) == school_id, col(SchoolDay.teaches), col(SchoolDay.day) <= clock.today())
        .order_by(col(SchoolDay.day).desc())
        .limit(WINDOW_DAYS)
        .subquery()
    )
    return (await session.execute(select(func.min(last.c.day)))).scalar_one() or clock.today()


async def _taught(session: Session, school_id: UUID, since: date) -> dict[UUID, Sequence[Sitting]]:
    """By class, the sessions whose register was taken, in order."""
    statement = select(col(Register.class_group_id), col(Register.day), col(Register.session)).where(
        col(Register.school_id) == school_id, col(Register.day) >= since, col(Register.period) == 0
    )
    taught: dict[UUID, list[Sitting]] = defaultdict(list)
    for class_group_id, day, half in await session.execute(statement):
        taught[class_group_id].append(_sitting(day, half))
    return {class_group_id: sorted(sittings) for class_group_id, sittings in taught.items()}


async def _away(session: Session, school_id: UUID, since: date) -> dict[UUID, set[Sitting]]:
    """By pupil, the sessions missed, with permission or without."""
    statement = select(col(AttendanceMark.student_id), col(AttendanceMark.day), col(AttendanceMark.session)).where(
        col(AttendanceMark.school_id) == school_id,
        col(AttendanceMark.day).between(since, clock.today()),
        col(AttendanceMark.period) == 0,
        col(AttendanceMark.status).in_(ABSENT),
    )
    away: dict[UUID, set[Sitting]] = defaultdict(set)
    for student_id, day, half in await session.execute(statement):
        away[student_id].add(_sitting(day, half))
    return away


async def _years(session: Session, school_id: UUID) -> dict[UUID, _Year]:
    """By pupil, the counted half-days of the current year."""
    mark = AttendanceMark
    statement = (
        select(col(mark.student_id), func.count(), func.min(col(mark.day)), func.max(col(mark.day)))
        .join(
            SchoolYear,
            (col(SchoolYear.school_id) == mark.school_id)
            & col(SchoolYear.is_current)
            & (col(mark.day) >= SchoolYear.starts_on),
        )
        .where(col(mark.school_id) == school_id, col(mark.counted), col(mark.day) <= clock.today())
        .group_by(col(mark.student_id))
    )
    return {student: _Year(count, first, last) for student, count, first, last in await session.execute(statement)}


def _sitting(day: date, half: HalfDay) -> Sitting:
    return Sitting(day, half == HalfDay.AFTERNOON)
