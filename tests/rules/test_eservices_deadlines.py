"""Deadlines: the worked rows of the fact sheet, and what holds of every calendar."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.eservices.rules.definition import Definition
from backend.eservices.rules.terms import accepts_on, due, least_window, nearest, term_of, window_of
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.shipped import definition, office_days

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
OFFICES = WorkingDays.of((day, works) for day, works, _ in office_days())
COPY = Definition.of(definition("3.000465"))
SUPPORT = Definition.of(definition("1.014336"))
BOARDING = Definition.of(definition("2.002770"))
OPENING = date(2026, 9, 5)


def at(text: str) -> datetime:
    """A Vietnamese wall clock as the instant it is."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM).astimezone(UTC)


def of_days(days: int) -> Definition:
    return Definition.of({**definition("TRUONG.02"), "term": [{"workingDays": days}]})


# domain.md §4.5, worked deadlines.
@pytest.mark.parametrize(
    ("received", "days", "expected"),
    [
        ("2026-11-20T10:00", 5, date(2026, 11, 30)),  # Friday; 24/11 is a holiday
        ("2026-11-20T10:00", 8, date(2026, 12, 3)),
        ("2026-11-21T09:00", 5, date(2026, 11, 30)),  # Saturday, online
        ("2026-11-19T10:00", 3, date(2026, 11, 25)),
        ("2027-02-01T10:00", 5, date(2027, 2, 15)),  # Tết
        ("2027-02-01T10:00", 8, date(2027, 2, 18)),
        ("2026-12-31T10:00", 1, date(2027, 1, 4)),
        ("2026-11-20T00:30", 5, date(2026, 11, 30)),  # in UTC it is still the 19th
        ("2026-11-20T23:59", 5, date(2026, 11, 30)),
        ("2026-08-21T10:00", 1, date(2026, 8, 22)),  # a Saturday that is worked
        ("2026-08-21T10:00", 7, date(2026, 9, 3)),  # and the Monday it was worked for, and 1-2 September
    ],
)
def test_worked_deadlines(received: str, days: int, expected: date) -> None:
    assert due(of_days(days), {}, at(received), OFFICES, None) == expected


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ("2026-11-23T14:59", date(2026, 11, 23)),
        ("2026-11-23T15:00", date(2026, 11, 23)),  # "after 15:00" begins after it
        ("2026-11-23T15:00:01", date(2026, 11, 25)),
        ("2026-11-23T16:00", date(2026, 11, 25)),  # 24/11 is off
        ("2026-11-22T10:00", date(2026, 11, 23)),  # a Sunday is as early as Monday morning
        ("2026-11-22T20:00", date(2026, 11, 23)),
        ("2026-11-24T09:00", date(2026, 11, 25)),
    ],
)
def test_copies_from_the_register_the_same_day(received: str, expected: date) -> None:
    assert due(COPY, {}, at(received), OFFICES, None) == expected


def test_the_window_of_study_cost_support() -> None:
    window = window_of(SUPPORT, OPENING, None, OFFICES)
    assert window == (OPENING, date(2026, 11, 6))
    assert window is not None
    closes = window[1]
    assert due(SUPPORT, {}, at("2026-09-10T10:00"), OFFICES, closes) == date(2026, 11, 20)
    assert due(SUPPORT, {}, at("2026-11-06T23:00"), OFFICES, closes) == date(2026, 11, 20)
    # Late: from the day of filing.
    assert due(SUPPORT, {}, at("2026-11-09T08:00"), OFFICES, closes) == date(2026, 11, 23)
    assert not accepts_on(SUPPORT, date(2026, 9, 4), window)
    assert accepts_on(SUPPORT, OPENING, window)
    assert accepts_on(SUPPORT, date(2027, 3, 1), window)
    assert not accepts_on(SUPPORT, OPENING, window_of(SUPPORT, None, None, OFFICES))


def test_a_window_the_school_announces() -> None:
    announced = (date(2026, 9, 7), date(2026, 9, 22))
    assert window_of(BOARDING, OPENING, announced, OFFICES) == announced
    assert window_of(BOARDING, OPENING, None, OFFICES) is None
    for day, taken in ((6, False), (7, True), (22, True), (23, False)):
        assert accepts_on(BOARDING, date(2026, 9, day), announced) is taken
    assert not accepts_on(BOARDING, date(2026, 9, 7), None)
    assert due(BOARDING, {}, at("2026-09-08T10:00"), OFFICES, announced[1]) == date(2026, 10, 1)
    assert least_window(BOARDING, date(2026, 9, 7)) == date(2026, 9, 22)
    assert least_window(SUPPORT, date(2026, 9, 7)) is None
    assert accepts_on(COPY, date(2026, 9, 7), None)


def test_the_window_that_counts_is_the_open_one_then_the_next_then_the_last() -> None:
    spring, autumn = (date(2026, 3, 1), date(2026, 3, 20)), (date(2026, 9, 1), date(2026, 9, 20))
    assert nearest([autumn, spring], date(2026, 3, 20)) == spring
    assert nearest([autumn, spring], date(2026, 3, 21)) == autumn
    assert nearest([autumn, spring], date(2026, 12, 1)) == autumn
    assert nearest([], date(2026, 12, 1)) is None


@pytest.mark.parametrize(
    ("code", "answers", "days"),
    [
        ("2.002854", {"place": "SAME_PROVINCE"}, 5),
        ("2.002854", {"place": "OTHER_PROVINCE"}, 8),
        ("2.002854", {}, 5),
        ("2.002855", {}, 8),
        ("2.002856", {}, 8),
        ("2.002857", {"sameSchool": "SAME"}, 5),
        ("2.002857", {"sameSchool": "OTHER", "place": "SAME_PROVINCE"}, 5),
        ("2.002857", {"sameSchool": "OTHER", "place": "OTHER_PROVINCE"}, 8),
        # The other school was taken back: its province is hidden and no longer counts.
        ("2.002857", {"sameSchool": "SAME", "place": "OTHER_PROVINCE"}, 5),
        ("3.000466", {}, 3),
        ("1.014336", {}, 10),
        ("2.002770", {}, 7),
    ],
)
def test_terms_of_the_law(code: str, answers: dict[str, str], days: int) -> None:
    assert term_of(Definition.of(definition(code)), answers).working_days == days


def test_holidays_are_those_of_the_fact_sheet() -> None:
    days = {day: works for day, works, _ in office_days()}
    assert {day for day, works in days.items() if works} == {date(2026, 8, 22)}
    for day in ("2026-01-01", "2026-02-16", "2026-02-20", "2026-04-27", "2026-04-30", "2026-05-01", "2026-08-31",
                "2026-09-02", "2026-11-24", "2027-01-01", "2027-02-04", "2027-02-10", "2027-04-16", "2027-05-03",
                "2027-09-03", "2027-11-24"):  # fmt: skip
        assert not OFFICES.works(date.fromisoformat(day)), day
    assert len(days) == len(office_days()) == 30
    assert all(name for _, _, name in office_days())


# ---- properties of every calendar
DAYS = st.dates(date(2026, 1, 1), date(2027, 12, 31))
CALENDARS = st.lists(st.tuples(DAYS, st.booleans()), max_size=60).map(lambda rows: WorkingDays.of(dict(rows).items()))
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 11, 1), timezones=st.just(UTC))


@settings(deadline=None)
@given(CALENDARS, DAYS, st.integers(0, 120))
def test_a_term_ends_on_a_working_day_and_between_undoes_it(days: WorkingDays, start: date, term: int) -> None:
    end = days.add(start, term)
    assert days.works(end)
    assert end >= start
    counted = days.between(start, end)
    assert counted == term or (term == 0 and not days.works(start) and counted == 1)
    assert days.between(end, start) == -counted


@settings(deadline=None)
@given(CALENDARS, DAYS, st.integers(0, 60), st.integers(0, 60))
def test_terms_add_up(days: WorkingDays, start: date, first: int, second: int) -> None:
    assert days.add(days.add(start, max(first, 1)), second) == days.add(start, max(first, 1) + second)


@settings(deadline=None)
@given(CALENDARS, INSTANTS, st.integers(0, 400), st.integers(0, 400), st.sampled_from([COPY, SUPPORT, of_days(5)]))
def test_received_later_is_never_due_earlier(
    days: WorkingDays, received: datetime, hours: int, closes: int, procedure: Definition
) -> None:
    window = date(2026, 6, 1) + timedelta(days=closes)
    first = due(procedure, {}, received, days, window)
    assert days.works(first)
    assert first >= received.astimezone(VIETNAM).date()
    assert due(procedure, {}, received + timedelta(hours=hours), days, window) >= first
