"""What the journal can say about timetables, single lessons, holidays and dates."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience, AudienceKind


class _ToldToNobody:
    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class BellsSet(_ToldToNobody):
    """The school rings otherwise."""

    kind: ClassVar[str] = "timetable.bells_set"
    school_id: UUID
    period_count: int


@dataclass(frozen=True)
class RoomAdded(_ToldToNobody):
    kind: ClassVar[str] = "timetable.room_added"
    school_id: UUID
    room_id: UUID


@dataclass(frozen=True)
class TimetableCreated(_ToldToNobody):
    """A draft; `entry_count` lessons were copied into it."""

    kind: ClassVar[str] = "timetable.timetable_created"
    school_id: UUID
    timetable_id: UUID
    entry_count: int


@dataclass(frozen=True)
class TimetableImported(_ToldToNobody):
    """A draft was filled from a workbook."""

    kind: ClassVar[str] = "timetable.timetable_imported"
    school_id: UUID
    timetable_id: UUID
    entry_count: int


@dataclass(frozen=True)
class EntrySet(_ToldToNobody):
    """A weekly lesson was put into a slot, or taken out of it (`user_id` None)."""

    kind: ClassVar[str] = "timetable.entry_set"
    school_id: UUID
    timetable_id: UUID
    class_group_id: UUID
    weekday: int
    session: str
    period: int
    parity: str
    subject_id: UUID | None
    user_id: UUID | None


@dataclass(frozen=True)
class TimetablePublished(_ToldToNobody):
    """Nobody is told: a whole new timetable is general news, for an announcement."""

    kind: ClassVar[str] = "timetable.timetable_published"
    school_id: UUID
    timetable_id: UUID
    starts_on: date
    entry_count: int


@dataclass(frozen=True)
class TimetableDeleted(_ToldToNobody):
    """A draft was thrown away."""

    kind: ClassVar[str] = "timetable.timetable_deleted"
    school_id: UUID
    timetable_id: UUID


@dataclass(frozen=True)
class _LessonNews:
    """One dated lesson, as words need it. `day` is ISO, `session` MORNING or AFTERNOON; `today`: told on that day.

    `old_…` is what the lesson was until now: as planned, or as it had been changed before; for an added lesson the
    same as the new. Rooms are empty when there is none. Families of the class and the teachers named are told.
    """

    school_id: UUID
    class_group_id: UUID
    class_name: str
    day: str
    today: bool
    session: str
    period: int
    subject_code: str
    subject_name: str
    subject_name_en: str
    teacher_name: str
    room_name: str
    old_subject_name: str
    old_subject_name_en: str
    old_teacher_name: str
    old_room_name: str
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        families = (AudienceKind.FAMILIES,)
        return Audience(self.school_id, families, classes=(self.class_group_id,), users=self.user_ids)


@dataclass(frozen=True)
class LessonChanged(_LessonNews):
    """A lesson of one day is cancelled, given by somebody else, in another room, or added.

    `change` is CANCELLED, SUBSTITUTED, ROOM_CHANGED or ADDED.
    """

    kind: ClassVar[str] = "timetable.lesson_changed"
    change: str


@dataclass(frozen=True)
class LessonChangeUndone(_LessonNews):
    """The change is taken back: the lesson is as planned again; an added one (`change` ADDED) does not take place."""

    kind: ClassVar[str] = "timetable.lesson_change_undone"
    change: str


@dataclass(frozen=True)
class HolidayAdded(_ToldToNobody):
    """`unit_id`: by the department, for every school below; then `school_id` is None."""

    kind: ClassVar[str] = "timetable.holiday_added"
    school_id: UUID | None
    unit_id: UUID | None
    holiday_id: UUID
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class HolidayRemoved(_ToldToNobody):
    kind: ClassVar[str] = "timetable.holiday_removed"
    school_id: UUID | None
    unit_id: UUID | None
    holiday_id: UUID
    name: str
    starts_on: date
    ends_on: date


@dataclass(frozen=True)
class YearFrameSet(_ToldToNobody):
    """The department set the frame of a year; `school_count` schools follow it."""

    kind: ClassVar[str] = "timetable.year_frame_set"
    school_id: None
    unit_id: UUID
    name: str
    starts_on: date
    second_semester_on: date
    ends_on: date
    school_count: int


@dataclass(frozen=True)
class CalendarEventAdded(_ToldToNobody):
    """A test, work due or an event was entered; it stands in calendars, nobody is rung."""

    kind: ClassVar[str] = "timetable.calendar_event_added"
    school_id: UUID
    event_id: UUID
    class_group_id: UUID | None
    day: date


@dataclass(frozen=True)
class CalendarEventRemoved(_ToldToNobody):
    kind: ClassVar[str] = "timetable.calendar_event_removed"
    school_id: UUID
    event_id: UUID
    title: str
    day: date
