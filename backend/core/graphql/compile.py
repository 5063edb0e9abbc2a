"""Compile: one GraphQL operation becomes one SQL statement whose single value is the answer's text.

    with fence as materialized (select set_config('app.user', $1, true) as s0, …)
    select json_build_object('data', json_build_object('student', (select … from student as t1 …)))::text
    from fence where s0 is not null

The fence is set in the same round trip and ends with the statement. Reading *from* it keeps the planner from running
the read first. An object is a json_build_object, a list a json_agg over a sub-select, a connection a keyset page.

A plan is shared by everybody with the same roles, so it holds no value of a request: `getters` fill its parameters.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from graphql import GraphQLField, GraphQLObjectType, GraphQLOutputType, get_named_type, is_non_null_type
from graphql.language import FieldNode, SelectionSetNode
from graphql.type import is_list_type
from sqlalchemy import ColumnElement, FromClause, Select, String, Text, bindparam, cast, func, literal_column, select
from sqlalchemy.dialects.postgresql import JSON, aggregate_order_by

from backend.core.actor import Actor
from backend.core.db import FENCE_SETTINGS, fence
from backend.core.graphql.binds import DIALECT, ActorBinds, Arguments, Columns, ambient, sql_value
from backend.core.graphql.connection import LARGEST_PAGE, Key, behind, page_size, read_cursor
from backend.core.graphql.patch import Patch
from backend.core.graphql.scalars import json_of
from backend.core.graphql.selection import BACKREF, Document, Variables
from backend.core.graphql.source import Column, Computed, Edge, Source, SourceField, expression_of, is_connection
from backend.core.problem import Invalid

Json: TypeAlias = ColumnElement[Any]
Getter = Callable[[Actor, Variables], Any]
MOST_FIELDS: Final = 50  # PostgreSQL passes at most 100 arguments to a function
_EMPTY_LIST: Final = literal_column("'[]'::json", JSON())
_NOTHING: Final = Columns("nothing", {})


class NotCompilable(Exception):
    """The operation has a field that is not read from a source; Strawberry's executor answers it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A statement and how to fill it. `patch` is there when Python has to finish the answer."""

    sql: str
    getters: tuple[Getter, ...]
    patch: Patch | None
    pages: bool

    def parameters(self, actor: Actor, variables: Variables) -> list[Any]:
        """The values for $1, $2, …; raises Invalid for a page size or cursor that cannot be."""
        return [*[get(actor, variables) for get in self.getters], *fence(actor)]


def compile_operation(document: Document, variables: Variables, actor: Actor) -> Plan:
    """The plan for this shape of the operation; raises NotCompilable, or Invalid when a selection is too wide."""
    return _Compiler(document, variables, actor).plan()


class _Compiler:
    """The state of one compilation: names given so far, and how to fill the parameters."""

    def __init__(self, document: Document, variables: Variables, actor: Actor) -> None:
        self._document = document
        self._variables = variables
        self._actor = ActorBinds(actor)
        self._getters: dict[str, Getter] = {}
        self._names = 0
        self._pages = False

    def plan(self) -> Plan:
        patch = Patch()
        roots = self._object(self._document.root, [self._document.operation.selection_set], _NOTHING, patch)
        guard = _fence()
        answer = func.json_build_object(literal_column("'data'"), roots)
        statement = select(cast(answer, Text)).select_from(guard).where(literal_column("fence.s0").is_not(None))
        compiled = statement.compile(dialect=DIALECT)
        order = list(compiled.positiontup or ())
        ours = len(order) - len(FENCE_SETTINGS)
        if order[ours:] != [f"fence_{n}" for n in range(len(FENCE_SETTINGS))]:
            raise AssertionError("the fence must own the last parameters")
        getters = tuple(self._getter(name, compiled.binds[name]) for name in order[:ours])
        if "POSTCOMPILE" in compiled.string:
            raise TypeError("use one_of(column, values) instead of column.in_(values) in a declaration")
        return Plan(compiled.string, getters, patch.pruned(), self._pages)

    # -- objects and their fields

    def _object(
        self, parent: GraphQLObjectType, selections: Sequence[SelectionSetNode], me: Columns, patch: Patch
    ) -> Json:
        pairs: dict[str, Json] = {}
        for key, nodes in self._document.collect(parent, selections, self._variables).items():
            name = nodes[0].name.value
            if name == "__typename":
                pairs[key] = literal_column(f"'{parent.name}'")
                continue
            field = parent.fields.get(name)
            declared = field.extensions.get(BACKREF) if field else None
            if field is None or not isinstance(declared, SourceField):
                raise NotCompilable(f"{parent.name}.{name}")
            if isinstance(declared.read, Computed):
                self._computed(parent, key, declared.read, me, pairs, patch)
            else:
                pairs[key] = self._field(parent, field, declared, nodes, me, patch.child(key))
        return _build(pairs)

    def _field(
        self,
        parent: GraphQLObjectType,
        field: GraphQLField,
        declared: SourceField,
        nodes: list[FieldNode],
        me: Columns,
        patch: Patch,
    ) -> Json:
        where = f"{parent.name}.{nodes[0].name.value}"
        if isinstance(declared.read, Edge):
            return self._edge(where, field, declared, nodes, me, patch)
        value = expression_of(declared, me=me, args=self._arguments(field, declared, nodes[0]), actor=self._actor)
        json = _leaf(field.type, value)
        return _insist(json, where) if is_non_null_type(field.type) and not _certain(parent, declared) else json

    def _computed(
        self, parent: GraphQLObjectType, key: str, read: Computed, me: Columns, pairs: dict[str, Json], patch: Patch
    ) -> None:
        """Keeps the place of the value and fetches what it needs under keys that no client can ask for."""
        pairs[key] = literal_column("null")
        needs = {}
        for name in read.needs:
            graphql_name, field = next(
                (n, f) for n, f in parent.fields.items() if f.extensions[BACKREF].python_name == name
            )
            declared: SourceField = field.extensions[BACKREF]
            value = expression_of(declared, me=me, args=Arguments({}), actor=self._actor)
            pairs[f"~{graphql_name}"] = _leaf(field.type, value)
            needs[name] = (f"~{graphql_name}", get_named_type(field.type))
        patch.compute(key, read, needs)

    # -- edges

    def _edge(
        self,
        where: str,
        field: GraphQLField,
        declared: SourceField,
        nodes: list[FieldNode],
        me: Columns,
        patch: Patch,
    ) -> Json:
        edge: Edge = declared.read  # type: ignore[assignment]
        target = get_named_type(field.type)
        args = self._arguments(field, declared, nodes[0])
        selections = [node.selection_set for node in nodes if node.selection_set]
        if is_connection(declared.type):
            return self._connection(target, edge, args, selections, me, patch)
        if not isinstance(target, GraphQLObjectType) or not hasattr(target.extensions[BACKREF].origin, "__source__"):
            raise NotCompilable(where)
        rows: Source = target.extensions[BACKREF].origin.__source__
        if rows.rows is None:
            return self._object(target, selections, _NOTHING, patch)
        table, it = self._alias(rows)
        found = self._found(select(self._object(target, selections, it, patch).label("o")), edge, table, me, it, args)
        if _is_list(field.type):
            first = args.first if "first" in declared.takes else None
            listed = found.limit(first if first is not None else edge.cap).subquery(self._name("z"))
            gathered = func.coalesce(func.json_agg(listed.c.o), _EMPTY_LIST)
            return select(gathered).select_from(listed).scalar_subquery()
        one = found.limit(1).scalar_subquery()
        return _insist(one, where) if is_non_null_type(field.type) else one

    def _found(
        self, chosen: Select[Any], edge: Edge, table: FromClause, me: Columns, it: Columns, args: Arguments
    ) -> Select[Any]:
        chosen = chosen.select_from(table)
        condition = edge.condition(me=me, it=it, args=args, actor=self._actor)
        if condition is not None:
            chosen = chosen.where(condition)
        return chosen.order_by(*(key.order for key in edge.keys(it, self._actor, args)))

    def _connection(
        self,
        target: Any,
        edge: Edge,
        args: Arguments,
        selections: Sequence[SelectionSetNode],
        me: Columns,
        patch: Patch,
    ) -> Json:
        """A page: one row more than asked tells whether there is another."""
        node_type = get_named_type(target.fields["nodes"].type)
        table, it = self._alias(node_type.extensions[BACKREF].origin.__source__)
        keys = edge.keys(it, self._actor, args)
        parts = self._document.collect(target, selections, self._variables)
        bodies = {
            key: self._object(node_type, _selections(nodes), it, patch.child(key))
            for key, nodes in parts.items()
            if nodes[0].name.value == "nodes"
        }
        number = func.row_number().over(order_by=[key.order for key in keys]).label("n")
        columns = [body.label(f"o_{key}") for key, body in bodies.items()]
        found = self._found(select(number, _cursor(keys).label("c"), *columns), edge, table, me, it, args)
        if args.after is not None:
            found = found.where(behind(keys, self._after(args.after, len(keys))))
        page = found.limit(args.first + literal_column("1")).subquery(self._name("z"))
        return self._page(target, parts, page, args.first)

    def _page(
        self, target: GraphQLObjectType, parts: Mapping[str, list[FieldNode]], page: Any, first: ColumnElement[int]
    ) -> Json:
        inside = page.c.n <= first
        pairs: dict[str, Json] = {}
        for key, nodes in parts.items():
            name = nodes[0].name.value
            if name == "__typename":
                pairs[key] = literal_column(f"'{target.name}'")
            elif name == "nodes":
                gathered = func.json_agg(aggregate_order_by(page.c[f"o_{key}"], page.c.n)).filter(inside)
                pairs[key] = func.coalesce(gathered, _EMPTY_LIST)
            else:
                pairs[key] = self._page_info(target, nodes, page, first, inside)
        return select(_build(pairs)).select_from(page).scalar_subquery()

    def _page_info(
        self, target: GraphQLObjectType, nodes: list[FieldNode], page: Any, first: Any, inside: ColumnElement[bool]
    ) -> Json:
        info: Any = get_named_type(target.fields["pageInfo"].type)
        last = func.array_agg(aggregate_order_by(page.c.c, page.c.n.desc())).filter(inside)
        known = {
            "__typename": literal_column(f"'{info.name}'"),
            "hasNextPage": func.count() > first,
            "endCursor": last[1],
        }
        asked = self._document.collect(info, _selections(nodes), self._variables)
        return _build({key: known[inner[0].name.value] for key, inner in asked.items()})

    # -- names and parameters

    def _name(self, prefix: str) -> str:
        self._names += 1
        return f"{prefix}{self._names}"

    def _alias(self, rows: Source) -> tuple[FromClause, Columns]:
        name = self._name("t")
        return rows.alias(name), Columns(name, rows.types)

    def _arguments(self, field: GraphQLField, declared: SourceField, node: FieldNode) -> Arguments:
        """Each argument as a parameter; None when it is optional and, in this shape, not given."""
        values: dict[str, ColumnElement[Any] | None] = {}
        for name, argument in declared.all_takes().items():
            read = self._document.argument(field, declared, node, name)
            if argument.optional and read(self._variables) is None:
                values[name] = None
                continue
            key = self._name("a")
            most = _most(declared, name)
            self._getters[key] = _sized(read, most) if most else _plain(read)
            values[name] = bindparam(key, type_=argument.sql)
        return Arguments(values)

    def _after(self, after: Any, count: int) -> list[ColumnElement[str]]:
        """The cursor's keys, one text parameter each, instead of the cursor itself."""
        self._pages = True
        read = self._getters.pop(after.key)
        name = self._name("k")
        for n in range(count):
            self._getters[f"{name}_{n}"] = _cursor_key(read, n, count)
        return [bindparam(f"{name}_{n}", type_=Text()) for n in range(count)]

    def _getter(self, name: str, bind: Any) -> Getter:
        if name in self._getters:
            return self._getters[name]
        around = ambient(name)
        if around is not None:
            return lambda actor, _variables: around(actor)
        process = bind.type.dialect_impl(DIALECT).bind_processor(DIALECT)
        constant = sql_value(process(bind.effective_value) if process else bind.effective_value)
        return lambda _actor, _variables: constant


def _fence() -> FromClause:
    settings = [
        func.set_config(literal_column(f"'{name}'"), bindparam(f"fence_{n}", type_=Text()), literal_column("true"))
        for n, name in enumerate(FENCE_SETTINGS)
    ]
    chosen = select(*(setting.label(f"s{n}") for n, setting in enumerate(settings)))
    return chosen.cte("fence").prefix_with("MATERIALIZED")


def _build(pairs: Mapping[str, Json]) -> Json:
    """Keys are GraphQL names (letters, digits, underscore) or ours, so they are safe between quotes."""
    if len(pairs) > MOST_FIELDS:
        raise Invalid("core.too_wide", most=MOST_FIELDS)
    parts = [part for key, value in pairs.items() for part in (literal_column(f"'{key}'"), value)]
    return func.json_build_object(*parts, type_=JSON())


def _certain(parent: GraphQLObjectType, declared: SourceField) -> bool:
    """Whether the field is a table column that is never null. A root field has no row, so it is an expression."""
    if not isinstance(declared.read, Column) or declared.read.expression is not None:
        return False
    rows: Source = parent.extensions[BACKREF].origin.__source__
    return declared.python_name in rows.certain


def _leaf(type_: GraphQLOutputType, value: Any) -> Json:
    if _is_list(type_):
        return value
    name = get_named_type(type_).name
    return value if name == "String" and isinstance(value.type, String) else json_of(name, value)


def _insist(value: Json, where: str) -> Json:
    """`value`, or a fault that names the field: a non-null field must not answer null.

    The text is no JSON, so casting it raises; joining the fence to it keeps the planner from casting it beforehand.
    """
    complaint = literal_column(f"('null in {where} ' || fence.s4)::json", JSON())
    return func.coalesce(func.to_json(value), complaint)


def _cursor(keys: Sequence[Key]) -> ColumnElement[str]:
    texts = cast(func.json_build_array(*(key.text for key in keys)), Text)
    encoded = func.encode(func.convert_to(texts, literal_column("'UTF8'")), literal_column("'base64'"))
    return func.translate(encoded, literal_column("E'\\n'"), literal_column("''"), type_=Text())


def _selections(nodes: Sequence[FieldNode]) -> list[SelectionSetNode]:
    return [node.selection_set for node in nodes if node.selection_set]


def _is_list(type_: GraphQLOutputType) -> bool:
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)


def _most(declared: SourceField, name: str) -> int | None:
    """The largest `first` of an edge; None for every other argument."""
    if name != "first" or not isinstance(declared.read, Edge):
        return None
    return LARGEST_PAGE if is_connection(declared.type) else declared.read.cap


def _sized(read: Callable[[Variables], Any], most: int) -> Getter:
    return lambda _actor, variables: page_size(read(variables), most)


def _plain(read: Callable[[Variables], Any]) -> Getter:
    def get(_actor: Actor, variables: Variables) -> Any:
        return sql_value(read(variables))

    return get


def _cursor_key(read: Getter, n: int, count: int) -> Getter:
    return lambda actor, variables: read_cursor(read(actor, variables), count)[n]
