"""Reads that timetable actions need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlmodel import col

from backend.core.actor import FAMILY, WHOLE_SCHOOL, Actor
from backend.core.db import Session
from backend.core.problem import Invalid, Named, NotFound
from backend.enrolment.tables import TeachingAssignment
from backend.identity.tables import RoleGrant, User
from backend.organisation.tables import ClassGroup, SchoolYear, Subject
from backend.timetable import rules
from backend.timetable.lessons import LESSONS
from backend.timetable.tables import (
    ChangeKind,
    HalfDay,
    LessonChange,
    Room,
    SchoolDay,
    Timetable,
    TimetableEntry,
    WeekParity,
)


@dataclass(frozen=True)
class Place:
    """A lesson's class, subject, teacher and room, known to belong to one school, with their names."""

    class_group: ClassGroup
    subject: Subject
    teacher: User
    room: Room | None

    def params(self) -> dict[str, Any]:
        """As the parameters of a refusal that names this lesson."""
        return {
            "class_name": self.class_group.name,
            "subject": Named(self.subject.name, self.subject.name_en),
            "teacher": self.teacher.full_name,
            "room": self.room.name if self.room else "",
        }


def check_office(actor: Actor, school_id: UUID | None) -> UUID:
    """The school, when the actor is its headteacher or academic clerk; NotFound otherwise."""
    if school_id is None or not (actor.system or school_id in actor.schools_as(*WHOLE_SCHOOL)):
        raise NotFound("core.not_found")
    return school_id


async def current_year(session: Session, school_id: UUID) -> SchoolYear:
    """The school's year in progress; raises Invalid("timetable.no_school_year")."""
    statement = select(SchoolYear).where(col(SchoolYear.school_id) == school_id, col(SchoolYear.is_current))
    year = (await session.execute(statement)).scalars().first()
    if year is None:
        raise Invalid("timetable.no_school_year")
    return year


async def timetable_to_write(session: Session, actor: Actor, timetable_id: UUID) -> Timetable:
    """A timetable of a school whose office the actor is, locked: entries are put in one after the other."""
    statement = select(Timetable).where(col(Timetable.id) == timetable_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    check_office(actor, row.school_id if row else None)
    assert row is not None
    return row


async def entries_of(session: Session, timetable_id: UUID) -> list[rules.Entry]:
    """The timetable as the rules take it."""
    statement = select(TimetableEntry).where(col(TimetableEntry.timetable_id) == timetable_id)
    rows = (await session.execute(statement.order_by(col(TimetableEntry.id)))).scalars()
    return [plain(row) for row in rows]


def plain(row: TimetableEntry) -> rules.Entry:
    """A weekly lesson as the rules take it."""
    slot = rules.Slot(row.weekday, row.session, row.period, row.parity)
    return rules.Entry(slot, row.class_group_id, row.subject_id, row.user_id, row.room_id)


async def place(
    session: Session, school_id: UUID, class_group_id: UUID, subject_id: UUID, user_id: UUID, room_id: UUID | None
) -> Place:
    """The four things of a lesson at this school.

    Raises Invalid: timetable.class_unknown, timetable.subject_unknown, timetable.teacher_unknown (nobody who works at
    the school), timetable.room_unknown.
    """
    statement = (
        select(ClassGroup, Subject, User, Room)
        .select_from(ClassGroup)
        .outerjoin(Subject, col(Subject.id) == subject_id)
        .outerjoin(User, and_(col(User.id) == user_id, _works_at(school_id)))
        .outerjoin(Room, and_(col(Room.id) == room_id, col(Room.school_id) == school_id))
        .where(col(ClassGroup.id) == class_group_id, col(ClassGroup.school_id) == school_id)
    )
    row = (await session.execute(statement)).first()
    if row is None:
        raise Invalid("timetable.class_unknown", field="classGroup")
    if row[1] is None:
        raise Invalid("timetable.subject_unknown", field="subject")
    if row[2] is None:
        raise Invalid("timetable.teacher_unknown", field="teacher")
    if row[3] is None and room_id is not None:
        raise Invalid("timetable.room_unknown", field="room")
    return Place(*row)


def _works_at(school_id: UUID) -> ColumnElement[bool]:
    """Some role other than a family's at the school, or a subject to teach there."""
    granted = exists().where(
        col(RoleGrant.user_id) == User.id,
        col(RoleGrant.school_id) == school_id,
        col(RoleGrant.role).not_in(sorted(FAMILY)),
    )
    assigned = exists().where(
        col(TeachingAssignment.user_id) == User.id, col(TeachingAssignment.school_id) == school_id
    )
    return or_(granted, assigned)


async def names_of(session: Session, entry: rules.Entry) -> Place:
    """The same of a lesson that stands in a timetable."""
    statement = (
        select(ClassGroup, Subject, User, Room)
        .select_from(ClassGroup)
        .join(Subject, col(Subject.id) == entry.subject_id)
        .join(User, col(User.id) == entry.user_id)
        .outerjoin(Room, col(Room.id) == entry.room_id)
        .where(col(ClassGroup.id) == entry.class_group_id)
    )
    return Place(*(await session.execute(statement)).one())


async def entries_in_slot(session: Session, timetable_id: UUID, slot: rules.Slot) -> list[TimetableEntry]:
    """What is taught in some week that the slot means, in all classes."""
    statement = select(TimetableEntry).where(
        col(TimetableEntry.timetable_id) == timetable_id,
        col(TimetableEntry.weekday) == slot.weekday,
        col(TimetableEntry.session) == slot.session,
        col(TimetableEntry.period) == slot.period,
    )
    found = (await session.execute(statement)).scalars()
    return [entry for entry in found if rules.overlap(entry.parity, slot.parity)]


async def find_day(session: Session, school_id: UUID, day: date) -> SchoolDay | None:
    """The day as the school has it; None outside its year."""
    statement = select(SchoolDay).where(col(SchoolDay.school_id) == school_id, col(SchoolDay.day) == day)
    return (await session.execute(statement)).scalar_one_or_none()


async def day_of(session: Session, school_id: UUID, day: date) -> SchoolDay:
    """A day that teaches; raises Invalid: timetable.holiday (named), timetable.not_taught."""
    row = await find_day(session, school_id, day)
    if row is None or not row.teaches:
        if row is not None and row.holiday:
            raise Invalid("timetable.holiday", field="day", day=day, name=row.holiday)
        raise Invalid("timetable.not_taught", field="day", day=day)
    return row


async def regular_lesson(
    session: Session, day: SchoolDay, class_group_id: UUID, half: HalfDay, period: int
) -> TimetableEntry | None:
    """What the timetable has for the class at that time of that day."""
    statement = select(TimetableEntry).where(
        col(TimetableEntry.timetable_id) == day.timetable_id,
        col(TimetableEntry.class_group_id) == class_group_id,
        col(TimetableEntry.weekday) == day.weekday,
        col(TimetableEntry.session) == half,
        col(TimetableEntry.period) == period,
        col(TimetableEntry.parity).in_([WeekParity.EVERY, WeekParity.ODD if day.odd else WeekParity.EVEN]),
    )
    return (await session.execute(statement)).scalars().first()


async def change_at(
    session: Session, class_group_id: UUID, day: date, half: HalfDay, period: int
) -> LessonChange | None:
    statement = select(LessonChange).where(
        col(LessonChange.class_group_id) == class_group_id,
        col(LessonChange.day) == day,
        col(LessonChange.session) == half,
        col(LessonChange.period) == period,
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def lessons_elsewhere(
    session: Session, school_id: UUID, class_group_id: UUID, day: date, half: HalfDay, period: int
) -> Sequence[Any]:
    """The lessons of the school's other classes at that time that take place."""
    dated = LESSONS.subquery("lesson")
    statement = select(dated).where(
        dated.c.school_id == school_id,
        dated.c.day == day,
        dated.c.session == half,
        dated.c.period == period,
        dated.c.class_group_id != class_group_id,
        dated.c.change.is_distinct_from(ChangeKind.CANCELLED),
    )
    return (await session.execute(statement)).all()
