"""Connections: pages of a list that can grow, by keyset.

`Connection[Score]` is `{ nodes, pageInfo { hasNextPage, endCursor } }` and takes `first` (default 20, at most 100) and
`after`. A cursor is opaque to clients: base64 of a JSON list with the sort keys of the last node, as texts. A page is
found by comparing keys, so no row is lost or repeated when others come or go between two pages.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import strawberry
from sqlalchemy import ColumnElement, String, Text, and_, cast, false, or_, tuple_
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import desc_op
from sqlalchemy.types import TypeEngine

from backend.core.problem import Invalid

DEFAULT_PAGE: Final = 20
LARGEST_PAGE: Final = 100
_MAX_CURSOR: Final = 1024
Node = TypeVar("Node")


@strawberry.type
class PageInfo:
    """Whether there is more, and what to pass as `after` to get it."""

    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class Connection(Generic[Node]):
    """One page."""

    nodes: list[Node]
    page_info: PageInfo


@dataclass(frozen=True)
class Key:
    """One column of a sort order. It must not be null: a page cannot be continued from an unknown."""

    column: ColumnElement[Any]
    descending: bool

    @classmethod
    def of(cls, expression: ColumnElement[Any]) -> "Key":
        if isinstance(expression, UnaryExpression) and expression.modifier is desc_op:
            return cls(expression.element, True)
        return cls(expression, False)

    @property
    def order(self) -> ColumnElement[Any]:
        return self.column.desc() if self.descending else self.column

    @property
    def text(self) -> ColumnElement[str]:
        return cast(self.column, Text)


def behind(keys: Sequence[Key], texts: Sequence[ColumnElement[str]]) -> ColumnElement[bool]:
    """The condition "after the row with these keys", given as text parameters, one per key."""
    values = [cast(text, _comparable(key.column.type)) for key, text in zip(keys, texts, strict=True)]
    if len({key.descending for key in keys}) == 1:
        left, right = tuple_(*(key.column for key in keys)), tuple_(*values)
        return left < right if keys[0].descending else left > right
    found: ColumnElement[bool] = false()
    for key, value in reversed(list(zip(keys, values, strict=True))):
        further = key.column < value if key.descending else key.column > value
        found = or_(further, and_(key.column == value, found))
    return found


def _comparable(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """A column's type as CAST accepts it; the collation is the column's own and wins in the comparison."""
    return Text() if isinstance(kind, String) else kind


def write_cursor(texts: Sequence[str]) -> str:
    """The opaque cursor of a row with these sort keys; PostgreSQL builds the same text in compiled reads."""
    return base64.b64encode(json.dumps(list(texts), ensure_ascii=False).encode()).decode()


def read_cursor(cursor: str, keys: int) -> list[str]:
    """The sort keys inside a cursor; raises Invalid when it is not one of ours for this list."""
    try:
        texts = json.loads(base64.b64decode(cursor, validate=True)) if len(cursor) <= _MAX_CURSOR else None
    except (binascii.Error, ValueError):
        texts = None
    if isinstance(texts, list) and len(texts) == keys and all(isinstance(text, str) for text in texts):
        return texts
    raise Invalid("core.cursor_invalid", field="after")


def page_size(first: int, most: int) -> int:
    """`first`, once it is known to lie in 0..most; raises Invalid otherwise."""
    if not 0 <= first <= most:
        raise Invalid("core.page_size", field="first", most=most)
    return first
