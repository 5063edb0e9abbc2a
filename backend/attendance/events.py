"""What the journal can say about registers. Counts and ids only; alerts have their own (`alert_events.py`)."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience


class _Untold:
    """Kept as history; nobody is told."""

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class RegisterTaken(_Untold):
    """A device's operations arrived; `exceptions` are the pupils of them who are not simply present."""

    kind: ClassVar[str] = "attendance.register_taken"
    school_id: UUID
    register_id: UUID
    class_group_id: UUID
    day: date
    session: str
    period: int
    operations: int
    changed: int
    exceptions: tuple[UUID, ...]


@dataclass(frozen=True)
class AbsenceExcused(_Untold):
    """Permission was laid down for some sessions, by leave or by an accepted answer."""

    kind: ClassVar[str] = "attendance.absence_excused"
    school_id: UUID
    student_id: UUID
    source_id: UUID
    half_days: int


@dataclass(frozen=True)
class ExcuseRevoked(_Untold):
    kind: ClassVar[str] = "attendance.excuse_revoked"
    school_id: UUID
    student_id: UUID
    source_id: UUID
    half_days: int


@dataclass(frozen=True)
class WeekClosed(_Untold):
    kind: ClassVar[str] = "attendance.week_closed"
    school_id: UUID
    class_group_id: UUID
    starts_on: date


@dataclass(frozen=True)
class WeekReopened(_Untold):
    kind: ClassVar[str] = "attendance.week_reopened"
    school_id: UUID
    class_group_id: UUID
    starts_on: date


@dataclass(frozen=True)
class SettingsChanged(_Untold):
    kind: ClassVar[str] = "attendance.settings_changed"
    school_id: UUID
    by_period: bool
    answer_minutes: int
    safety_minutes: int
    reminder_minutes: int
    homeroom_leave_days: int
    hold_remarks: bool
