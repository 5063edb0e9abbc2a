"""Reads that gradebook actions need. Each is one statement whatever the class size."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.core.actor import Actor
from backend.core.db import Session, turn
from backend.core.graphql.binds import one_of
from backend.core.problem import NotFound
from backend.enrolment import access
from backend.enrolment.tables import Enrolment
from backend.gradebook.rules import Entry, Slot, SlotKey, SlotKind
from backend.gradebook.tables import ColumnKind, Score, ScoreColumn, Semester, SubjectResult
from backend.organisation.tables import AssessmentMode, ClassGroup, School, Subject, SubjectPlan


@dataclass(frozen=True)
class Sheet:
    """Where a column stands: the class, the subject and its periods a year."""

    class_group: ClassGroup
    subject: Subject
    periods: int


async def sheet_to_write(session: Session, actor: Actor, class_group_id: UUID, subject_id: UUID) -> Sheet:
    """The sheet of a subject in a class, held until the end; NotFound unless this actor teaches it and it has marks."""
    # Averages follow from all columns of a sheet, and numbers of columns from their neighbours.
    held = turn("sheet", class_group_id, subject_id)
    statement = (
        select(ClassGroup, Subject, col(SubjectPlan.periods), held)
        .select_from(ClassGroup)
        .join(School, col(School.id) == ClassGroup.school_id)
        .join(Subject, col(Subject.id) == subject_id)
        .outerjoin(
            SubjectPlan,
            (col(SubjectPlan.subject_id) == Subject.id)
            & (col(SubjectPlan.grade) == ClassGroup.grade)
            & (col(SubjectPlan.level) == School.level),
        )
        .where(
            col(ClassGroup.id) == class_group_id,
            col(Subject.mode) == AssessmentMode.COMMENT_AND_MARK,
            access.teaches(actor, class_group_id, subject_id),
        )
    )
    row = (await session.execute(statement)).first()
    if row is None:
        raise NotFound("core.not_found")
    return Sheet(row[0], row[1], row[2] or 0)


async def column_to_write(session: Session, actor: Actor, column_id: UUID) -> ScoreColumn:
    """A column this actor teaches, locked; NotFound for anybody else's."""
    statement = (
        select(ScoreColumn)
        .where(
            col(ScoreColumn.id) == column_id,
            access.teaches(actor, col(ScoreColumn.class_group_id), col(ScoreColumn.subject_id)),
        )
        .with_for_update()
    )
    column = (await session.execute(statement)).scalar_one_or_none()
    if column is None:
        raise NotFound("core.not_found")
    return column


async def scores_of(session: Session, column: ScoreColumn) -> dict[UUID, Score | None]:
    """Every pupil enrolled in the class today, with her score in the column. The column's lock guards the scores."""
    statement = (
        select(col(Enrolment.student_id), Score)
        .outerjoin(Score, (col(Score.student_id) == Enrolment.student_id) & (col(Score.column_id) == column.id))
        .where(col(Enrolment.class_group_id) == column.class_group_id, col(Enrolment.ended_on).is_(None))
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def entries_of(session: Session, column: ScoreColumn) -> list[Entry]:
    """Every pupil enrolled in the class today, with what stands in the column; plain values, for the rules."""
    statement = (
        select(col(Enrolment.student_id), col(Score.mark), col(Score.reason))
        .outerjoin(Score, (col(Score.student_id) == Enrolment.student_id) & (col(Score.column_id) == column.id))
        .where(col(Enrolment.class_group_id) == column.class_group_id, col(Enrolment.ended_on).is_(None))
        .order_by(col(Enrolment.student_id))
    )
    return [Entry(student, mark, reason) for student, mark, reason in await session.execute(statement)]


async def ordinals(session: Session, sheet: Sheet, semester: Semester, kind: ColumnKind) -> set[int]:
    """The numbers already taken by columns of this kind."""
    statement = select(col(ScoreColumn.ordinal)).where(
        col(ScoreColumn.class_group_id) == sheet.class_group.id,
        col(ScoreColumn.subject_id) == sheet.subject.id,
        col(ScoreColumn.semester) == semester,
        col(ScoreColumn.kind) == kind,
    )
    return set((await session.execute(statement)).scalars())


async def published_slots(session: Session, column: ScoreColumn, students: Sequence[UUID]) -> dict[UUID, list[Slot]]:
    """What is published for these pupils in the column's subject and semester, as the rules take it."""
    statement = (
        select(
            col(Score.student_id),
            col(ScoreColumn.kind),
            col(ScoreColumn.ordinal),
            col(Score.mark),
            col(Score.reason),
        )
        .join(ScoreColumn, col(ScoreColumn.id) == Score.column_id)
        .where(
            col(ScoreColumn.class_group_id) == column.class_group_id,
            col(ScoreColumn.subject_id) == column.subject_id,
            col(ScoreColumn.semester) == column.semester,
            col(Score.published_at).is_not(None),
            one_of(col(Score.student_id), students),
        )
    )
    slots: dict[UUID, list[Slot]] = {student: [] for student in students}
    for student, kind, ordinal, mark, reason in await session.execute(statement):
        slots[student].append(Slot(SlotKey(SlotKind(kind), ordinal), mark, reason))
    return slots


async def averages_of(
    session: Session, school_year_id: UUID, subject_id: UUID, students: Sequence[UUID]
) -> dict[tuple[UUID, Semester], Decimal | None]:
    """The stored averages of these pupils in the subject, by pupil and semester."""
    statement = select(col(SubjectResult.student_id), col(SubjectResult.semester), col(SubjectResult.average)).where(
        col(SubjectResult.school_year_id) == school_year_id,
        col(SubjectResult.subject_id) == subject_id,
        one_of(col(SubjectResult.student_id), students),
    )
    return {(student, semester): average for student, semester, average in await session.execute(statement)}
