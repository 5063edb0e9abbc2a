"""Working days and deadlines (BLDS 2015 art. 147-148, BLLĐ 2019 art. 112; domain.md §4.5). Pure.

The first day does not count; Saturdays, Sundays and holidays do not; a compensating day does. Days are Vietnamese days.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """Which days offices work: weekdays but for `off`, and the weekend days in `working` (hoán đổi, làm bù)."""

    off: frozenset[date]
    working: frozenset[date]

    @classmethod
    def of(cls, days: Iterable[tuple[date, bool]]) -> "WorkingDays":
        """From (day, whether offices work on it) of every day that is not as usual."""
        rows = list(days)
        return cls(frozenset(day for day, works in rows if not works), frozenset(day for day, works in rows if works))

    def works(self, day: date) -> bool:
        return day in self.working or (day.weekday() < 5 and day not in self.off)

    def add(self, start: date, days: int) -> date:
        """The last of `days` working days after `start`, which does not count itself. Zero: `start`, or the next
        working day when it is none."""
        day = start
        left = days
        while left > 0 or not self.works(day):
            day += _DAY
            if self.works(day) and left > 0:
                left -= 1
        return day

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; negative when `end` is earlier."""
        if end < start:
            return -self.between(end, start)
        return sum(self.works(start + _DAY * n) for n in range(1, (end - start).days + 1))
