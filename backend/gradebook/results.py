"""Averages, stored when marks change so that reading is flat: the semester's, and the year's when both are there."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from backend.core import clock
from backend.core.db import Session
from backend.gradebook import queries
from backend.gradebook.rules import CURRENT, rule_set
from backend.gradebook.tables import ScoreColumn, Semester, SubjectResult

Stored = dict[tuple[UUID, Semester], SubjectResult]


async def recompute(session: Session, column: ScoreColumn, sheet: queries.Sheet, students: Sequence[UUID]) -> None:
    """Bring the stored averages of these pupils in the column's subject up to date. Three statements."""
    await session.flush()
    rules = rule_set()
    slots = await queries.published_slots(session, column, students)
    year_id = sheet.class_group.school_year_id
    stored = await queries.results_of(session, year_id, column.subject_id, students)
    now = clock.now()
    for student in students:
        average = rules.semester_result(slots[student], sheet.periods)
        _store(session, stored, column, year_id, student, column.semester, average, now)
        halves = [stored.get((student, semester)) for semester in (Semester.SEM1, Semester.SEM2)]
        year = rules.year_average(*(half.average if half else None for half in halves))
        if year is not None or (student, Semester.YEAR) in stored:
            _store(session, stored, column, year_id, student, Semester.YEAR, year, now)


def _store(
    session: Session,
    stored: Stored,
    column: ScoreColumn,
    school_year_id: UUID,
    student: UUID,
    semester: Semester,
    average: Decimal | None,
    now: datetime,
) -> None:
    row = stored.get((student, semester))
    if row is None:
        row = SubjectResult(
            school_id=column.school_id,
            student_id=student,
            subject_id=column.subject_id,
            school_year_id=school_year_id,
            semester=semester,
            ruleset_id=CURRENT,
            computed_at=now,
        )
        session.add(row)
        stored[student, semester] = row
    if row.average != average:
        row.average, row.computed_at, row.ruleset_id = average, now, CURRENT
