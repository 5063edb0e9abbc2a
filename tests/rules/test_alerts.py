"""The life of an absence alert as a table, and what must hold whatever people press."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.attendance.rules import alerts as rules
from backend.attendance.rules.alerts import Happening, Step
from backend.attendance.tables import AbsenceAnswer, AlertOutcome, AlertStatus, AttendanceStatus
from backend.core.problem import Invalid

NOW = datetime(2026, 11, 23, 0, 15, tzinfo=UTC)
SAFETY = timedelta(minutes=5)
SEARCH = Step("SAFETY", NOW + SAFETY, 0, Happening.SEARCH)
ANSWERED = Step("ANSWERED", None, 0, Happening.ANSWERED)
STATUSES = [status.value for status in AlertStatus]
ANSWERS = [answer.value for answer in AbsenceAnswer]
OUTCOMES = [outcome.value for outcome in AlertOutcome]
MARKS = [None, *(status.value for status in AttendanceStatus)]


def _answer(status: str, given: str | None, said: str) -> Step | None:
    return rules.answer(status, given, said, escalations=0, now=NOW, safety_minutes=5)


@pytest.mark.parametrize(
    ("status", "given", "said", "step"),
    [
        ("OPEN", None, "SICK", ANSWERED),
        ("OPEN", None, "FAMILY", ANSWERED),
        ("OPEN", None, "SHOULD_BE_AT_SCHOOL", SEARCH),
        ("ANSWERED", "SICK", "SICK", None),
        ("ANSWERED", "SICK", "FAMILY", None),
        ("ANSWERED", "SICK", "SHOULD_BE_AT_SCHOOL", SEARCH),
        ("SAFETY", "SHOULD_BE_AT_SCHOOL", "SHOULD_BE_AT_SCHOOL", None),
        ("SAFETY", "SHOULD_BE_AT_SCHOOL", "SICK", None),
        ("CLOSED", "SICK", "SICK", None),
        ("CLOSED", None, "SICK", "alert.closed"),
        ("CLOSED", "SICK", "SHOULD_BE_AT_SCHOOL", "alert.closed"),
        ("CANCELLED", None, "FAMILY", "alert.cancelled"),
        ("CANCELLED", "FAMILY", "FAMILY", None),
    ],
)
def test_what_an_answer_does(status: str, given: str | None, said: str, step: Step | str | None) -> None:
    if isinstance(step, str):
        with pytest.raises(Invalid, match=step):
            _answer(status, given, said)
    else:
        assert _answer(status, given, said) == step


@pytest.mark.parametrize(
    ("status", "escalations", "acknowledged", "step"),
    [
        ("OPEN", 0, False, Step("OPEN", None, 1, Happening.UNANSWERED)),
        ("OPEN", 1, False, Step("OPEN", None, 1, None)),
        ("ANSWERED", 0, False, Step("ANSWERED", None, 0, None)),
        ("SAFETY", 0, False, Step("SAFETY", NOW + SAFETY, 1, Happening.UNACKNOWLEDGED)),
        ("SAFETY", 4, False, Step("SAFETY", NOW + SAFETY, 5, Happening.UNACKNOWLEDGED)),
        ("SAFETY", 5, False, Step("SAFETY", None, 6, Happening.UNACKNOWLEDGED)),
        ("SAFETY", 6, False, Step("SAFETY", None, 6, None)),
        ("SAFETY", 2, True, Step("SAFETY", None, 2, None)),
        ("CLOSED", 0, False, Step("CLOSED", None, 0, None)),
        ("CANCELLED", 0, False, Step("CANCELLED", None, 0, None)),
    ],
)
def test_what_silence_does(status: str, escalations: int, acknowledged: bool, step: Step) -> None:
    assert rules.escalate(status, escalations, acknowledged=acknowledged, now=NOW, safety_minutes=5) == step


@pytest.mark.parametrize("outcome", OUTCOMES)
@pytest.mark.parametrize("status", STATUSES)
def test_how_an_alert_may_end(status: str, outcome: str) -> None:
    over = {"CLOSED": "alert.closed", "CANCELLED": "alert.cancelled"}.get(status)
    wrong = {"SAFETY": rules.ABSENCE_OUTCOMES}.get(status, rules.SEARCH_OUTCOMES)
    if over or outcome in wrong:
        words = over or ("alert.outcome_of_search" if status == "SAFETY" else "alert.outcome_of_absence")
        with pytest.raises(Invalid, match=words):
            rules.check_close(status, outcome)
    else:
        rules.check_close(status, outcome)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        ("SAFETY", None),
        ("OPEN", "alert.no_search"),
        ("ANSWERED", "alert.no_search"),
        ("CLOSED", "alert.closed"),
        ("CANCELLED", "alert.cancelled"),
    ],
)
def test_only_a_search_is_taken_on(status: str, refusal: str | None) -> None:
    if refusal is None:
        rules.check_acknowledge(status)
    else:
        with pytest.raises(Invalid, match=refusal):
            rules.check_acknowledge(status)


@pytest.mark.parametrize("after", MARKS)
@pytest.mark.parametrize("before", MARKS)
def test_which_changes_of_a_mark_concern_alerts(before: str | None, after: str | None) -> None:
    assert rules.may_begin(before, after) == (after == "UNEXCUSED" != before)
    stops = before == "UNEXCUSED" != after
    assert rules.may_end(before, after, 3) == stops
    assert rules.may_end(before, after, 0) == (stops or after == "EXCUSED")


@pytest.mark.parametrize(
    ("count", "highest", "warned"),
    [(29, 0, None), (30, 0, 30), (31, 30, None), (39, 0, 30), (40, 30, 40), (45, 40, 45), (45, 45, None)]
    + [(46, 45, 46), (60, 46, None), (46, 0, 46), (35, 45, None)],
)
def test_when_a_pupil_near_the_limit_is_warned(count: int, highest: int, warned: int | None) -> None:
    assert rules.warned(count, highest) == warned


# What may happen to an alert: an answer, silence, somebody taking it on, an end, the register saying otherwise.
_events = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.sampled_from(ANSWERS)),
        st.tuples(st.just("silence"), st.just("")),
        st.tuples(st.just("acknowledge"), st.just("")),
        st.tuples(st.just("close"), st.sampled_from(OUTCOMES)),
        st.tuples(st.just("cancel"), st.just("")),
    ),
    max_size=25,
)


class _Alert:
    """An alert in memory, moved by the rules alone."""

    def __init__(self) -> None:
        self.status, self.answer, self.escalations, self.taken_on, self.due = "OPEN", "", 0, False, True
        self.told: list[Happening] = []

    def happen(self, what: str, value: str) -> None:
        try:
            if what == "answer":
                step = rules.answer(
                    self.status, self.answer or None, value, escalations=self.escalations, now=NOW, safety_minutes=5
                )
                self.answer = value if step else self.answer
                self._take(step)
            elif what == "silence" and self.due:
                args = {"acknowledged": self.taken_on, "now": NOW, "safety_minutes": 5}
                self._take(rules.escalate(self.status, self.escalations, **args))  # type: ignore[arg-type]
            elif what == "acknowledge":
                rules.check_acknowledge(self.status)
                self.taken_on, self.due = True, False
            elif what == "close":
                rules.check_close(self.status, value)
                self.status, self.due = "CLOSED", False
            elif what == "cancel" and self.status != "CLOSED":
                self.status, self.due = "CANCELLED", False
        except Invalid:
            pass

    def _take(self, step: Step | None) -> None:
        if step is not None:
            self.status, self.escalations, self.due = step.status, step.escalations, step.due_at is not None
            self.told += [step.happening] if step.happening else []


@given(_events)
def test_an_alert_is_never_stuck_never_reopened_and_never_nags(happenings: list[tuple[str, str]]) -> None:
    alert = _Alert()
    for what, value in happenings:
        before = alert.status
        alert.happen(what, value)
        if before in ("CLOSED", "CANCELLED"):
            assert alert.status == before
        if before == "SAFETY":
            assert alert.status in ("SAFETY", "CLOSED", "CANCELLED")
        # Whoever asked for a search has one, unless it was over already.
        if (what, value) == ("answer", "SHOULD_BE_AT_SCHOOL"):
            assert alert.status in ("SAFETY", "CLOSED", "CANCELLED")
    assert alert.told.count(Happening.UNANSWERED) <= 1
    assert alert.told.count(Happening.UNACKNOWLEDGED) <= rules.MOST_ESCALATIONS
    assert alert.told.count(Happening.SEARCH) <= 1
    if alert.status not in ("CLOSED", "CANCELLED"):
        assert any(_ends(alert.status, outcome) for outcome in OUTCOMES)


def _ends(status: str, outcome: str) -> bool:
    try:
        rules.check_close(status, outcome)
    except Invalid:
        return False
    return True


@given(st.lists(st.sampled_from(ANSWERS), min_size=1, max_size=6))
def test_answers_are_idempotent_and_the_first_counts_unless_a_search_begins(said: list[str]) -> None:
    once, twice = _Alert(), _Alert()
    for answer in said:
        once.happen("answer", answer)
        twice.happen("answer", answer)
        twice.happen("answer", answer)
    assert (once.status, once.answer, once.told) == (twice.status, twice.answer, twice.told)
    search = "SHOULD_BE_AT_SCHOOL" in said
    assert once.answer == ("SHOULD_BE_AT_SCHOOL" if search else said[0])
    assert once.status == ("SAFETY" if search else "ANSWERED")
