"""The words of notifications, in the reader's language: never a mark, never the text of an announcement."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

LANGUAGES: Final = ("vi", "en")
LONGEST_TITLE: Final = 120  # characters; a push carries at most 3,993 bytes and a lock screen shows two lines


class Words(NamedTuple):
    """What a person reads."""

    title: str
    body: str


def render(kind: str, language: str, params: Mapping[str, Any]) -> Words:
    """Title and body of a notification of this kind. An unknown language reads Vietnamese.

    `params` are those of the catalogue's entry, with `child`, `class_name` and `school` where there are any.
    """
    words = load(language if language in LANGUAGES else "vi")
    name = f"{kind}.acknowledge" if params.get("needs_acknowledgement") else kind
    values = {**params, "who": _who(params), "subject": _subject(language, params)}
    title, body = words[name]["title"].format(**values), words[name]["body"].format(**values)
    return Words(title if len(title) <= LONGEST_TITLE else title[: LONGEST_TITLE - 1].rstrip() + "…", body)


@cache
def load(language: str) -> Mapping[str, Mapping[str, str]]:
    """Every message of a language."""
    return json.loads((Path(__file__).parent / f"{language}.json").read_text(encoding="utf-8"))


def _who(params: Mapping[str, Any]) -> str:
    """The child and the class, "Lan (7A)"; without a child, the school."""
    child, class_name = params.get("child"), params.get("class_name")
    if not child:
        return str(params.get("school", ""))
    return f"{child} ({class_name})" if class_name else str(child)


def _subject(language: str, params: Mapping[str, Any]) -> str:
    return str(params.get("subject_name_en" if language == "en" else "subject_name", ""))
