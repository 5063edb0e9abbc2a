"""The words: the same in both languages, every one used, none with a gap; and the rules of retrying as a table."""

import string
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.attendance.rules.alerts import ABSENCE_OUTCOMES, SEARCH_OUTCOMES
from backend.core.ids import new_id
from backend.eservices.rules.states import DossierStatus
from backend.timetable.tables import ChangeKind
from notifications.catalogue import BY_KIND, CATALOGUE, Entry, tag
from notifications.messages import LANGUAGES, _variants, load, render
from notifications.rules import Outcome, Verdict, next_step, parse_retry_after, verdict_of, why_not
from notifications.tables import Lane

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
FACTS = {
    "child": "Lan",
    "class_name": "7A",
    "school": "THCS Kim Đồng",
    "title": "Họp phụ huynh",
    "subject_code": "toan",
    "subject_name": "Toán",
    "subject_name_en": "Mathematics",
    "device_label": "Chrome",
    "announcement_id": "a",
    "batch_id": "b",
    "alert_id": "c",
    "class_group_id": "d",
    "leave_request_id": "e",
    "day": "2026-11-23",
    "session": "MORNING",
    "period": 0,
    "person": "Đỗ Thị Hoa",
    "outcome": "FOUND_AT_SCHOOL",
    "change": "CANCELLED",
    "count": 40,
    "class_names": "7A, 7B",
    "teacher_name": "Phạm Văn Toán",
    "room_name": "P.12",
    "starts_on": "2026-11-23",
    "ends_on": "2026-11-25",
    "half_days": 5,
    "approved": True,
    "dossier_id": "f",
    "draft_id": "g",
    "transfer_id": "h",
    "code": "24010001-261123-0001",
    "procedure_name": "Chuyển trường",
    "procedure_name_en": "Changing school",
    "status": "SUBMITTED",
    "action": "ANSWERED",
    "due_on": "2026-11-27",
    "answer_by": "2026-11-30",
    "items": 2,
    "school_name": "THCS Kim Đồng",
    "from_school_name": "THCS Suối Hoa",
    "consent": True,
}
# Facts by which a kind has other words, and every value they take.
OUTCOMES = [*SEARCH_OUTCOMES, *ABSENCE_OUTCOMES]
VARIANTS: dict[str, list[Any]] = {
    "needs_acknowledgement": [True],
    "approved": [False],
    "change": [kind.value for kind in ChangeKind],
    "outcome": OUTCOMES,
    "staff": [True],
    "status": [status.value for status in DossierStatus],
    "action": ["SUPPLEMENTED", "WITHDRAWN"],
    "consent": [False],
}


def _facts(entry: Entry) -> dict[str, Any]:
    """The least that a notification of this kind is told with."""
    around = {"child", "class_name", "school"}
    return {key: value for key, value in FACTS.items() if key in around or key in entry.params}


def _situations(entry: Entry) -> list[dict[str, Any]]:
    """Every set of facts that may choose other words."""
    facts = _facts(entry)
    named = [name for name in VARIANTS if name in entry.params or (name == "staff" and entry.staff_link)]
    return [facts, *({**facts, name: value} for name in named for value in VARIANTS[name])]


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    vi, en = (load(language) for language in LANGUAGES)
    assert vi.keys() == en.keys()
    for key in vi:
        assert vi[key].keys() == en[key].keys()
        if not key.endswith(".actions"):
            assert vi[key].keys() == {"title", "body"}
            assert _names(vi[key]["title"]) == _names(en[key]["title"]), key


def test_every_message_is_used_and_every_kind_has_one() -> None:
    words, used = load("vi"), {"sign_in_code"}
    for entry in CATALOGUE.values():
        assert entry.kind in words
        for facts in _situations(entry):
            used.add(next((name for name in _variants(entry.kind, facts) if name in words), entry.kind))
        if entry.actions:
            assert tuple(words[f"{entry.kind}.actions"]) == entry.actions
            used.add(f"{entry.kind}.actions")
    assert set(words) == used


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_every_kind_renders_with_the_facts_it_is_given(kind: str, language: str) -> None:
    entry = BY_KIND[kind]
    for facts in _situations(entry):
        words = render(kind, language, facts)
        assert words.title and words.body and "{" not in words.title + words.body
        assert words.title == unicodedata.normalize("NFC", words.title)
    facts = _facts(entry)
    assert entry.link.format(**facts, student_id="s").startswith("/")
    assert not entry.staff_link or entry.staff_link.format(**facts).startswith("/")
    for action in entry.actions:
        assert entry.action_link.format(**facts, action=action).startswith("/")
    assert tag(entry, facts, new_id(), new_id())


@pytest.mark.parametrize(
    ("language", "facts", "when"),
    [
        ("vi", {}, "sáng thứ Hai 23/11"),
        ("en", {}, "Monday morning 23/11"),
        ("vi", {"session": "AFTERNOON", "day": "2026-11-22"}, "chiều Chủ nhật 22/11"),
        ("vi", {"period": 3}, "tiết 3 sáng thứ Hai 23/11"),
        ("en", {"period": 3}, "period 3, Monday morning 23/11"),
    ],
)
def test_days_are_said_as_people_say_them(language: str, facts: dict[str, Any], when: str) -> None:
    told = {**_facts(BY_KIND["absence_alert"]), **facts}
    assert render("absence_alert", language, told).title.endswith(when)


def test_a_span_of_days_is_one_day_or_two_ends() -> None:
    facts = _facts(BY_KIND["leave_requested"])
    assert render("leave_requested", "vi", facts).title == "Lan (7A): xin nghỉ 23/11–25/11"
    assert render("leave_requested", "vi", {**facts, "ends_on": "2026-11-23"}).title == "Lan (7A): xin nghỉ 23/11"


def test_no_words_about_an_absence_say_why() -> None:
    """Illness is health data: what may lie open on a table says that there is an answer, not which."""
    for language in LANGUAGES:
        for kind in ("absence_answered", "absence_closed", "leave_requested", "leave_decided"):
            for facts in _situations(BY_KIND[kind]):
                words = render(kind, language, facts)
                assert not {"ốm", "bệnh", "sick", "ill"} & set((words.title + " " + words.body).lower().split())


def test_a_request_is_told_by_the_given_name_and_days_as_people_say_them() -> None:
    facts = {**_facts(BY_KIND["supplement_requested"]), "child": "Nguyễn Thị Ngọc Lan"}
    told = render("supplement_requested", "vi", facts)
    assert told.title == "Chuyển trường (Lan): cần bổ sung 2 mục"
    assert told.body == "Hạn bổ sung: thứ Hai 30/11. Chạm để xem từng mục."
    assert render("supplement_requested", "vi", {**facts, "child": ""}).title == "Chuyển trường: cần bổ sung 2 mục"
    moved = {**_facts(BY_KIND["dossier_moved"]), "status": "COMPLETED"}
    assert render("dossier_moved", "en", moved).title == "Changing school (Lan): the result is there"


def test_what_staff_are_told_of_a_dossier_names_no_child() -> None:
    for kind in ("dossier_filed", "dossier_handed_over", "deadline_near", "deadline_passed", "deadline_escalated"):
        entry = BY_KIND[kind]
        assert "child" not in entry.params
        assert "Lan" not in " ".join(render(kind, "vi", {**_facts(entry), "child": "Lan"})[:2])


def test_news_of_a_day_ends_with_it_and_is_urgent_on_it() -> None:
    """Vietnam's midnight is 17:00 UTC."""
    entry, evening = BY_KIND["lesson_changed"], datetime(2026, 11, 23, 15, tzinfo=UTC)
    assert entry.expires_at(evening, {"day": "2026-11-23"}) == datetime(2026, 11, 23, 17, tzinfo=UTC)
    assert entry.expires_at(evening, {"day": "2026-12-23"}) == evening + timedelta(days=3)
    assert (entry.lane_of({"today": True}), entry.lane_of({"today": False})) == (Lane.URGENT, Lane.NORMAL)
    alert = BY_KIND["absence_alert"]
    assert alert.lane_of({}) is Lane.URGENT
    assert alert.expires_at(evening, {"day": "2026-11-23"}) == evening + timedelta(hours=1)


def test_the_tag_tells_a_push_service_nothing_and_joins_what_belongs_together() -> None:
    entry, first, second = BY_KIND["scores_published"], new_id(), new_id()
    here = tag(entry, FACTS, first, new_id())
    assert here == tag(entry, FACTS, first, new_id()) != tag(entry, FACTS, second, new_id())
    assert len(here) == 32 and "toan" not in here and set(here) <= set(string.ascii_letters + string.digits + "-_")
    single = BY_KIND["signed_in"]
    assert tag(single, FACTS, None, first) != tag(single, FACTS, None, second)


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        (200, Verdict.TAKEN),
        (201, Verdict.TAKEN),
        (202, Verdict.TAKEN),
        (302, Verdict.REFUSED),
        (400, Verdict.REFUSED),
        (401, Verdict.REFUSED),
        (404, Verdict.GONE),
        (410, Verdict.GONE),
        (413, Verdict.REFUSED),
        (429, Verdict.BUSY),
        (500, Verdict.BUSY),
        (503, Verdict.BUSY),
    ],
)
def test_what_a_status_means(status: int, verdict: Verdict) -> None:
    assert verdict_of(status) is verdict


@pytest.mark.parametrize(
    ("attempts", "retry_after", "seconds"),
    [
        (0, None, 30),
        (1, None, 120),
        (2, None, 600),
        (3, None, 3600),
        (4, None, 21_600),
        (5, None, None),
        (0, 10, 30),
        (0, 300, 300),
        (0, 90_000, 3600),
        (4, 90_000, 21_600),
    ],
)
def test_when_a_busy_service_is_asked_again(attempts: int, retry_after: int | None, seconds: int | None) -> None:
    outcome = Outcome(Verdict.BUSY, "http_503", retry_after)
    step = next_step(outcome, now=NOW, attempts=attempts, device_since=NOW - timedelta(days=1))
    if seconds is None:
        assert step.status == "FAILED"
    else:
        assert step.status == "PENDING" and step.next_at == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("age", "attempts", "status", "drop"),
    [(59, 0, "PENDING", None), (61, 0, "DROPPED", "http_410"), (30, 1, "DROPPED", "http_410")],
)
def test_when_a_device_is_given_up(age: int, attempts: int, status: str, drop: str | None) -> None:
    since = NOW - timedelta(seconds=age)
    step = next_step(Outcome(Verdict.GONE, "http_410"), now=NOW, attempts=attempts, device_since=since)
    assert (step.status, step.drop_device) == (status, drop)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("120", 120), (" 5 ", 5), ("Sat, 21 Nov 2026 10:01:00 GMT", 60), ("soon", None), ("-5", None)],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: int | None) -> None:
    assert parse_retry_after(header, NOW) == seconds


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"read": True}, "read"),
        ({"withdrawn": True}, "withdrawn"),
        ({"withdrawn": True, "may_see": False}, "withdrawn"),
        ({"device_live": False}, "device_gone"),
        ({"may_see": False}, "no_right"),
        ({"may_see": False, "read": True}, "no_right"),
        ({"expires_at": NOW}, "expired"),
    ],
)
def test_what_is_still_worth_sending(change: dict[str, Any], reason: str | None) -> None:
    usual = {"expires_at": NOW + timedelta(days=1), "read": False, "device_live": True, "may_see": True}
    usual["withdrawn"] = False
    assert why_not(**{"now": NOW, **usual, **change}) == reason
