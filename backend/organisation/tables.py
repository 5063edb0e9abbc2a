"""Tables of places and time."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.core.db import SORTED, Row, choice, reference


class UnitKind(StrEnum):
    PROVINCE = "PROVINCE"
    COMMUNE = "COMMUNE"


class Level(StrEnum):
    """Level of education; a multi-level school is entered once per level."""

    LOWER_SECONDARY = "LOWER_SECONDARY"
    UPPER_SECONDARY = "UPPER_SECONDARY"


class AssessmentMode(StrEnum):
    """TT 22/2021 art. 5: by comments, or by comments and marks."""

    COMMENT_ONLY = "COMMENT_ONLY"
    COMMENT_AND_MARK = "COMMENT_AND_MARK"


class Unit(Row, table=True):
    """A province or a commune-level unit; there are no districts since 01/07/2025."""

    kind: UnitKind = Field(sa_type=choice(UnitKind))
    code: str = Field(unique=True, max_length=5)
    name: str
    parent_id: UUID | None = reference("unit.id", nullable=True)


class School(Row, table=True):
    code: str = Field(unique=True, max_length=20)
    name: str
    level: Level = Field(sa_type=choice(Level))
    unit_id: UUID = reference("unit.id")


class SchoolYear(Row, table=True):
    """A school's year, named 2026-2027. Semester II begins on `second_semester_on`."""

    __table_args__ = (UniqueConstraint("school_id", "name"),)

    school_id: UUID = reference("school.id")
    name: str = Field(max_length=9)
    starts_on: date
    second_semester_on: date
    ends_on: date
    is_current: bool = False


class ClassGroup(Row, table=True):
    """A class of one school year: 7A, grade 7."""

    __table_args__ = (UniqueConstraint("school_id", "school_year_id", "name"),)

    school_id: UUID = reference("school.id")
    school_year_id: UUID = reference("school_year.id")
    name: str = Field(max_length=20)
    grade: int = Field(ge=1, le=12)
    sort_key: str = Field(sa_type=SORTED)


class Subject(Row, table=True):
    """A subject of the national curriculum; `code` is our stable slug."""

    code: str = Field(unique=True, max_length=40)
    name: str
    name_en: str
    mode: AssessmentMode = Field(sa_type=choice(AssessmentMode))
    position: int


class SubjectPlan(Row, table=True):
    """Periods a year of a subject in a grade (curriculum of 2018)."""

    __table_args__ = (UniqueConstraint("subject_id", "level", "grade"),)

    subject_id: UUID = reference("subject.id")
    level: Level = Field(sa_type=choice(Level))
    grade: int
    periods: int
