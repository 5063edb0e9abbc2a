"""When leave may be asked for, by whom, and who decides. Pure: half-days are named as in the timetable's HalfDay.

Who asks: a guardian, or the pupil herself once of full age (Civil Code 2015 art. 20). How long the homeroom teacher may
grant is the school's own rule; no law sets it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from backend.core.problem import Invalid, NotAllowed
from backend.core.text import squeeze, visible

HALF_DAYS: Final = ("MORNING", "AFTERNOON")
DAYS_BACK: Final = 7
"""A note may come this late, in calendar days."""
MOST_DAYS: Final = 120
MOST_PHOTOS: Final = 3
DETAIL_LENGTH: Final = 500
NOTE_LENGTH: Final = 300
HOMEROOM_DAYS: Final = 3
"""What the homeroom teacher may grant when the school has not said otherwise, in school days."""
FULL_AGE: Final = 18

Session = tuple[date, str]


@dataclass(frozen=True, slots=True)
class Span:
    """From a session of a day to a session of a day, both included."""

    starts_on: date
    starts_session: str
    ends_on: date
    ends_session: str

    @property
    def first(self) -> tuple[date, int]:
        return _place((self.starts_on, self.starts_session))

    @property
    def last(self) -> tuple[date, int]:
        return _place((self.ends_on, self.ends_session))

    def covers(self, session: Session) -> bool:
        return self.first <= _place(session) <= self.last

    def overlaps(self, other: "Span") -> bool:
        return self.first <= other.last and other.first <= self.last


def _place(session: Session) -> tuple[date, int]:
    return session[0], HALF_DAYS.index(session[1])


def check_span(span: Span, today: date, year_ends_on: date) -> None:
    """Raises Invalid: leave.ends_before_start, leave.too_long(most), leave.too_late(most), leave.after_year(day)."""
    if span.last < span.first:
        raise Invalid("leave.ends_before_start", field="endsOn")
    if (span.ends_on - span.starts_on).days + 1 > MOST_DAYS:
        raise Invalid("leave.too_long", field="endsOn", most=MOST_DAYS)
    if span.starts_on < today - timedelta(days=DAYS_BACK):
        raise Invalid("leave.too_late", field="startsOn", most=DAYS_BACK)
    if span.ends_on > year_ends_on:
        raise Invalid("leave.after_year", field="endsOn", day=year_ends_on)


def check_free(span: Span, others: Iterable[Span]) -> None:
    """Raises Invalid("leave.overlaps", starts_on, ends_on) naming the leave that is already asked for or granted."""
    for other in others:
        if span.overlaps(other):
            raise Invalid("leave.overlaps", field="startsOn", starts_on=other.starts_on, ends_on=other.ends_on)


def missed(span: Span, lessons: Iterable[Session]) -> list[Session]:
    """The sessions with lessons that fall into the span, in order and once each."""
    return sorted({session for session in lessons if span.covers(session)}, key=_place)


def school_days(sessions: Iterable[Session]) -> int:
    """How many school days these sessions touch: the length that decides who decides."""
    return len({day for day, _ in sessions})


def decider(days: int, homeroom_days: int, *, homeroom_may: bool) -> str:
    """HOMEROOM or HEADTEACHER. `homeroom_may`: the class has a homeroom teacher, and it is not her own child."""
    return "HOMEROOM" if homeroom_may and days <= homeroom_days else "HEADTEACHER"


def is_of_age(birth_date: date | None, today: date) -> bool:
    """From the eighteenth birthday on; one born on 29 February comes of age on 1 March of a common year."""
    if birth_date is None:
        return False
    born = (birth_date.year + FULL_AGE, birth_date.month, birth_date.day)
    return (today.year, today.month, today.day) >= born


def check_may_request(*, is_guardian: bool, is_pupil: bool, birth_date: date | None, today: date) -> None:
    """Raises NotAllowed("leave.guardian_asks") for a pupil under age, and for anybody else of the school."""
    if not (is_guardian or (is_pupil and is_of_age(birth_date, today))):
        raise NotAllowed("leave.guardian_asks")


def check_may_decide(*, heads: bool, decided_by_headteacher: bool, own_child: bool) -> None:
    """For somebody who is the headteacher (`heads`) or the homeroom teacher of the class.

    Raises NotAllowed: leave.headteacher_decides, leave.own_child.
    """
    if heads:
        return
    if decided_by_headteacher:
        raise NotAllowed("leave.headteacher_decides")
    if own_child:
        raise NotAllowed("leave.own_child")


def clean_detail(detail: str) -> str:
    """The family's words with their line breaks; raises Invalid("leave.detail_length", longest)."""
    detail = "\n".join(visible(line).strip() for line in detail.splitlines()).strip()
    if len(detail) > DETAIL_LENGTH:
        raise Invalid("leave.detail_length", field="detail", longest=DETAIL_LENGTH)
    return detail


def clean_note(note: str, *, approve: bool) -> str:
    """The decider's words; refusing needs some. Raises Invalid: leave.note_length(longest), leave.note_missing."""
    note = squeeze(note)
    if len(note) > NOTE_LENGTH:
        raise Invalid("leave.note_length", field="note", longest=NOTE_LENGTH)
    if not approve and not note:
        raise Invalid("leave.note_missing", field="note")
    return note
