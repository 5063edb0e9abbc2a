"""Rules of the register: merging, wrong clocks, half-days that count, and patterns of absence."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.attendance.rules.half_days import (
    MOST_HALF_DAYS,
    HalfDayMark,
    absences_allow_promotion,
    counted,
    counts,
)
from backend.attendance.rules.merge import (
    ABSENT,
    MOST_MINUTES,
    Operation,
    Outcome,
    Status,
    check_operation,
    decided,
    merge,
    resolve,
    stronger,
)
from backend.attendance.rules.patterns import PatternKind, Sitting, chronic, consecutive, limit
from backend.core.problem import Invalid

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 23)
instants = st.datetimes(
    min_value=datetime(2026, 11, 1), max_value=datetime(2026, 11, 1, 0, 0, 5), timezones=st.just(UTC)
)
any_instant = st.datetimes(timezones=st.just(UTC))
operations = st.builds(
    Operation,
    id=st.integers(0, 7).map(lambda n: UUID(int=n)),
    status=st.sampled_from(Status).map(str),
    minutes=st.none(),
    explicit=st.booleans(),
    decided_at=instants,
)


def distinct(found: list[Operation]) -> list[Operation]:
    """As in the history: an id stands there once."""
    return list({operation.id: operation for operation in found}.values())


# -- merging


@given(operations, operations)
def test_merging_two_is_commutative(one: Operation, other: Operation) -> None:
    if one.id != other.id:
        assert stronger(one, other) == stronger(other, one)


@given(st.lists(operations, min_size=3, max_size=3, unique_by=lambda operation: operation.id))
def test_merging_is_associative(found: list[Operation]) -> None:
    a, b, c = found
    assert stronger(stronger(a, b), c) == stronger(a, stronger(b, c))


@given(operations)
def test_merging_is_idempotent(operation: Operation) -> None:
    assert stronger(operation, operation) == operation


@given(st.lists(operations, max_size=8), st.randoms(use_true_random=False))
def test_every_order_and_every_repetition_ends_alike(found: list[Operation], shuffle: random.Random) -> None:
    history = distinct(found)
    again = history + [shuffle.choice(history) for _ in history]
    shuffle.shuffle(again)
    assert merge(again) == merge(history)


@given(st.lists(operations, min_size=1, max_size=8))
def test_a_tap_beats_every_default_and_the_latest_tap_wins(found: list[Operation]) -> None:
    winner = merge(distinct(found))
    assert winner is not None
    taps = [operation for operation in distinct(found) if operation.explicit]
    assert winner.explicit == bool(taps)
    rivals = taps or distinct(found)
    assert winner.decided_at == max(operation.decided_at for operation in rivals)


def test_of_two_at_the_same_instant_the_greater_id_decides() -> None:
    one, other = (Operation(UUID(int=n), status, None, True, NOW) for n, status in ((1, "LATE"), (2, "PRESENT")))
    assert merge([one, other]) == merge([other, one]) == other


def test_nothing_said_is_nothing() -> None:
    assert merge([]) is None


# -- leave over the winner: winner (status, explicit), note, period, what holds

LEAVE = "SICK"
TABLE = [
    (None, None, 0, None),
    (None, LEAVE, 0, ("EXCUSED", LEAVE)),
    (None, LEAVE, 3, None),
    (("PRESENT", True), LEAVE, 0, ("PRESENT", None)),
    (("LATE", True), LEAVE, 0, ("LATE", None)),
    (("LEFT_EARLY", True), LEAVE, 0, ("LEFT_EARLY", None)),
    (("UNEXCUSED", True), LEAVE, 0, ("EXCUSED", LEAVE)),
    (("EXCUSED", True), LEAVE, 0, ("EXCUSED", LEAVE)),
    (("PRESENT", False), LEAVE, 0, ("EXCUSED", LEAVE)),
    (("EXCUSED", False), LEAVE, 0, ("EXCUSED", LEAVE)),
    (("PRESENT", False), LEAVE, 3, ("EXCUSED", LEAVE)),
    (("UNEXCUSED", True), LEAVE, 3, ("EXCUSED", LEAVE)),
    (("UNEXCUSED", True), None, 0, ("UNEXCUSED", None)),
    (("EXCUSED", True), None, 0, ("EXCUSED", None)),
    (("PRESENT", False), None, 0, ("PRESENT", None)),
    (("EXCUSED", False), None, 0, ("EXCUSED", None)),
]


@pytest.mark.parametrize(("said", "note", "period", "holds"), TABLE)
def test_leave_over_the_winner(
    said: tuple[str, bool] | None, note: str | None, period: int, holds: tuple[str, str | None] | None
) -> None:
    winner = Operation(UUID(int=1), said[0], None, said[1], NOW) if said else None
    outcome = resolve(winner, note, period)
    assert (outcome and (outcome.status, outcome.reason)) == holds
    assert outcome is None or outcome.winner == winner


@given(operations, st.sampled_from([None, LEAVE]), st.integers(0, 7))
def test_a_reason_stands_only_beside_an_excused_absence(winner: Operation, note: str | None, period: int) -> None:
    outcome = resolve(winner, note, period)
    assert outcome is not None
    assert outcome.reason is None or outcome.status == Status.EXCUSED
    assert not (winner.explicit and winner.status not in ABSENT) or outcome == Outcome(
        winner.status, winner.minutes, None, winner
    )


# -- clocks


@given(any_instant, any_instant)
def test_no_clock_is_too_wrong(decided_at: datetime, device_time: datetime) -> None:
    when = decided(decided_at, device_time, NOW)
    assert when <= NOW
    assert when == NOW if decided_at >= device_time else when < NOW


@given(st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=60)), any_instant)
def test_only_the_time_since_the_tap_matters(ago: timedelta, device_time: datetime) -> None:
    if device_time - datetime.min.replace(tzinfo=UTC) > ago:
        assert decided(device_time - ago, device_time, NOW) == NOW - ago


def test_the_ends_of_time() -> None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    assert decided(last, first, NOW) == NOW
    assert decided(first, last, NOW).year == 2000


# -- one operation by itself


@pytest.mark.parametrize(
    ("status", "minutes", "explicit", "code"),
    [
        ("PRESENT", 5, True, "attendance.minutes_not_here"),
        ("UNEXCUSED", 5, True, "attendance.minutes_not_here"),
        ("LATE", 0, True, "attendance.minutes_out_of_range"),
        ("LATE", MOST_MINUTES + 1, True, "attendance.minutes_out_of_range"),
        ("LEFT_EARLY", -3, True, "attendance.minutes_out_of_range"),
        ("UNEXCUSED", None, False, "attendance.default_not_present"),
        ("LATE", 5, False, "attendance.default_not_present"),
    ],
)
def test_operations_that_make_no_sense(status: str, minutes: int | None, explicit: bool, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_operation(status, minutes, explicit)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("status", "minutes", "explicit"),
    [("PRESENT", None, False), ("EXCUSED", None, False), ("LATE", 1, True), ("LATE", None, True),
     ("LEFT_EARLY", MOST_MINUTES, True), ("UNEXCUSED", None, True)],
)  # fmt: skip
def test_operations_that_do(status: str, minutes: int | None, explicit: bool) -> None:
    check_operation(status, minutes, explicit)


# -- half-days toward promotion (TT 22/2021 art. 12); vectors P1..P6: (year conduct, year learning, absences, promoted)


@pytest.mark.parametrize(
    ("vector", "absences", "allowed"),
    [("P1", 45, True), ("P2", 46, False), ("P3", 3, True), ("P4", 0, True), ("P5", 0, True), ("P6", 46, False)],
)
def test_absences_and_promotion(vector: str, absences: int, allowed: bool) -> None:
    assert absences_allow_promotion(absences) is allowed, vector


@given(st.integers(0, 400))
def test_one_absence_more_never_helps(absences: int) -> None:
    assert absences_allow_promotion(absences) or not absences_allow_promotion(absences + 1)
    assert absences_allow_promotion(absences) == (absences <= MOST_HALF_DAYS)


@pytest.mark.parametrize(
    ("status", "session", "period", "plan", "yes"),
    [
        ("UNEXCUSED", "MORNING", 0, "MORNING", True),
        ("EXCUSED", "MORNING", 0, "MORNING", True),
        ("EXCUSED", "MORNING", 0, None, True),
        ("EXCUSED", "AFTERNOON", 0, "AFTERNOON", True),
        ("EXCUSED", "AFTERNOON", 0, "MORNING", False),
        ("EXCUSED", "AFTERNOON", 0, None, False),
        ("UNEXCUSED", "MORNING", 2, "MORNING", False),
        ("LATE", "MORNING", 0, "MORNING", False),
        ("LEFT_EARLY", "MORNING", 0, "MORNING", False),
        ("PRESENT", "MORNING", 0, "MORNING", False),
    ],
)
def test_what_counts(status: str, session: str, period: int, plan: str | None, yes: bool) -> None:
    assert counts(status, session, period, plan) is yes


@given(
    st.lists(
        st.builds(
            HalfDayMark,
            day=st.dates(date(2026, 9, 1), date(2027, 5, 31)),
            session=st.sampled_from(["MORNING", "AFTERNOON"]),
            period=st.integers(0, 2),
            status=st.sampled_from(Status).map(str),
        ),
        max_size=60,
    )
)
def test_a_day_counts_once_and_only_the_session_of_the_plan(marks: list[HalfDayMark]) -> None:
    year = (date(2026, 9, 5), date(2027, 5, 25))
    both = [counted(marks, plan, *year) for plan in ("MORNING", "AFTERNOON")]
    days = {mark.day for mark in marks if mark.status in ABSENT and year[0] <= mark.day <= year[1]}
    assert max(both) <= len(days)
    assert counted(marks, None, *year) == both[0]
    assert counted(marks + marks, "MORNING", *year) == both[0]


# -- patterns


def mornings(count: int) -> list[Sitting]:
    return [Sitting(MONDAY + timedelta(days=n), False) for n in range(count)]


@pytest.mark.parametrize(
    ("missed", "half_days"),
    [([], 0), ([8, 9], 0), ([7, 8, 9], 3), ([0, 1, 2, 3], 0), ([5, 7, 8, 9], 3), (range(10), 10)],
)
def test_in_a_row_up_to_now(missed: list[int], half_days: int) -> None:
    taught = mornings(10)
    found = consecutive(taught, {taught[n] for n in missed})
    assert (found.half_days if found else 0) == half_days
    if found:
        assert found.kind is PatternKind.CONSECUTIVE and found.last_day == taught[-1].day
        assert found.since == taught[-half_days].day


def test_morning_and_afternoon_of_a_day_are_two_in_a_row() -> None:
    taught = sorted([*mornings(2), *(Sitting(sitting.day, True) for sitting in mornings(2))])
    found = consecutive(taught, set(taught[1:]))
    assert found is not None and (found.half_days, found.since, found.last_day) == (3, MONDAY, taught[-1].day)


@pytest.mark.parametrize(
    ("sessions", "missed", "yes"),
    [(30, 3, False), (30, 4, True), (40, 4, True), (41, 4, False), (60, 6, True), (0, 0, False)],
)  # fmt: skip
def test_a_tenth_of_the_window_and_at_least_four(sessions: int, missed: int, yes: bool) -> None:
    taught = mornings(sessions)
    found = chronic(taught, set(taught[:missed]))
    assert (found is not None) is yes
    assert found is None or (found.half_days, found.since) == (missed, taught[0].day)


@given(st.sets(st.integers(0, 29)))
def test_patterns_say_what_is_there(missed: set[int]) -> None:
    taught = mornings(30)
    away = {taught[n] for n in missed}
    row, often = consecutive(taught, away), chronic(taught, away)
    assert (row is not None) == {27, 28, 29}.issubset(missed)
    assert (often is not None) == (len(missed) >= 4)
    for pattern in (row, often):
        assert pattern is None or {Sitting(pattern.since, False), Sitting(pattern.last_day, False)} <= away


@pytest.mark.parametrize(("half_days", "near"), [(0, False), (29, False), (30, True), (45, True), (46, True)])
def test_near_the_limit_of_the_year(half_days: int, near: bool) -> None:
    found = limit(half_days, MONDAY, MONDAY)
    assert (found is not None) is near
    assert found is None or found.half_days == half_days
