"""Tables of the class register."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from backend.core.db import INSTANT, Row, choice, reference
from backend.timetable.tables import HalfDay


class LessonRating(StrEnum):
    """How a lesson went: Tốt, Khá, Trung bình, Yếu; a school may leave it out."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


class RemarkKind(StrEnum):
    PRAISE = "PRAISE"
    CONCERN = "CONCERN"


class LessonLog(Row, table=True):
    """One lesson in the class register. `late`: written after its day (ghi bù)."""

    __table_args__ = (
        UniqueConstraint("class_group_id", "day", "session", "period"),
        Index("ix_lesson_log_teacher", "user_id", "day"),
    )

    school_id: UUID = reference("school.id")
    class_group_id: UUID = reference("class_group.id", index=False)
    day: date
    session: HalfDay = Field(sa_type=choice(HalfDay))
    period: int = Field(ge=1, le=7)
    subject_id: UUID = reference("subject.id")
    user_id: UUID = reference("user.id", index=False)
    syllabus_number: int | None = Field(default=None, ge=1, le=400)
    content: str = Field(max_length=300)
    remark: str = Field(default="", max_length=500)
    rating: LessonRating | None = Field(default=None, sa_type=choice(LessonRating))
    late: bool = False
    signed_at: datetime = Field(sa_type=INSTANT)
    version: int = 1


class LessonRemark(Row, table=True):
    """A remark about one pupil in a lesson; held ones wait for the homeroom teacher before the family sees them.

    Day and subject are the lesson's, kept here because a family sees the remark and not the class register.
    """

    __table_args__ = (
        Index("ix_lesson_remark_student", "student_id", "created_at"),
        Index(
            "ix_lesson_remark_held",
            "class_group_id",
            postgresql_where=text("released_at is null and dropped_at is null"),
        ),
    )

    school_id: UUID = reference("school.id")
    lesson_log_id: UUID = reference("lesson_log.id", cascade=True)
    class_group_id: UUID = reference("class_group.id", index=False)
    student_id: UUID = reference("student.id", index=False)
    day: date
    subject_id: UUID = reference("subject.id", index=False)
    author_id: UUID = reference("user.id", index=False)
    kind: RemarkKind = Field(sa_type=choice(RemarkKind))
    text: str = Field(max_length=300)
    released_at: datetime | None = Field(default=None, sa_type=INSTANT)
    released_by: UUID | None = reference("user.id", index=False, nullable=True)
    dropped_at: datetime | None = Field(default=None, sa_type=INSTANT)
