"""The words of notifications, in the reader's language: never a mark, never the text of an announcement, no reason.

A kind may have other words for some facts: `<kind>.<variant>`, where the variant is what `_variants` finds in them.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from backend.core.text import given_name

LANGUAGES: Final = ("vi", "en")
LONGEST_TITLE: Final = 120  # characters; a push carries at most 3,993 bytes and a lock screen shows two lines
_FOLDER: Final = Path(__file__).parent


class Words(NamedTuple):
    """What a person reads; `actions` are the words on the buttons, by action."""

    title: str
    body: str
    actions: Mapping[str, str]


def render(kind: str, language: str, params: Mapping[str, Any]) -> Words:
    """Title and body of a notification of this kind. An unknown language reads Vietnamese.

    `params` are those of the catalogue's entry, with `child`, `class_name` and `school` where there are any.
    """
    language = language if language in LANGUAGES else "vi"
    words = load(language)
    named = next((words[name] for name in _variants(kind, params) if name in words), words[kind])
    values = {
        **params,
        **_dates(language, params),
        "who": _who(params),
        "given": given_name(str(params.get("child") or "")),
        "subject": _subject(language, params),
        "procedure": _procedure(language, params),
    }
    values["request"] = f"{values['procedure']} ({values['given']})" if values["given"] else values["procedure"]
    title, body = named["title"].format(**values), named["body"].format(**values)
    short = title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…"
    return Words(short, body, words.get(f"{kind}.actions", {}))


@cache
def load(language: str) -> Mapping[str, Mapping[str, str]]:
    """Every message of a language."""
    return json.loads((_FOLDER / f"{language}.json").read_text(encoding="utf-8"))


@cache
def _calendar() -> Mapping[str, Mapping[str, Any]]:
    return json.loads((_FOLDER / "dates.json").read_text(encoding="utf-8"))


def _variants(kind: str, params: Mapping[str, Any]) -> Iterator[str]:
    """The names under which other words may stand, the most particular first."""
    if params.get("staff"):
        yield f"{kind}.staff"
    if params.get("needs_acknowledgement"):
        yield f"{kind}.acknowledge"
    if params.get("approved") is False:
        yield f"{kind}.refused"
    if params.get("consent") is False:
        yield f"{kind}.refused"
    for fact in ("change", "outcome", "status", "action"):
        if fact in params:
            yield f"{kind}.{params[fact]}"


def _who(params: Mapping[str, Any]) -> str:
    """The child and the class, "Lan (7A)"; without a child the class, without a class the school."""
    child, class_name = params.get("child"), params.get("class_name")
    if not child:
        return str(class_name or params.get("school", ""))
    return f"{child} ({class_name})" if class_name else str(child)


def _subject(language: str, params: Mapping[str, Any]) -> str:
    return str(params.get("subject_name_en" if language == "en" else "subject_name", ""))


def _procedure(language: str, params: Mapping[str, Any]) -> str:
    return str(params.get("procedure_name_en" if language == "en" else "procedure_name", ""))


def _dates(language: str, params: Mapping[str, Any]) -> dict[str, str]:
    """`date` and `when` of the event's day, session and period; `span` of the days from `starts_on` to `ends_on`;
    deadlines as people say them.
    """
    words, found = _calendar()[language], dict[str, str]()
    if "day" in params:
        day = date.fromisoformat(params["day"])
        parts = {"weekday": words["weekdays"][day.weekday()], "day": day.day, "month": day.month}
        found["date"] = words["date"].format(**parts)
        if "session" in params:
            half_day = words["half_day"].format(session=words[params["session"]], **parts)
            period = params.get("period")
            found["when"] = words["period"].format(period=period, half_day=half_day) if period else half_day
    if "starts_on" in params:
        ends = [date.fromisoformat(params[name]) for name in ("starts_on", "ends_on")]
        found["span"] = "–".join(dict.fromkeys(f"{day.day}/{day.month}" for day in ends))
    for name in ("due_on", "answer_by"):
        if params.get(name):
            day = date.fromisoformat(params[name])
            parts = {"weekday": words["weekdays"][day.weekday()], "day": day.day, "month": day.month}
            found[name] = words["date"].format(**parts)
    return found
