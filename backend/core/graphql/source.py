"""Source: how a GraphQL type says where its fields come from.

    @source(tables.ScoreColumn)
    class ScoreColumn:
        id: UUID = column()                                                   # the column of the same name
        published: bool = column(lambda me: me.published_at.is_not(None))     # any SQL over the row
        class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
        scores: list[Score] = edge(lambda me, it: it.column_id == me.id, order=lambda it: (it.sort_key,))
        label: str = computed(lambda title, kind: f"{kind} {title}")          # Python over other fields; rare

A declaration is a small function that asks for what it needs **by the names of its parameters**:

    me      the row that has the field            args    the field's arguments
    it      the row the field leads to            actor   who is asking (`actor.user_id`, `actor.schools`, `.roles`)

They are SQL expressions, not values (`binds.py`). Two readers work from the same declarations: `compile.py` turns a
whole operation into one statement, `reader.py` answers field by field; a test holds them equal.
"""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import NoneType, UnionType
from typing import Any, Final, Union, dataclass_transform, get_args, get_origin

import strawberry
from sqlalchemy import ARRAY, ColumnElement, FromClause, Select, Table, literal
from sqlalchemy.types import TypeEngine
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from backend.core.actor import Permission
from backend.core.graphql.binds import Columns, sql_type
from backend.core.graphql.connection import DEFAULT_PAGE, Connection, Key

LIST_CAP: Final = 200
_REQUIRED: Final = object()
_ASKABLE: Final = frozenset({"me", "it", "args", "actor"})
Declaration = Callable[..., Any]


class Asked:
    """A declaring function, and which of me, it, args, actor it asks for."""

    def __init__(self, function: Declaration) -> None:
        self._function = function
        self._names = tuple(inspect.signature(function).parameters)
        if unknown := set(self._names) - _ASKABLE:
            raise TypeError(f"a declaration may ask for {sorted(_ASKABLE)}, not for {sorted(unknown)}")

    def __call__(self, **given: Any) -> Any:
        return self._function(**{name: given[name] for name in self._names})


@dataclass(frozen=True)
class Argument:
    """One GraphQL argument of a read: its Python type, whether it may be left out, and its default."""

    python_type: Any
    sql: TypeEngine[Any]
    optional: bool
    default: Any = _REQUIRED

    @classmethod
    def of(cls, declared: Any) -> "Argument":
        """From `UUID`, `Semester | None` or `(int, 7)` (type and default); lists of scalars are allowed."""
        python_type, default = declared if isinstance(declared, tuple) else (declared, _REQUIRED)
        inner, optional = without_none(python_type)
        if optional and default is _REQUIRED:
            default = None
        if get_origin(inner) is list:
            return cls(python_type, ARRAY(sql_type(get_args(inner)[0])), optional, default)
        return cls(python_type, sql_type(inner), optional, default)

    @property
    def has_default(self) -> bool:
        return self.default is not _REQUIRED

    def declare(self, name: str) -> StrawberryArgument:
        extra = {"default": self.default} if self.has_default else {}
        return StrawberryArgument(name, None, StrawberryAnnotation(self.python_type), **extra)


@dataclass(frozen=True)
class Column:
    """A value in the row: a table column, or an SQL expression."""

    expression: Asked | None


@dataclass(frozen=True)
class Edge:
    """A way to other rows: the condition they meet, their order, how many at most, and how many as a rule."""

    where: Asked | None
    order: Asked | None
    cap: int
    usual: int | None = None

    def keys(self, it: Columns, actor: Any, args: Any) -> list[Key]:
        """The sort order, made total by the id of the row."""
        named = self.order(it=it, actor=actor, args=args, me=None) if self.order else ()
        keys = [Key.of(expression) for expression in named]
        return [*keys, Key(it.id, keys[-1].descending if keys else False)]

    def condition(self, **given: Any) -> ColumnElement[bool] | None:
        return None if self.where is None else self.where(**given)


@dataclass(frozen=True)
class Computed:
    """Python over the finished values of other fields of the same type, named by the function's parameters."""

    function: Callable[..., Any]
    needs: tuple[str, ...]
    in_language: bool

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Computed":
        names = tuple(inspect.signature(function).parameters)
        return cls(function, tuple(name for name in names if name != "language"), "language" in names)

    def __call__(self, values: Mapping[str, Any], language: str) -> Any:
        return self.function(**values, language=language) if self.in_language else self.function(**values)


class SourceField(StrawberryField):
    """A GraphQL field that knows where its value comes from. The resolver asks the request's reader for it."""

    def __init__(
        self,
        read: Column | Edge | Computed | None = None,
        takes: Mapping[str, Argument] | None = None,
        permission: Permission | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.read = read
        self.takes = dict(takes or {})
        self.permission = permission

    @property
    def arguments(self) -> list[StrawberryArgument]:
        """What the field takes in GraphQL; a connection adds its paging once its type is known."""
        return [argument.declare(name) for name, argument in self.all_takes().items()]

    def all_takes(self) -> dict[str, Argument]:
        """The declared arguments, and those of a connection."""
        paging = page_arguments() if isinstance(self.read, Edge) and is_connection(self.type) else {}
        return {**self.takes, **paging}

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        raise TypeError("the arguments of a read are declared with `arguments={...}`")

    def __copy__(self) -> "SourceField":
        twin = super().__copy__()
        twin.read, twin.takes, twin.permission = self.read, self.takes, self.permission
        return twin

    @property
    def is_basic_field(self) -> bool:
        return False

    @property
    def is_async(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        return True

    async def get_result(self, source: Any, info: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Executor path: field by field."""
        return await info.context.reader.value(source, self, info, kwargs)


def column(expression: Declaration | None = None, *, arguments: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """A value of the row: the table column of the same name, or `expression` (asks for me, args, actor)."""
    read = Column(Asked(expression) if expression else None)
    return SourceField(read, _takes(arguments), **options)


def edge(
    where: Declaration | None = None,
    *,
    order: Declaration | None = None,
    cap: int = LIST_CAP,
    usual: int | None = None,
    arguments: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """The rows that meet `where` (asks for me, it, args, actor); the annotation says how many.

    `T` or `T | None`: one row (the first by `order`). `list[T]`: at most `cap` rows; an argument named `first` limits
    further. `Connection[T]`: pages; `first` and `after` are added. Without `where` and with a `T` that has no table,
    it is a mere group of fields. `usual` is what the cost of a document reckons with instead of `cap`, where the cap
    must hold the worst day and most rows lead to next to none (the absent of a lesson).
    """
    return SourceField(Edge(*_asked(where, order), cap, usual), _takes(arguments), **options)


def computed(function: Callable[..., Any], **options: Any) -> Any:
    """Python over other fields of the same type: the parameters' names are the fields it needs.

    A parameter named `language` is the reader's language ("vi" or "en"). The fields must be columns without arguments.
    """
    return SourceField(Computed.of(function), **options)


def expression_of(field: SourceField, *, me: Any, args: Any, actor: Any) -> ColumnElement[Any]:
    """The SQL of a column field over the row `me`."""
    asked = field.read.expression if isinstance(field.read, Column) else None
    value = asked(me=me, args=args, actor=actor) if asked else getattr(me, field.python_name)
    if isinstance(value, Select):
        return value.scalar_subquery()
    return value if isinstance(value, ColumnElement) else literal(value)


@dataclass
class Source:
    """What is known of a type: the rows it reads, and the type of every column."""

    rows: FromClause | Select[Any] | None
    types: Mapping[str, TypeEngine[Any]] = field(default_factory=dict)
    certain: frozenset[str] = frozenset()

    @classmethod
    def of(cls, rows: Any) -> "Source":
        rows = getattr(rows, "__table__", rows)
        if rows is None:
            return cls(None)
        columns = rows.selected_columns if isinstance(rows, Select) else rows.columns
        certain = frozenset(str(c.key) for c in columns if not c.nullable) if isinstance(rows, Table) else frozenset()
        return cls(rows, {str(c.key): c.type for c in columns}, certain)

    def alias(self, name: str) -> FromClause:
        """The rows under this name in a FROM clause."""
        if isinstance(self.rows, Select):
            return self.rows.subquery(name)
        if self.rows is None:
            raise TypeError("this type has no table")
        return self.rows.alias(name)


@dataclass_transform(kw_only_default=True, field_specifiers=(column, edge, computed))
def source(rows: Any = None, *, name: str | None = None, description: str | None = None) -> Callable[[type], Any]:
    """Make a GraphQL type that reads from `rows`: a table class, a SELECT with labelled columns, or nothing.

    A type that reads from nothing is a group of fields whose edges start from the actor, such as a home screen.
    A SELECT needs a column labelled `id` when edges lead to it in a list or a connection.
    """

    def declare(cls: type) -> Any:
        built: Any = strawberry.type(cls, name=name, description=description)
        built.__source__ = known = Source.of(rows)
        for found in built.__strawberry_definition__.fields:
            _check(built, known, found)
        return built

    return declare


def _check(cls: type, known: Source, found: StrawberryField) -> None:
    """Mistakes are told when the module is imported, not when the field is first read."""
    where = f"{cls.__name__}.{found.python_name}"
    if not isinstance(found, SourceField):
        raise TypeError(f"{where} does not say where it comes from: use column(), edge() or computed()")
    read = found.read
    if isinstance(read, Column) and read.expression is None and found.python_name not in known.types:
        raise TypeError(f"{where}: no column of that name in the source")
    if isinstance(read, Computed):
        names = {other.python_name for other in cls.__strawberry_definition__.fields}  # type: ignore[attr-defined]
        if missing := set(read.needs) - names:
            raise TypeError(f"{where} needs {sorted(missing)}, which {cls.__name__} does not have")


def without_none(annotation: Any) -> tuple[Any, bool]:
    """`X | None` -> (X, True); anything else -> (itself, False)."""
    if get_origin(annotation) not in (Union, UnionType):
        return annotation, False
    members = [member for member in get_args(annotation) if member is not NoneType]
    return (members[0], True) if len(members) == 1 else (annotation, False)


def page_arguments() -> dict[str, Argument]:
    """What every connection takes."""
    return {"first": Argument.of((int, DEFAULT_PAGE)), "after": Argument.of(str | None)}


def is_connection(graphql_type: Any) -> bool:
    """Whether a Strawberry type is `Connection[…]`."""
    definition = getattr(graphql_type, "__strawberry_definition__", None)
    return definition is not None and issubclass(definition.origin, Connection)


def _takes(arguments: Mapping[str, Any] | None) -> dict[str, Argument]:
    return {name: Argument.of(declared) for name, declared in (arguments or {}).items()}


def _asked(where: Declaration | None, order: Declaration | None) -> tuple[Asked | None, Asked | None]:
    return Asked(where) if where else None, Asked(order) if order else None
