"""The life of an absence alert, on plain values.

OPEN -> ANSWERED -> CLOSED is the usual way. SAFETY is a search: it begins from OPEN or ANSWERED when a guardian says
that the child must be at school, and ends only by an outcome or by the register. CLOSED and CANCELLED are the ends: no
answer leads out of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from backend.core.problem import Invalid

THERE: Final = frozenset({"PRESENT", "LATE", "LEFT_EARLY"})
MOST_ESCALATIONS: Final = 6  # times a search that nobody takes on is told to the headteacher again
ABSENCE_OUTCOMES: Final = frozenset({"EXCUSED", "UNEXCUSED"})
SEARCH_OUTCOMES: Final = frozenset({"FOUND_AT_SCHOOL", "WITH_FAMILY", "FOUND_ELSEWHERE", "POLICE_INFORMED"})
WARNINGS: Final = (30, 40, 45, 46)  # counted half-days of a year: TT 22/2021 art. 12, 45 pass and 46 do not
REMINDER_HOURS: Final = 2  # after the session's last lesson nobody is reminded of its register any more


class Happening(StrEnum):
    """What a step of an alert is, for those who are told of it."""

    ANSWERED = "ANSWERED"
    SEARCH = "SEARCH"
    UNANSWERED = "UNANSWERED"
    UNACKNOWLEDGED = "UNACKNOWLEDGED"


@dataclass(frozen=True, slots=True)
class Step:
    """What an alert becomes, when it is due again (None: nothing is waited for), and what happened (None: nothing)."""

    status: str
    due_at: datetime | None
    escalations: int
    happening: Happening | None


# (status, answer) -> the status that follows; what is missing changes nothing.
ANSWERS: Final[Mapping[tuple[str, str], str]] = {
    ("OPEN", "SICK"): "ANSWERED",
    ("OPEN", "FAMILY"): "ANSWERED",
    ("OPEN", "SHOULD_BE_AT_SCHOOL"): "SAFETY",
    ("ANSWERED", "SHOULD_BE_AT_SCHOOL"): "SAFETY",
}


def answer(
    status: str, given: str | None, said: str, *, escalations: int, now: datetime, safety_minutes: int
) -> Step | None:
    """What an answer makes of an alert; None: nothing, because it is said already or somebody was first.

    The first answer counts, except that SHOULD_BE_AT_SCHOOL starts a search from every alert that is not over.
    `escalations` of silence stay known; a search counts its own. Raises Invalid("alert.closed") and
    Invalid("alert.cancelled") when it is over and the answer would say something new.
    """
    if said == given:
        return None
    if status in ("CLOSED", "CANCELLED"):
        raise Invalid("alert.closed" if status == "CLOSED" else "alert.cancelled")
    after = ANSWERS.get((status, said))
    if after is None:
        return None
    if after == "SAFETY":
        return Step(after, now + timedelta(minutes=safety_minutes), 0, Happening.SEARCH)
    return Step(after, None, escalations, Happening.ANSWERED)


def escalate(status: str, escalations: int, *, acknowledged: bool, now: datetime, safety_minutes: int) -> Step:
    """What happens when an alert is due: silence is told once, a search that nobody has taken on again and again."""
    if status == "OPEN" and escalations == 0:
        return Step(status, None, 1, Happening.UNANSWERED)
    if status == "SAFETY" and not acknowledged and escalations < MOST_ESCALATIONS:
        again = escalations + 1
        due = now + timedelta(minutes=safety_minutes) if again < MOST_ESCALATIONS else None
        return Step(status, due, again, Happening.UNACKNOWLEDGED)
    return Step(status, None, escalations, None)


def check_acknowledge(status: str) -> None:
    """Raises Invalid when nobody is being looked for."""
    _check_live(status)
    if status != "SAFETY":
        raise Invalid("alert.no_search")


def check_close(status: str, outcome: str) -> None:
    """Whether an alert may end so: a search by how the child was found, everything else with or without permission.

    Raises Invalid("alert.closed"), Invalid("alert.cancelled"), and with the field "outcome"
    Invalid("alert.outcome_of_search"), Invalid("alert.outcome_of_absence").
    """
    _check_live(status)
    if (status == "SAFETY") != (outcome in SEARCH_OUTCOMES):
        code = "alert.outcome_of_search" if status == "SAFETY" else "alert.outcome_of_absence"
        raise Invalid(code, field="outcome")


def _check_live(status: str) -> None:
    if status == "CLOSED":
        raise Invalid("alert.closed")
    if status == "CANCELLED":
        raise Invalid("alert.cancelled")


def may_begin(before: str | None, after: str | None) -> bool:
    """Whether a mark that changed so may raise an alert."""
    return after == "UNEXCUSED" and before != "UNEXCUSED"


def may_end(before: str | None, after: str | None, period: int) -> bool:
    """Whether a mark that changed so may take away the ground of an alert.

    Permission for the whole session also covers its periods, whose own marks stay.
    """
    return (before == "UNEXCUSED" and after != "UNEXCUSED") or (after == "EXCUSED" and period == 0)


def warned(count: int, highest: int) -> int | None:
    """The threshold a pupil with so many counted half-days is warned of now: the highest reached, once.

    `highest` is the greatest threshold this pupil was warned of this year, 0 when none.
    """
    reached = max((threshold for threshold in WARNINGS if threshold <= count), default=0)
    return reached if reached > highest else None
