"""A school year around a day: semester I of 18 weeks from 5 September, semester II of 17 weeks and the Tết holiday."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from backend.core.clock import VIETNAM

SUNDAY = 6


@dataclass(frozen=True, slots=True)
class Calendar:
    """The year in progress. Everything happened before the midnight with which `today` began.

    `asked` is the day the province was made for; in summer it is later than `today`, the last day of the year.
    """

    starts_on: date
    second_semester_on: date
    ends_on: date
    today: date
    asked: date

    @property
    def name(self) -> str:
        return f"{self.starts_on.year}-{self.starts_on.year + 1}"

    @property
    def now(self) -> datetime:
        """The beginning of `today`: everything in the province happened before."""
        return at(self.today, 0, 0)

    @property
    def prepared(self) -> datetime:
        """When the school set up its classes and accounts: two weeks before the year begins."""
        return at(self.starts_on - timedelta(days=14), 9, 0)

    def semesters(self) -> list[tuple[str, date, date]]:
        """Semesters that have begun: name, first day, first day after the last."""
        both = [
            ("SEM1", self.starts_on, self.second_semester_on),
            ("SEM2", self.second_semester_on, self.ends_on + timedelta(days=1)),
        ]
        return [semester for semester in both if semester[1] <= self.today]


def calendar_of(today: date) -> Calendar:
    """The school year `today` lies in; in summer, the last day of the year that has just ended."""
    first = today.year if today >= date(today.year, 9, 5) else today.year - 1
    ends_on = date(first + 1, 5, 30)
    while ends_on.weekday() == SUNDAY:
        ends_on -= timedelta(days=1)
    second = date(first + 1, 1, 12)  # the ministry's frame: semester I ends before 18 January
    while second.weekday():
        second += timedelta(days=1)
    return Calendar(date(first, 9, 5), second, ends_on, min(today, ends_on), today)


def at(day: date, hour: int, minute: int, second: int = 0) -> datetime:
    """A moment of a Vietnamese day, in UTC."""
    return datetime.combine(day, time(hour, minute, second), VIETNAM).astimezone(UTC)


def school_day(day: date) -> date:
    """The day itself, or the Saturday before a Sunday."""
    return day - timedelta(days=1) if day.weekday() == SUNDAY else day
