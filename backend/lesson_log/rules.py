"""When a lesson may be signed, which week may be closed, and what may be written. Pure: "now" is a parameter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from backend.core.problem import Invalid
from backend.core.text import squeeze, visible

CONTENT: Final = range(1, 301)
LONGEST_REMARK: Final = 500
PUPIL_REMARK: Final = range(1, 301)
SYLLABUS_NUMBERS: Final = range(1, 401)
# A class has at most some 60 pupils; two remarks about each is more than anybody writes in a lesson.
MOST_REMARKS: Final = 100
# A teacher may write the lesson's title while the class comes in.
EARLY: Final = timedelta(minutes=10)
# TT 15/2026 art. 21 asks for the register and sets no term; a fortnight leaves room for an illness.
MOST_DAYS: Final = 14
WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a teacher writes of a lesson: content, number in the syllabus (PPCT), remark on the class."""

    content: str
    syllabus_number: int | None
    remark: str


def clean(content: str, syllabus_number: int | None, remark: str) -> Writing:
    """The texts as they are kept: content in one line, remark with its line breaks, both NFC.

    Raises Invalid: lesson_log.content_length(shortest, longest), lesson_log.remark_length(longest),
    lesson_log.syllabus_number(lowest, highest).
    """
    content = squeeze(content)
    remark = "\n".join(visible(line) for line in remark.splitlines()).strip()
    if len(content) not in CONTENT:
        raise Invalid("lesson_log.content_length", field="content", shortest=CONTENT.start, longest=CONTENT.stop - 1)
    if len(remark) > LONGEST_REMARK:
        raise Invalid("lesson_log.remark_length", field="remark", longest=LONGEST_REMARK)
    if syllabus_number is not None and syllabus_number not in SYLLABUS_NUMBERS:
        raise Invalid(
            "lesson_log.syllabus_number",
            field="syllabusNumber",
            lowest=SYLLABUS_NUMBERS.start,
            highest=SYLLABUS_NUMBERS.stop - 1,
        )
    return Writing(content, syllabus_number, remark)


def clean_remarks(remarks: Sequence[tuple[UUID, str, str]]) -> list[tuple[UUID, str, str]]:
    """Remarks about pupils as (pupil, kind, text), each said once, in the order given.

    Raises Invalid: lesson_log.too_many_remarks(most), lesson_log.pupil_remark_length(shortest, longest).
    """
    if len(remarks) > MOST_REMARKS:
        raise Invalid("lesson_log.too_many_remarks", field="remarks", most=MOST_REMARKS)
    cleaned = [(pupil, kind, squeeze(text)) for pupil, kind, text in remarks]
    for position, (_, _, text) in enumerate(cleaned):
        if len(text) not in PUPIL_REMARK:
            raise Invalid(
                "lesson_log.pupil_remark_length",
                field=f"remarks.{position}.text",
                shortest=PUPIL_REMARK.start,
                longest=PUPIL_REMARK.stop - 1,
            )
    return list(dict.fromkeys(cleaned))


def check_time(day: date, starts_at: time | None, now: datetime) -> None:
    """A lesson is signed from ten minutes before it begins until a fortnight after its day.

    `now` is Vietnamese time; without a bell (`starts_at` None) the whole day counts.
    Raises Invalid: lesson_log.not_yet, lesson_log.too_old(most).
    """
    begins = datetime.combine(day, starts_at or time.min, tzinfo=now.tzinfo)
    if day > now.date() or (starts_at is not None and now < begins - EARLY):
        raise Invalid("lesson_log.not_yet", minutes=int(EARLY.total_seconds() // 60))
    if now.date() - day > timedelta(days=MOST_DAYS):
        raise Invalid("lesson_log.too_old", most=MOST_DAYS)


def is_late(day: date, today: date) -> bool:
    """Written after its day (ghi bù)."""
    return today > day


def check_week(starts_on: date, today: date) -> date:
    """The last day of the week up to now. A week is named by its Monday and must have begun.

    Raises Invalid: lesson_log.week_not_monday, lesson_log.week_ahead.
    """
    if starts_on.isoweekday() != 1:
        raise Invalid("lesson_log.week_not_monday", field="startsOn")
    if starts_on > today:
        raise Invalid("lesson_log.week_ahead", field="startsOn")
    return min(today, starts_on + WEEK - timedelta(days=1))


def is_held(*, hold: bool, by_homeroom: bool) -> bool:
    """Whether a new remark waits for the homeroom teacher; her own never does."""
    return hold and not by_homeroom
