"""Reader: answers the same declarations field by field, one statement per edge and parent.

It serves the payloads of mutations and the few operations that are not compiled, and it is the plain second opinion
the differential test holds against the compiler. Rows are what PostgreSQL returned; `me` is a set of parameters.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLEnumType, get_named_type, is_list_type, is_non_null_type
from sqlalchemy import Select, cast, literal, select

from backend.core.actor import Actor
from backend.core.db import Database, Session
from backend.core.graphql.binds import DIALECT, ActorBinds, Arguments, Columns, Values, ambient, sql_value
from backend.core.graphql.connection import (
    LARGEST_PAGE,
    Connection,
    PageInfo,
    behind,
    page_size,
    read_cursor,
    write_cursor,
)
from backend.core.graphql.patch import read_back
from backend.core.graphql.ref import Ref
from backend.core.graphql.selection import BACKREF
from backend.core.graphql.source import Column, Computed, Edge, Source, SourceField, expression_of, is_connection


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a source: its columns, and under "=name" its SQL expressions."""

    source: Source
    values: dict[str, Any]

    @property
    def me(self) -> Values:
        return Values(self.values, self.source.types)


_NOBODY = Row(Source(None), {})


class Reader:
    """Reads as one actor through one transaction, one statement at a time."""

    def __init__(self, database: Database, actor: Actor, language: str, *, waits: int = 1) -> None:
        """`waits` as in `Database.write`."""
        self.actor = actor
        self._binds = ActorBinds(actor)
        self._database, self._waits = database, waits
        self._language = language
        self._lock = asyncio.Lock()
        self._stack = AsyncExitStack()
        self._session: Session | None = None
        self._refs: dict[Ref, asyncio.Future[Row | None]] = {}

    async def close(self) -> None:
        """End the transaction, if there was one."""
        self._session = None
        await self._stack.aclose()

    async def value(self, parent: Any, field: SourceField, info: Any, given: dict[str, Any]) -> Any:
        """The value of one field for Strawberry's executor."""
        if isinstance(parent, Ref) and field.python_name in parent.known:
            known = parent.known[field.python_name]
            return known if isinstance(field.read, Edge) else _leaf(known, info._raw_info.return_type)
        row = await self._row(parent)
        if row is None:
            return None
        read = field.read
        if isinstance(read, Edge):
            return await self._edge(row, field, read, info, given)
        if isinstance(read, Computed):
            return read({name: await self._need(row, name, info) for name in read.needs}, self._language)
        return _leaf(await self._column(row, field, given), info._raw_info.return_type)

    async def _row(self, parent: Any) -> Row | None:
        if isinstance(parent, Row):
            return parent
        if not isinstance(parent, Ref):
            return _NOBODY
        if parent not in self._refs:  # fields are asked for at once: the first reads, the others wait for it
            self._refs[parent] = asyncio.ensure_future(self._find(parent))
        return await self._refs[parent]

    async def _find(self, ref: Ref) -> Row | None:
        source: Source = ref.type.__source__
        if source.rows is None:
            return Row(source, {})
        found = await self._rows(ref.type, self._rows_of(ref.type).where(Columns("t1", source.types).id == ref.id))
        return found[0] if found else None

    async def _column(self, row: Row, field: SourceField, given: dict[str, Any]) -> Any:
        if not field.takes:
            return row.values[_place(field)] if _place(field) in row.values else await self._one(row, field, {})
        return await self._one(row, field, given)

    async def _one(self, row: Row, field: SourceField, given: dict[str, Any]) -> Any:
        value = expression_of(field, me=row.me, args=_arguments(field, given), actor=self._binds)
        return (await self._execute(select(value)))[0][0]

    async def _need(self, row: Row, name: str, info: Any) -> Any:
        """As the compiler sees it: through the wire format, so that an instant has milliseconds in both."""
        fields = info._raw_info.parent_type.fields.values()
        graphql_field = next(f for f in fields if f.extensions[BACKREF].python_name == name)
        value = _leaf(await self._column(row, graphql_field.extensions[BACKREF], {}), graphql_field.type)
        kind = get_named_type(graphql_field.type)
        return None if value is None else read_back(kind, kind.serialize(value))

    async def _edge(self, row: Row, field: SourceField, edge: Edge, info: Any, given: dict[str, Any]) -> Any:
        return_type = info._raw_info.return_type
        target = get_named_type(return_type)
        paged = is_connection(field.type)
        cls = get_named_type(target.fields["nodes"].type if paged else target).extensions[BACKREF].origin
        args = _arguments(field, given)
        if cls.__source__.rows is None:
            return Row(cls.__source__, {})
        it = Columns("t1", cls.__source__.types)
        keys = edge.keys(it, self._binds, args)
        found = self._rows_of(cls).order_by(*(key.order for key in keys))
        condition = edge.condition(me=row.me, it=it, args=args, actor=self._binds)
        if condition is not None:
            found = found.where(condition)
        if paged:
            return await self._page(cls, found, keys, given)
        if not is_list_type(return_type.of_type if is_non_null_type(return_type) else return_type):
            return next(iter(await self._rows(cls, found.limit(1))), None)
        first = given.get("first") if "first" in field.takes else None
        return await self._rows(cls, found.limit(page_size(first, edge.cap) if first is not None else edge.cap))

    async def _page(self, cls: Any, found: Select[Any], keys: Sequence[Any], given: dict[str, Any]) -> Any:
        first = page_size(given.get("first", 20), LARGEST_PAGE)
        after = given.get("after")
        if after is not None:
            found = found.where(behind(keys, [literal(text) for text in read_cursor(after, len(keys))]))
        found = found.add_columns(*(key.text.label(f"key_{n}") for n, key in enumerate(keys))).limit(first + 1)
        rows = await self._rows(cls, found)
        nodes = rows[:first]
        cursor = write_cursor([nodes[-1].values[f"key_{n}"] for n in range(len(keys))]) if nodes else None
        return Connection(nodes=nodes, page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=cursor))

    def _rows_of(self, cls: Any) -> Select[Any]:
        """Every column and every expression without arguments, of the alias t1."""
        source: Source = cls.__source__
        it = Columns("t1", source.types)
        chosen: list[Any] = [getattr(it, name).label(name) for name in source.types]
        for field in cls.__strawberry_definition__.fields:
            if isinstance(field.read, Column) and field.read.expression and not field.takes:
                value = expression_of(field, me=it, args=Arguments({}), actor=self._binds)
                chosen.append(value.label(_place(field)))
        rows: Any = select(*chosen).select_from(source.alias("t1"))
        return rows

    async def _rows(self, cls: Any, found: Select[Any]) -> list[Row]:
        return [Row(cls.__source__, dict(row._mapping)) for row in await self._execute(found)]

    async def _execute(self, statement: Select[Any]) -> Sequence[Any]:
        names = statement.compile(dialect=DIALECT).binds
        around = {name: get(self.actor) for name in names if (get := ambient(name)) is not None}
        async with self._lock:
            if self._session is None:
                self._session = await self._stack.enter_async_context(
                    self._database.write(self.actor, waits=self._waits)
                )
            return (await self._session.execute(statement, around)).all()


def _place(field: SourceField) -> str:
    expression = field.read.expression if isinstance(field.read, Column) else None
    return f"={field.python_name}" if expression else field.python_name


def _arguments(field: SourceField, given: dict[str, Any]) -> Arguments:
    return Arguments(
        {
            name: None
            if argument.optional and given.get(name) is None
            else cast(literal(sql_value(given.get(name, argument.default)), argument.sql), argument.sql)
            for name, argument in field.all_takes().items()
        }
    )


def _leaf(value: Any, type_: Any) -> Any:
    """An enum's name as the member that Strawberry expects; everything else as it is."""
    named = get_named_type(type_)
    if isinstance(named, GraphQLEnumType) and value is not None:
        members = named.extensions[BACKREF].wrapped_cls
        return [members[item] for item in value] if isinstance(value, list) else members[getattr(value, "name", value)]
    return value
