"""Tables of leave."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from backend.attendance.tables import AbsenceReason
from backend.core.db import INSTANT, Row, choice, reference
from backend.timetable.tables import HalfDay


class LeaveStatus(StrEnum):
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


class Decider(StrEnum):
    """Who decides: the homeroom teacher, or the headteacher when it is long."""

    HOMEROOM = "HOMEROOM"
    HEADTEACHER = "HEADTEACHER"


class LeaveRequest(Row, table=True):
    """Leave from a session of a day to a session of a day, both included. `half_days` are those with lessons."""

    __table_args__ = (
        Index("ix_leave_request_student", "student_id", "starts_on"),
        Index("ix_leave_request_waiting", "school_id", "class_group_id", postgresql_where=text("status = 'PENDING'")),
    )

    school_id: UUID = reference("school.id", index=False)
    student_id: UUID = reference("student.id", index=False)
    class_group_id: UUID = reference("class_group.id", index=False)
    requested_by: UUID = reference("user.id")
    starts_on: date
    starts_session: HalfDay = Field(sa_type=choice(HalfDay))
    ends_on: date
    ends_session: HalfDay = Field(sa_type=choice(HalfDay, name="ends_halfday"))
    half_days: int
    reason: AbsenceReason = Field(sa_type=choice(AbsenceReason))
    detail: str = Field(default="", max_length=500)
    status: LeaveStatus = Field(default=LeaveStatus.PENDING, sa_type=choice(LeaveStatus))
    decider: Decider = Field(sa_type=choice(Decider))
    decided_by: UUID | None = reference("user.id", index=False, nullable=True)
    decided_at: datetime | None = Field(default=None, sa_type=INSTANT)
    decision_note: str = Field(default="", max_length=300)
    version: int = 1


class LeavePhoto(Row, table=True):
    """A photo of a paper, drawn anew by us (JPEG, no metadata); the file that was handed in is not kept."""

    school_id: UUID = reference("school.id")
    student_id: UUID = reference("student.id")
    leave_request_id: UUID | None = reference("leave_request.id", nullable=True, cascade=True)
    uploaded_by: UUID = reference("user.id", index=False)
    width: int
    height: int
    content: bytes
