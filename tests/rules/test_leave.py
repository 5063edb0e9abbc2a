"""Leave: which spans are accepted, how long they are, who asks and who decides."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.problem import Problem
from backend.leave.rules import (
    DAYS_BACK,
    DETAIL_LENGTH,
    HALF_DAYS,
    MOST_DAYS,
    NOTE_LENGTH,
    Span,
    check_free,
    check_may_decide,
    check_may_request,
    check_span,
    clean_detail,
    clean_note,
    decider,
    is_of_age,
    missed,
    school_days,
)

TODAY = date(2026, 11, 18)
YEAR_END = date(2027, 5, 31)


def span(starts: int, ends: int, first: str = "MORNING", last: str = "AFTERNOON") -> Span:
    """From so many days after today to so many."""
    return Span(TODAY + timedelta(days=starts), first, TODAY + timedelta(days=ends), last)


spans = st.builds(
    span, st.integers(-10, 30), st.integers(-10, 30), st.sampled_from(HALF_DAYS), st.sampled_from(HALF_DAYS)
)
sessions = st.tuples(st.dates(TODAY - timedelta(days=15), TODAY + timedelta(days=35)), st.sampled_from(HALF_DAYS))


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (span(0, 0), None),
        (span(0, 0, "MORNING", "MORNING"), None),
        (span(0, 0, "AFTERNOON", "MORNING"), "leave.ends_before_start"),
        (span(1, 0), "leave.ends_before_start"),
        (span(-DAYS_BACK, 0), None),
        (span(-DAYS_BACK - 1, 0), "leave.too_late"),
        (span(0, MOST_DAYS - 1), None),
        (span(0, MOST_DAYS), "leave.too_long"),
        (span(0, 400), "leave.too_long"),
        (Span(YEAR_END, "MORNING", YEAR_END, "AFTERNOON"), None),
        (Span(YEAR_END, "MORNING", YEAR_END + timedelta(days=1), "MORNING"), "leave.after_year"),
    ],
)
def test_which_spans_are_accepted(asked: Span, code: str | None) -> None:
    assert _refusal(check_span, asked, TODAY, YEAR_END) == code


@pytest.mark.parametrize(
    ("starts", "ends", "halves", "days"),
    [
        ("MORNING", "AFTERNOON", 4, 2),
        ("AFTERNOON", "AFTERNOON", 3, 2),
        ("MORNING", "MORNING", 3, 2),
        ("AFTERNOON", "MORNING", 2, 2),
    ],
)
def test_a_span_takes_its_first_and_last_session_in(starts: str, ends: str, halves: int, days: int) -> None:
    lessons = [(TODAY + timedelta(days=day), half) for day in (-1, 0, 1, 2) for half in HALF_DAYS]
    found = missed(span(0, 1, starts, ends), lessons)
    assert (len(found), school_days(found)) == (halves, days)
    assert found[0] == (TODAY, starts) and found[-1] == (TODAY + timedelta(days=1), ends)


@given(spans, st.lists(sessions, max_size=40))
def test_only_sessions_with_lessons_inside_the_span_are_missed(asked: Span, lessons: list[tuple[date, str]]) -> None:
    found = missed(asked, lessons)
    assert set(found) <= set(lessons) and all(asked.covers(session) for session in found)
    assert len(found) == len(set(found))
    assert set(lessons) - set(found) == {session for session in lessons if not asked.covers(session)}
    assert school_days(found) <= len(found) <= 2 * school_days(found)


@given(spans, spans)
def test_two_leaves_overlap_when_they_share_a_session(one: Span, other: Span) -> None:
    days = [TODAY + timedelta(days=day) for day in range(-10, 31)]
    shared = [
        (day, half) for day in days for half in HALF_DAYS if one.covers((day, half)) and other.covers((day, half))
    ]
    sound = one.first <= one.last and other.first <= other.last
    assert one.overlaps(other) == other.overlaps(one)
    if sound:
        assert one.overlaps(other) == bool(shared)


def test_the_other_leave_is_named() -> None:
    morning, afternoon = span(3, 3, "MORNING", "MORNING"), span(3, 3, "AFTERNOON", "AFTERNOON")
    check_free(morning, [afternoon])
    with pytest.raises(Problem) as refusal:
        check_free(span(2, 3, "MORNING", "MORNING"), [afternoon, morning])
    assert refusal.value.code == "leave.overlaps"
    assert refusal.value.params == {"starts_on": morning.starts_on, "ends_on": morning.ends_on}


@pytest.mark.parametrize(
    ("days", "limit", "homeroom_may", "who"),
    [
        (1, 3, True, "HOMEROOM"),
        (3, 3, True, "HOMEROOM"),
        (4, 3, True, "HEADTEACHER"),
        (1, 0, True, "HEADTEACHER"),
        (1, 3, False, "HEADTEACHER"),  # no homeroom teacher, or her own child
    ],
)
def test_length_decides_who_decides(days: int, limit: int, homeroom_may: bool, who: str) -> None:
    assert decider(days, limit, homeroom_may=homeroom_may) == who


@pytest.mark.parametrize(
    ("born", "today", "of_age"),
    [
        (date(2008, 11, 18), TODAY, True),
        (date(2008, 11, 19), TODAY, False),
        (date(2008, 2, 29), date(2026, 2, 28), False),
        (date(2008, 2, 29), date(2026, 3, 1), True),
        (None, TODAY, False),
    ],
)
def test_full_age_begins_with_the_eighteenth_birthday(born: date | None, today: date, of_age: bool) -> None:
    assert is_of_age(born, today) is of_age


@pytest.mark.parametrize(
    ("guardian", "pupil", "born", "code"),
    [
        (True, False, None, None),
        (False, True, date(2008, 11, 18), None),
        (False, True, date(2014, 5, 1), "leave.guardian_asks"),
        (False, True, None, "leave.guardian_asks"),
        (False, False, date(2000, 1, 1), "leave.guardian_asks"),
    ],
)
def test_who_may_ask(guardian: bool, pupil: bool, born: date | None, code: str | None) -> None:
    asked = {"is_guardian": guardian, "is_pupil": pupil, "birth_date": born, "today": TODAY}
    assert _refusal(check_may_request, **asked) == code


@pytest.mark.parametrize(
    ("heads", "long", "own", "code"),
    [
        (True, True, False, None),
        (True, False, False, None),
        (False, False, False, None),
        (False, True, False, "leave.headteacher_decides"),
        (False, False, True, "leave.own_child"),
    ],
)
def test_who_may_decide(heads: bool, long: bool, own: bool, code: str | None) -> None:
    assert _refusal(check_may_decide, heads=heads, decided_by_headteacher=long, own_child=own) == code


def test_words_of_the_family_and_of_the_decider() -> None:
    assert clean_detail("  Con sốt\r\n từ đêm\u200b qua \n") == "Con sốt\ntừ đêm qua"
    assert len(clean_detail("ố" * DETAIL_LENGTH)) == DETAIL_LENGTH
    assert _refusal(clean_detail, "ố" * (DETAIL_LENGTH + 1)) == "leave.detail_length"
    assert clean_note("", approve=True) == ""
    assert _refusal(clean_note, " \u200b ", approve=False) == "leave.note_missing"
    assert _refusal(clean_note, "x" * (NOTE_LENGTH + 1), approve=True) == "leave.note_length"


def _refusal(check: Any, *args: Any, **named: Any) -> str | None:
    try:
        check(*args, **named)
    except Problem as refusal:
        return refusal.code
    return None
