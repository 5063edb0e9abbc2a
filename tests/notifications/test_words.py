"""The words: the same in both languages, every one used, none with a gap; and the rules of retrying as a table."""

import string
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.core.ids import new_id
from notifications.catalogue import BY_KIND, CATALOGUE, tag
from notifications.messages import LANGUAGES, load, render
from notifications.rules import Outcome, Verdict, next_step, parse_retry_after, verdict_of, why_not

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
}


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    vi, en = (load(language) for language in LANGUAGES)
    assert vi.keys() == en.keys()
    for key in vi:
        assert vi[key].keys() == en[key].keys() == {"title", "body"}
        assert _names(vi[key]["title"]) == _names(en[key]["title"]), key


def test_every_message_is_used_and_every_kind_has_one() -> None:
    kinds = {entry.kind for entry in CATALOGUE.values()}
    with_answer = {f"{e.kind}.acknowledge" for e in CATALOGUE.values() if "needs_acknowledgement" in e.params}
    assert set(load("vi")) == kinds | with_answer | {"sign_in_code"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_every_kind_renders_with_the_facts_it_is_given(kind: str, language: str) -> None:
    entry = BY_KIND[kind]
    around = {"child", "class_name", "school"}
    facts = {key: value for key, value in FACTS.items() if key in around or key in entry.params}
    for more in ({}, {"needs_acknowledgement": True}) if "needs_acknowledgement" in entry.params else ({},):
        words = render(kind, language, {**facts, **more})
        assert words.title and words.body and "{" not in words.title + words.body
    assert entry.link.format(**facts, student_id="s").startswith("/")


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
        ({"device_live": False}, "device_gone"),
        ({"may_see": False}, "no_right"),
        ({"may_see": False, "read": True}, "no_right"),
        ({"expires_at": NOW}, "expired"),
    ],
)
def test_what_is_still_worth_sending(change: dict[str, Any], reason: str | None) -> None:
    usual = {"expires_at": NOW + timedelta(days=1), "read": False, "device_live": True, "may_see": True}
    assert why_not(**{"now": NOW, **usual, **change}) == reason
