"""GraphQL of the gradebook: the teacher's sheet, and the published marks of a child."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, func, select
from sqlmodel import col

from backend.core.actor import Permission
from backend.core.db import table_of
from backend.core.graphql import Info, Mark, Problem, Ref, column, edge, mutation, root, source
from backend.enrolment import access
from backend.enrolment.api import LARGEST_CLASS, Student
from backend.enrolment.tables import Enrolment
from backend.gradebook import actions, tables
from backend.identity.tables import Student as StudentTable
from backend.organisation.api import ClassGroup, Subject
from backend.organisation.tables import ClassGroup as ClassTable
from backend.organisation.tables import Subject as SubjectTable

for _kind in (tables.Semester, tables.ColumnKind, tables.NoMarkReason):
    strawberry.enum(_kind)


MOST_COLUMNS = 10


@source(tables.Score)
class Score:
    """A cell of the teacher's sheet, published or not."""

    id: UUID = column()
    column_id: UUID = column()
    student_id: UUID = column()
    mark: Mark | None = column()
    reason: tables.NoMarkReason | None = column()
    version: int = column()


@source(tables.ScoreColumn)
class ScoreColumn:
    id: UUID = column()
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    subject: Subject = edge(lambda me, it: it.id == me.subject_id)
    semester: tables.Semester = column()
    kind: tables.ColumnKind = column()
    ordinal: int = column()
    title: str = column()
    published_at: datetime | None = column()
    version: int = column()
    student_count: int = column(
        lambda me: (
            select(func.count())
            .select_from(Enrolment)
            .where(col(Enrolment.class_group_id) == me.class_group_id, col(Enrolment.ended_on).is_(None))
            .scalar_subquery()
        )
    )
    entered_count: int = column(
        lambda me: (
            select(func.count())
            .select_from(tables.Score)
            .where(
                col(tables.Score.column_id) == me.id,
                col(tables.Score.mark).is_not(None) | col(tables.Score.reason).is_not(None),
            )
            .scalar_subquery()
        )
    )


_rows = (
    select(
        col(Enrolment.id).label("id"),
        col(Enrolment.student_id).label("student_id"),
        col(Enrolment.class_group_id).label("class_group_id"),
        col(Enrolment.school_id).label("school_id"),
        col(ClassTable.school_year_id).label("school_year_id"),
        col(StudentTable.sort_key).label("sort_key"),
    )
    .join(StudentTable, col(StudentTable.id) == Enrolment.student_id)
    .join(ClassTable, col(ClassTable.id) == Enrolment.class_group_id)
    .where(col(Enrolment.ended_on).is_(None))
)


@source(_rows)
class SheetRow:
    """A pupil's line in the sheet of a subject."""

    id: UUID = column()
    student: Student = edge(lambda me, it: it.id == me.student_id)
    scores: list[Score] = edge(
        lambda me, it, args, actor: and_(
            it.student_id == me.student_id,
            # Which subject is asked for here is the client's choice once more.
            access.sees_sheet(actor, me.class_group_id, args.subject, me.school_id),
            it.column_id.in_(
                select(col(tables.ScoreColumn.id)).where(
                    col(tables.ScoreColumn.class_group_id) == me.class_group_id,
                    col(tables.ScoreColumn.subject_id) == args.subject,
                    col(tables.ScoreColumn.semester) == args.semester,
                )
            ),
        ),
        arguments={"subject": UUID, "semester": tables.Semester},
        cap=MOST_COLUMNS,
    )
    average: Mark | None = column(
        lambda me, args, actor: (
            select(col(tables.SubjectResult.average))
            .where(
                access.sees_sheet(actor, me.class_group_id, args.subject, me.school_id),
                col(tables.SubjectResult.student_id) == me.student_id,
                col(tables.SubjectResult.subject_id) == args.subject,
                col(tables.SubjectResult.school_year_id) == me.school_year_id,
                col(tables.SubjectResult.semester) == args.semester,
            )
            .scalar_subquery()
        ),
        arguments={"subject": UUID, "semester": tables.Semester},
    )


_published = (
    select(
        col(tables.Score.id).label("id"),
        col(tables.Score.student_id).label("student_id"),
        col(tables.Score.mark).label("mark"),
        col(tables.Score.reason).label("reason"),
        col(tables.Score.published_at).label("published_at"),
        col(tables.ScoreColumn.subject_id).label("subject_id"),
        col(tables.ScoreColumn.class_group_id).label("class_group_id"),
        col(tables.ScoreColumn.semester).label("semester"),
        col(tables.ScoreColumn.kind).label("kind"),
        col(tables.ScoreColumn.ordinal).label("ordinal"),
        col(tables.ScoreColumn.title).label("title"),
    )
    .join(tables.ScoreColumn, col(tables.ScoreColumn.id) == tables.Score.column_id)
    .where(col(tables.Score.published_at).is_not(None))
)


@source(_published)
class PublishedScore:
    """A mark as pupil and family see it."""

    id: UUID = column()
    student_id: UUID = column()
    subject: Subject = edge(lambda me, it: it.id == me.subject_id)
    semester: tables.Semester = column()
    kind: tables.ColumnKind = column()
    ordinal: int = column()
    title: str = column()
    mark: Mark | None = column()
    reason: tables.NoMarkReason | None = column()
    published_at: datetime = column()


@source(tables.SubjectResult)
class SubjectMarks:
    """What is published for a child in one subject and one semester."""

    id: UUID = column()
    subject: Subject = edge(lambda me, it: it.id == me.subject_id)
    semester: tables.Semester = column()
    average: Mark | None = column()
    year_average: Mark | None = column(
        lambda me: _year_result(me).scalar_subquery(),
    )
    scores: list[PublishedScore] = edge(
        lambda me, it: and_(it.student_id == me.student_id, it.subject_id == me.subject_id, it.semester == me.semester),
        order=lambda it: (it.published_at, it.ordinal),
        cap=MOST_COLUMNS,
    )


def _year_result(me: Any) -> Any:
    year = table_of(tables.SubjectResult).alias("year_result")
    return select(year.c.average).where(
        year.c.student_id == me.student_id,
        year.c.subject_id == me.subject_id,
        year.c.school_year_id == me.school_year_id,
        year.c.semester == "YEAR",
    )


@strawberry.type
class GradebookQuery:
    score_columns: list[ScoreColumn] = root(
        Permission.CLASS_READ,
        arguments={"class_group": UUID, "subject": UUID, "semester": tables.Semester},
        where=lambda it, args, actor: and_(
            it.class_group_id == args.class_group,
            it.subject_id == args.subject,
            it.semester == args.semester,
            access.sees_sheet(actor, it.class_group_id, it.subject_id, it.school_id),
        ),
        order=lambda it: (it.ordinal,),
        cap=MOST_COLUMNS,
    )
    score_column: ScoreColumn | None = root(
        Permission.CLASS_READ,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(
            it.id == args.id, access.sees_sheet(actor, it.class_group_id, it.subject_id, it.school_id)
        ),
    )
    sheet_rows: list[SheetRow] = root(
        Permission.CLASS_READ,
        arguments={"class_group": UUID, "subject": UUID},
        where=lambda it, args, actor: and_(
            it.class_group_id == args.class_group,
            access.sees_sheet(actor, it.class_group_id, args.subject, it.school_id),
        ),
        order=lambda it: (it.sort_key,),
        cap=LARGEST_CLASS,
        description="The pupils of a class, each with the scores of a subject",
    )
    subject_marks: list[SubjectMarks] = root(
        Permission.MARKS_READ,
        arguments={"student": UUID, "semester": tables.Semester},
        where=lambda it, args, actor: and_(
            it.student_id == args.student,
            it.semester == args.semester,
            access.sees_marks(actor, it.student_id, it.school_id),
        ),
        order=lambda it: (_position(it),),
        cap=20,
        description="Published marks of a child, by subject",
    )


def _position(it: Any) -> Any:
    return select(col(SubjectTable.position)).where(col(SubjectTable.id) == it.subject_id).scalar_subquery()


@strawberry.input
class ScoreInput:
    """One cell. `version` is the one last read; 0 when the cell was empty."""

    student: UUID
    mark: str | None = None
    reason: tables.NoMarkReason | None = None
    version: int = 0


@strawberry.type
class ScoreColumnPayload:
    column: ScoreColumn


@strawberry.type
class RefusedScore:
    student: UUID
    problem: Problem
    current: Score | None


@strawberry.type
class EnterScoresPayload:
    saved: list[Score]
    refused: list[RefusedScore]


@strawberry.type
class GradebookMutation:
    @mutation(Permission.SCORE_ENTER)
    async def create_score_column(
        self,
        info: Info,
        class_group: UUID,
        subject: UUID,
        semester: tables.Semester,
        kind: tables.ColumnKind,
        title: str = "",
    ) -> ScoreColumnPayload | Problem:
        made = await info.context.write(actions.create_score_column, class_group, subject, semester, kind, title)
        return ScoreColumnPayload(column=Ref.of(ScoreColumn, made.id))

    @mutation(Permission.SCORE_ENTER)
    async def enter_scores(
        self, info: Info, column: UUID, rows: list[ScoreInput], correction_reason: str | None = None
    ) -> EnterScoresPayload | Problem:
        """Each cell is saved or refused by itself."""
        entries = [actions.ScoreEntry(row.student, row.mark, row.reason, row.version) for row in rows]
        done = await info.context.write(actions.enter_scores, column, entries, correction_reason)
        return EnterScoresPayload(
            saved=[Ref.of(Score, id_) for id_ in done.saved],
            refused=[
                RefusedScore(
                    student=refused.student_id,
                    problem=Problem.of(refused.problem, info.context.language),
                    current=Ref.of(Score, refused.current_id) if refused.current_id else None,
                )
                for refused in done.refused
            ],
        )

    @mutation(Permission.SCORE_PUBLISH)
    async def publish_scores(self, info: Info, column: UUID, version: int) -> ScoreColumnPayload | Problem:
        published = await info.context.write(actions.publish_scores, column, version)
        return ScoreColumnPayload(column=Ref.of(ScoreColumn, published.id))
