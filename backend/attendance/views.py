"""Sessions with lessons as SQL: what registers there are to take, worked out from the timetable and never stored."""

from typing import Final

from sqlalchemy import Text, Uuid, and_, cast, func, literal_column, null, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlmodel import col

from backend.attendance.tables import AttendanceSetting
from backend.timetable.lessons import LESSONS
from backend.timetable.tables import ChangeKind

_lessons = LESSONS.subquery("taught")
_place = (_lessons.c.school_id, _lessons.c.class_group_id, _lessons.c.day, _lessons.c.session)
_teachers = func.array_agg(aggregate_order_by(_lessons.c.user_id, _lessons.c.period), type_=ARRAY(Uuid()))

SESSIONS: Final = (
    select(
        cast(
            func.md5(
                func.concat(
                    cast(_lessons.c.class_group_id, Text), cast(_lessons.c.day, Text), cast(_lessons.c.session, Text)
                )
            ),
            Uuid,
        ).label("id"),
        *_place,
        func.min(_lessons.c.period).label("first_period"),
        func.min(_lessons.c.starts_at).label("starts_at"),
        func.max(_lessons.c.ends_at).label("ends_at"),
        _teachers[1].label("expected_user_id"),
        _teachers.label("teachers"),
    )
    .where(_lessons.c.change.is_distinct_from(ChangeKind.CANCELLED))
    .group_by(*_place)
)
"""One row per class, day and session with lessons, cancelled ones left out: id, school_id, class_group_id, day,
session, first_period, starts_at and ends_at of the whole session (Vietnamese time), expected_user_id (who gives its
first lesson), teachers (everybody who gives one). Conditions on class, school and day reach the indexes below."""

_sessions = SESSIONS.subquery("sessions")
_single = LESSONS.subquery("single")

_whole = select(
    _sessions.c.id,
    _sessions.c.school_id,
    _sessions.c.class_group_id,
    _sessions.c.day,
    _sessions.c.session,
    literal_column("0").label("period"),
    cast(null(), Uuid).label("subject_id"),
    _sessions.c.first_period,
    _sessions.c.starts_at,
    _sessions.c.ends_at,
    _sessions.c.expected_user_id,
    _sessions.c.teachers,
    func.coalesce(col(AttendanceSetting.by_period), literal_column("false")).label("by_period"),
).outerjoin(AttendanceSetting, col(AttendanceSetting.school_id) == _sessions.c.school_id)

_by_period = (
    select(
        _single.c.id,
        _single.c.school_id,
        _single.c.class_group_id,
        _single.c.day,
        _single.c.session,
        _single.c.period,
        _single.c.subject_id,
        _single.c.period.label("first_period"),
        _single.c.starts_at,
        _single.c.ends_at,
        _single.c.user_id.label("expected_user_id"),
        func.array_fill(_single.c.user_id, literal_column("array[1]"), type_=ARRAY(Uuid())).label("teachers"),
        col(AttendanceSetting.by_period).label("by_period"),
    )
    .join(
        AttendanceSetting,
        and_(col(AttendanceSetting.school_id) == _single.c.school_id, col(AttendanceSetting.by_period)),
    )
    .where(_single.c.change.is_distinct_from(ChangeKind.CANCELLED))
)

_tasks = union_all(_whole, _by_period).subquery("tasks")
TASKS: Final = select(*_tasks.c)
"""Registers to take: each session of SESSIONS as period 0, and in schools that take them by period each lesson too."""
