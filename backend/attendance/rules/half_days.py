"""Half-days (buổi) that count toward promotion: TT 22/2021 art. 12.

At most 45 of a school year on the plan of one session a day, excused or not, in a row or not. A class taught two
sessions a day has one of them in the plan; only that one counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from backend.attendance.rules.merge import ABSENT, WHOLE_SESSION

MOST_HALF_DAYS: Final = 45
WARNINGS: Final = (30, 40, 45)
"""At how many counted half-days homeroom teacher and family are warned; beyond the last the limit is passed."""
PLAN_UNLESS_STORED: Final = "MORNING"


@dataclass(frozen=True, slots=True)
class HalfDayMark:
    """A pupil's mark as counting sees it."""

    day: date
    session: str
    period: int
    status: str


def counts(status: str, session: str, period: int, plan: str | None) -> bool:
    """Whether a mark counts: away, the whole session, in the session of the plan (`plan` None: the morning)."""
    return status in ABSENT and period == WHOLE_SESSION and session == (plan or PLAN_UNLESS_STORED)


def counted(marks: Iterable[HalfDayMark], plan: str | None, starts_on: date, ends_on: date) -> int:
    """How many half-days of a school year count for one pupil; a day is counted once, however often it is said."""
    return len(
        {
            mark.day
            for mark in marks
            if starts_on <= mark.day <= ends_on and counts(mark.status, mark.session, mark.period, plan)
        }
    )


def absences_allow_promotion(counted_half_days: int) -> bool:
    """45 passes, 46 does not, whatever the results are (art. 12.1, 12.3)."""
    return counted_half_days <= MOST_HALF_DAYS
