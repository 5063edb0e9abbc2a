"""Tables of attendance."""

from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from backend.core.db import INSTANT, Row, choice, reference
from backend.timetable.tables import HalfDay


class AttendanceStatus(StrEnum):
    """EXCUSED and UNEXCUSED are absent with and without permission; LATE and LEFT_EARLY were there, with minutes."""

    PRESENT = "PRESENT"
    EXCUSED = "EXCUSED"
    UNEXCUSED = "UNEXCUSED"
    LATE = "LATE"
    LEFT_EARLY = "LEFT_EARLY"


ABSENT: Final = (AttendanceStatus.EXCUSED, AttendanceStatus.UNEXCUSED)
"""Away, with permission or without."""


class AbsenceReason(StrEnum):
    """The kind of reason only; SICK is health data, shown to the family, the homeroom teacher and the headteacher."""

    SICK = "SICK"
    FAMILY = "FAMILY"
    OTHER = "OTHER"


class AbsenceAnswer(StrEnum):
    """What a guardian answers to an alert. SHOULD_BE_AT_SCHOOL starts the safety flow."""

    SICK = "SICK"
    FAMILY = "FAMILY"
    SHOULD_BE_AT_SCHOOL = "SHOULD_BE_AT_SCHOOL"


class AlertStatus(StrEnum):
    """OPEN: nobody has answered. SAFETY: the child is being looked for. CANCELLED: the absence was not so."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    SAFETY = "SAFETY"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class AlertOutcome(StrEnum):
    """How an alert ended: EXCUSED and UNEXCUSED by the homeroom teacher's word on an answer, the others by a search."""

    EXCUSED = "EXCUSED"
    UNEXCUSED = "UNEXCUSED"
    FOUND_AT_SCHOOL = "FOUND_AT_SCHOOL"
    WITH_FAMILY = "WITH_FAMILY"
    FOUND_ELSEWHERE = "FOUND_ELSEWHERE"
    POLICE_INFORMED = "POLICE_INFORMED"


class ReminderStep(StrEnum):
    TEACHER = "TEACHER"
    LEADER = "LEADER"


class Register(Row, table=True):
    """A register was taken: of a class, a day and a session; `period` 0 is the whole session."""

    __table_args__ = (
        UniqueConstraint("class_group_id", "day", "session", "period"),
        Index("ix_register_day", "school_id", "day"),
    )

    school_id: UUID = reference("school.id", index=False)
    class_group_id: UUID = reference("class_group.id", index=False)
    day: date
    session: HalfDay = Field(sa_type=choice(HalfDay))
    period: int = Field(default=0, ge=0, le=7)
    taken_by: UUID = reference("user.id", index=False)
    taken_at: datetime = Field(sa_type=INSTANT)
    """When its last operation arrived; `created_at` is the first."""


class AttendanceOperation(Row, table=True):
    """What a device said of one pupil, once; `id` is the device's own, so a repeated sending changes nothing.

    `decided_at` is when the teacher decided, by the server's clock (`rules.merge.decided`). School, class and teacher
    are those of the register beside it, which refers to them; at eight o'clock nobody
    looks each of them up again for every pupil.
    """

    __table_args__ = (Index("ix_attendance_operation_cell", "student_id", "day", "session", "period"),)

    school_id: UUID
    class_group_id: UUID
    student_id: UUID = reference("student.id", index=False)
    day: date
    session: HalfDay = Field(sa_type=choice(HalfDay))
    period: int = Field(default=0, ge=0, le=7)
    status: AttendanceStatus = Field(sa_type=choice(AttendanceStatus))
    minutes: int | None = Field(default=None, ge=1, le=300)
    explicit: bool
    decided_at: datetime = Field(sa_type=INSTANT)
    recorded_by: UUID


class AttendanceMark(Row, table=True):
    """What holds for one pupil in one session (`period` 0) or period: the winning operation, with leave laid over it.

    `explicit`, `decided_at` and `operation_id` are the winner's. Without an operation the mark was filled by leave.
    `counted`: toward the 45 sessions of the year (TT 22/2021 art. 12). Only the reference to the pupil
    is checked, as in the history.
    """

    __table_args__ = (
        UniqueConstraint("student_id", "day", "session", "period"),
        CheckConstraint("(minutes is null) or status in ('LATE', 'LEFT_EARLY')", name="minutes_of_late"),
        Index("ix_attendance_mark_class", "class_group_id", "day"),
        Index("ix_attendance_mark_counted", "student_id", "day", postgresql_where=text("counted")),
    )

    school_id: UUID = Field(index=True)
    class_group_id: UUID
    student_id: UUID = reference("student.id", index=False)
    day: date
    session: HalfDay = Field(sa_type=choice(HalfDay))
    period: int = Field(default=0, ge=0, le=7)
    status: AttendanceStatus = Field(sa_type=choice(AttendanceStatus))
    minutes: int | None = None
    reason: AbsenceReason | None = Field(default=None, sa_type=choice(AbsenceReason))
    counted: bool = False
    explicit: bool = False
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    operation_id: UUID | None = None
    recorded_by: UUID | None = None


class AbsenceNote(Row, table=True):
    """Permission to be away for one session: approved leave, or an answer the homeroom teacher accepted."""

    __table_args__ = (Index("ix_absence_note_live", "student_id", "day", postgresql_where=text("revoked_at is null")),)

    school_id: UUID = reference("school.id")
    student_id: UUID = reference("student.id", index=False)
    day: date
    session: HalfDay = Field(sa_type=choice(HalfDay))
    reason: AbsenceReason = Field(sa_type=choice(AbsenceReason))
    source_id: UUID = Field(index=True)
    """The leave request or the alert it comes from."""
    created_by: UUID = reference("user.id", index=False)
    revoked_at: datetime | None = Field(default=None, sa_type=INSTANT)


class AbsenceAlert(Row, table=True):
    """A child is not where she should be. `journal_id` is the row that told the guardians, withdrawn if untrue."""

    __table_args__ = (
        Index(
            "uq_absence_alert_live",
            "student_id",
            "day",
            "session",
            unique=True,
            postgresql_where=text("status <> 'CANCELLED'"),
        ),
        Index("ix_absence_alert_due", "due_at", postgresql_where=text("due_at is not null")),
        Index("ix_absence_alert_class", "class_group_id", "day"),
    )

    school_id: UUID = reference("school.id")
    class_group_id: UUID = reference("class_group.id", index=False)
    student_id: UUID = reference("student.id", index=False)
    day: date
    session: HalfDay = Field(sa_type=choice(HalfDay))
    period: int = Field(default=0, ge=0, le=7)
    status: AlertStatus = Field(default=AlertStatus.OPEN, sa_type=choice(AlertStatus))
    journal_id: UUID
    raised_by: UUID = reference("user.id", index=False)
    due_at: datetime | None = Field(default=None, sa_type=INSTANT)
    """When it escalates next; null when nothing is waited for."""
    escalations: int = 0
    answer: AbsenceAnswer | None = Field(default=None, sa_type=choice(AbsenceAnswer))
    answered_by: UUID | None = reference("user.id", index=False, nullable=True)
    answered_at: datetime | None = Field(default=None, sa_type=INSTANT)
    outcome: AlertOutcome | None = Field(default=None, sa_type=choice(AlertOutcome))
    outcome_note: str = Field(default="", max_length=300)
    closed_by: UUID | None = reference("user.id", index=False, nullable=True)
    closed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    version: int = 1


class AlertAcknowledgement(Row, table=True):
    """Somebody of the school has taken the safety alert on; `created_at` is when."""

    __table_args__ = (UniqueConstraint("alert_id", "user_id"),)

    school_id: UUID = reference("school.id")
    alert_id: UUID = reference("absence_alert.id", index=False, cascade=True)
    user_id: UUID = reference("user.id", index=False)


class ClosedWeek(Row, table=True):
    """A week of a class that its homeroom teacher has closed: nothing in it changes any more."""

    __table_args__ = (UniqueConstraint("class_group_id", "starts_on"),)

    school_id: UUID = reference("school.id")
    class_group_id: UUID = reference("class_group.id", index=False)
    starts_on: date
    closed_by: UUID = reference("user.id", index=False)


class AttendanceSetting(Row, table=True):
    """What a school decides about attendance; without a row the defaults hold."""

    school_id: UUID = Field(foreign_key="school.id", unique=True)
    by_period: bool = False
    answer_minutes: int = Field(default=15, ge=5, le=120)
    safety_minutes: int = Field(default=5, ge=2, le=30)
    reminder_minutes: int = Field(default=15, ge=5, le=120)
    """After the session's first period began: the teacher is reminded, and after as long again the leader."""
    homeroom_leave_days: int = Field(default=3, ge=0, le=30)
    hold_remarks: bool = True


class RegisterReminder(Row, table=True):
    """A missing register was reminded of, once per step."""

    __table_args__ = (UniqueConstraint("class_group_id", "day", "session", "step"),)

    school_id: UUID = reference("school.id")
    class_group_id: UUID = reference("class_group.id", index=False)
    day: date
    session: HalfDay = Field(sa_type=choice(HalfDay))
    step: ReminderStep = Field(sa_type=choice(ReminderStep))


class AbsenceWarning(Row, table=True):
    """Homeroom teacher and family were warned that a pupil reached `threshold` counted half-days, once a year."""

    __table_args__ = (UniqueConstraint("student_id", "school_year_id", "threshold"),)

    school_id: UUID = reference("school.id")
    student_id: UUID = reference("student.id", index=False)
    school_year_id: UUID = reference("school_year.id", index=False)
    threshold: int
