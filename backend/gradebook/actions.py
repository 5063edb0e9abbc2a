"""Writes of the gradebook: make a column, type marks, publish them. The averages follow in `results.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session
from backend.core.journal import record
from backend.core.problem import Invalid, Problem, Stale
from backend.core.text import squeeze
from backend.gradebook import events, queries
from backend.gradebook.results import recompute
from backend.gradebook.rules import check_complete, parse_mark, rule_set
from backend.gradebook.tables import ColumnKind, NoMarkReason, Score, ScoreColumn, Semester

LARGEST_CLASS: Final = 100
LONGEST_REASON: Final = 200


@dataclass(frozen=True)
class ScoreEntry:
    """One typed cell: a mark as text, or a reason, or neither (which empties the cell). `version` 0 = no score yet."""

    student_id: UUID
    mark: str | None
    reason: NoMarkReason | None
    version: int


@dataclass(frozen=True)
class Refused:
    """A cell that was not saved, why, and the score that stands there now (None: none)."""

    student_id: UUID
    problem: Problem
    current_id: UUID | None = None


@dataclass
class Entered:
    """What became of a batch of cells."""

    saved: list[UUID] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


async def create_score_column(
    session: Session,
    actor: Actor,
    class_group_id: UUID,
    subject_id: UUID,
    semester: Semester,
    kind: ColumnKind,
    title: str,
) -> ScoreColumn:
    """The next column of its kind in a subject the actor teaches.

    Raises Invalid("gradebook.column_not_allowed") when the circular allows no more, Invalid("gradebook.semester_year")
    for the whole year, which has averages but no columns.
    """
    if semester is Semester.YEAR:
        raise Invalid("gradebook.semester_year", field="semester")
    sheet = await queries.sheet_to_write(session, actor, class_group_id, subject_id)
    taken = await queries.ordinals(session, sheet, semester, kind)
    ordinal = next(number for number in range(1, len(taken) + 2) if number not in taken)
    rule_set().check_column(kind, ordinal, sheet.periods)
    column = ScoreColumn(
        school_id=sheet.class_group.school_id,
        class_group_id=class_group_id,
        subject_id=subject_id,
        semester=semester,
        kind=kind,
        ordinal=ordinal,
        title=squeeze(title)[:80],
    )
    session.add(column)
    await session.flush()
    record(session, actor, events.ColumnCreated(column.school_id, column.id))
    return column


async def enter_scores(
    session: Session, actor: Actor, column_id: UUID, entries: Sequence[ScoreEntry], correction_reason: str | None
) -> Entered:
    """Save cells of a column one by one: a bad or stale cell is refused by itself, the others are kept.

    A published column may only be corrected with a reason; the families of corrected marks are told and the averages
    follow. Raises Invalid("gradebook.too_many_rows"), Invalid("gradebook.reason_required").
    """
    if len(entries) > LARGEST_CLASS:
        raise Invalid("gradebook.too_many_rows", field="rows", most=LARGEST_CLASS)
    column = await queries.column_to_write(session, actor, column_id)
    reason = squeeze(correction_reason or "")[:LONGEST_REASON]
    if column.published_at is not None and not reason:
        raise Invalid("gradebook.reason_required", field="correctionReason")
    scores = await queries.scores_of(session, column)
    result = Entered()
    changes: list[tuple[UUID, str | None, str | None]] = []
    for entry in entries:
        try:
            score, changed = _enter(session, actor, column, scores, entry)
        except Problem as problem:
            current = scores.get(entry.student_id)
            result.refused.append(Refused(entry.student_id, problem, current.id if current else None))
        else:
            result.saved.append(score.id)
            changes += changed
    await session.flush()
    if changes:
        await _note(session, actor, column, reason, changes)
    return result


def _enter(
    session: Session,
    actor: Actor,
    column: ScoreColumn,
    scores: dict[UUID, Score | None],
    entry: ScoreEntry,
) -> tuple[Score, list[tuple[UUID, str | None, str | None]]]:
    """Put one cell in place; returns it and what changed (nothing when the cell says what already stands)."""
    if entry.student_id not in scores:
        raise Invalid("gradebook.student_not_in_class", field="student")
    if entry.mark is not None and entry.mark.strip() and entry.reason is not None:
        raise Invalid("gradebook.mark_or_reason", field="mark")
    mark = parse_mark(entry.mark) if entry.mark and entry.mark.strip() else None
    if column.published_at is not None and mark is None and entry.reason is None:
        raise Invalid("gradebook.published_cell_empty", field="mark")
    score = scores[entry.student_id]
    if entry.version != (score.version if score else 0):
        raise Stale("gradebook.score_stale", field="mark")
    old = _shown(score.mark, score.reason) if score else None
    new = _shown(mark, entry.reason)
    if score is None:
        score = Score(
            school_id=column.school_id,
            column_id=column.id,
            student_id=entry.student_id,
            entered_by=actor.user_id,  # pyright: ignore[reportArgumentType]
            entered_at=clock.now(),
            version=0,
            published_at=column.published_at,
        )
        scores[entry.student_id] = score
        session.add(score)
    elif old == new:
        return score, []
    score.mark, score.reason = mark, entry.reason
    score.entered_by, score.entered_at = actor.user_id, clock.now()  # pyright: ignore[reportAttributeAccessIssue]
    score.version += 1
    return score, [(entry.student_id, old, new)]


def _shown(mark: Decimal | None, reason: NoMarkReason | None) -> str | None:
    return str(mark) if mark is not None else (reason.value if reason else None)


async def _note(
    session: Session,
    actor: Actor,
    column: ScoreColumn,
    reason: str,
    changes: list[tuple[UUID, str | None, str | None]],
) -> None:
    """Journal the change; on a published column the averages follow and the families are told."""
    if column.published_at is None:
        record(session, actor, events.ScoresEntered(column.school_id, column.id, tuple(changes)))
        return
    sheet = await queries.sheet_to_write(session, actor, column.class_group_id, column.subject_id)
    students = tuple(student for student, _, _ in changes)
    await recompute(session, column, sheet, students)
    place = _place(column, sheet)
    record(session, actor, events.ScoreCorrected(**place, student_ids=students, reason=reason, changes=tuple(changes)))


async def publish_scores(session: Session, actor: Actor, column_id: UUID, version: int) -> ScoreColumn:
    """Make a column of marks visible to pupils and guardians, store the averages that follow, and tell them.

    Ten statements whatever the class size. Raises Stale, Invalid("gradebook.marks_missing") with the pupils,
    Invalid("gradebook.already_published").
    """
    column = await queries.column_to_write(session, actor, column_id)
    if column.version != version:
        raise Stale("gradebook.column_stale")
    if column.published_at is not None:
        raise Invalid("gradebook.already_published")
    sheet = await queries.sheet_to_write(session, actor, column.class_group_id, column.subject_id)
    entries = await queries.entries_of(session, column)
    check_complete(entries)
    now = clock.now()
    column.published_at, column.version = now, column.version + 1
    await session.execute(
        update(Score)
        .where(col(Score.column_id) == column_id)
        .values(published_at=now)
        .execution_options(synchronize_session=False)
    )
    students = tuple(entry.student_id for entry in entries)
    await recompute(session, column, sheet, students)
    record(session, actor, events.ScoresPublished(**_place(column, sheet), student_ids=students))
    return column


def _place(column: ScoreColumn, sheet: queries.Sheet) -> dict[str, Any]:
    """Where it happened, in the words the families read."""
    return {
        "school_id": column.school_id,
        "column_id": column.id,
        "class_group_id": column.class_group_id,
        "class_name": sheet.class_group.name,
        "subject_code": sheet.subject.code,
        "subject_name": sheet.subject.name,
        "subject_name_en": sheet.subject.name_en,
        "semester": column.semester.value,
    }
