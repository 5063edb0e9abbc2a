"""Conditions of a definition: when a field, a document or a term applies. Pure.

A condition is one of {"field", "equals"}, {"field", "in"}, {"field", "filled"}, {"field", "less_than_field"}, or made
of others by {"all"}, {"any"}, {"not"}. Nothing is equal to a field without a value, and nothing is less than it.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

Condition = Mapping[str, Any]
Answers = Mapping[str, Any]
DEEPEST: Final = 5
COMPARES: Final = ("equals", "in", "filled", "less_than_field")
COMBINES: Final = ("all", "any", "not")


def is_filled(value: object) -> bool:
    """Whether an answer says something: "no" and zero do, blank text and an empty list do not."""
    if isinstance(value, str):
        return value.strip() != ""
    return value is not None and value != [] and value != {}


def holds(condition: Condition, answers: Answers) -> bool:
    """Whether the condition is true of `answers`, in which hidden fields no longer stand."""
    if "all" in condition:
        return all(holds(part, answers) for part in condition["all"])
    if "any" in condition:
        return any(holds(part, answers) for part in condition["any"])
    if "not" in condition:
        return not holds(condition["not"], answers)
    value = answers.get(condition["field"])
    if "filled" in condition:
        return is_filled(value) is condition["filled"]
    if not is_filled(value):
        return False
    if "equals" in condition:
        return same(value, condition["equals"])
    if "in" in condition:
        return any(same(value, other) for other in condition["in"])
    return _is_less(value, answers.get(condition["less_than_field"]))


def fields_of(condition: Condition) -> Iterator[str]:
    """Every field the condition looks at."""
    for key in ("all", "any"):
        for part in condition.get(key, ()):
            yield from fields_of(part)
    if "not" in condition:
        yield from fields_of(condition["not"])
    for key in ("field", "less_than_field"):
        if key in condition:
            yield condition[key]


def same(one: object, other: object) -> bool:
    """Equal as JSON: true is not 1."""
    return isinstance(one, bool) is isinstance(other, bool) and one == other


def _is_less(value: object, other: object) -> bool:
    """Of two numbers, or two texts; days are compared as they are written, year first."""
    if not is_filled(other):
        return False
    if isinstance(value, str) and isinstance(other, str):
        return value < other
    return _is_number(value) and _is_number(other) and value < other  # pyright: ignore[reportOperatorIssue]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
