"""Scalars, written the same way by PostgreSQL (`json`) and by Python (`serialize`), so that two readers agree.

| GraphQL  | on the wire                    | in PostgreSQL                  |
|----------|--------------------------------|--------------------------------|
| UUID     | "0192…" text                   | uuid                           |
| DateTime | "2026-09-05T00:15:30.123Z" UTC | timestamptz, cut to the millisecond |
| Date     | "2026-09-05"                   | date                           |
| Mark     | "8.5" text, one decimal        | numeric, rounded half up       |
| enum     | the member's name              | text holding that name         |
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final, NewType

import strawberry
from sqlalchemy import ColumnElement, Numeric, Text, cast, func, literal_column
from strawberry.types.scalar import ScalarDefinition

Mark = NewType("Mark", Decimal)
"""A mark out of ten with one decimal; Decimal in Python, text such as "8.5" on the wire."""

_TENTH: Final = Decimal("0.1")
_ISO: Final = literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'""", Text())


def write_instant(value: datetime) -> str:
    """An aware instant as UTC text with milliseconds; the rest is cut off, as PostgreSQL's to_char does."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_instant(value: str) -> datetime:
    """The inverse; raises ValueError for a text without an offset."""
    instant = datetime.fromisoformat(value)
    if instant.tzinfo is None:
        raise ValueError("an instant needs an offset, such as 2026-09-05T00:15:30Z")
    return instant


def write_mark(value: Decimal) -> str:
    """One decimal, half up: 8.25 becomes "8.3"."""
    return str(value.quantize(_TENTH, ROUND_HALF_UP))


def read_mark(value: object) -> Decimal:
    """A mark from text or number; raises ValueError for anything else. The range is a rule of the gradebook."""
    try:
        mark = Decimal(str(value))
    except InvalidOperation:
        mark = Decimal("NaN")
    if not mark.is_finite():
        raise ValueError("a mark is a number such as 8.5")
    return mark


SCALARS: Final[Mapping[object, ScalarDefinition]] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant in UTC: YYYY-MM-DDTHH:MM:SS.mmmZ",
        serialize=write_instant,
        parse_value=read_instant,
    ),
    Mark: strawberry.scalar(
        name="Mark", description='A mark with one decimal, as text: "8.5"', serialize=write_mark, parse_value=read_mark
    ),
}


def json_of(scalar: str, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """`value` as PostgreSQL shall put it into the JSON answer, for a GraphQL scalar or enum of this name."""
    if scalar == "DateTime":
        return func.to_char(func.timezone(literal_column("'UTC'"), value), _ISO)
    if scalar == "Mark":
        return cast(cast(value, Numeric(6, 1)), Text)
    if scalar in ("ID", "String"):
        return cast(value, Text)
    return value
