"""JSON Schema as forms use it: 2020-12 without references, no format but `date`, patterns as browsers read them."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache, lru_cache
from typing import Any, Final

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100
_formats: Final = FormatChecker(formats=())


@_formats.checks("date")
def is_day(value: object) -> bool:
    """A day written as 2026-11-22, between 1900 and 2100; what is no text is for `type` to refuse."""
    if not isinstance(value, str):
        return True
    if not _DAY.fullmatch(value):
        return False
    try:
        return FIRST_YEAR <= date.fromisoformat(value).year <= LAST_YEAR
    except ValueError:
        return False


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """A pattern as JavaScript reads it: digits and letters of ASCII, `$` only at the very end."""
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern, re.ASCII)


def _pattern(_checker: Any, pattern: str, instance: object, _schema: object) -> Iterator[ValidationError]:
    if isinstance(instance, str) and not compiled(pattern).search(instance):
        yield ValidationError("pattern")


# A zero character as JSON spells it, after an even number of backslashes.
_ZERO: Final = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def size_of(value: Any) -> int | None:
    """Bytes of a value as JSON; None for what is no JSON, or what PostgreSQL cannot keep."""
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False)
        return None if _ZERO.search(text) else len(text.encode())
    except (ValueError, TypeError, RecursionError):  # not a number, a lone surrogate, too deep
        return None


_Validator: Final = extend(Draft202012Validator, {"pattern": _pattern})


def validator(schema: Mapping[str, Any]) -> Any:
    """A validator of the schema, kept: procedures are few and asked often."""
    return _kept(json.dumps(schema, sort_keys=True))


@lru_cache(maxsize=2000)
def _kept(schema: str) -> Any:
    return _Validator(json.loads(schema), format_checker=_formats)
