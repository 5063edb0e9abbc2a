"""What offices may enter: bells, names, holidays, frames of a year, changes of a day. Pure."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from itertools import pairwise
from typing import Any, Final

from backend.core.problem import Invalid, Word
from backend.core.text import squeeze
from backend.timetable.rules.lessons import Clash, Entry, Slot, clashes

MOST_PERIODS: Final = 7  # of a session
PERIOD_MINUTES: Final = range(15, 121)
LONGEST_BREAK: Final = 60  # days
FARTHEST_CHANGE: Final = 60  # days ahead
LATEST_PUBLISHING: Final = 7  # days after a timetable has begun
YEAR_WEEKS: Final = (35, 45)
NEAR_DAYS: Final = 400  # a holiday farther from today than this is a slip of the hand
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_YEAR_NAME: Final = re.compile(r"(\d{4})-(\d{4})")
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Bell:
    """When a period of a session begins and ends, Vietnamese time."""

    session: str
    number: int
    starts_at: time
    ends_at: time


def parse_bell(session: str, number: int, starts_at: str, ends_at: str) -> Bell:
    """From "07:00" and "07:45"; raises Invalid("timetable.clock_invalid")."""
    times = []
    for text in (starts_at, ends_at):
        match = _CLOCK.fullmatch(text.strip())
        if match is None:
            raise Invalid("timetable.clock_invalid", field="periods", given=text[:20])
        times.append(time(int(match[1]), int(match[2])))
    return Bell(session, number, times[0], times[1])


def check_bells(bells: Sequence[Bell]) -> None:
    """Numbered 1, 2, … in each session, one after the other, the afternoon after the morning.

    Raises Invalid: timetable.no_periods, timetable.period_numbers, timetable.period_length, timetable.periods_overlap.
    """
    if not bells:
        raise Invalid("timetable.no_periods", field="periods")
    sessions: defaultdict[str, list[Bell]] = defaultdict(list)
    for bell in bells:
        sessions[bell.session].append(bell)
    ordered: list[Bell] = []
    for session in ("MORNING", "AFTERNOON"):
        found = sorted(sessions[session], key=lambda bell: bell.number)
        if len(found) > MOST_PERIODS or [bell.number for bell in found] != list(range(1, len(found) + 1)):
            raise Invalid("timetable.period_numbers", field="periods", most=MOST_PERIODS)
        ordered += found
    for bell in ordered:
        minutes = (bell.ends_at.hour - bell.starts_at.hour) * 60 + bell.ends_at.minute - bell.starts_at.minute
        if minutes not in PERIOD_MINUTES:
            raise Invalid(
                "timetable.period_length",
                field="periods",
                number=bell.number,
                shortest=PERIOD_MINUTES.start,
                longest=PERIOD_MINUTES.stop - 1,
            )
    for bell, following in pairwise(ordered):
        if following.starts_at < bell.ends_at:
            raise Invalid("timetable.periods_overlap", field="periods", number=following.number)


def clean_name(name: str, longest: int, field: str = "name") -> str:
    """One line, 1 to `longest` characters; raises Invalid("timetable.name_length")."""
    name = squeeze(name)
    if not 1 <= len(name) <= longest:
        raise Invalid("timetable.name_length", field=field, longest=longest)
    return name


def clean_title(title: str) -> str:
    """What a calendar event is about, 1 to 120 characters."""
    return clean_name(title, 120, "title")


def check_slot(slot: Slot) -> None:
    """Monday to Sunday, periods 1 to 7; raises Invalid("timetable.slot_invalid")."""
    if slot.weekday not in range(1, 8) or slot.period not in range(1, MOST_PERIODS + 1):
        raise Invalid("timetable.slot_invalid", field="entry", most=MOST_PERIODS)


def check_publishing(entries: Sequence[Entry], starts_on: date, today: date) -> Clash | None:
    """A timetable has lessons and is not older than a week. Returns the first clash, whose names the caller knows.

    Raises Invalid: timetable.empty, timetable.begun_long_ago.
    """
    if not entries:
        raise Invalid("timetable.empty")
    if starts_on < today - LATEST_PUBLISHING * _DAY:
        raise Invalid("timetable.begun_long_ago", field="startsOn", most=LATEST_PUBLISHING)
    return next(iter(clashes(entries)), None)


def check_change_day(day: date, today: date) -> None:
    """A lesson can be changed today and on the next 60 days; raises Invalid: timetable.day_past, timetable.day_far."""
    if day < today:
        raise Invalid("timetable.day_past", field="day")
    if day > today + FARTHEST_CHANGE * _DAY:
        raise Invalid("timetable.day_far", field="day", most=FARTHEST_CHANGE)


def check_break(kind: str, starts_on: date, ends_on: date, as_weekday: int | None, today: date) -> None:
    """Days off, at most 60 and near today; or one make-up day with the weekday whose lessons it takes.

    Raises Invalid: timetable.days_reversed, timetable.break_too_long, timetable.break_far, timetable.make_up_one_day,
    timetable.make_up_weekday.
    """
    if ends_on < starts_on:
        raise Invalid("timetable.days_reversed", field="endsOn")
    if (ends_on - starts_on).days >= LONGEST_BREAK:
        raise Invalid("timetable.break_too_long", field="endsOn", most=LONGEST_BREAK)
    if max(abs((starts_on - today).days), abs((ends_on - today).days)) > NEAR_DAYS:
        raise Invalid("timetable.break_far", field="startsOn")
    if (kind == "MAKE_UP") != (as_weekday is not None) or (as_weekday is not None and as_weekday not in range(1, 8)):
        raise Invalid("timetable.make_up_weekday", field="asWeekday")
    if kind == "MAKE_UP" and starts_on != ends_on:
        raise Invalid("timetable.make_up_one_day", field="endsOn")


def check_frame(name: str, starts_on: date, second_semester_on: date, ends_on: date) -> None:
    """A school year named 2026-2027 of 35 to 45 weeks, its second semester inside it (QĐ 2308/QĐ-BGDĐT: 35 taught).

    Raises Invalid: timetable.year_name, timetable.frame_order, timetable.frame_length.
    """
    match = _YEAR_NAME.fullmatch(name)
    if match is None or int(match[2]) != int(match[1]) + 1:
        raise Invalid("timetable.year_name", field="name")
    if not starts_on < second_semester_on < ends_on:
        raise Invalid("timetable.frame_order", field="secondSemesterOn")
    shortest, longest = YEAR_WEEKS
    if not shortest * 7 <= (ends_on - starts_on).days + 1 <= longest * 7:
        raise Invalid("timetable.frame_length", field="endsOn", shortest=shortest, longest=longest)
    if starts_on.year != int(match[1]) or ends_on.year != int(match[2]):
        raise Invalid("timetable.year_name", field="name")


def said_slot(weekday: int, session: str) -> dict[str, Any]:
    """A place in the week as parameters of a refusal."""
    return {"weekday": Word(f"timetable.weekday_{weekday}"), "session": Word(f"timetable.session_{session}")}
