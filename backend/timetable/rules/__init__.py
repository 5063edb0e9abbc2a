"""Rules of the timetable: clashes, the school's calendar, dated lessons, and what offices may enter. Pure.

Sessions, parities and kinds are the names of the members in `tables.py`; those members are such texts themselves.
"""

from backend.timetable.rules.calendar import Break, Day, calendar
from backend.timetable.rules.checks import (
    Bell,
    check_bells,
    check_break,
    check_change_day,
    check_frame,
    check_publishing,
    check_slot,
    clean_name,
    clean_title,
    parse_bell,
)
from backend.timetable.rules.lessons import Change, Clash, Entry, Lesson, Slot, clashes, expand, overlap

__all__ = [
    "Bell",
    "Break",
    "Change",
    "Clash",
    "Day",
    "Entry",
    "Lesson",
    "Slot",
    "calendar",
    "check_bells",
    "check_break",
    "check_change_day",
    "check_frame",
    "check_publishing",
    "check_slot",
    "clashes",
    "clean_name",
    "clean_title",
    "expand",
    "overlap",
    "parse_bell",
]
