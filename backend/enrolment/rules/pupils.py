"""What an import of pupils would change. Writes nothing: the school reads the plan and then applies it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from backend.core.text import search_key
from backend.enrolment.rules.identifiers import grade_of, is_temporary_code, national_id_warnings, temporary_code
from backend.enrolment.rules.rows import Change, Contact, Defect, GuardianPhones, Outcome, PlannedRow, PupilRow

STUDYING: Final = "STUDYING"


@dataclass(frozen=True)
class ExistingPupil:
    """A pupil the school already has, with the class of this school year."""

    id: UUID
    code: str
    national_id: str | None
    full_name: str
    birth_date: date | None
    sex: str
    class_name: str | None
    status: str
    contacts: frozenset[str] = frozenset()
    """Phones in E.164."""


@dataclass(frozen=True)
class PupilPlan:
    """Every line of the files with its outcome, in their order."""

    rows: tuple[PlannedRow[PupilRow], ...]
    contacts: tuple[PlannedRow[GuardianPhones], ...]
    new_classes: tuple[str, ...]
    """Classes the school does not have yet; applying the plan opens them."""
    absent_ids: tuple[UUID, ...]
    """Pupils in no line. They are left alone: a missing line is no proof of leaving."""

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(planned.outcome for planned in self.rows)


class _Register:
    """The existing pupils by every key they may be found by."""

    def __init__(self, existing: Iterable[ExistingPupil]) -> None:
        self.by_code: dict[str, ExistingPupil] = {}
        self.by_national_id: dict[str, list[ExistingPupil]] = defaultdict(list)
        self.by_person: dict[tuple[str, date | None], list[ExistingPupil]] = defaultdict(list)
        for pupil in existing:
            self.by_code[pupil.code] = pupil
            if pupil.national_id:
                self.by_national_id[pupil.national_id].append(pupil)
            self.by_person[search_key(pupil.full_name), pupil.birth_date].append(pupil)

    def find(self, code: str | None, national_id: str | None) -> tuple[ExistingPupil | None, bool]:
        """The pupil of the code, else the only one of the national id; True when the two point to different pupils."""
        by_code = self.by_code.get(code) if code else None
        holders = self.by_national_id.get(national_id, []) if national_id else []
        if by_code is not None:
            return by_code, bool(holders) and by_code not in holders
        return (holders[0], False) if len(holders) == 1 else (None, len(holders) > 1)


def plan_pupils(
    existing: Sequence[ExistingPupil],
    rows: Sequence[PupilRow],
    contacts: Sequence[GuardianPhones] = (),
    classes: Iterable[str] = (),
    grades: range | None = None,
) -> PupilPlan:
    """Compare the lines with the school's pupils: by official code, then national id; name and birth date only suggest.

    `classes` are this year's, `grades` those the school teaches (6 to 9, 10 to 12); None accepts every grade.
    """
    register = _Register(existing)
    lines, contradictions = _one_line_each(rows)
    planned: list[PlannedRow[PupilRow]] = []
    taken: dict[UUID, str] = {}
    for index, row in enumerate(lines):
        step = _plan_row(register, row, contradictions.get(index, ()), grades)
        if step.existing_id is not None and step.outcome is not Outcome.BROKEN:
            if step.existing_id in taken:
                other = Defect("import.same_pupil_twice", row.cell("code"), {"other": taken[step.existing_id]})
                step = PlannedRow(outcome=Outcome.BROKEN, row=row, defects=(*step.defects, other))
            else:
                taken[step.existing_id] = row.cell("code")
        planned.append(step)
    known = set(classes) | {pupil.class_name for pupil in existing}
    wanted = {step.row.class_name for step in planned if step.outcome is not Outcome.BROKEN} - known - {None}
    seen = set(taken) | {id_ for step in planned for id_ in (step.existing_id, *step.suggested_ids) if id_}
    return PupilPlan(
        rows=tuple(planned),
        contacts=tuple(_plan_contacts(register, planned, contacts)),
        new_classes=tuple(sorted((name for name in wanted if name), key=lambda name: (grade_of(name) or 0, name))),
        absent_ids=tuple(pupil.id for pupil in existing if pupil.id not in seen),
    )


def _plan_row(
    register: _Register, row: PupilRow, contradictions: Sequence[Defect], grades: range | None
) -> PlannedRow[PupilRow]:
    defects = [*row.defects, *contradictions, *_own_defects(row, grades)]
    match, conflict = register.find(row.code, row.national_id)
    if conflict:
        defects.append(Defect("import.identity_conflict", row.cell("national_id")))
    if match is not None and _is_another_person(match, row):
        defects.append(Defect("import.code_of_another", row.cell("code")))
    if any(defect.blocking for defect in defects):
        existing_id = match.id if match else None
        return PlannedRow(outcome=Outcome.BROKEN, row=row, existing_id=existing_id, defects=tuple(defects))
    if match is None:
        namesakes = register.by_person.get((search_key(row.full_name), row.birth_date), []) if row.birth_date else []
        outcome = Outcome.SUGGESTED if namesakes else Outcome.NEW
        ids = tuple(pupil.id for pupil in namesakes)
        return PlannedRow(outcome=outcome, row=row, defects=tuple(defects), suggested_ids=ids)
    changes = tuple(_changes(match, row))
    defects += _change_warnings(match, row)
    moved = any(change.field == "class_name" and change.old is not None for change in changes)
    outcome = Outcome.MOVED if moved else Outcome.CHANGED if changes else Outcome.UNCHANGED
    return PlannedRow(outcome=outcome, row=row, existing_id=match.id, changes=changes, defects=tuple(defects))


def _own_defects(row: PupilRow, grades: range | None) -> Iterator[Defect]:
    if row.code is None and row.national_id is None and not row.is_broken:
        yield Defect("import.code_missing", row.cell("code"))
    if row.class_name is not None and grades is not None:
        grade = grade_of(row.class_name)
        if grade not in grades:
            params = {"grade": grade, "lowest": grades[0], "highest": grades[-1]}
            yield Defect("import.grade_not_taught", row.cell("class_name"), params)
    if row.national_id is not None:
        for code in national_id_warnings(row.national_id, row.birth_date, row.sex):
            yield Defect(code, row.cell("national_id"), blocking=False)


def _is_another_person(pupil: ExistingPupil, row: PupilRow) -> bool:
    """Name and birth date both differ: a wrong code would overwrite one child with another."""
    if row.birth_date is None or pupil.birth_date is None:
        return False
    return row.birth_date != pupil.birth_date and search_key(row.full_name) != search_key(pupil.full_name)


def code_of_new_pupil(row: PupilRow) -> str:
    """The code a new pupil gets: the official one, or a temporary one from the national id until it exists."""
    return row.code or temporary_code(row.national_id or "")


def _changes(pupil: ExistingPupil, row: PupilRow) -> Iterator[Change]:
    said = {
        "code": row.code,
        "national_id": row.national_id,
        "full_name": row.full_name,
        "birth_date": row.birth_date,
        "sex": row.sex,
        "class_name": row.class_name,
        "status": None if _would_reopen(pupil, row) else row.status,
    }
    for name, new in said.items():
        old = getattr(pupil, name)
        if new is not None and new != old and not (name == "code" and is_temporary_code(new)):
            yield Change(name, old, new, row.cell(name))


def _would_reopen(pupil: ExistingPupil, row: PupilRow) -> bool:
    """Contact lists print "Đang học" on every line; only a line with the date of the state brings a pupil back."""
    return row.status == STUDYING and pupil.status != STUDYING and row.status_on is None


def _change_warnings(pupil: ExistingPupil, row: PupilRow) -> Iterator[Defect]:
    if row.code and row.code != pupil.code and not is_temporary_code(pupil.code):
        yield Defect("import.code_changed", row.cell("code"), {"old": pupil.code}, blocking=False)
    if row.national_id and pupil.national_id and row.national_id != pupil.national_id:
        yield Defect("import.national_id_changed", row.cell("national_id"), blocking=False)
    if _would_reopen(pupil, row):
        yield Defect("import.status_not_reopened", row.cell("status"), {"status": pupil.status}, blocking=False)


def _one_line_each(rows: Sequence[PupilRow]) -> tuple[list[PupilRow], Mapping[int, list[Defect]]]:
    """Of the lines about one pupil in several files, the one to plan; and the lines that contradict each other.

    The official list, which dates each state, goes before a contact list. A line of the second file is left out: only
    its phones are wanted. It stays, broken, when it gives the same code to somebody else.
    """
    dated = {row.file for row in rows if row.status_on is not None}
    ordered = sorted(rows, key=lambda row: row.file not in dated)
    first: dict[str, PupilRow] = {}
    kept: list[PupilRow] = []
    defects: dict[int, list[Defect]] = defaultdict(list)
    for row in ordered:
        earlier = first.setdefault(row.code, row) if row.code else row
        if earlier.file != row.file:
            same_name = search_key(earlier.full_name) == search_key(row.full_name)
            if same_name or earlier.birth_date == row.birth_date:
                continue
            other = {"other": earlier.cell("code"), "file": earlier.file}
            defects[len(kept)].append(Defect("import.files_disagree", row.cell("code"), other))
        kept.append(row)
    _find_copies(kept, defects)
    copies = {index for index, found in defects.items() if found[-1].code == "import.duplicate_row"}
    _find_repeated(kept, copies, "code", "import.duplicate_code", defects)
    _find_repeated(kept, copies, "national_id", "import.duplicate_national_id", defects)
    return kept, defects


def _find_copies(rows: Sequence[PupilRow], defects: dict[int, list[Defect]]) -> None:
    """Exact copies within a file: the first line is kept."""
    seen: dict[tuple[object, ...], PupilRow] = {}
    for index, row in enumerate(rows):
        same = (row.file, row.code, row.national_id, row.full_name, row.birth_date, row.class_name, row.status)
        if (row.code or row.national_id) and seen.setdefault(same, row) is not row:
            other = {"other": seen[same].cell("code")}
            defects[index].append(Defect("import.duplicate_row", row.cell("code"), other))


def _find_repeated(
    rows: Sequence[PupilRow], copies: set[int], key: str, problem: str, defects: dict[int, list[Defect]]
) -> None:
    """Different lines with one key: nobody can tell which is right, so all of them wait for the school."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        value = getattr(row, key)
        if value and index not in copies:
            groups[row.file, value].append(index)
    for group in groups.values():
        for index in group if len(group) > 1 else ():
            other = rows[group[1] if index == group[0] else group[0]].cell(key)
            defects[index].append(Defect(problem, rows[index].cell(key), {"other": other}))


def _plan_contacts(
    register: _Register, planned: Sequence[PlannedRow[PupilRow]], contacts: Sequence[GuardianPhones]
) -> Iterator[PlannedRow[GuardianPhones]]:
    """Phones follow the line of their pupil: while that one is broken or only suggested they wait with it, because a
    phone on the wrong child would tell a stranger about her. A file adds phones and never takes one away."""
    steps: dict[object, PlannedRow[PupilRow]] = {}
    for step in planned:
        line = step.row
        is_copy = any(defect.code == "import.duplicate_row" for defect in step.defects)
        keys = () if is_copy else (line.code, line.national_id)
        for key in ((line.file, line.sheet, line.row), *keys):
            if key and (key not in steps or step.outcome is Outcome.BROKEN):
                steps[key] = step
    for row in contacts:
        keys = ((row.file, row.sheet, row.row), row.code, row.national_id)
        found = next((steps[key] for key in keys if key and key in steps), None)
        yield _plan_contact(register, row, found)


def _plan_contact(
    register: _Register, row: GuardianPhones, step: PlannedRow[PupilRow] | None
) -> PlannedRow[GuardianPhones]:
    if step is not None and step.outcome is Outcome.BROKEN:
        waiting = Defect("import.pupil_row_broken", row.cell("code"), {"other": step.row.cell("code")})
        return PlannedRow(outcome=Outcome.BROKEN, row=row, defects=(*row.defects, waiting))
    if step is not None and step.outcome in (Outcome.NEW, Outcome.SUGGESTED):
        return PlannedRow(outcome=step.outcome, row=row, defects=row.defects, suggested_ids=step.suggested_ids)
    pupil, conflict = register.find(row.code, row.national_id)
    if pupil is None or conflict or row.is_broken:
        unknown = Defect("import.pupil_unknown", row.cell("code"))
        return PlannedRow(outcome=Outcome.BROKEN, row=row, defects=(*row.defects, unknown))
    fresh = (contact for contact in row.contacts if contact.phone not in pupil.contacts)
    changes = tuple(Change("contacts", None, contact, row.cell("phone_1")) for contact in fresh)
    outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
    return PlannedRow(outcome=outcome, row=row, existing_id=pupil.id, changes=changes, defects=row.defects)


def contacts_of(planned: PlannedRow[GuardianPhones]) -> tuple[Contact, ...]:
    """The contacts that applying the line would add."""
    if planned.outcome in (Outcome.NEW, Outcome.SUGGESTED):
        return planned.row.contacts
    return tuple(change.new for change in planned.changes)
