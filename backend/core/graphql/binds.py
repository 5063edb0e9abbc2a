"""What a declaration may mention: columns by name, and the actor, the clock and the arguments as bind parameters.

A compiled statement is cached and shared by everybody, so no value of a request may be written into it. The twins in
this module look like the real thing (`actor.user_id`, `now()`) and stand for "the value of whoever asks". This module
knows neither Strawberry nor GraphQL: `enrolment/access.py` may use it, and its scopes serve actions and reads alike.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    DateTime,
    Double,
    Numeric,
    Text,
    Uuid,
    any_,
    bindparam,
    literal_column,
)
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.types import TypeEngine

from backend.core import clock
from backend.core.actor import Actor, Permission, Role

DIALECT: Final = asyncpg_dialect()
_SQL_TYPES: Final[Mapping[type, TypeEngine[Any]]] = {
    UUID: Uuid(),
    str: Text(),
    int: BigInteger(),
    float: Double(),
    bool: Boolean(),
    date: Date(),
    datetime: DateTime(timezone=True),
    Decimal: Numeric(),
}
_ACTOR: Final = "actor__"
_ACTOR_SCHOOLS_AS: Final = "actor__schools_as__"
_CLOCK: Final[Mapping[str, Callable[[], Any]]] = {"clock__now": clock.now, "clock__today": clock.today}


def one_of(column: Any, values: Any) -> ColumnElement[bool]:
    """`column` is among `values`: a sequence of ids, or a bind parameter that stands for one.

    Unlike IN it is one parameter whatever the length, so the statement stays the same.
    """
    if not isinstance(values, ColumnElement):
        values = bindparam(None, list(values), type_=ARRAY(column.type))
    return column == any_(values)


def now() -> ColumnElement[datetime]:
    """This instant, read from `core.clock` when the statement runs."""
    return bindparam("clock__now", type_=DateTime(timezone=True))


def today() -> ColumnElement[date]:
    """Today in Vietnam, read from `core.clock` when the statement runs."""
    return bindparam("clock__today", type_=Date())


class ActorBinds:
    """The twin of `Actor`: ids are bind parameters; roles and rights are real, for they may decide the SQL's shape.

    The compiler caches one plan per set of roles, so an `if Role.HEADTEACHER in actor.roles` is allowed in a scope.
    """

    def __init__(self, actor: Actor) -> None:
        self.roles: frozenset[Role] = actor.roles
        self.system: bool = actor.system
        self._may = actor.may

    user_id = property(lambda self: bindparam("actor__user_id", type_=Uuid()))
    session_id = property(lambda self: bindparam("actor__session_id", type_=Uuid()))
    language = property(lambda self: bindparam("actor__language", type_=Text()))
    full_name = property(lambda self: bindparam("actor__full_name", type_=Text()))
    schools = property(lambda self: bindparam("actor__schools", type_=ARRAY(Uuid())))
    staff_schools = property(lambda self: bindparam("actor__staff_schools", type_=ARRAY(Uuid())))
    students = property(lambda self: bindparam("actor__students", type_=ARRAY(Uuid())))

    def schools_as(self, *roles: Role) -> ColumnElement[Any]:
        """The schools where the actor holds one of these roles, as one array parameter."""
        return bindparam(_ACTOR_SCHOOLS_AS + "__".join(sorted(roles)), type_=ARRAY(Uuid()))

    def may(self, permission: Permission) -> bool:
        return self._may(permission)


def ambient(name: str) -> Callable[[Actor], Any] | None:
    """How to fill the parameter `name` from the actor or the clock; None when it is neither."""
    if name in _CLOCK:
        read = _CLOCK[name]
        return lambda _actor: read()
    if name.startswith(_ACTOR_SCHOOLS_AS):
        roles = tuple(Role(role) for role in name.removeprefix(_ACTOR_SCHOOLS_AS).split("__") if role)
        return lambda actor: actor.schools_as(*roles)
    if name.startswith(_ACTOR):
        attribute = name.removeprefix(_ACTOR)
        return lambda actor: getattr(actor, attribute)
    return None


class Columns:
    """The columns of one alias in a statement: `it.student_id` is SQL for `t3.student_id`.

    They are plain texts to SQLAlchemy and bring no FROM entry along, so a subquery may mention them at any depth.
    """

    def __init__(self, alias: str, types: Mapping[str, TypeEngine[Any]]) -> None:
        self._alias = alias
        self._types = types

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        if name.startswith("__") or name not in self._types:
            raise AttributeError(f"no column {name!r} among {', '.join(self._types)}")
        return literal_column(f"{self._alias}.{DIALECT.identifier_preparer.quote(name)}", self._types[name])


class Values:
    """The columns of a row already read: `me.id` is a parameter with the row's value."""

    def __init__(self, values: Mapping[str, Any], types: Mapping[str, TypeEngine[Any]]) -> None:
        self._values = values
        self._types = types

    def __getattr__(self, name: str) -> ColumnElement[Any]:
        if name.startswith("__") or name not in self._types:
            raise AttributeError(f"no column {name!r} among {', '.join(self._types)}")
        return bindparam(None, self._values[name], type_=self._types[name])


class Arguments:
    """The arguments of a field: each a bind parameter, or None when it is optional and was not given."""

    def __init__(self, values: Mapping[str, ColumnElement[Any] | None]) -> None:
        self._values = values

    def __getattr__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise AttributeError(f"no argument {name!r} among {', '.join(self._values)}") from None


def sql_type(python_type: Any) -> TypeEngine[Any]:
    """The PostgreSQL type of an argument; raises TypeError for what cannot be one parameter."""
    if isinstance(python_type, type) and issubclass(python_type, Enum):
        return Text()
    try:
        return _SQL_TYPES[python_type]
    except (KeyError, TypeError):
        raise TypeError(f"an argument of a read cannot be {python_type!r}") from None


def sql_value(value: Any) -> Any:
    """A Python value as asyncpg wants it: enums by name."""
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [sql_value(item) for item in value]
    return value
