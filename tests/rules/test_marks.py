"""Circular 22/2021: worked examples of averages, rounding, missing tests and comment subjects."""

from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.problem import Invalid, NotFound
from backend.gradebook.rules import (
    Entry,
    Slot,
    SlotKey,
    SlotKind,
    SlotState,
    Verdict,
    check_complete,
    check_mark,
    half_up,
    parse_mark,
    rule_set,
)

RULES = rule_set("TT22-2021")
DAT, CHUA_DAT = Verdict.DAT, Verdict.CHUA_DAT
MARK = st.integers(0, 100).map(lambda tenths: Decimal(tenths) / 10)


def marks(*texts: str) -> list[Decimal]:
    return [parse_mark(text) for text in texts]


@pytest.mark.parametrize(
    ("ongoing", "mid", "end", "average"),
    [
        (("8", "9"), "7", "8", "7.9"),
        (("8", "8", "8", "8"), "8", "8", "8.0"),
        (("7", "8,5", "9"), "6,5", "7,5", "7.5"),
        (("5", "6", "4", "7"), "5,5", "4,5", "5.2"),
        (("6,5", "6,5", "6,5"), "6,3", "6,5", "6.5"),
        (("0", "6"), "5", "4,5", "4.2"),
        (("3", "4"), "3,5", "3,5", "3.5"),
        (("10", "9,5", "9", "10"), "9,3", "9,8", "9.6"),
    ],
    ids=[f"A{number}" for number in range(1, 9)],
)
def test_semester_average(ongoing: tuple[str, ...], mid: str, end: str, average: str) -> None:
    assert str(RULES.semester_average(marks(*ongoing), parse_mark(mid), parse_mark(end))) == average


@pytest.mark.parametrize(
    ("first", "second", "average"),
    [
        ("7.9", "8.5", "8.3"),
        ("6.0", "6.7", "6.5"),
        ("8.0", "7.9", "7.9"),
        ("3.4", "3.5", "3.5"),
        ("4.9", "5.0", "5.0"),
        ("5.0", "4.9", "4.9"),
        ("9.0", "8.9", "8.9"),
    ],
    ids=[f"B{number}" for number in range(1, 8)],
)
def test_year_average(first: str, second: str, average: str) -> None:
    assert str(RULES.year_average(Decimal(first), Decimal(second))) == average


def test_year_average_needs_both_semesters() -> None:
    assert RULES.year_average(None, Decimal(8)) is None
    assert RULES.year_average(Decimal(8), None) is None


@pytest.mark.parametrize(("exact", "rounded"), [("8.25", "8.3"), ("6.45", "6.5"), ("0.25", "0.3"), ("9.95", "10.0")])
def test_a_tie_goes_up(exact: str, rounded: str) -> None:
    assert str(half_up(Decimal(exact))) == rounded


@given(st.lists(MARK, min_size=2, max_size=4), MARK, MARK)
def test_average_lies_between_the_marks_and_is_exact(ongoing: list[Decimal], mid: Decimal, end: Decimal) -> None:
    average = RULES.semester_average(ongoing, mid, end)
    assert min(*ongoing, mid, end) <= average <= max(*ongoing, mid, end)
    exact = Fraction(sum(ongoing, Decimal(0)) + 2 * mid + 3 * end) / (len(ongoing) + 5)
    assert Fraction(average) == Fraction((exact * 10 + Fraction(1, 2)).__floor__(), 10)


@given(MARK, MARK)
def test_year_average_is_exact(first: Decimal, second: Decimal) -> None:
    exact = (Fraction(first) + 2 * Fraction(second)) / 3
    assert Fraction(RULES.year_average(first, second) or 0) == Fraction((exact * 10 + Fraction(1, 2)).__floor__(), 10)


@given(st.integers(0, 10**6), st.integers(0, 3))
def test_half_up_against_fractions(thousandths: int, places: int) -> None:
    scale = 10**places
    expected = Fraction((Fraction(thousandths, 1000) * scale + Fraction(1, 2)).__floor__(), scale)
    assert Fraction(half_up(Decimal(thousandths) / 1000, places)) == expected


@pytest.mark.parametrize(
    ("text", "mark"),
    [("8,5", "8.5"), ("8.5", "8.5"), ("8", "8.0"), ("10", "10.0"), ("0", "0.0"), (" 7,0 ", "7.0"), ("8,50", "8.5")],
)
def test_marks_as_teachers_type_them(text: str, mark: str) -> None:
    assert str(parse_mark(text)) == mark


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "mark_empty"),
        ("  ", "mark_empty"),
        ("tám", "mark_not_a_number"),
        ("8,", "mark_not_a_number"),
        ("8,5,5", "mark_not_a_number"),
        ("1e1", "mark_not_a_number"),
        ("NaN", "mark_not_a_number"),
        ("٨", "mark_not_a_number"),
        ("9" * 5000, "mark_not_a_number"),
        ("-1", "mark_negative"),
        ("11", "mark_out_of_range"),
        ("85", "mark_out_of_range"),
        ("10,1", "mark_out_of_range"),
        ("8,55", "mark_too_precise"),
    ],
)
def test_refused_marks(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_mark(text)
    assert (refusal.value.code, refusal.value.field) == (f"gradebook.{code}", "mark")


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-0.1", "10.1", "5.55"])
def test_refused_decimals(value: str) -> None:
    with pytest.raises(Invalid):
        check_mark(Decimal(value))


@pytest.mark.parametrize(
    ("periods", "columns"), [(17, 2), (35, 2), (36, 3), (52, 3), (70, 3), (71, 4), (105, 4), (140, 4)]
)
def test_ongoing_columns_by_periods(periods: int, columns: int) -> None:
    assert RULES.ongoing_columns(periods) == columns
    kinds = [slot.kind for slot in RULES.required_slots(periods)]
    assert kinds == [SlotKind.ONGOING] * columns + [SlotKind.MID, SlotKind.END]
    RULES.check_column("ONGOING", columns, periods)
    for kind, ordinal in (("ONGOING", columns + 1), ("ONGOING", 0), ("MID", 2), ("END", 2)):
        with pytest.raises(Invalid) as refusal:
            RULES.check_column(kind, ordinal, periods)
        assert refusal.value.code == "gradebook.column_not_allowed"


def filled(periods: int = 35) -> list[Slot]:
    """A1 of the worked examples: 8, 9, mid-term 7, end-of-term 8."""
    return [Slot(key, mark) for key, mark in zip(RULES.required_slots(periods), marks("8", "9", "7", "8"), strict=True)]


def test_average_of_filled_slots() -> None:
    assert RULES.semester_result(filled(), 35) == Decimal("7.9")


@pytest.mark.parametrize("reason", [None, "EXEMPT", "MAKEUP_ALLOWED"])
def test_no_average_while_a_slot_is_open(reason: str | None) -> None:
    slots = filled()
    slots[-1] = Slot(slots[-1].key, None, reason)
    assert slots[-1].state == SlotState(reason or "PENDING")
    assert RULES.semester_result(slots, 35) is None
    assert RULES.semester_result(slots[:-1], 35) is None


def test_missing_test_counts_as_zero() -> None:
    slots = filled()
    slots[0] = Slot(SlotKey(SlotKind.ONGOING, 1), None, "MISSING_AS_ZERO")
    assert RULES.semester_result(slots, 35) == Decimal("6.7")


@pytest.mark.parametrize(
    ("assessments", "result"),
    [
        ([DAT, DAT], DAT),
        ([DAT, CHUA_DAT], CHUA_DAT),
        ([CHUA_DAT, CHUA_DAT], CHUA_DAT),
        ([DAT], CHUA_DAT),
        ([], CHUA_DAT),
        ([DAT, DAT, DAT], DAT),
    ],
)
def test_comment_subject_in_a_semester(assessments: list[Verdict], result: Verdict) -> None:
    assert RULES.comment_semester_result(assessments) is result


@pytest.mark.parametrize(("first", "second"), [(CHUA_DAT, DAT), (DAT, CHUA_DAT), (None, DAT), (DAT, DAT)])
def test_comment_subject_in_a_year_is_semester_two(first: Verdict | None, second: Verdict) -> None:
    assert RULES.comment_year_result(first, second) is second


def test_a_column_is_complete_with_marks_or_reasons() -> None:
    lan, nam, hoa = uuid4(), uuid4(), uuid4()
    entries = [Entry(lan, Decimal(8), None), Entry(nam, None, "EXEMPT")]
    check_complete(entries)
    with pytest.raises(Invalid) as refusal:
        check_complete([*entries, Entry(hoa, None, None)])
    assert (refusal.value.code, refusal.value.params) == ("gradebook.marks_missing", {"students": [hoa]})


def test_unknown_rule_set() -> None:
    with pytest.raises(NotFound) as refusal:
        rule_set("TT58-2011")
    assert refusal.value.code == "gradebook.ruleset_unknown"
