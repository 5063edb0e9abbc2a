"""Tables of people and rights."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field

from backend.core.actor import Role
from backend.core.db import INSTANT, SORTED, Row, choice, reference


class Language(StrEnum):
    vi = "vi"
    en = "en"


class Theme(StrEnum):
    SYSTEM = "SYSTEM"
    LIGHT = "LIGHT"
    DARK = "DARK"
    CONTRAST = "CONTRAST"


class TextSize(StrEnum):
    NORMAL = "NORMAL"
    LARGE = "LARGE"
    LARGEST = "LARGEST"


class Sex(StrEnum):
    MALE = "MALE"
    FEMALE = "FEMALE"
    UNKNOWN = "UNKNOWN"


class StudentStatus(StrEnum):
    """What the twelve states of the sector's workbook come down to."""

    STUDYING = "STUDYING"
    TRANSFERRED = "TRANSFERRED"
    DROPPED_OUT = "DROPPED_OUT"
    SUSPENDED = "SUSPENDED"
    COMPLETED = "COMPLETED"


class Relation(StrEnum):
    FATHER = "FATHER"
    MOTHER = "MOTHER"
    GUARDIAN = "GUARDIAN"


class User(Row, table=True):
    """Somebody who can sign in: by phone and code (families) or by user name and password (staff)."""

    full_name: str
    sort_key: str = Field(sa_type=SORTED)
    phone: str | None = Field(default=None, unique=True, max_length=16)
    username: str | None = Field(default=None, unique=True, max_length=60)
    language: Language = Field(default=Language.vi, sa_type=choice(Language))
    theme: Theme = Field(default=Theme.SYSTEM, sa_type=choice(Theme))
    text_size: TextSize = Field(default=TextSize.NORMAL, sa_type=choice(TextSize))
    disabled_at: datetime | None = Field(default=None, sa_type=INSTANT)


class Credential(Row, table=True):
    """A password (argon2id). Wrong tries are counted by `core.limits`, alike for names that exist and that do not."""

    user_id: UUID = Field(foreign_key="user.id", unique=True)
    password_hash: str


class SignInSession(Row, table=True):
    """One signed-in device. Only the SHA-256 of the token is kept."""

    __tablename__ = "session"  # pyright: ignore[reportAssignmentType]

    user_id: UUID = reference("user.id")
    token_hash: bytes = Field(unique=True)
    last_seen_at: datetime = Field(sa_type=INSTANT)
    expires_at: datetime = Field(sa_type=INSTANT)
    device_label: str = Field(max_length=80)
    revoked_at: datetime | None = Field(default=None, sa_type=INSTANT)


class RoleGrant(Row, table=True):
    """A staff role at a school, or at a unit for officers."""

    __table_args__ = (UniqueConstraint("user_id", "role", "school_id", "unit_id", postgresql_nulls_not_distinct=True),)

    user_id: UUID = reference("user.id")
    role: Role = Field(sa_type=choice(Role))
    school_id: UUID | None = reference("school.id", nullable=True)
    unit_id: UUID | None = reference("unit.id", nullable=True)


class Student(Row, table=True):
    """A pupil at a school, named as on the birth certificate.

    `code` is the ministry's ten-digit identifier, or the school's own until there is one.
    """

    __table_args__ = (
        UniqueConstraint("school_id", "code"),
        Index("ix_student_national_id", "school_id", "national_id"),
    )

    school_id: UUID = reference("school.id")
    code: str = Field(max_length=20)
    national_id: str | None = Field(default=None, max_length=12)
    full_name: str
    sort_key: str = Field(sa_type=SORTED)
    search_key: str
    birth_date: date | None = None
    sex: Sex = Field(default=Sex.UNKNOWN, sa_type=choice(Sex))
    status: StudentStatus = Field(default=StudentStatus.STUDYING, sa_type=choice(StudentStatus))
    user_id: UUID | None = reference("user.id", nullable=True)
    moved_to_id: UUID | None = reference("student.id", nullable=True, index=False)
    """The same pupil at the school she went to; this row stays for what happened here."""


class Guardianship(Row, table=True):
    """A user answers for a pupil, by which slip, and until when."""

    __table_args__ = (
        Index(
            "uq_guardianship_live",
            "school_id",
            "student_id",
            "user_id",
            unique=True,
            postgresql_where=text("ended_at is null"),
        ),
    )

    school_id: UUID = reference("school.id")
    student_id: UUID = reference("student.id")
    user_id: UUID = reference("user.id")
    relation: Relation = Field(sa_type=choice(Relation))
    claim_slip_id: UUID | None = reference("claim_slip.id", nullable=True)
    ended_at: datetime | None = Field(default=None, sa_type=INSTANT)


class ClaimSlip(Row, table=True):
    """The paper that lets a guardian claim a pupil: its short code is kept as a keyed hash only."""

    school_id: UUID = reference("school.id")
    student_id: UUID = reference("student.id")
    code_hash: bytes = Field(unique=True)
    expires_at: datetime = Field(sa_type=INSTANT)
    revoked_at: datetime | None = Field(default=None, sa_type=INSTANT)
    created_by: UUID = reference("user.id")


class SignInChallenge(Row, table=True):
    """A one-time code sent to a phone. The code is derived from the id and our secret, so it is stored nowhere.

    `deliver` is false for a phone nobody knows: the answer looks the same, no message leaves.
    """

    phone: str = Field(max_length=16, index=True)
    deliver: bool
    attempts: int = 0
    expires_at: datetime = Field(sa_type=INSTANT)
    used_at: datetime | None = Field(default=None, sa_type=INSTANT)
