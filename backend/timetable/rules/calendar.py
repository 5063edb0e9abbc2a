"""The days of a school year: which teach, as which weekday, in which week. Pure.

`days.py` works the same out in SQL for a thousand schools at once; a test holds the two equal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Break:
    """A HOLIDAY without lessons, or a MAKE_UP day taught as `as_weekday`; both days included."""

    kind: str
    name: str
    starts_on: date
    ends_on: date
    as_weekday: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the year. `weekday`, Monday 1, is the one whose lessons are taught; week 1 is that of the first day."""

    day: date
    weekday: int
    week: int
    odd: bool
    teaches: bool
    holiday: str | None = None


def calendar(starts_on: date, ends_on: date, breaks: Sequence[Break], weekdays_taught: Collection[int]) -> list[Day]:
    """Every day from the first to the last of a year.

    A make-up day wins over a holiday of the same day; among equals the earlier in `breaks` wins.
    """
    monday = starts_on - timedelta(days=starts_on.weekday())
    days: list[Day] = []
    for offset in range((ends_on - starts_on).days + 1):
        day = starts_on + timedelta(days=offset)
        week = (day - monday).days // 7 + 1
        here = [pause for pause in breaks if pause.starts_on <= day <= pause.ends_on]
        made_up = next((pause for pause in here if pause.kind == "MAKE_UP"), None)
        pause = made_up or (here[0] if here else None)
        weekday = made_up.as_weekday if made_up and made_up.as_weekday else day.isoweekday()
        teaches = weekday in weekdays_taught and (made_up is not None or not here)
        days.append(Day(day, weekday, week, week % 2 == 1, teaches, pause.name if pause else None))
    return days
