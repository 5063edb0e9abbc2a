"""Tables of the timetable."""

from datetime import date, datetime, time
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from backend.core.db import INSTANT, Row, choice, reference


class HalfDay(StrEnum):
    """A session (buổi): the unit in which the law counts absence."""

    MORNING = "MORNING"
    AFTERNOON = "AFTERNOON"


class WeekParity(StrEnum):
    """In which weeks an entry is taught; week 1 of the school year is odd."""

    EVERY = "EVERY"
    ODD = "ODD"
    EVEN = "EVEN"


class HolidayKind(StrEnum):
    """HOLIDAY: no lessons. MAKE_UP: lessons as on `as_weekday`, on a day that is otherwise free (học bù)."""

    HOLIDAY = "HOLIDAY"
    MAKE_UP = "MAKE_UP"


class ChangeKind(StrEnum):
    """What became of one dated lesson. ADDED: a lesson where the timetable has none."""

    CANCELLED = "CANCELLED"
    SUBSTITUTED = "SUBSTITUTED"
    ROOM_CHANGED = "ROOM_CHANGED"
    ADDED = "ADDED"


class EventKind(StrEnum):
    """TEST: an announced test. DUE: something to hand in or bring. EVENT: anything else of the class or school."""

    TEST = "TEST"
    DUE = "DUE"
    EVENT = "EVENT"


class Period(Row, table=True):
    """When a period (tiết) of a session begins and ends, in Vietnamese time. Numbered from 1 in each session."""

    __table_args__ = (UniqueConstraint("school_id", "session", "number"),)

    school_id: UUID = reference("school.id", index=False)
    session: HalfDay = Field(sa_type=choice(HalfDay))
    number: int = Field(ge=1, le=7)
    starts_at: time
    ends_at: time


class Room(Row, table=True):
    __table_args__ = (UniqueConstraint("school_id", "name"),)

    school_id: UUID = reference("school.id", index=False)
    name: str = Field(max_length=30)


class Timetable(Row, table=True):
    """Weekly lessons of a school that apply from `starts_on`. A draft until it is published."""

    __table_args__ = (UniqueConstraint("school_id", "name"),)

    school_id: UUID = reference("school.id", index=False)
    school_year_id: UUID = reference("school_year.id")
    name: str = Field(max_length=60)
    starts_on: date
    published_at: datetime | None = Field(default=None, sa_type=INSTANT)
    version: int = 1


class TimetableEntry(Row, table=True):
    """A weekly lesson: Monday is weekday 1. Nobody and nothing is in two places at once (`rules.clashes`)."""

    __table_args__ = (
        UniqueConstraint("timetable_id", "weekday", "session", "period", "class_group_id", "parity"),
        Index("ix_timetable_entry_teacher", "timetable_id", "user_id", "weekday"),
    )

    school_id: UUID = reference("school.id")
    timetable_id: UUID = reference("timetable.id", index=False, cascade=True)
    class_group_id: UUID = reference("class_group.id")
    weekday: int = Field(ge=1, le=7)
    session: HalfDay = Field(sa_type=choice(HalfDay))
    period: int = Field(ge=1, le=7)
    parity: WeekParity = Field(default=WeekParity.EVERY, sa_type=choice(WeekParity))
    subject_id: UUID = reference("subject.id")
    user_id: UUID = reference("user.id")
    room_id: UUID | None = reference("room.id", nullable=True)


class LessonChange(Row, table=True):
    """What one dated lesson became: the whole truth about it, so the entry below is not asked any more."""

    __table_args__ = (
        UniqueConstraint("class_group_id", "day", "session", "period"),
        Index("ix_lesson_change_day", "school_id", "day"),
    )

    school_id: UUID = reference("school.id", index=False)
    class_group_id: UUID = reference("class_group.id", index=False)
    day: date
    session: HalfDay = Field(sa_type=choice(HalfDay))
    period: int = Field(ge=1, le=7)
    kind: ChangeKind = Field(sa_type=choice(ChangeKind))
    subject_id: UUID = reference("subject.id")
    user_id: UUID = reference("user.id")
    room_id: UUID | None = reference("room.id", nullable=True)
    note: str = Field(default="", max_length=200)
    created_by: UUID = reference("user.id", index=False)


class Holiday(Row, table=True):
    """Days without lessons, or taught as another weekday; set by the department (`unit_id`) or by one school."""

    __table_args__ = (
        CheckConstraint("(unit_id is null) <> (school_id is null)", name="unit_or_school"),
        CheckConstraint("(kind = 'MAKE_UP') = (as_weekday is not null)", name="make_up_as_weekday"),
    )

    unit_id: UUID | None = reference("unit.id", nullable=True)
    school_id: UUID | None = reference("school.id", nullable=True)
    kind: HolidayKind = Field(sa_type=choice(HolidayKind))
    name: str = Field(max_length=80)
    starts_on: date
    ends_on: date
    as_weekday: int | None = Field(default=None, ge=1, le=7)


class YearFrame(Row, table=True):
    """The department's frame of a school year; setting it sets the years of that name of every school below."""

    __table_args__ = (UniqueConstraint("unit_id", "name"),)

    unit_id: UUID = reference("unit.id", index=False)
    name: str = Field(max_length=9)
    starts_on: date
    second_semester_on: date
    ends_on: date


class SchoolDay(Row, table=True):
    """One calendar day of a school year, worked out from year, holidays and published timetables.

    `weekday` is the one whose lessons are taught; `week` counts from 1 at the Monday of the year's first week.
    """

    __table_args__ = (UniqueConstraint("school_id", "day"),)

    school_id: UUID = reference("school.id", index=False)
    school_year_id: UUID = reference("school_year.id")
    day: date
    teaches: bool
    weekday: int = Field(ge=1, le=7)
    week: int
    odd: bool
    timetable_id: UUID | None = reference("timetable.id", nullable=True)
    holiday: str | None = Field(default=None, max_length=80)


class ClassSession(Row, table=True):
    """A class's session in the plan of one session a day: only its absences count to the 45 (TT 22/2021 art. 12)."""

    school_id: UUID = reference("school.id")
    class_group_id: UUID = Field(foreign_key="class_group.id", unique=True)
    session: HalfDay = Field(sa_type=choice(HalfDay))


class CalendarEvent(Row, table=True):
    """Something with a day: a test, work due, an event; of one class, or of the whole school."""

    __table_args__ = (
        Index("ix_calendar_event_class", "class_group_id", "day"),
        Index("ix_calendar_event_school", "school_id", "day", postgresql_where=text("class_group_id is null")),
    )

    school_id: UUID = reference("school.id", index=False)
    class_group_id: UUID | None = reference("class_group.id", index=False, nullable=True)
    subject_id: UUID | None = reference("subject.id", nullable=True)
    kind: EventKind = Field(sa_type=choice(EventKind))
    day: date
    session: HalfDay | None = Field(default=None, sa_type=choice(HalfDay))
    period: int | None = Field(default=None, ge=1, le=7)
    title: str = Field(max_length=120)
    created_by: UUID = reference("user.id")


class CalendarFeed(Row, table=True):
    """A person's private calendar address; only the SHA-256 of its token is kept."""

    __table_args__ = (
        Index("uq_calendar_feed_live", "user_id", unique=True, postgresql_where=text("revoked_at is null")),
    )

    user_id: UUID = reference("user.id", index=False)
    token_hash: bytes = Field(unique=True)
    last_read_at: datetime | None = Field(default=None, sa_type=INSTANT)
    revoked_at: datetime | None = Field(default=None, sa_type=INSTANT)
