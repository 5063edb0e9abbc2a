"""What an import of staff and of teaching assignments would change."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from backend.core.text import search_key
from backend.enrolment.rules.rows import AssignmentRow, Change, Defect, Outcome, PlannedRow, StaffRow


@dataclass(frozen=True)
class ExistingStaff:
    """Somebody who works at the school; `code` is the school's staff code (GV240006)."""

    id: UUID
    code: str
    full_name: str
    phone: str | None


@dataclass(frozen=True)
class StaffPlan:
    """Every line of the staff list with its outcome."""

    rows: tuple[PlannedRow[StaffRow], ...]

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(planned.outcome for planned in self.rows)


@dataclass(frozen=True)
class AssignmentPlan:
    """Every line of the assignment list with its outcome, and the classes it leaves without a homeroom teacher."""

    rows: tuple[PlannedRow[AssignmentRow], ...]
    classes_without_homeroom: tuple[str, ...]

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(planned.outcome for planned in self.rows)


def plan_staff(existing: Iterable[ExistingStaff], rows: Sequence[StaffRow]) -> StaffPlan:
    """Match by staff code only: two colleagues may share a name, and an e-mail may belong to a whole office."""
    by_code = {person.code: person for person in existing}
    codes: dict[str, StaffRow] = {}
    phones: dict[str, StaffRow] = {}
    planned = []
    for row in rows:
        defects = list(row.defects)
        for value, seen, name, problem in (
            (row.code, codes, "code", "import.duplicate_staff_code"),
            (row.phone, phones, "phone", "import.duplicate_phone"),
        ):
            if value and seen.setdefault(value, row) is not row:
                defects.append(Defect(problem, row.cell(name), {"other": seen[value].cell(name)}))
        planned.append(_plan_person(by_code.get(row.code), row, tuple(defects)))
    return StaffPlan(tuple(planned))


def _plan_person(person: ExistingStaff | None, row: StaffRow, defects: tuple[Defect, ...]) -> PlannedRow[StaffRow]:
    if any(defect.blocking for defect in defects):
        return PlannedRow(outcome=Outcome.BROKEN, row=row, defects=defects)
    if person is None:
        outcome = Outcome.NEW if row.is_working else Outcome.UNCHANGED
        return PlannedRow(outcome=outcome, row=row, defects=defects)
    said = {"full_name": row.full_name, "phone": row.phone}
    changes = tuple(
        Change(name, getattr(person, name), new, row.cell(name))
        for name, new in said.items()
        if new is not None and new != getattr(person, name)
    )
    outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
    return PlannedRow(outcome=outcome, row=row, existing_id=person.id, changes=changes, defects=defects)


def plan_assignments(
    existing: Mapping[tuple[str, str], frozenset[str]],
    rows: Sequence[AssignmentRow],
    classes: Iterable[str],
    subjects: Iterable[str],
    staff: Mapping[str, str],
    homerooms: Mapping[str, str] | None = None,
) -> AssignmentPlan:
    """Compare the lines with the school's assignments.

    `existing` gives the staff codes by class name and subject key, `homerooms` the staff code by class, `staff` the
    full name by staff code, including those of the same import; `subjects` are the subjects' names, compared without
    diacritics. Unknown class, subject or teacher, or a code that is somebody else's: the line is broken.
    """
    known_classes = set(classes)
    known_subjects = {search_key(name) for name in subjects}
    before = homerooms or {}
    places: dict[tuple[str, str], AssignmentRow] = {}
    homeroom_cells: dict[str, tuple[str, str]] = {}
    planned = []
    for row in rows:
        defects = [*row.defects, *_unknown(row, known_classes, known_subjects, staff)]
        place = (row.class_name, search_key(row.subject_name))
        if all(place) and places.setdefault(place, row) is not row:
            other = {"other": places[place].cell("subject_name")}
            defects.append(Defect("import.class_subject_twice", row.cell("subject_name"), other))
        if row.is_homeroom:
            code, cell = homeroom_cells.setdefault(row.class_name, (row.staff_code, row.cell("homeroom")))
            if code != row.staff_code:
                defects.append(Defect("import.homeroom_twice", row.cell("homeroom"), {"other": cell}))
        planned.append(_plan_assignment(existing.get(place, frozenset()), before, row, tuple(defects)))
    without = {row.class_name for row in rows} & known_classes - homeroom_cells.keys() - before.keys()
    return AssignmentPlan(tuple(planned), tuple(sorted(without)))


def _unknown(row: AssignmentRow, classes: set[str], subjects: set[str], staff: Mapping[str, str]) -> Iterable[Defect]:
    if row.class_name and row.class_name not in classes:
        yield Defect("import.class_unknown", row.cell("class_name"), {"class_name": row.class_name})
    if row.subject_name and search_key(row.subject_name) not in subjects:
        yield Defect("import.subject_unknown", row.cell("subject_name"), {"subject": row.subject_name})
    if row.staff_code and row.staff_code not in staff:
        yield Defect("import.teacher_unknown", row.cell("staff_code"), {"staff_code": row.staff_code})
    elif row.staff_code and row.staff_name and search_key(staff[row.staff_code]) != search_key(row.staff_name):
        yield Defect("import.teacher_name_differs", row.cell("staff_name"), {"staff_code": row.staff_code})


def _plan_assignment(
    teachers: frozenset[str], homerooms: Mapping[str, str], row: AssignmentRow, defects: tuple[Defect, ...]
) -> PlannedRow[AssignmentRow]:
    if any(defect.blocking for defect in defects):
        return PlannedRow(outcome=Outcome.BROKEN, row=row, defects=defects)
    changes = []
    if row.staff_code not in teachers:
        old_codes = ", ".join(sorted(teachers)) or None
        changes.append(Change("staff_code", old_codes, row.staff_code, row.cell("staff_code")))
    old = homerooms.get(row.class_name)
    if row.is_homeroom and old != row.staff_code:
        changes.append(Change("homeroom", old, row.staff_code, row.cell("homeroom")))
    outcome = Outcome.UNCHANGED if not changes else Outcome.CHANGED if teachers else Outcome.NEW
    return PlannedRow(outcome=outcome, row=row, changes=tuple(changes), defects=defects)
