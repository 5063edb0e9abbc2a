"""What several devices said about one pupil comes to one mark, in whatever order it arrives.

The winner of all operations of a cell is the greatest by (explicit, decided_at, id): what a teacher tapped beats what a
screen showed by default, a later tap beats an earlier one, and of two at the same instant the greater id decides, so
every server and every order agree. Nothing is lost: operations stay as history. Leave is laid over the winner.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import reduce
from typing import Final
from uuid import UUID

from backend.core.problem import Invalid

WHOLE_SESSION: Final = 0
"""The period number that means the session itself, the half-day that the law counts."""
MOST_MINUTES: Final = 300
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Status(StrEnum):
    """As `tables.AttendanceStatus`, by the same names."""

    PRESENT = "PRESENT"
    EXCUSED = "EXCUSED"
    UNEXCUSED = "UNEXCUSED"
    LATE = "LATE"
    LEFT_EARLY = "LEFT_EARLY"


ABSENT: Final = frozenset({Status.EXCUSED, Status.UNEXCUSED})
WITH_MINUTES: Final = frozenset({Status.LATE, Status.LEFT_EARLY})
BY_DEFAULT: Final = frozenset({Status.PRESENT, Status.EXCUSED})
"""What a screen may show without anybody having tapped: present, or away where leave was known."""


@dataclass(frozen=True, slots=True)
class Operation:
    """What one device said of one pupil once. `decided_at` is by the server's clock (`decided`)."""

    id: UUID
    status: str
    minutes: int | None
    explicit: bool
    decided_at: datetime

    @property
    def rank(self) -> tuple[bool, datetime, UUID]:
        return self.explicit, self.decided_at, self.id


@dataclass(frozen=True, slots=True)
class Outcome:
    """What holds for a cell: `winner` None means that leave alone says so; `reason` is the leave's."""

    status: str
    minutes: int | None
    reason: str | None
    winner: Operation | None


def stronger(one: Operation, other: Operation) -> Operation:
    """Which of two holds. Commutative, associative, idempotent."""
    return max(one, other, key=lambda operation: operation.rank)


def merge(operations: Iterable[Operation]) -> Operation | None:
    """The one that holds among all that were ever said of a cell; None when nothing was."""
    found = list(operations)
    return reduce(stronger, found) if found else None


def resolve(winner: Operation | None, note: str | None, period: int) -> Outcome | None:
    """The mark: the winning operation with the reason of approved leave (`note`) laid over it; None: no mark.

    A teacher who says that she sees the child is right whatever the leave says. Leave fills a session by itself, a
    single period only where somebody was asked.
    """
    if winner is None:
        return Outcome(Status.EXCUSED, None, note, None) if note is not None and period == WHOLE_SESSION else None
    if note is not None and (winner.status in ABSENT or not winner.explicit):
        return Outcome(Status.EXCUSED, None, note, winner)
    return Outcome(winner.status, winner.minutes, None, winner)


def decided(device_decided_at: datetime, device_time: datetime, now: datetime) -> datetime:
    """When the teacher decided, by the server's clock.

    `device_time` is what the device's clock showed as the request left: however wrong the clock, the time that has
    passed since the tap is right. Never later than now; an age beyond all sense is cut at the year 2000.
    """
    age = max(device_time - device_decided_at, timedelta(0))
    return now - min(age, now - _EARLIEST)


def check_operation(status: str, minutes: int | None, explicit: bool) -> None:
    """Raises Invalid for minutes that are out of range or belong to nothing, and for a default nobody may assume."""
    if minutes is not None and status not in WITH_MINUTES:
        raise Invalid("attendance.minutes_not_here", field="minutes")
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        raise Invalid("attendance.minutes_out_of_range", field="minutes", most=MOST_MINUTES)
    if not explicit and status not in BY_DEFAULT:
        raise Invalid("attendance.default_not_present", field="explicit")
