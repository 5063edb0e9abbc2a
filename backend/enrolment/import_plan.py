"""From the lines of some workbooks to a list of entries: what each line would do, ready to be shown and to be applied.

Pure: the school as it is comes in as a value. A pupil's phones are folded into the pupil's entry, wherever they stand.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from backend.core.text import search_key
from backend.enrolment.import_queries import SchoolNow
from backend.enrolment.rules import (
    AssignmentRow,
    Change,
    Contact,
    Defect,
    GuardianPhones,
    Outcome,
    PlannedRow,
    PupilRow,
    SheetRow,
    StaffRow,
    contacts_of,
    plan_assignments,
    plan_pupils,
    plan_staff,
)
from backend.enrolment.workbooks import WorkbookRows

CHANGED_SINCE = "import.changed_since"
Step = PlannedRow[PupilRow] | PlannedRow[StaffRow] | PlannedRow[AssignmentRow] | PlannedRow[GuardianPhones]


@dataclass(frozen=True)
class Entry:
    """One line of the dry run."""

    step: Step
    title: str
    outcome: Outcome
    changes: tuple[Change, ...]
    defects: tuple[Defect, ...]
    contacts: tuple[Contact, ...] = ()
    """Phones that applying it would add."""
    suggested: tuple[str, ...] = ()
    """Codes of the pupils who may be meant."""

    @property
    def place(self) -> str:
        """The line, unique in the import."""
        row = self.step.row
        return f"{row.file}|{row.sheet}|{row.row}|{type(row).__name__}"

    @property
    def cell(self) -> str:
        """Where to look: the first cell that is wrong, else the first that is new, else the line."""
        blocking = [defect.cell for defect in self.defects if defect.blocking]
        return next(iter((*blocking, *(change.cell for change in self.changes), self.step.row.cell("full_name"))))

    @property
    def signature(self) -> str:
        """What the clerk agreed to. Another plan for the same line has another signature."""
        what = [self.outcome, self.step.existing_id, [[c.field, plain(c.old), plain(c.new)] for c in self.changes]]
        return hashlib.sha256(json.dumps(what, default=str).encode()).hexdigest()[:16]

    def refused(self, code: str) -> "Entry":
        """The same line, kept out for another reason."""
        defect = Defect(code, self.step.row.cell("full_name"))
        return replace(self, outcome=Outcome.BROKEN, defects=(*self.defects, defect))

    def detail(self) -> dict[str, Any]:
        """As JSON, from which the message in the reader's language is made."""
        return {
            "place": self.place,
            "signature": self.signature,
            "defects": [[d.code, d.cell, {k: plain(v) for k, v in d.params.items()}] for d in self._shown()],
            "changes": [[c.field, plain(c.old), plain(c.new)] for c in self.changes],
            "suggested": list(self.suggested),
        }

    def _shown(self) -> Iterable[Defect]:
        """Of a line that is out, what keeps it out comes first."""
        return sorted(self.defects, key=lambda defect: not defect.blocking)


@dataclass(frozen=True)
class Plan:
    """Everything an import would do. `new_classes` are opened in the current year."""

    entries: tuple[Entry, ...]
    new_classes: tuple[str, ...]


def plain(value: Any) -> Any:
    """A value of a change as JSON; a contact is its phone."""
    if isinstance(value, Contact):
        return value.phone
    return value.isoformat() if isinstance(value, date) else value


def phones_of_staff(files: Sequence[WorkbookRows]) -> set[str]:
    """The phones the files give to members of staff."""
    return {row.phone for file in files for row in file.staff if row.phone}


def make_plan(now: SchoolNow, files: Sequence[WorkbookRows]) -> Plan:
    """Compare the files with the school."""
    lines = [row for file in files for row in file.pupils]
    contacts = [row for file in files for row in file.contacts]
    pupils = plan_pupils(now.pupils, lines, contacts, now.classes, now.grades)
    staff = plan_staff(now.staff.values(), [_safe_phone(now, row) for file in files for row in file.staff])
    assignments = plan_assignments(
        {place: frozenset(teachers) for place, teachers in now.teachers.items()},
        [row for file in files for row in file.assignments],
        (*now.classes, *pupils.new_classes),
        now.subjects,
        _names_of_staff(now, staff.rows),
        {name: code for name, (code, _) in now.homerooms.items()},
    )
    entries = (
        *_pupil_entries(now, pupils.rows, pupils.contacts),
        *(_entry(step, f"{step.row.full_name} · {step.row.code}") for step in staff.rows),
        *(_entry(step, f"{step.row.class_name} · {step.row.subject_name}") for step in assignments.rows),
    )
    return Plan(entries, pupils.new_classes)


def _safe_phone(now: SchoolNow, row: StaffRow) -> StaffRow:
    """A phone opens an account. So a file gives one to a new account only, and never one that is somebody's already."""
    known = now.staff.get(row.code)
    if row.phone is None or (known is not None and row.phone == known.phone):
        return row
    if known is None and row.phone not in now.taken_phones:
        return row
    code = "import.phone_kept" if known is not None else "import.phone_taken"
    warning = Defect(code, row.cell("phone"), blocking=False)
    return replace(row, phone=None, defects=(*row.defects, warning))


def _names_of_staff(now: SchoolNow, planned: Sequence[PlannedRow[StaffRow]]) -> Mapping[str, str]:
    names = {code: person.full_name for code, person in now.staff.items()}
    for step in planned:
        if step.outcome in (Outcome.NEW, Outcome.CHANGED):
            names[step.row.code] = step.row.full_name
    return names


def _entry(step: PlannedRow[StaffRow] | PlannedRow[AssignmentRow], title: str) -> Entry:
    return Entry(step, title, step.outcome, step.changes, step.defects)


def _pupil_entries(
    now: SchoolNow, planned: Sequence[PlannedRow[PupilRow]], phones: Sequence[PlannedRow[GuardianPhones]]
) -> Iterator[Entry]:
    homes: dict[object, int] = {}
    for index, step in enumerate(planned):
        for key in (_line(step.row), step.row.code, step.row.national_id):
            if key:
                homes.setdefault(key, index)
    folded: dict[int, list[PlannedRow[GuardianPhones]]] = {}
    lonely = []
    for step in phones:
        keys = (_line(step.row), step.row.code, step.row.national_id)
        home = next((homes[key] for key in keys if key in homes), None)
        if home is None:
            lonely.append(step)
        else:
            folded.setdefault(home, []).append(step)
    codes = {pupil.id: pupil.code for pupil in now.pupils}
    for index, step in enumerate(planned):
        title = " · ".join(filter(None, (step.row.full_name, step.row.class_name)))
        suggested = tuple(codes[id_] for id_ in step.suggested_ids)
        yield _with_phones(
            Entry(step, title, step.outcome, step.changes, step.defects, suggested=suggested), folded.get(index, ())
        )
    for step in lonely:
        title = step.row.code or step.row.national_id or step.row.cell("code")
        yield Entry(step, title, step.outcome, step.changes, step.defects, contacts_of(step))


def _line(row: SheetRow) -> tuple[str, str, int]:
    return row.file, row.sheet, row.row


def _with_phones(entry: Entry, phones: Sequence[PlannedRow[GuardianPhones]]) -> Entry:
    """The pupil's entry with her phones. Something wrong with a phone does not keep the pupil out."""
    for step in phones:
        told = {(defect.code, defect.cell) for defect in entry.defects}
        warnings = tuple(
            replace(defect, blocking=False)
            for defect in step.defects
            if defect.code != "import.pupil_row_broken" and (defect.code, defect.cell) not in told
        )
        known = {contact.phone for contact in entry.contacts}
        fresh = tuple(contact for contact in contacts_of(step) if contact.phone not in known)
        entry = replace(
            entry,
            defects=(*entry.defects, *warnings),
            changes=(*entry.changes, *(c for c in step.changes if c.new.phone not in known)),
            contacts=(*entry.contacts, *fresh),
        )
    if entry.outcome is Outcome.UNCHANGED and entry.changes:
        return replace(entry, outcome=Outcome.CHANGED)
    return entry


def subject_key(row: AssignmentRow) -> tuple[str, str]:
    """Class name and subject key of an assignment."""
    return row.class_name, search_key(row.subject_name)
