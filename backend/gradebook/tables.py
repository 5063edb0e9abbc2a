"""Tables of the gradebook."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, UniqueConstraint, text
from sqlmodel import Field

from backend.core.db import INSTANT, Row, choice, reference


class Semester(StrEnum):
    SEM1 = "SEM1"
    SEM2 = "SEM2"
    YEAR = "YEAR"


class ColumnKind(StrEnum):
    """ĐĐGtx, ĐĐGgk, ĐĐGck: weight 1, 2 and 3 in the semester's average (TT 22/2021 art. 9)."""

    ONGOING = "ONGOING"
    MID = "MID"
    END = "END"


class NoMarkReason(StrEnum):
    """Why a pupil has no mark in a column."""

    EXEMPT = "EXEMPT"
    MAKEUP_ALLOWED = "MAKEUP_ALLOWED"
    MISSING_AS_ZERO = "MISSING_AS_ZERO"


class ScoreColumn(Row, table=True):
    """A column of a subject's gradebook in one class. `version` grows with every change of the column itself."""

    __table_args__ = (UniqueConstraint("school_id", "class_group_id", "subject_id", "semester", "kind", "ordinal"),)

    school_id: UUID = reference("school.id", index=False)
    class_group_id: UUID = reference("class_group.id")
    subject_id: UUID = reference("subject.id")
    semester: Semester = Field(sa_type=choice(Semester))
    kind: ColumnKind = Field(sa_type=choice(ColumnKind))
    ordinal: int = Field(ge=1, le=5)
    title: str = Field(default="", max_length=80)
    published_at: datetime | None = Field(default=None, sa_type=INSTANT)
    version: int = 1


class Score(Row, table=True):
    """One pupil's mark in one column: 0 to 10, one decimal, or the reason why there is none.

    `published_at` repeats the column's so that a family's screen reads one table and row-level security can tell.
    """

    __table_args__ = (
        UniqueConstraint("column_id", "student_id"),
        CheckConstraint("mark between 0 and 10", name="mark_range"),
        CheckConstraint("mark is null or reason is null", name="mark_or_reason"),
        Index(
            "ix_score_published",
            "student_id",
            text("published_at desc"),
            text("id desc"),
            postgresql_where=text("published_at is not null"),
        ),
    )

    school_id: UUID = reference("school.id")
    column_id: UUID = reference("score_column.id", index=False)
    student_id: UUID = reference("student.id", index=False)
    mark: Decimal | None = Field(default=None, sa_type=Numeric(3, 1))
    reason: NoMarkReason | None = Field(default=None, sa_type=choice(NoMarkReason))
    entered_by: UUID = reference("user.id", index=False)
    entered_at: datetime = Field(sa_type=INSTANT)
    published_at: datetime | None = Field(default=None, sa_type=INSTANT)
    version: int = 1


class SubjectResult(Row, table=True):
    """A pupil's stored average of a subject from published marks; null until every required slot is filled."""

    __table_args__ = (UniqueConstraint("student_id", "subject_id", "school_year_id", "semester"),)

    school_id: UUID = reference("school.id")
    student_id: UUID = reference("student.id", index=False)
    subject_id: UUID = reference("subject.id", index=False)
    school_year_id: UUID = reference("school_year.id", index=False)
    semester: Semester = Field(sa_type=choice(Semester))
    average: Decimal | None = Field(default=None, sa_type=Numeric(3, 1))
    ruleset_id: str = Field(max_length=20)
    computed_at: datetime = Field(sa_type=INSTANT)
