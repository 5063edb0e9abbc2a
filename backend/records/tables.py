"""Tables of lasting records."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.core.db import SORTED, Row, choice, reference
from backend.identity.tables import Sex


class DiplomaKind(StrEnum):
    """LOWER_SECONDARY: issued until 2025. UPPER_SECONDARY: by the headteacher since 2026 (domain.md §3.6)."""

    LOWER_SECONDARY = "LOWER_SECONDARY"
    UPPER_SECONDARY = "UPPER_SECONDARY"
    COMPLETION = "COMPLETION"


class Diploma(Row, table=True):
    """A line of the register of originals (sổ gốc cấp văn bằng, TT 10/2026): what a certified copy is drawn from."""

    __table_args__ = (
        UniqueConstraint("school_id", "kind", "register_number"),
        Index("ix_diploma_search", "school_id", "search_key"),
    )

    school_id: UUID = reference("school.id", index=False)
    kind: DiplomaKind = Field(sa_type=choice(DiplomaKind))
    serial_number: str = Field(max_length=30)
    register_number: str = Field(max_length=30)
    full_name: str
    sort_key: str = Field(sa_type=SORTED)
    search_key: str
    birth_date: date
    sex: Sex = Field(default=Sex.UNKNOWN, sa_type=choice(Sex))
    birthplace: str = Field(default="", max_length=120)
    ethnicity: str = Field(default="", max_length=40)
    graduation_year: int
    classification: str = Field(default="", max_length=40)
    issued_on: date
    entered_by: UUID | None = reference("user.id", index=False, nullable=True)
    version: int = 1


class DiplomaCorrection(Row, table=True):
    """The register's appendix: what a decision changed in a line; the diploma itself is never written on."""

    school_id: UUID = reference("school.id", index=False)
    diploma_id: UUID = reference("diploma.id")
    field: str = Field(max_length=40)
    old: str = Field(max_length=200)
    new: str = Field(max_length=200)
    reason: str = Field(max_length=300)
    decision_number: str = Field(max_length=60)
    decided_on: date
    decided_by: UUID = reference("user.id", index=False)


class TransferredRecord(Row, table=True):
    """What came with a pupil from another school: results, attendance and classes as they stood on that day."""

    school_id: UUID = reference("school.id", index=False)
    student_id: UUID = reference("student.id")
    from_school_id: UUID = reference("school.id")
    from_student_id: UUID = reference("student.id")
    content: dict[str, Any] = Field(sa_type=JSONB)
    sha256: bytes
