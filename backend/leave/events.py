"""What the journal can say about leave: ids, dates and counts. Why a child is away is not in it."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience, AudienceKind


@dataclass(frozen=True)
class LeaveRequested:
    """Leave was asked for; those who may decide are told."""

    kind: ClassVar[str] = "leave.leave_requested"
    school_id: UUID
    leave_request_id: UUID
    student_id: UUID
    child: str
    class_name: str
    starts_on: date
    starts_session: str
    ends_on: date
    ends_session: str
    half_days: int
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, users=self.user_ids) if self.user_ids else None


@dataclass(frozen=True)
class LeaveDecided:
    """Leave was granted or refused; the guardians are told, and the pupil when she asked herself."""

    kind: ClassVar[str] = "leave.leave_decided"
    school_id: UUID
    leave_request_id: UUID
    student_id: UUID
    child: str
    class_name: str
    starts_on: date
    starts_session: str
    ends_on: date
    ends_session: str
    half_days: int
    approved: bool
    by_pupil: bool

    def audience(self) -> Audience | None:
        kind = AudienceKind.FAMILIES if self.by_pupil else AudienceKind.GUARDIANS
        return Audience(school_id=self.school_id, kinds=(kind,), students=(self.student_id,))


@dataclass(frozen=True)
class LeaveWithdrawn:
    """The family took a request or granted leave back, from `from_day` on (None: before it was decided)."""

    kind: ClassVar[str] = "leave.leave_withdrawn"
    school_id: UUID
    leave_request_id: UUID
    student_id: UUID
    from_day: date | None

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class LeaveEnded:
    """The pupil goes to another school: leave ahead of her, these days of it, holds no more; the guardians are told."""

    kind: ClassVar[str] = "leave.leave_ended"
    school_id: UUID
    leave_request_id: UUID
    student_id: UUID
    child: str
    class_name: str
    starts_on: date
    starts_session: str
    ends_on: date
    ends_session: str
    half_days: int

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, kinds=(AudienceKind.GUARDIANS,), students=(self.student_id,))
