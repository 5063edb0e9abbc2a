"""A line of the dry run in the reader's words, from the plain values kept with it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from backend.core.graphql.problems import words


def message_of(detail: Mapping[str, Any], cell: str, language: str) -> str:
    """What is wrong, what would change ("Lớp: 7A1 → 7A2") and who may be meant, in sentences."""
    parts = [*_defects(detail, cell, language), *_changes(detail, language)]
    if detail["suggested"]:
        parts.append(words("import.suggested", language, codes=", ".join(detail["suggested"])))
    return " ".join(parts) or words("import.new_line", language)


def problem_message(problem: Mapping[str, Any] | None, language: str) -> str | None:
    """Why the workbooks as a whole were refused."""
    return words(problem["code"], language, **problem["params"]) if problem else None


def _defects(detail: Mapping[str, Any], cell: str, language: str) -> Iterator[str]:
    for code, place, params in detail["defects"]:
        told = words(code, language, **{name: _shown(value, language) for name, value in params.items()})
        yield told if cell.endswith(place) else f"{place}: {told}"


def _changes(detail: Mapping[str, Any], language: str) -> Iterator[str]:
    for field, old, new in detail["changes"]:
        values = " → ".join(_shown(value, language) for value in (old, new) if value not in (None, ""))
        yield f"{words(f'import.field.{field}', language)}: {values}."


def _shown(value: Any, language: str) -> str:
    text = str(value)
    known = words(f"import.value.{text}", language)
    if known != f"import.value.{text}":
        return known
    try:
        return date.fromisoformat(text).strftime("%d/%m/%Y") if len(text) == len("2026-09-05") else text
    except ValueError:
        return text
