"""Tables of who is where, and of roster imports."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.core.db import INSTANT, Row, choice, reference
from backend.identity.tables import Relation


class Enrolment(Row, table=True):
    """A pupil in a class from a day to a day; one open enrolment per pupil and school year."""

    __table_args__ = (
        Index(
            "uq_enrolment_open",
            "school_id",
            "school_year_id",
            "student_id",
            unique=True,
            postgresql_where=text("ended_on is null"),
        ),
    )

    school_id: UUID = reference("school.id", index=False)
    student_id: UUID = reference("student.id")
    class_group_id: UUID = reference("class_group.id")
    school_year_id: UUID = reference("school_year.id")
    started_on: date
    ended_on: date | None = None


class TeachingAssignment(Row, table=True):
    """A teacher gives a subject in a class."""

    __table_args__ = (UniqueConstraint("school_id", "class_group_id", "subject_id", "user_id"),)

    school_id: UUID = reference("school.id", index=False)
    class_group_id: UUID = reference("class_group.id")
    subject_id: UUID = reference("subject.id")
    user_id: UUID = reference("user.id")


class Homeroom(Row, table=True):
    """The homeroom teacher (GVCN) of a class."""

    school_id: UUID = reference("school.id")
    class_group_id: UUID = Field(foreign_key="class_group.id", unique=True)
    user_id: UUID = reference("user.id")


class StaffMember(Row, table=True):
    """Somebody who works at the school, by the school's staff code (GV240006). Gives no right by itself."""

    __table_args__ = (UniqueConstraint("school_id", "code"), UniqueConstraint("school_id", "user_id"))

    school_id: UUID = reference("school.id", index=False)
    user_id: UUID = reference("user.id")
    code: str = Field(max_length=20)
    position: str = Field(default="", max_length=80)


class GuardianContact(Row, table=True):
    """A phone the school holds for a pupil's guardian; gives no right by itself."""

    __table_args__ = (UniqueConstraint("school_id", "student_id", "phone"),)

    school_id: UUID = reference("school.id", index=False)
    student_id: UUID = reference("student.id")
    name: str
    phone: str = Field(max_length=16)
    relation: Relation = Field(sa_type=choice(Relation))


class ImportStatus(StrEnum):
    """CHECKING → CHECKED → APPLYING → APPLIED; FAILED when the workbook itself is refused."""

    CHECKING = "CHECKING"
    CHECKED = "CHECKED"
    APPLYING = "APPLYING"
    APPLIED = "APPLIED"
    FAILED = "FAILED"


class ImportRowKind(StrEnum):
    NEW = "NEW"
    CHANGED = "CHANGED"
    MOVED = "MOVED"
    SUGGESTED = "SUGGESTED"
    BROKEN = "BROKEN"


class ImportBatch(Row, table=True):
    """One import: its files, its progress, its counts."""

    school_id: UUID = reference("school.id")
    created_by: UUID = reference("user.id")
    status: ImportStatus = Field(default=ImportStatus.CHECKING, sa_type=choice(ImportStatus))
    total: int = 0
    done: int = 0
    new_count: int = 0
    changed_count: int = 0
    moved_count: int = 0
    suggested_count: int = 0
    unchanged_count: int = 0
    broken_count: int = 0
    problem: dict[str, Any] | None = Field(default=None, sa_type=JSONB)
    finished_at: datetime | None = Field(default=None, sa_type=INSTANT)
    leased_until: datetime | None = Field(default=None, sa_type=INSTANT)
    """Until when one worker has it; a worker that died lets it run out."""
    attempts: int = 0
    version: int = 1


class ImportFile(Row, table=True):
    """A workbook as it was handed in, kept until the batch is applied or thrown away."""

    school_id: UUID = reference("school.id")
    batch_id: UUID = reference("import_batch.id", cascade=True)
    name: str = Field(max_length=200)
    content: bytes


class ImportRow(Row, table=True):
    """One line of the dry run: what would change, or what is wrong and in which cell."""

    __table_args__ = (Index("ix_import_row_page", "batch_id", "kind", "position"),)

    school_id: UUID = reference("school.id")
    batch_id: UUID = reference("import_batch.id", index=False, cascade=True)
    position: int
    kind: ImportRowKind = Field(sa_type=choice(ImportRowKind))
    cell: str
    title: str
    detail: dict[str, Any] = Field(sa_type=JSONB)
