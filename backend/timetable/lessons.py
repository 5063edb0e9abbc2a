"""Dated lessons as SQL: every weekly entry on every school day, with the changes laid over it.

Nothing of this is stored. A condition on `day` reaches the index of `school_day`, one on class or teacher that of the
entries; a day of a school is a few milliseconds, whatever the length of the year.
"""

from typing import Any, Final

from sqlalchemy import Text, Uuid, and_, case, cast, func, or_, select, union_all
from sqlmodel import col

from backend.timetable.tables import ChangeKind, LessonChange, Period, SchoolDay, TimetableEntry, WeekParity

_CHANGED: Final = col(LessonChange.id).is_not(None)


def _or_regular(changed: Any, regular: Any) -> Any:
    return case((_CHANGED, changed), else_=regular)


_regular = (
    select(
        cast(func.md5(func.concat(cast(col(TimetableEntry.id), Text), cast(col(SchoolDay.day), Text))), Uuid).label(
            "id"
        ),
        col(SchoolDay.school_id).label("school_id"),
        col(TimetableEntry.class_group_id).label("class_group_id"),
        col(SchoolDay.day).label("day"),
        col(SchoolDay.week).label("week"),
        col(TimetableEntry.session).label("session"),
        col(TimetableEntry.period).label("period"),
        _or_regular(col(LessonChange.subject_id), col(TimetableEntry.subject_id)).label("subject_id"),
        _or_regular(col(LessonChange.user_id), col(TimetableEntry.user_id)).label("user_id"),
        _or_regular(col(LessonChange.room_id), col(TimetableEntry.room_id)).label("room_id"),
        col(TimetableEntry.user_id).label("regular_user_id"),
        col(TimetableEntry.room_id).label("regular_room_id"),
        col(LessonChange.id).label("change_id"),
        col(LessonChange.kind).label("change"),
        func.coalesce(col(LessonChange.note), "").label("note"),
    )
    .select_from(SchoolDay)
    .join(
        TimetableEntry,
        and_(
            col(TimetableEntry.timetable_id) == SchoolDay.timetable_id,
            # Said again so that a condition on the school reaches the index of school_day.
            col(TimetableEntry.school_id) == SchoolDay.school_id,
            col(TimetableEntry.weekday) == SchoolDay.weekday,
            or_(
                col(TimetableEntry.parity) == WeekParity.EVERY,
                (col(TimetableEntry.parity) == WeekParity.ODD) == col(SchoolDay.odd),
            ),
        ),
    )
    .outerjoin(
        LessonChange,
        and_(
            col(LessonChange.class_group_id) == TimetableEntry.class_group_id,
            col(LessonChange.day) == SchoolDay.day,
            col(LessonChange.session) == TimetableEntry.session,
            col(LessonChange.period) == TimetableEntry.period,
        ),
    )
    # An added lesson takes the place of whatever a later timetable puts there.
    .where(col(SchoolDay.teaches), col(LessonChange.kind).is_distinct_from(ChangeKind.ADDED))
)

_added = (
    select(
        col(LessonChange.id).label("id"),
        col(SchoolDay.school_id).label("school_id"),
        col(LessonChange.class_group_id).label("class_group_id"),
        col(LessonChange.day).label("day"),
        col(SchoolDay.week).label("week"),
        col(LessonChange.session).label("session"),
        col(LessonChange.period).label("period"),
        col(LessonChange.subject_id).label("subject_id"),
        col(LessonChange.user_id).label("user_id"),
        col(LessonChange.room_id).label("room_id"),
        col(LessonChange.user_id).label("regular_user_id"),
        col(LessonChange.room_id).label("regular_room_id"),
        col(LessonChange.id).label("change_id"),
        col(LessonChange.kind).label("change"),
        col(LessonChange.note).label("note"),
    )
    .select_from(LessonChange)
    .join(
        SchoolDay,
        and_(col(SchoolDay.school_id) == LessonChange.school_id, col(SchoolDay.day) == LessonChange.day),
    )
    .where(col(SchoolDay.teaches), col(LessonChange.kind) == ChangeKind.ADDED)
)

_dated = union_all(_regular, _added).subquery("dated")

LESSONS: Final = (
    select(*_dated.c, col(Period.starts_at).label("starts_at"), col(Period.ends_at).label("ends_at"))
    .select_from(_dated)
    .outerjoin(
        Period,
        and_(
            col(Period.school_id) == _dated.c.school_id,
            col(Period.session) == _dated.c.session,
            col(Period.number) == _dated.c.period,
        ),
    )
)
"""Columns: id, school_id, class_group_id, day, week, session, period, subject_id, user_id, room_id, regular_user_id,
regular_room_id, change_id, change (null: as planned), note, starts_at, ends_at (Vietnamese time; null without a bell).
A cancelled lesson is a row with change CANCELLED."""
