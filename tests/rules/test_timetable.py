"""Clashes, the school's calendar, dated lessons, and what offices may enter."""

from datetime import date, time, timedelta
from itertools import pairwise
from uuid import UUID, uuid5

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.problem import Invalid
from backend.timetable.rules import (
    Bell,
    Break,
    Change,
    Day,
    Entry,
    Slot,
    calendar,
    check_bells,
    check_break,
    check_change_day,
    check_frame,
    check_publishing,
    clashes,
    clean_name,
    expand,
    overlap,
    parse_bell,
)

TODAY = date(2026, 11, 23)  # a Monday
SPACE = UUID(int=7)


def thing(name: str) -> UUID:
    return uuid5(SPACE, name)


def lesson(
    group: str,
    teacher: str,
    room: str | None = None,
    at: tuple[int, str, int] = (1, "MORNING", 1),
    parity: str = "EVERY",
) -> Entry:
    return Entry(Slot(*at, parity), thing(group), thing("toan"), thing(teacher), thing(room) if room else None)


@pytest.mark.parametrize(
    ("one", "other", "over"),
    [
        (lesson("7A", "Hà"), lesson("7B", "Hà"), ["teacher"]),
        (lesson("7A", "Hà", "P1"), lesson("7B", "Lan", "P1"), ["room"]),
        (lesson("7A", "Hà"), lesson("7A", "Lan"), ["class"]),
        (lesson("7A", "Hà", "P1"), lesson("7A", "Hà", "P1"), ["class", "teacher", "room"]),
        (lesson("7A", "Hà", parity="ODD"), lesson("7B", "Hà", parity="EVEN"), []),
        (lesson("7A", "Hà", parity="ODD"), lesson("7B", "Hà", parity="EVERY"), ["teacher"]),
        (lesson("7A", "Hà", parity="EVERY"), lesson("7B", "Hà", parity="EVEN"), ["teacher"]),
        (lesson("7A", "Hà", parity="ODD"), lesson("7B", "Hà", parity="ODD"), ["teacher"]),
        (lesson("7A", "Hà"), lesson("7B", "Hà", at=(1, "AFTERNOON", 1)), []),
        (lesson("7A", "Hà"), lesson("7B", "Hà", at=(1, "MORNING", 2)), []),
        (lesson("7A", "Hà"), lesson("7B", "Hà", at=(2, "MORNING", 1)), []),
        (lesson("7A", "Hà"), lesson("7B", "Lan"), []),
    ],
)
def test_what_clashes(one: Entry, other: Entry, over: list[str]) -> None:
    found = clashes([one, other])
    assert [clash.over for clash in found] == over
    assert all(clash.entry == other and clash.other == one for clash in found)


slots = st.builds(
    Slot,
    st.integers(1, 3),
    st.sampled_from(["MORNING", "AFTERNOON"]),
    st.integers(1, 2),
    st.sampled_from(["EVERY", "ODD", "EVEN"]),
)
names = st.sampled_from([thing(name) for name in "abcd"])
entries = st.lists(st.builds(Entry, slots, names, names, names, st.none() | names), max_size=30)


def in_the_way(one: Entry, other: Entry) -> list[str]:
    if (one.slot.weekday, one.slot.session, one.slot.period) != (
        other.slot.weekday,
        other.slot.session,
        other.slot.period,
    ) or not overlap(one.slot.parity, other.slot.parity):
        return []
    same = {
        "class": one.class_group_id == other.class_group_id,
        "teacher": one.user_id == other.user_id,
        "room": one.room_id is not None and one.room_id == other.room_id,
    }
    return [over for over, yes in same.items() if yes]


@given(entries)
def test_clashes_are_found_as_by_comparing_everything_with_everything(given_entries: list[Entry]) -> None:
    expected = {
        (n, over)
        for n, entry in enumerate(given_entries)
        for other in given_entries[:n]
        for over in in_the_way(entry, other)
    }
    found = clashes(given_entries)
    assert len(found) == len(expected)
    assert all(clash.over in in_the_way(clash.entry, clash.other) for clash in found)


@given(entries, st.randoms(use_true_random=False))
def test_whether_there_is_a_clash_does_not_depend_on_the_order(given_entries: list[Entry], random: object) -> None:
    shuffled = list(given_entries)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert bool(clashes(shuffled)) == bool(clashes(given_entries))


# -- the calendar

MONDAY_TO_FRIDAY = {1, 2, 3, 4, 5}


def test_week_one_is_the_week_of_the_first_day() -> None:
    days = calendar(date(2026, 9, 5), date(2026, 9, 15), [], MONDAY_TO_FRIDAY)  # a Saturday
    assert [(day.day.day, day.week, day.odd, day.teaches) for day in days] == [
        (5, 1, True, False),
        (6, 1, True, False),
        (7, 2, False, True),
        (8, 2, False, True),
        (9, 2, False, True),
        (10, 2, False, True),
        (11, 2, False, True),
        (12, 2, False, False),
        (13, 2, False, False),
        (14, 3, True, True),
        (15, 3, True, True),
    ]


def test_holidays_and_make_up_days() -> None:
    tet = Break("HOLIDAY", "Tết", date(2026, 9, 7), date(2026, 9, 12))
    made_up = Break("MAKE_UP", "Học bù", date(2026, 9, 12), date(2026, 9, 12), 3)
    days = {day.day: day for day in calendar(date(2026, 9, 7), date(2026, 9, 14), [tet, made_up], MONDAY_TO_FRIDAY)}
    assert not days[date(2026, 9, 9)].teaches and days[date(2026, 9, 9)].holiday == "Tết"
    assert days[date(2026, 9, 12)] == Day(date(2026, 9, 12), 3, 1, True, True, "Học bù")
    assert days[date(2026, 9, 13)].holiday is None and not days[date(2026, 9, 13)].teaches
    assert days[date(2026, 9, 14)].teaches


@given(st.dates(date(2026, 8, 1), date(2026, 9, 30)), st.integers(0, 330))
def test_a_year_has_every_day_once_and_weeks_change_on_mondays(first: date, length: int) -> None:
    days = calendar(first, first + timedelta(days=length), [], MONDAY_TO_FRIDAY)
    assert [day.day for day in days] == [first + timedelta(days=n) for n in range(length + 1)]
    assert days[0].week == 1
    for before, after in pairwise(days):
        assert after.week - before.week == (1 if after.day.isoweekday() == 1 else 0)
        assert after.odd == (after.week % 2 == 1)


# -- dated lessons


def test_odd_and_even_weeks_take_turns() -> None:
    week = [lesson("7A", "Hà", parity="ODD"), lesson("7A", "Lan", parity="EVEN")]
    days = calendar(date(2026, 9, 7), date(2026, 9, 27), [], MONDAY_TO_FRIDAY)
    assert [(one.day.day, one.user_id) for one in expand(week, days)] == [
        (7, thing("Hà")),
        (14, thing("Lan")),
        (21, thing("Hà")),
    ]


def test_changes_lie_over_the_week() -> None:
    week = [lesson("7A", "Hà", "P1"), lesson("7A", "Lan", at=(1, "MORNING", 2)), lesson("7B", "Lan")]
    day = date(2026, 9, 7)

    def change(kind: str, group: str, period: int, teacher: str) -> Change:
        return Change(thing(group), day, "MORNING", period, kind, thing("van"), thing(teacher), None, "ốm")

    changes = [
        change("SUBSTITUTED", "7A", 1, "Mai"),
        change("CANCELLED", "7A", 2, "Lan"),
        change("ADDED", "7B", 3, "Lan"),
        change("CANCELLED", "7B", 5, "Lan"),  # nothing is planned there: nothing becomes of it
    ]
    found = expand(week, calendar(day, day, [], {1}), changes)
    assert [(x.class_group_id, x.period, x.change, x.user_id, x.regular_user_id, x.note) for x in found] == [
        (thing("7A"), 1, "SUBSTITUTED", thing("Mai"), thing("Hà"), "ốm"),
        (thing("7B"), 1, None, thing("Lan"), thing("Lan"), ""),
        (thing("7A"), 2, "CANCELLED", thing("Lan"), thing("Lan"), "ốm"),
        (thing("7B"), 3, "ADDED", thing("Lan"), thing("Lan"), "ốm"),
    ]
    assert found[0].regular_room_id == thing("P1") and found[0].room_id is None


def test_a_day_off_has_no_lessons_not_even_added_ones() -> None:
    day = date(2026, 9, 7)
    off = calendar(day, day, [Break("HOLIDAY", "Bão", day, day)], {1})
    added = Change(thing("7A"), day, "MORNING", 1, "ADDED", thing("toan"), thing("Hà"))
    assert expand([lesson("7A", "Hà")], off, [added]) == []


@settings(max_examples=50)
@given(entries)
def test_every_weekly_lesson_is_given_on_its_days_and_only_there(given_entries: list[Entry]) -> None:
    days = calendar(date(2026, 9, 7), date(2026, 10, 4), [], {1, 2, 3})  # four weeks
    found = expand(given_entries, days)
    assert len(found) == sum(4 if entry.slot.parity == "EVERY" else 2 for entry in given_entries)
    order = [(x.day, x.session != "MORNING", x.period) for x in found]
    assert order == sorted(order)


# -- what offices may enter


def bells(*times: str, session: str = "MORNING") -> list[Bell]:
    return [parse_bell(session, number, *both.split("-")) for number, both in enumerate(times, 1)]


def test_bells() -> None:
    check_bells(bells("07:00-07:45", "07:50-08:35") + bells("13:00-13:45", session="AFTERNOON"))
    assert bells("07:00-07:45")[0].ends_at == time(7, 45)


@pytest.mark.parametrize(
    ("given_bells", "code"),
    [
        ([], "timetable.no_periods"),
        ([parse_bell("MORNING", 2, "07:00", "07:45")], "timetable.period_numbers"),
        (bells(*["07:00-07:45"] * 8), "timetable.period_numbers"),
        (bells("07:00-07:45")[:1] * 2, "timetable.period_numbers"),
        (bells("07:45-07:00"), "timetable.period_length"),
        (bells("07:00-07:14"), "timetable.period_length"),
        (bells("07:00-09:01"), "timetable.period_length"),
        (bells("07:00-07:45", "07:40-08:25"), "timetable.periods_overlap"),
        (bells("11:00-11:45") + bells("11:30-12:15", session="AFTERNOON"), "timetable.periods_overlap"),
    ],
)
def test_bells_refused(given_bells: list[Bell], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_bells(given_bells)
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["7:00", "24:00", "07:60", "0700", "", "bảy giờ"])
def test_a_clock_is_written_with_four_digits(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_bell("MORNING", 1, text, "08:00")
    assert refused.value.code == "timetable.clock_invalid"


D = timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "first", "last", "weekday", "code"),
    [
        ("HOLIDAY", TODAY, TODAY, None, None),
        ("HOLIDAY", TODAY, TODAY + 59 * D, None, None),
        ("HOLIDAY", TODAY, TODAY + 60 * D, None, "timetable.break_too_long"),
        ("HOLIDAY", TODAY, TODAY - D, None, "timetable.days_reversed"),
        ("HOLIDAY", date(2062, 1, 1), date(2062, 1, 2), None, "timetable.break_far"),
        ("HOLIDAY", TODAY, TODAY, 1, "timetable.make_up_weekday"),
        ("MAKE_UP", TODAY, TODAY, 6, None),
        ("MAKE_UP", TODAY, TODAY, None, "timetable.make_up_weekday"),
        ("MAKE_UP", TODAY, TODAY, 0, "timetable.make_up_weekday"),
        ("MAKE_UP", TODAY, TODAY, 8, "timetable.make_up_weekday"),
        ("MAKE_UP", TODAY, TODAY + D, 1, "timetable.make_up_one_day"),
    ],
)
def test_holidays_as_entered(kind: str, first: date, last: date, weekday: int | None, code: str | None) -> None:
    if code is None:
        check_break(kind, first, last, weekday, TODAY)
        return
    with pytest.raises(Invalid) as refused:
        check_break(kind, first, last, weekday, TODAY)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "first", "second", "last", "code"),
    [
        ("2026-2027", date(2026, 9, 7), date(2027, 1, 18), date(2027, 5, 28), None),
        ("2026-2027", date(2026, 9, 7), date(2026, 9, 7), date(2027, 5, 28), "timetable.frame_order"),
        ("2026-2027", date(2026, 9, 7), date(2027, 5, 28), date(2027, 5, 28), "timetable.frame_order"),
        ("2026-2027", date(2026, 9, 7), date(2027, 1, 18), date(2027, 5, 9), None),  # 35 weeks to the day
        ("2026-2027", date(2026, 9, 7), date(2027, 1, 18), date(2027, 5, 8), "timetable.frame_length"),
        ("2026-2027", date(2026, 9, 7), date(2027, 1, 18), date(2027, 7, 18), None),  # 45
        ("2026-2027", date(2026, 9, 7), date(2027, 1, 18), date(2027, 7, 19), "timetable.frame_length"),
        ("2026-2028", date(2026, 9, 7), date(2027, 1, 18), date(2027, 5, 28), "timetable.year_name"),
        ("26-27", date(2026, 9, 7), date(2027, 1, 18), date(2027, 5, 28), "timetable.year_name"),
        ("2025-2026", date(2026, 9, 7), date(2027, 1, 18), date(2027, 5, 28), "timetable.year_name"),
    ],
)
def test_frames_of_a_year(name: str, first: date, second: date, last: date, code: str | None) -> None:
    if code is None:
        check_frame(name, first, second, last)
        return
    with pytest.raises(Invalid) as refused:
        check_frame(name, first, second, last)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("offset", "code"), [(-1, "timetable.day_past"), (0, None), (60, None), (61, "timetable.day_far")]
)
def test_days_whose_lessons_may_be_changed(offset: int, code: str | None) -> None:
    if code is None:
        check_change_day(TODAY + offset * D, TODAY)
        return
    with pytest.raises(Invalid) as refused:
        check_change_day(TODAY + offset * D, TODAY)
    assert refused.value.code == code


def test_publishing() -> None:
    one = lesson("7A", "Hà")
    assert check_publishing([one], TODAY - 7 * D, TODAY) is None
    clash = check_publishing([one, lesson("7B", "Hà")], TODAY, TODAY)
    assert clash is not None and clash.over == "teacher"
    for given_entries, first, code in (([], TODAY, "empty"), ([one], TODAY - 8 * D, "begun_long_ago")):
        with pytest.raises(Invalid) as refused:
            check_publishing(given_entries, first, TODAY)
        assert refused.value.code == f"timetable.{code}"


@pytest.mark.parametrize("name", ["", "  ", "\u200b", "x" * 31])
def test_names_need_letters_and_an_end(name: str) -> None:
    with pytest.raises(Invalid):
        clean_name(name, 30)
    assert clean_name("  Phòng   1 ", 30) == "Phòng 1"
