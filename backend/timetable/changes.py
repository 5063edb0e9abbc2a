"""What becomes of one lesson of one day: given by somebody else, in another room, cancelled, added; and undone.

Exactly the families of the class and the teachers concerned are told.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, take_turns
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound
from backend.core.text import squeeze
from backend.organisation.tables import ClassGroup
from backend.timetable import events, queries, rules
from backend.timetable.queries import Place
from backend.timetable.rules.checks import said_slot
from backend.timetable.tables import ChangeKind, HalfDay, LessonChange, SchoolDay

BUSY: Final = {
    "class": "timetable.class_busy_that_day",
    "teacher": "timetable.teacher_busy_that_day",
    "room": "timetable.room_busy_that_day",
}


@dataclass(frozen=True)
class LessonTime:
    """Which lesson: the class, the day, the session and the period."""

    class_group_id: UUID
    day: date
    session: HalfDay
    period: int


@dataclass(frozen=True)
class LessonContent:
    """What a lesson is: subject, teacher, room. None means "as planned" where somebody enters it."""

    subject_id: UUID | None
    user_id: UUID | None
    room_id: UUID | None


async def change_lesson(
    session: Session, actor: Actor, time: LessonTime, kind: ChangeKind, wanted: LessonContent, note: str
) -> LessonTime:
    """Change one lesson of today or of the next 60 days, in place of an earlier change; the people concerned are told.

    Raises Invalid: timetable.day_past, timetable.day_far, timetable.holiday, timetable.not_taught,
    timetable.slot_invalid, timetable.no_lesson, timetable.subject_and_teacher, timetable.change_nothing,
    timetable.note_length, what `queries.place` raises, and timetable.…_busy_that_day with the other lesson.
    """
    rules.check_change_day(time.day, clock.today())
    note = squeeze(note)
    if len(note) > 200:
        raise Invalid("timetable.note_length", field="note", most=200)
    school_id, day = await _open(session, actor, time)
    regular = await _regular(session, day, time)
    earlier = await queries.change_at(session, time.class_group_id, time.day, time.session, time.period)
    old = _content(earlier) if earlier else regular
    becomes = _becomes(kind, regular, wanted)
    if old is not None and kind is ChangeKind.ADDED and earlier is None:
        raise _busy("class", time, await _named(session, time, old))
    place = await _place(session, school_id, time, becomes)
    if kind is not ChangeKind.CANCELLED:
        await _check_free(session, school_id, time, becomes)
    before = await _named(session, time, old) if old else place
    if earlier is not None:
        await session.delete(earlier)
        await session.flush()
    assert becomes.subject_id is not None and becomes.user_id is not None and actor.user_id is not None
    row = LessonChange(
        school_id=school_id,
        class_group_id=time.class_group_id,
        day=time.day,
        session=time.session,
        period=time.period,
        kind=kind,
        subject_id=becomes.subject_id,
        user_id=becomes.user_id,
        room_id=becomes.room_id,
        note=note,
        created_by=actor.user_id,
    )
    session.add(row)
    told = {becomes.user_id, *(content.user_id for content in (old, regular) if content and content.user_id)}
    record(session, actor, events.LessonChanged(**_news(time, place, before, told), change=kind.value))
    return time


async def undo_lesson_change(session: Session, actor: Actor, time: LessonTime) -> LessonTime:
    """The lesson is as planned again; the same people are told.

    Raises NotFound without a change, Invalid("timetable.day_past"), and timetable.…_busy_that_day when the teacher or
    the room has been given to another lesson meanwhile.
    """
    rules.check_change_day(time.day, clock.today())
    school_id, day = await _open(session, actor, time, undoing=True)
    row = await queries.change_at(session, time.class_group_id, time.day, time.session, time.period)
    if row is None:
        raise NotFound("timetable.no_change")
    regular = await _regular(session, day, time) if day else None
    changed = _content(row)
    if regular is not None:
        await _check_free(session, school_id, time, regular)
    before = await _named(session, time, changed)
    place = await _named(session, time, regular) if regular else before
    await session.delete(row)
    told = {row.user_id, *([regular.user_id] if regular and regular.user_id else [])}
    record(session, actor, events.LessonChangeUndone(**_news(time, place, before, told), change=row.kind.value))
    return time


async def _open(session: Session, actor: Actor, time: LessonTime, *, undoing: bool = False) -> tuple[UUID, Any]:
    """The school, held so that changes of its day come one after the other, and the day, which must teach."""
    rules.check_slot(rules.Slot(1, time.session, time.period, "EVERY"))
    found = await session.execute(select(col(ClassGroup.school_id)).where(col(ClassGroup.id) == time.class_group_id))
    school_id = queries.check_office(actor, found.scalar_one_or_none())
    await take_turns(session, "lessons", school_id, time.day)
    if undoing:
        return school_id, await queries.find_day(session, school_id, time.day)
    return school_id, await queries.day_of(session, school_id, time.day)


async def _regular(session: Session, day: SchoolDay, time: LessonTime) -> LessonContent | None:
    entry = await queries.regular_lesson(session, day, time.class_group_id, time.session, time.period)
    return _content(entry) if entry else None


def _content(row: Any) -> LessonContent:
    return LessonContent(row.subject_id, row.user_id, row.room_id)


def _becomes(kind: ChangeKind, regular: LessonContent | None, wanted: LessonContent) -> LessonContent:
    """What the lesson is after the change; what is not said stays as planned."""
    if kind is ChangeKind.ADDED:
        if wanted.subject_id is None or wanted.user_id is None:
            raise Invalid("timetable.subject_and_teacher", field="subject")
        return wanted
    if regular is None:
        raise Invalid("timetable.no_lesson", field="period")
    if kind is ChangeKind.CANCELLED:
        return regular
    room = wanted.room_id or regular.room_id
    if kind is ChangeKind.ROOM_CHANGED:
        becomes = LessonContent(regular.subject_id, regular.user_id, room)
    else:
        becomes = LessonContent(wanted.subject_id or regular.subject_id, wanted.user_id or regular.user_id, room)
    if becomes == regular:
        raise Invalid("timetable.change_nothing")
    return becomes


async def _place(session: Session, school_id: UUID, time: LessonTime, content: LessonContent) -> Place:
    assert content.subject_id is not None and content.user_id is not None
    return await queries.place(
        session, school_id, time.class_group_id, content.subject_id, content.user_id, content.room_id
    )


async def _named(session: Session, time: LessonTime, content: LessonContent) -> Place:
    """Names of a lesson that stood already, even if its teacher has left the school since."""
    assert content.subject_id is not None and content.user_id is not None
    slot = rules.Slot(1, time.session, time.period, "EVERY")
    entry = rules.Entry(slot, time.class_group_id, content.subject_id, content.user_id, content.room_id)
    return await queries.names_of(session, entry)


async def _check_free(session: Session, school_id: UUID, time: LessonTime, content: LessonContent) -> None:
    """Neither the teacher nor the room has another lesson then, as planned or by a change."""
    others = await queries.lessons_elsewhere(
        session, school_id, time.class_group_id, time.day, time.session, time.period
    )
    for other in others:
        same_teacher = other.user_id == content.user_id
        if same_teacher or (content.room_id is not None and other.room_id == content.room_id):
            there = LessonTime(other.class_group_id, time.day, time.session, time.period)
            named = await _named(session, there, _content(other))
            raise _busy("teacher" if same_teacher else "room", there, named)


def _busy(over: str, time: LessonTime, other: Place) -> Invalid:
    params = {**other.params(), **said_slot(time.day.isoweekday(), time.session)}
    return Invalid(BUSY[over], field=over, day=time.day, period=time.period, **params)


def _news(time: LessonTime, place: Place, before: Place, told: set[UUID]) -> dict[str, Any]:
    """The fields of the event: what the lesson is, and what it was."""
    return {
        "school_id": place.class_group.school_id,
        "class_group_id": time.class_group_id,
        "class_name": place.class_group.name,
        "day": time.day.isoformat(),
        "today": time.day == clock.today(),
        "session": time.session.value,
        "period": time.period,
        "subject_code": place.subject.code,
        "subject_name": place.subject.name,
        "subject_name_en": place.subject.name_en,
        "teacher_name": place.teacher.full_name,
        "room_name": place.room.name if place.room else "",
        "old_subject_name": before.subject.name,
        "old_subject_name_en": before.subject.name_en,
        "old_teacher_name": before.teacher.full_name,
        "old_room_name": before.room.name if before.room else "",
        "user_ids": tuple(sorted(told)),
    }
