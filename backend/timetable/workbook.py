"""A timetable in from a workbook and out into one, in the same layout. All or nothing: a workbook with one defect
changes nothing, and says every defect with its cell.
"""

import asyncio
import io
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from sqlalchemy import and_, insert, or_, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import FAMILY, Actor
from backend.core.db import Session
from backend.core.graphql.problems import words
from backend.core.ids import new_id
from backend.core.journal import record
from backend.core.problem import Invalid
from backend.enrolment.tables import StaffMember, TeachingAssignment
from backend.identity.tables import RoleGrant, User
from backend.organisation.tables import ClassGroup, School, Subject, SubjectPlan
from backend.timetable import actions, events, queries
from backend.timetable.rules import Entry
from backend.timetable.tables import HalfDay, Period, Room, Timetable, TimetableEntry, WeekParity
from backend.timetable.workbook_lessons import (
    Catalogue,
    KnownClass,
    KnownSubject,
    KnownTeacher,
    plan_lessons,
    room_key,
)
from backend.timetable.workbook_rows import Defect, class_key, read_drawing

MOST_TOLD: Final = 500  # defects; nobody reads more at once
SHEET: Final = "TKB"
_SESSIONS: Final = ("MORNING", "AFTERNOON")
_USUAL_PERIODS: Final = 5
_WEEKDAYS: Final = range(1, 7)
_NO_LESSON: Final = "–"
_COLUMN_WIDTH: Final = 24


class WorkbookDefects(Invalid):
    """A workbook that cannot be taken as it is: code timetable_import.defects, with what is wrong in which cell."""

    def __init__(self, defects: Sequence[Defect]) -> None:
        super().__init__("timetable_import.defects", count=len(defects))
        self.defects = defects

    def told(self, language: str) -> list[dict[str, str]]:
        """The first 500, in words."""
        return [{"cell": d.cell, "message": words(d.code, language, **d.params)} for d in self.defects[:MOST_TOLD]]


@dataclass(frozen=True)
class Imported:
    timetable_id: UUID
    entry_count: int


async def import_workbook(
    session: Session, actor: Actor, school_id: UUID, name: str, starts_on: date, content: bytes, filename: str
) -> Imported:
    """A draft timetable from a workbook, its new rooms with it.

    Raises what `actions.create_timetable` and `read_drawing` raise, Invalid("timetable_import.no_lessons"), and
    WorkbookDefects.
    """
    timetable = await actions.create_timetable(session, actor, school_id, name, starts_on)
    year = await queries.current_year(session, school_id)
    drawn = await asyncio.to_thread(read_drawing, content, filename)
    catalogue = await catalogue_of(session, school_id, year.id)
    planned = await asyncio.to_thread(plan_lessons, drawn, catalogue)
    if planned.defects:
        raise WorkbookDefects(planned.defects)
    if not planned.entries:
        raise Invalid("timetable_import.no_lessons")
    session.add_all(Room(id=id_, school_id=school_id, name=room) for room, id_ in planned.new_rooms.items())
    await session.flush()
    now = clock.now()
    rows = [{**_row(entry), "created_at": now} for entry in planned.entries]
    for row in rows:
        row |= {"school_id": school_id, "timetable_id": timetable}
    await session.execute(insert(TimetableEntry), rows)
    record(session, actor, events.TimetableImported(school_id, timetable, len(rows)))
    return Imported(timetable, len(rows))


def _row(entry: Entry) -> dict[str, Any]:
    slot = entry.slot
    return {
        "id": new_id(),
        "class_group_id": entry.class_group_id,
        "weekday": slot.weekday,
        "session": HalfDay(slot.session),
        "period": slot.period,
        "parity": WeekParity(slot.parity),
        "subject_id": entry.subject_id,
        "user_id": entry.user_id,
        "room_id": entry.room_id,
    }


async def catalogue_of(session: Session, school_id: UUID, school_year_id: UUID) -> Catalogue:
    """The school's classes of the year, its staff, assignments and rooms, and all subjects; six statements."""
    plan_rows = await session.execute(
        select(col(SubjectPlan.grade), col(SubjectPlan.subject_id))
        .join(School, col(School.level) == SubjectPlan.level)
        .where(col(School.id) == school_id)
    )
    planned: defaultdict[int, set[UUID]] = defaultdict(set)
    for grade, subject in plan_rows:
        planned[grade].add(subject)
    classes = await _classes(session, school_id, school_year_id)
    subjects = await session.execute(select(col(Subject.id), col(Subject.code), col(Subject.name)))
    assigned: defaultdict[tuple[UUID, UUID], list[UUID]] = defaultdict(list)
    assignments = select(TeachingAssignment).where(col(TeachingAssignment.school_id) == school_id)
    for row in (await session.execute(assignments)).scalars():
        assigned[row.class_group_id, row.subject_id].append(row.user_id)
    rooms = await session.execute(select(col(Room.name), col(Room.id)).where(col(Room.school_id) == school_id))
    return Catalogue(
        {class_key(c.name): KnownClass(c.id, c.name, frozenset(planned[c.grade])) for c in classes},
        [KnownSubject(*row) for row in subjects],
        await _teachers(session, school_id),
        {pair: tuple(users) for pair, users in assigned.items()},
        {room_key(name): id_ for name, id_ in rooms},
    )


async def _classes(session: Session, school_id: UUID, school_year_id: UUID) -> list[ClassGroup]:
    statement = select(ClassGroup).where(
        col(ClassGroup.school_id) == school_id, col(ClassGroup.school_year_id) == school_year_id
    )
    return list((await session.execute(statement.order_by(col(ClassGroup.sort_key)))).scalars())


async def _teachers(session: Session, school_id: UUID) -> list[KnownTeacher]:
    """Everybody who works at the school, with her staff code where she has one."""
    granted = select(col(RoleGrant.user_id)).where(
        col(RoleGrant.school_id) == school_id, col(RoleGrant.role).not_in(sorted(FAMILY))
    )
    teaching = select(col(TeachingAssignment.user_id)).where(col(TeachingAssignment.school_id) == school_id)
    statement = (
        select(col(User.id), col(User.full_name), col(StaffMember.code))
        .outerjoin(StaffMember, and_(col(StaffMember.user_id) == User.id, col(StaffMember.school_id) == school_id))
        .where(
            or_(col(User.id).in_(granted), col(User.id).in_(teaching)),
            col(User.disabled_at).is_(None),
        )
        .order_by(col(User.id))
    )
    return [KnownTeacher(id_, name, code or "") for id_, name, code in await session.execute(statement)]


async def template(session: Session, actor: Actor, school_id: UUID) -> bytes:
    """The layout to fill in, with the timetable that applies now where there is one; importing it gives the same."""
    queries.check_office(actor, school_id)
    year = await queries.current_year(session, school_id)
    catalogue = await catalogue_of(session, school_id, year.id)
    classes = await _classes(session, school_id, year.id)
    entries = await _current_entries(session, school_id, year.id)
    names = await _names(session, select(col(Subject.id), col(Subject.name)))
    rooms = await _names(session, select(col(Room.id), col(Room.name)).where(col(Room.school_id) == school_id))
    bells = await session.execute(
        select(col(Period.session), col(Period.number)).where(col(Period.school_id) == school_id)
    )
    times = {(half.value, number) for half, number in bells} or {
        (half, number) for half in _SESSIONS for number in range(1, _USUAL_PERIODS + 1)
    }
    cells: defaultdict[tuple[int, str, int, UUID], dict[str, str]] = defaultdict(dict)
    for entry in entries:
        slot = entry.slot
        text = _cell_text(entry, catalogue, names, rooms)
        cells[slot.weekday, slot.session, slot.period, entry.class_group_id][slot.parity] = text
    days = {*_WEEKDAYS, *(entry.slot.weekday for entry in entries)}
    lines = sorted(
        {(day, half, number) for day in days for half, number in times}
        | {(entry.slot.weekday, entry.slot.session, entry.slot.period) for entry in entries},
        key=lambda line: (line[0], _SESSIONS.index(line[1]), line[2]),
    )
    filled = [[_shown(cells.get((*line, c.id), {})) for c in classes] for line in lines]
    return await asyncio.to_thread(_workbook, [c.name for c in classes], lines, filled)


async def _names(session: Session, statement: Any) -> dict[UUID, str]:
    return {row.id: row.name for row in await session.execute(statement)}


async def _current_entries(session: Session, school_id: UUID, school_year_id: UUID) -> list[Entry]:
    """Of the published timetable in force today, or else the next one; none before the first is published."""
    statement = (
        select(Timetable)
        .where(
            col(Timetable.school_id) == school_id,
            col(Timetable.school_year_id) == school_year_id,
            col(Timetable.published_at).is_not(None),
        )
        .order_by(col(Timetable.starts_on))
    )
    published = list((await session.execute(statement)).scalars())
    begun = [row for row in published if row.starts_on <= clock.today()]
    chosen = begun[-1:] or published[:1]
    return await queries.entries_of(session, chosen[0].id) if chosen else []


def _cell_text(entry: Entry, catalogue: Catalogue, names: dict[UUID, str], rooms: dict[UUID, str]) -> str:
    """As it is read back: the teacher by name, by staff code where the name means more than one."""
    teacher = catalogue.teachers.get(entry.user_id)
    said = teacher.full_name if teacher else ""
    if teacher and teacher.code:
        meant = catalogue.teachers_of(entry.class_group_id, entry.subject_id, said)
        said = said if [t.id for t in meant] == [teacher.id] else teacher.code
    room = rooms.get(entry.room_id, "") if entry.room_id else ""
    return f"{names[entry.subject_id]} ({said}) {room}".strip()


def _shown(by_parity: dict[str, str]) -> str:
    if "EVERY" in by_parity or not by_parity:
        return by_parity.get("EVERY", "")
    return f"{by_parity.get('ODD', _NO_LESSON)} / {by_parity.get('EVEN', _NO_LESSON)}"


def _workbook(classes: list[str], lines: list[tuple[int, str, int]], filled: list[list[str]]) -> bytes:
    """Titles and weekdays in Vietnamese whatever the reader's language: it is the schools' layout."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = SHEET
    titles = [words(f"timetable_import.title_{name}", "vi") for name in ("weekday", "session", "period")]
    rows = [[*titles, *classes]]
    for (weekday, half, number), texts in zip(lines, filled, strict=True):
        day = words(f"timetable_import.weekday_{weekday}", "vi")
        rows.append([day, words(f"timetable_import.session_{half}", "vi"), str(number), *texts])
    for row, values in enumerate(rows, start=1):
        for column, value in enumerate(values, start=1):
            cell = sheet.cell(row, column)
            cell.value = value
            cell.data_type = "s"  # a text that begins with "=" is no formula
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if row == 1 or column <= len(titles):
                cell.font = Font(bold=True)
    for column in range(len(titles) + 1, len(titles) + 1 + len(classes)):
        sheet.column_dimensions[get_column_letter(column)].width = _COLUMN_WIDTH
    sheet.freeze_panes = "D2"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
