"""Averages, stored when marks change so that reading is flat: the semester's, and the year's when both are there."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from backend.core import clock
from backend.core.db import Session, table_of
from backend.core.ids import new_id
from backend.gradebook import queries
from backend.gradebook.rules import CURRENT, rule_set
from backend.gradebook.tables import ScoreColumn, Semester, SubjectResult

Averages = Mapping[tuple[UUID, Semester], Decimal | None]


async def recompute(session: Session, column: ScoreColumn, sheet: queries.Sheet, students: Sequence[UUID]) -> None:
    """Bring the stored averages of these pupils in the column's subject up to date. Three statements."""
    await session.flush()
    rules = rule_set()
    slots = await queries.published_slots(session, column, students)
    known = await queries.averages_of(session, sheet.class_group.school_year_id, column.subject_id, students)
    rows: list[dict[str, Any]] = []
    for student in students:
        average = rules.semester_result(slots[student], sheet.periods)
        rows.append(_row(column, sheet, student, column.semester, average))
        halves = {semester: known.get((student, semester)) for semester in (Semester.SEM1, Semester.SEM2)}
        halves[column.semester] = average
        year = rules.year_average(halves[Semester.SEM1], halves[Semester.SEM2])
        if year is not None or (student, Semester.YEAR) in known:
            rows.append(_row(column, sheet, student, Semester.YEAR, year))
    # Rows as parameters, not as VALUES: the statement is compiled once for every class size.
    statement = insert(table_of(SubjectResult))
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["student_id", "subject_id", "school_year_id", "semester"],
            set_={name: statement.excluded[name] for name in ("average", "ruleset_id", "computed_at")},
        ),
        rows,
    )


def _row(
    column: ScoreColumn, sheet: queries.Sheet, student: UUID, semester: Semester, average: Decimal | None
) -> dict[str, Any]:
    now = clock.now()
    return {
        "id": new_id(),
        "created_at": now,
        "school_id": column.school_id,
        "student_id": student,
        "subject_id": column.subject_id,
        "school_year_id": sheet.class_group.school_year_id,
        "semester": semester,
        "average": average,
        "ruleset_id": CURRENT,
        "computed_at": now,
    }
