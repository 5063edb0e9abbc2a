"""Weekly entries: which of them clash, and the dated lessons they become. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final, Literal, NamedTuple
from uuid import UUID

from backend.timetable.rules.calendar import Day

_WEEKS: Final = {"EVERY": (True, False), "ODD": (True,), "EVEN": (False,)}  # is the week odd?
_SESSIONS: Final = ("MORNING", "AFTERNOON")
Over = Literal["class", "teacher", "room"]


@dataclass(frozen=True, slots=True)
class Slot:
    """A place in the week: Monday is weekday 1, periods count from 1 in each session."""

    weekday: int
    session: str
    period: int
    parity: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A weekly lesson."""

    slot: Slot
    class_group_id: UUID
    subject_id: UUID
    user_id: UUID
    room_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Clash:
    """`entry` needs the class, the teacher or the room that `other`, earlier in the list, already has."""

    entry: Entry
    other: Entry
    over: Over


@dataclass(frozen=True, slots=True)
class Change:
    """What one dated lesson became: CANCELLED, SUBSTITUTED, ROOM_CHANGED or ADDED."""

    class_group_id: UUID
    day: date
    session: str
    period: int
    kind: str
    subject_id: UUID
    user_id: UUID
    room_id: UUID | None = None
    note: str = ""


class Lesson(NamedTuple):
    """A lesson of one day. `change` is None when it takes place as planned; a cancelled one stays in the list."""

    day: date
    week: int
    session: str
    period: int
    class_group_id: UUID
    subject_id: UUID
    user_id: UUID
    room_id: UUID | None
    regular_user_id: UUID
    regular_room_id: UUID | None
    change: str | None
    note: str


def overlap(one: str, other: str) -> bool:
    """Whether two parities meet in some week: ODD and EVEN never do."""
    return one == other or "EVERY" in (one, other)


def clashes(entries: Iterable[Entry]) -> list[Clash]:
    """Every entry that needs something taken by an earlier one, once for each thing; in linear time."""
    taken: dict[tuple[Any, ...], Entry] = {}
    found: list[Clash] = []
    for entry in entries:
        slot = entry.slot
        needs: list[tuple[Over, UUID | None]] = [
            ("class", entry.class_group_id),
            ("teacher", entry.user_id),
            ("room", entry.room_id),
        ]
        for over, what in needs:
            if what is None:
                continue
            places = [(over, what, slot.weekday, slot.session, slot.period, odd) for odd in _WEEKS[slot.parity]]
            other = next((taken[place] for place in places if place in taken), None)
            if other is not None:
                found.append(Clash(entry, other, over))
            for place in places:
                taken.setdefault(place, entry)
    return found


def expand(entries: Iterable[Entry], days: Iterable[Day], changes: Iterable[Change] = ()) -> list[Lesson]:
    """The dated lessons of one timetable's entries on these days, by day, session and period.

    A day that does not teach has none, not even added ones. A change is the whole truth about its lesson; where the
    entry it lay over is gone, so is the change, unless it added the lesson.
    """
    week = _week(entries)
    changed: defaultdict[date, dict[tuple[UUID, str, int], Change]] = defaultdict(dict)
    for change in changes:
        changed[change.day][change.class_group_id, change.session, change.period] = change
    lessons: list[Lesson] = []
    make = partial(tuple.__new__, Lesson)  # every tail is complete, so nothing has to be counted
    for day in days:
        if not day.teaches:
            continue
        head = (day.day, day.week)
        planned = [make(head + tail) for tail in week.get((day.weekday, day.odd), ())]
        lessons += _with(planned, changed[day.day], day) if day.day in changed else planned
    return lessons


def _week(entries: Iterable[Entry]) -> dict[tuple[int, bool], list[tuple[Any, ...]]]:
    """By weekday and kind of week: what every lesson there has but its day, in order."""
    week: defaultdict[tuple[int, bool], list[tuple[Any, ...]]] = defaultdict(list)
    ordered = sorted(entries, key=lambda entry: (_SESSIONS.index(entry.slot.session), entry.slot.period))
    for entry in ordered:
        slot = entry.slot
        tail = (slot.session, slot.period, entry.class_group_id, entry.subject_id, entry.user_id, entry.room_id,
                entry.user_id, entry.room_id, None, "")  # fmt: skip
        for odd in _WEEKS[slot.parity]:
            week[slot.weekday, odd].append(tail)
    return week


def _with(planned: Sequence[Lesson], changes: dict[tuple[UUID, str, int], Change], day: Day) -> list[Lesson]:
    """The day's lessons with the changes laid over them."""
    lessons: list[Lesson] = []
    for lesson in planned:
        change = changes.get((lesson.class_group_id, lesson.session, lesson.period))
        if change is None:
            lessons.append(lesson)
        elif change.kind != "ADDED":
            lessons.append(
                lesson._replace(
                    subject_id=change.subject_id,
                    user_id=change.user_id,
                    room_id=change.room_id,
                    change=change.kind,
                    note=change.note,
                )
            )
    for change in changes.values():
        if change.kind == "ADDED":
            lessons.append(_added(change, day))
    lessons.sort(key=lambda lesson: (_SESSIONS.index(lesson.session), lesson.period))
    return lessons


def _added(change: Change, day: Day) -> Lesson:
    return Lesson(
        day.day, day.week, change.session, change.period, change.class_group_id, change.subject_id, change.user_id,
        change.room_id, change.user_id, change.room_id, change.kind, change.note,
    )  # fmt: skip
