"""The class register's rules: when a lesson may be signed, what may be written, which week may be closed."""

from datetime import date, datetime, time, timedelta, timezone
from uuid import UUID

import pytest

from backend.core.problem import Invalid
from backend.lesson_log import rules

HERE = timezone(timedelta(hours=7))
DAY = date(2026, 11, 20)
LAN = UUID(int=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HERE)


@pytest.mark.parametrize(
    ("now", "starts_at", "problem"),
    [
        ("2026-11-20 06:49", time(7), "lesson_log.not_yet"),
        ("2026-11-20 06:50", time(7), None),
        ("2026-11-20 12:00", time(7), None),
        ("2026-11-19 23:59", time(0, 5), "lesson_log.not_yet"),
        ("2026-11-20 00:00", None, None),
        ("2026-11-19 23:59", None, "lesson_log.not_yet"),
        ("2026-12-04 23:59", time(7), None),
        ("2026-12-05 00:00", time(7), "lesson_log.too_old"),
    ],
)
def test_a_lesson_is_signed_from_ten_minutes_before_until_a_fortnight_after(
    now: str, starts_at: time | None, problem: str | None
) -> None:
    if problem is None:
        rules.check_time(DAY, starts_at, at(now))
        return
    with pytest.raises(Invalid) as refused:
        rules.check_time(DAY, starts_at, at(now))
    assert refused.value.code == problem


@pytest.mark.parametrize(
    ("content", "number", "remark", "problem"),
    [
        ("  Phép  cộng ", 12, "Lớp ngoan\r\nhăng hái", None),
        (" \u200b ", None, "", "lesson_log.content_length"),
        ("x" * 301, None, "", "lesson_log.content_length"),
        ("x", 0, "", "lesson_log.syllabus_number"),
        ("x", 401, "", "lesson_log.syllabus_number"),
        ("x", None, "y" * 501, "lesson_log.remark_length"),
    ],
)
def test_what_is_written_of_a_lesson(content: str, number: int | None, remark: str, problem: str | None) -> None:
    if problem is None:
        assert rules.clean(content, number, remark) == rules.Writing("Phép cộng", 12, "Lớp ngoan\nhăng hái")
        return
    with pytest.raises(Invalid) as refused:
        rules.clean(content, number, remark)
    assert refused.value.code == problem


def test_a_remark_said_twice_is_said_once() -> None:
    said = rules.clean_remarks([(LAN, "PRAISE", "Phát biểu tốt"), (LAN, "PRAISE", " Phát  biểu tốt")])
    assert said == [(LAN, "PRAISE", "Phát biểu tốt")]


@pytest.mark.parametrize(
    ("remarks", "problem", "field"),
    [
        ([(LAN, "PRAISE", "được"), (LAN, "CONCERN", " ")], "lesson_log.pupil_remark_length", "remarks.1.text"),
        ([(LAN, "CONCERN", "x" * 301)], "lesson_log.pupil_remark_length", "remarks.0.text"),
        ([(LAN, "CONCERN", "x")] * 101, "lesson_log.too_many_remarks", "remarks"),
    ],
)
def test_remarks_that_cannot_be(remarks: list[tuple[UUID, str, str]], problem: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.clean_remarks(remarks)
    assert (refused.value.code, refused.value.field) == (problem, field)


@pytest.mark.parametrize(
    ("starts_on", "today", "last"),
    [
        (date(2026, 11, 16), date(2026, 11, 16), date(2026, 11, 16)),
        (date(2026, 11, 16), date(2026, 11, 20), date(2026, 11, 20)),
        (date(2026, 11, 16), date(2026, 11, 22), date(2026, 11, 22)),
        (date(2026, 11, 16), date(2026, 12, 1), date(2026, 11, 22)),
    ],
)
def test_a_week_runs_from_its_monday_up_to_now(starts_on: date, today: date, last: date) -> None:
    assert rules.check_week(starts_on, today) == last


@pytest.mark.parametrize(
    ("starts_on", "problem"),
    [
        (date(2026, 11, 17), "lesson_log.week_not_monday"),
        (date(2026, 11, 22), "lesson_log.week_not_monday"),
        (date(2026, 11, 23), "lesson_log.week_ahead"),
    ],
)
def test_weeks_that_cannot_be_closed(starts_on: date, problem: str) -> None:
    with pytest.raises(Invalid) as refused:
        rules.check_week(starts_on, date(2026, 11, 20))
    assert refused.value.code == problem


@pytest.mark.parametrize(
    ("hold", "by_homeroom", "held"),
    [(True, False, True), (True, True, False), (False, False, False), (False, True, False)],
)
def test_whose_remarks_wait(hold: bool, by_homeroom: bool, held: bool) -> None:
    assert rules.is_held(hold=hold, by_homeroom=by_homeroom) is held


def test_late_is_after_its_day() -> None:
    assert not rules.is_late(DAY, DAY)
    assert rules.is_late(DAY, DAY + timedelta(days=1))
