"""Writes of the timetable itself: bells, rooms, weekly entries, publishing. Changes of a day: `changes.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, insert, literal, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, take_turns
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound, Stale
from backend.timetable import days, events, queries, rules
from backend.timetable.rules.checks import said_slot
from backend.timetable.tables import (
    ClassSession,
    HalfDay,
    Period,
    Room,
    Timetable,
    TimetableEntry,
    WeekParity,
)

MOST_ROOMS: Final = 200
BUSY: Final = {"class": "timetable.class_busy", "teacher": "timetable.teacher_busy", "room": "timetable.room_busy"}


@dataclass(frozen=True)
class EntryToSet:
    """A weekly lesson as it is entered."""

    weekday: int
    session: HalfDay
    period: int
    parity: WeekParity
    class_group_id: UUID
    subject_id: UUID
    user_id: UUID
    room_id: UUID | None


async def set_periods(session: Session, actor: Actor, school_id: UUID, bells: Sequence[rules.Bell]) -> list[UUID]:
    """The school rings like this from now on; raises what `rules.check_bells` does."""
    queries.check_office(actor, school_id)
    rules.check_bells(bells)
    await take_turns(session, "bells", school_id)
    await session.execute(delete(Period).where(col(Period.school_id) == school_id))
    rows = [
        Period(
            school_id=school_id,
            session=HalfDay(bell.session),
            number=bell.number,
            starts_at=bell.starts_at,
            ends_at=bell.ends_at,
        )
        for bell in bells
    ]
    session.add_all(rows)
    record(session, actor, events.BellsSet(school_id, len(rows)))
    return [row.id for row in rows]


async def add_room(session: Session, actor: Actor, school_id: UUID, name: str) -> UUID:
    """A room to teach in; raises Invalid: timetable.name_length, timetable.room_exists, timetable.too_many_rooms."""
    queries.check_office(actor, school_id)
    name = rules.clean_name(name, 30)
    await take_turns(session, "rooms", school_id)
    taken = set((await session.execute(select(col(Room.name)).where(col(Room.school_id) == school_id))).scalars())
    if name in taken:
        raise Invalid("timetable.room_exists", field="name", room=name)
    if len(taken) >= MOST_ROOMS:
        raise Invalid("timetable.too_many_rooms", most=MOST_ROOMS)
    room = Room(school_id=school_id, name=name)
    session.add(room)
    record(session, actor, events.RoomAdded(school_id, room.id))
    return room.id


async def create_timetable(
    session: Session, actor: Actor, school_id: UUID, name: str, starts_on: date, copy_from: UUID | None = None
) -> UUID:
    """A draft for the current year, empty or with the lessons of another timetable of that year.

    Raises Invalid: timetable.name_length, timetable.name_taken, timetable.outside_year, timetable.no_school_year.
    """
    queries.check_office(actor, school_id)
    name = rules.clean_name(name, 60)
    year = await queries.current_year(session, school_id)
    if not year.starts_on <= starts_on <= year.ends_on:
        raise Invalid("timetable.outside_year", field="startsOn", first=year.starts_on, last=year.ends_on)
    await take_turns(session, "timetables", school_id)
    same = select(col(Timetable.id)).where(col(Timetable.school_id) == school_id, col(Timetable.name) == name)
    if (await session.execute(same)).first():
        raise Invalid("timetable.name_taken", field="name", name=name)
    row = Timetable(school_id=school_id, school_year_id=year.id, name=name, starts_on=starts_on)
    session.add(row)
    await session.flush()
    copied = await _copy(session, row, copy_from) if copy_from else 0
    record(session, actor, events.TimetableCreated(school_id, row.id, copied))
    return row.id


async def _copy(session: Session, row: Timetable, copy_from: UUID) -> int:
    """The entries of another timetable of the same school and year; NotFound otherwise."""
    other = await session.get(Timetable, copy_from)
    if other is None or (other.school_id, other.school_year_id) != (row.school_id, row.school_year_id):
        raise NotFound("core.not_found", field="copyFrom")
    kept = (
        "school_id", "class_group_id", "weekday", "session", "period", "parity", "subject_id", "user_id", "room_id",
    )  # fmt: skip
    columns = [col(getattr(TimetableEntry, name)) for name in kept]
    chosen = select(func.gen_random_uuid(), literal(clock.now()), literal(row.id), *columns).where(
        col(TimetableEntry.timetable_id) == copy_from
    )
    names = ["id", "created_at", "timetable_id", *kept]
    result = await session.execute(insert(TimetableEntry).from_select(names, chosen))
    return result.rowcount  # type: ignore[attr-defined]


async def set_entry(session: Session, actor: Actor, timetable_id: UUID, entry: EntryToSet) -> UUID:
    """Put a lesson into a slot of a class, in place of what the class had there in those weeks.

    Raises Invalid: timetable.slot_invalid, what `queries.place` raises, and timetable.teacher_busy or
    timetable.room_busy, which name the other lesson.
    """
    slot = rules.Slot(entry.weekday, entry.session, entry.period, entry.parity)
    rules.check_slot(slot)
    timetable = await queries.timetable_to_write(session, actor, timetable_id)
    where = await queries.place(
        session, timetable.school_id, entry.class_group_id, entry.subject_id, entry.user_id, entry.room_id
    )
    if where.class_group.school_year_id != timetable.school_year_id:
        raise Invalid("timetable.class_unknown", field="classGroup")
    for other in await queries.entries_in_slot(session, timetable_id, slot):
        if other.class_group_id == entry.class_group_id:
            await _make_room(session, other, entry.parity)
        elif other.user_id == entry.user_id or (entry.room_id is not None and other.room_id == entry.room_id):
            over = "teacher" if other.user_id == entry.user_id else "room"
            raise await _busy(session, over, queries.plain(other))
    await session.flush()
    row = TimetableEntry(
        school_id=timetable.school_id,
        timetable_id=timetable_id,
        class_group_id=entry.class_group_id,
        weekday=entry.weekday,
        session=entry.session,
        period=entry.period,
        parity=entry.parity,
        subject_id=entry.subject_id,
        user_id=entry.user_id,
        room_id=entry.room_id,
    )
    session.add(row)
    await _changed(session, actor, timetable, row, kept=True)
    return row.id


async def _make_room(session: Session, other: TimetableEntry, parity: WeekParity) -> None:
    """The class's earlier lesson goes; of one taught every week, the other weeks stay."""
    if other.parity is WeekParity.EVERY and parity is not WeekParity.EVERY:
        other.parity = WeekParity.EVEN if parity is WeekParity.ODD else WeekParity.ODD
    else:
        await session.delete(other)


async def remove_entry(session: Session, actor: Actor, entry_id: UUID) -> UUID:
    """Take a weekly lesson out. Returns its timetable."""
    row = await session.get(TimetableEntry, entry_id)
    if row is None:
        raise NotFound("core.not_found")
    timetable = await queries.timetable_to_write(session, actor, row.timetable_id)
    await session.delete(row)
    await _changed(session, actor, timetable, row, kept=False)
    return timetable.id


async def _changed(session: Session, actor: Actor, timetable: Timetable, row: TimetableEntry, *, kept: bool) -> None:
    """The timetable is another now; if it applies, weekdays may begin or cease to be taught."""
    timetable.version += 1
    if timetable.published_at is not None:
        await days.rebuild(session, [timetable.school_id], since=timetable.starts_on)
    event = events.EntrySet(
        timetable.school_id, timetable.id, row.class_group_id, row.weekday, row.session, row.period, row.parity,
        row.subject_id if kept else None, row.user_id if kept else None,
    )  # fmt: skip
    record(session, actor, event)


async def _busy(session: Session, over: str, other: rules.Entry) -> Invalid:
    """The refusal that names the lesson in the way."""
    names = await queries.names_of(session, other)
    return Invalid(
        BUSY[over],
        field=over,
        **names.params(),
        **said_slot(other.slot.weekday, other.slot.session),
        period=other.slot.period,
    )


async def publish_timetable(session: Session, actor: Actor, timetable_id: UUID, version: int) -> UUID:
    """Let it apply from its first day on. Nobody is told.

    Raises Stale("timetable.stale"), Invalid: timetable.already_published, timetable.empty, timetable.begun_long_ago,
    and the first clash.
    """
    timetable = await queries.timetable_to_write(session, actor, timetable_id)
    if timetable.version != version:
        raise Stale("timetable.stale")
    if timetable.published_at is not None:
        raise Invalid("timetable.already_published")
    entries = await queries.entries_of(session, timetable_id)
    clash = rules.check_publishing(entries, timetable.starts_on, clock.today())
    if clash is not None:
        raise await _busy(session, clash.over, clash.other)
    timetable.published_at, timetable.version = clock.now(), version + 1
    await _plan_sessions(session, timetable)
    await days.rebuild(session, [timetable.school_id])
    event = events.TimetablePublished(timetable.school_id, timetable.id, timetable.starts_on, len(entries))
    record(session, actor, event)
    return timetable.id


async def _plan_sessions(session: Session, timetable: Timetable) -> None:
    """A class without a session in the one-session plan gets the one in which it learns more."""
    number = (
        func.count()
        .over(partition_by=(col(TimetableEntry.class_group_id), col(TimetableEntry.session)))
        .label("number")
    )
    counted = (
        select(col(TimetableEntry.class_group_id), col(TimetableEntry.session), number)
        .where(col(TimetableEntry.timetable_id) == timetable.id)
        .subquery()
    )
    known = select(col(ClassSession.class_group_id))
    chosen = (
        select(func.gen_random_uuid(), literal(clock.now()), literal(timetable.school_id), counted.c[0], counted.c[1])
        .ext(distinct_on(counted.c[0]))
        .where(counted.c[0].not_in(known))
        .order_by(counted.c[0], counted.c.number.desc(), counted.c[1].desc())
    )
    columns = ["id", "created_at", "school_id", "class_group_id", "session"]
    await session.execute(insert(ClassSession).from_select(columns, chosen))


async def delete_timetable(session: Session, actor: Actor, timetable_id: UUID) -> UUID:
    """Throw a draft away; raises Invalid("timetable.published_stays")."""
    timetable = await queries.timetable_to_write(session, actor, timetable_id)
    if timetable.published_at is not None:
        raise Invalid("timetable.published_stays")
    await session.delete(timetable)
    record(session, actor, events.TimetableDeleted(timetable.school_id, timetable.id))
    return timetable_id
