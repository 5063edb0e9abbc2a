"""Who stays away too much: in a row, often, or near the limit of the year. For homeroom teachers and leaders.

The sessions that were taught are those whose register was taken: where nobody looked, nobody was away.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from backend.attendance.rules.half_days import WARNINGS

IN_A_ROW: Final = 3
WINDOW_DAYS: Final = 30
"""Taught days that are looked back over."""
CHRONIC_SHARE: Final = 10
"""Percent of the sessions of the window; chronic absence is commonly drawn at a tenth."""
CHRONIC_LEAST: Final = 4
NEAR_LIMIT: Final = WARNINGS[0]


class PatternKind(StrEnum):
    CONSECUTIVE = "CONSECUTIVE"
    CHRONIC = "CHRONIC"
    LIMIT = "LIMIT"


@dataclass(frozen=True, slots=True, order=True)
class Sitting:
    """A session of a day. `late` False is the morning, so that sittings sort as they happen."""

    day: date
    late: bool


@dataclass(frozen=True, slots=True)
class Pattern:
    """One reason to look after a pupil: how many half-days it is about, since when, and the last of them."""

    kind: PatternKind
    half_days: int
    since: date
    last_day: date


def consecutive(taught: Sequence[Sitting], away: Collection[Sitting]) -> Pattern | None:
    """Sessions missed without a break up to the last one taught. `taught` in order."""
    run: list[Sitting] = []
    for sitting in reversed(taught):
        if sitting not in away:
            break
        run.append(sitting)
    if len(run) < IN_A_ROW:
        return None
    return Pattern(PatternKind.CONSECUTIVE, len(run), run[-1].day, run[0].day)


def chronic(taught: Sequence[Sitting], away: Collection[Sitting]) -> Pattern | None:
    """A tenth or more of the sessions of the window, and at least four. `taught` is the window, in order."""
    missed = [sitting for sitting in taught if sitting in away]
    if len(missed) < CHRONIC_LEAST or len(missed) * 100 < CHRONIC_SHARE * len(taught):
        return None
    return Pattern(PatternKind.CHRONIC, len(missed), missed[0].day, missed[-1].day)


def limit(counted: int, first_day: date | None, last_day: date | None) -> Pattern | None:
    """30 or more counted half-days this year: 45 is the most that allows promotion (TT 22/2021 art. 12)."""
    if counted < NEAR_LIMIT or first_day is None or last_day is None:
        return None
    return Pattern(PatternKind.LIMIT, counted, first_day, last_day)
