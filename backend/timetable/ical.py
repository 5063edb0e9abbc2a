"""A calendar as other programs read it: iCalendar (RFC 5545) with Vietnamese time spelled out. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from icalendar import Calendar, Timezone, TimezoneStandard, vDuration, vText
from icalendar.parser import Contentline

from backend.core.text import visible

ZONE_NAME: Final = "Asia/Ho_Chi_Minh"
ZONE: Final = ZoneInfo(ZONE_NAME)
PRODUCT: Final = "-//Nhip Cau//Timetable//VI"
REFRESH: Final = timedelta(hours=1)
MEDIA_TYPE: Final = "text/calendar; charset=utf-8"
LINE_OCTETS: Final = 75  # RFC 5545 §3.1, the line break not counted
_END: Final = b"END:VCALENDAR\r\n"


@dataclass(frozen=True, slots=True)
class Happening:
    """A lesson, a test, a holiday. Begins and ends at instants of Vietnamese time, or on days (both included).

    `uid` never changes for the same thing; `revised_at` is when it was last changed, None while it is as planned.
    """

    uid: str
    summary: str
    begins: datetime | date
    ends: datetime | date
    place: str = ""
    note: str = ""
    cancelled: bool = False
    revised_at: datetime | None = None


def write(name: str, happenings: Iterable[Happening], stamp: datetime) -> bytes:
    """The calendar as text/calendar. `stamp` (an instant) says since when what was never changed is known so."""
    frame = _frame(name)
    body = b"".join(_event(happening, _instant(stamp)) for happening in happenings)
    return frame.removesuffix(_END) + body + _END


def _frame(name: str) -> bytes:
    """A calendar without events."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("name", visible(name))
    calendar.add("x-wr-calname", visible(name))
    calendar.add("x-wr-timezone", ZONE_NAME)
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", vDuration(REFRESH))
    calendar.add_component(_zone())
    return calendar.to_ical()


def _zone() -> Timezone:
    """UTC+7 all year since 1975; said in the file, so that no program has to know the name."""
    zone = Timezone()
    zone.add("tzid", ZONE_NAME)
    standard = TimezoneStandard()
    standard.add("dtstart", datetime(1975, 6, 13))
    standard.add("tzname", "+07")
    standard.add("tzoffsetfrom", timedelta(hours=8))
    standard.add("tzoffsetto", timedelta(hours=7))
    zone.add_component(standard)
    return zone


def _event(happening: Happening, stamp: str) -> bytes:
    """One VEVENT. The library's own component costs a millisecond, and a teacher's year has a thousand of them; so
    the lines are put together here, and the library escapes and folds what people wrote.
    """
    revised_at = happening.revised_at
    lines = [
        b"BEGIN:VEVENT",
        _text("UID", happening.uid),
        _text("SUMMARY", happening.summary),
        f"DTSTAMP:{_instant(revised_at) if revised_at else stamp}".encode(),
        *_span(happening.begins, happening.ends),
        f"SEQUENCE:{_sequence(revised_at)}".encode(),
        b"STATUS:CANCELLED" if happening.cancelled else b"STATUS:CONFIRMED",
    ]
    if happening.cancelled or not isinstance(happening.ends, datetime):
        lines.append(b"TRANSP:TRANSPARENT")
    if happening.place:
        lines.append(_text("LOCATION", happening.place))
    if happening.note:
        lines.append(_text("DESCRIPTION", happening.note))
    lines += [b"END:VEVENT", b""]
    return b"\r\n".join(lines)


def _span(begins: datetime | date, ends: datetime | date) -> tuple[bytes, bytes]:
    if isinstance(begins, datetime) and isinstance(ends, datetime):
        return tuple(
            f"{name};TZID={ZONE_NAME}:{moment.astimezone(ZONE):%Y%m%dT%H%M%S}".encode()
            for name, moment in (("DTSTART", begins), ("DTEND", ends))
        )  # pyright: ignore[reportReturnType]
    # The end of whole days is the day after the last (RFC 5545 §3.6.1).
    return (
        f"DTSTART;VALUE=DATE:{begins:%Y%m%d}".encode(),
        f"DTEND;VALUE=DATE:{ends + timedelta(days=1):%Y%m%d}".encode(),
    )


def _instant(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@lru_cache(maxsize=4096)
def _text(name: str, value: str) -> bytes:
    """A property with a text somebody wrote, escaped and folded to lines of 75 octets: always one property."""
    kept = "\n".join(visible(line) for line in value.splitlines())
    line = f"{name}:{vText(kept).to_ical().decode()}"
    return line.encode() if len(line.encode()) < LINE_OCTETS else Contentline(line).to_ical()


def _sequence(revised_at: datetime | None) -> int:
    """Grows with every change: seconds since 2020, which fits the 32 bits of an iCalendar integer until 2088."""
    return 0 if revised_at is None else int(revised_at.timestamp()) - 1_577_836_800
