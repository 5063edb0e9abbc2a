"""Writes an agreed plan into the school, table by table, in the caller's transaction."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from backend.core.db import Session
from backend.core.ids import new_id
from backend.core.text import name_sort_key, search_key
from backend.enrolment.import_plan import Entry
from backend.enrolment.import_queries import SchoolNow, Stay
from backend.enrolment.import_rows import insert_rows, new_row, update_rows
from backend.enrolment.import_write_staff import StaffWriter, Written
from backend.enrolment.rules import (
    Contact,
    ExistingPupil,
    GuardianPhones,
    Outcome,
    PlannedRow,
    PupilRow,
    code_of_new_pupil,
    grade_of,
)
from backend.enrolment.tables import Enrolment, GuardianContact
from backend.identity.tables import Relation, Sex, Student, StudentStatus
from backend.organisation.tables import ClassGroup

CHUNK: Final = 250
STUDYING: Final = StudentStatus.STUDYING.value
WRITTEN: Final = frozenset({Outcome.NEW, Outcome.CHANGED, Outcome.MOVED})
Progress = Callable[[int], Awaitable[None]]


@dataclass
class _Batches:
    """Rows to insert or to update, by table; inserted in the order of the references between the tables."""

    students: list[dict[str, Any]] = field(default_factory=list)
    changed_students: list[dict[str, Any]] = field(default_factory=list)
    returned: list[dict[str, Any]] = field(default_factory=list)
    ended: list[dict[str, Any]] = field(default_factory=list)
    enrolments: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)


class Writer:
    """One apply: knows the school, today's date and whom to tell how far it is."""

    def __init__(self, session: Session, now: SchoolNow, today: date, progress: Progress) -> None:
        self._session, self._now, self._progress = session, now, progress
        self._today = min(max(today, now.year.starts_on), now.year.ends_on)
        self._classes = dict(now.classes)
        self._opened: set[str] = set()
        self._pupils = {pupil.id: pupil for pupil in now.pupils}
        self._done = 0

    async def write(self, entries: Sequence[Entry]) -> Written:
        """Write these entries, every one of which is to be written."""
        await self._open_classes(entries)
        await self._write_pupils([entry for entry in entries if isinstance(entry.step.row, PupilRow | GuardianPhones)])
        staff = StaffWriter(self._session, self._now, self._classes, self._step)
        return await staff.write(entries)

    # -- classes and pupils

    async def _open_classes(self, entries: Sequence[Entry]) -> None:
        names = {getattr(entry.step.row, "class_name", None) for entry in entries} - self._classes.keys() - {None, ""}
        rows: list[dict[str, Any]] = []
        for name in sorted(str(name) for name in names):
            grade = grade_of(name)
            assert grade is not None
            rows.append(
                new_row(
                    school_id=self._now.school.id,
                    school_year_id=self._now.year.id,
                    name=name,
                    grade=grade,
                    sort_key=class_sort_key(name, grade),
                )
            )
        await insert_rows(self._session, ClassGroup, rows)
        self._opened = {row["name"] for row in rows}
        self._classes |= {row["name"]: row["id"] for row in rows}

    async def _write_pupils(self, entries: Sequence[Entry]) -> None:
        for start in range(0, len(entries), CHUNK):
            chunk = entries[start : start + CHUNK]
            rows = _Batches()
            for entry in chunk:
                self._add_pupil(rows, entry)
            await insert_rows(self._session, Student, rows.students)
            await update_rows(self._session, Student, rows.changed_students)
            await update_rows(self._session, Student, rows.returned)
            await update_rows(self._session, Enrolment, rows.ended)
            await insert_rows(self._session, Enrolment, rows.enrolments)
            await insert_rows(self._session, GuardianContact, rows.contacts, new_only=True)
            await self._step(len(chunk))

    def _add_pupil(self, rows: _Batches, entry: Entry) -> None:
        step = entry.step
        student_id = step.existing_id
        if isinstance(step.row, PupilRow):
            student_id = student_id or new_id()
            if step.existing_id is None:
                rows.students.append(self._new_pupil(student_id, step.row))
            else:
                self._change_pupil(rows, step)  # pyright: ignore[reportArgumentType]
            self._place_pupil(rows, student_id, step.row)
        assert student_id is not None
        rows.contacts += [self._contact(student_id, contact) for contact in entry.contacts]

    def _new_pupil(self, student_id: UUID, row: PupilRow) -> dict[str, Any]:
        return new_row(
            id=student_id,
            school_id=self._now.school.id,
            code=code_of_new_pupil(row),
            national_id=row.national_id,
            full_name=row.full_name,
            sort_key=name_sort_key(row.full_name),
            search_key=search_key(row.full_name),
            birth_date=row.birth_date,
            sex=Sex(row.sex) if row.sex else Sex.UNKNOWN,
            status=StudentStatus(row.status) if row.status else StudentStatus.STUDYING,
            user_id=None,
        )

    def _change_pupil(self, rows: _Batches, step: PlannedRow[PupilRow]) -> None:
        pupil = self._pupils[step.existing_id] if step.existing_id else None
        new = {change.field: change.new for change in step.changes if change.field not in ("class_name", "contacts")}
        if not new or pupil is None:
            return
        values = {
            "code": pupil.code,
            "national_id": pupil.national_id,
            "full_name": pupil.full_name,
            "birth_date": pupil.birth_date,
            "sex": pupil.sex,
            "status": pupil.status,
            **new,
        }
        values |= {"sex": Sex(values["sex"]), "status": StudentStatus(values["status"])}
        names = {"sort_key": name_sort_key(values["full_name"]), "search_key": search_key(values["full_name"])}
        rows.changed_students.append({"row_id": pupil.id, **values, **names})
        if values["status"] is StudentStatus.STUDYING and pupil.status != STUDYING:
            # Whoever moved away and is back is here: her family sees this row again.
            rows.returned.append({"row_id": pupil.id, "moved_to_id": None})

    def _place_pupil(self, rows: _Batches, student_id: UUID, row: PupilRow) -> None:
        """Open, move or close the stay in a class. A stay that ended is kept: it is the pupil's history."""
        pupil, stay = self._pupils.get(student_id), self._now.stays.get(student_id)
        status = _status_after(row, pupil)
        class_name = row.class_name or (pupil.class_name if pupil else None)
        class_id = self._classes.get(class_name) if class_name else None
        day = self._day(row, stay)
        stays_there = stay is not None and stay.class_group_id == class_id
        if stay is not None and stay.ended_on is None and not (stays_there and status == STUDYING):
            rows.ended.append({"row_id": stay.id, "ended_on": day})
        if class_id is None or (stays_there and (status != STUDYING or (stay and stay.ended_on is None))):
            return
        newly_opened = stay is None and class_name in self._opened and row.status_on is None
        rows.enrolments.append(
            new_row(
                school_id=self._now.school.id,
                student_id=student_id,
                class_group_id=class_id,
                school_year_id=self._now.year.id,
                started_on=self._now.year.starts_on if newly_opened or status != STUDYING else day,
                ended_on=None if status == STUDYING else day,
            )
        )

    def _day(self, row: PupilRow, stay: Stay | None) -> date:
        """When it holds: the date the file gives, else today; within the year and not before the present stay began."""
        dated = stay is None or stay.ended_on is not None or row.status not in (None, STUDYING)
        # A pupil who only changes class keeps the old date of the state in the list: it is not the day of the move.
        said = row.status_on if dated else None
        day = min(max(said or self._today, self._now.year.starts_on), self._now.year.ends_on)
        return max(day, stay.started_on) if stay else day

    def _contact(self, student_id: UUID, contact: Contact) -> dict[str, Any]:
        return new_row(
            school_id=self._now.school.id,
            student_id=student_id,
            name=contact.name,
            phone=contact.phone,
            relation=Relation(contact.relation),
        )

    async def _step(self, count: int) -> None:
        self._done += count
        await self._progress(self._done)


def _status_after(row: PupilRow, pupil: ExistingPupil | None) -> str:
    """The state the line leads to; a pupil who has left is not brought back by a line without its date."""
    before = pupil.status if pupil else STUDYING
    if before != STUDYING and row.status == STUDYING and row.status_on is None:
        return before
    return row.status or before


def class_sort_key(name: str, grade: int) -> str:
    """Classes in the order of a school's list: by grade, then track, then number: 6A2 before 6A10."""
    letters = name.removeprefix(str(grade))
    track = letters.rstrip("0123456789")
    return f"{grade:02d} {track} {int(letters[len(track) :] or 0):03d}"
