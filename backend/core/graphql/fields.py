"""Root fields: each carries its permission, visible in the SDL as `@requires(permission: …)`.

    @strawberry.type
    class GradebookQuery:
        score_column: ScoreColumn | None = root(
            Permission.MARKS_READ,
            where=lambda it, args, actor: and_(it.id == args.id, access.class_columns(actor, it)),
            arguments={"id": UUID},
        )

    @strawberry.type
    class GradebookMutation:
        @mutation(Permission.SCORE_PUBLISH)
        async def publish_scores(self, info: Info, column: UUID, version: int) -> PublishScoresPayload | Problem: ...

`root` is read by the compiler. `@query` is plain Python, for the rare read that is not SQL; an operation with one goes
through Strawberry's executor. The guard refuses before anything else happens: SignInRequired, then NotAllowed.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import strawberry
from graphql import GraphQLField, GraphQLSchema
from strawberry.extensions.field_extension import FieldExtension
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from backend.core.actor import Permission
from backend.core.graphql.context import Context
from backend.core.graphql.selection import BACKREF
from backend.core.graphql.source import LIST_CAP, Column, Declaration, Edge, SourceField, _asked, _takes

Info = strawberry.Info[Context, None]


@strawberry.schema_directive(locations=[Location.FIELD_DEFINITION], name="requires")
class Requires:
    """The right somebody needs to use this field."""

    permission: str


class Guard(FieldExtension):
    """Refuses before the field does anything, and writes the permission into the schema."""

    def __init__(self, permission: Permission) -> None:
        self._permission = permission

    def apply(self, field: StrawberryField) -> None:
        if not any(isinstance(directive, Requires) for directive in field.directives):
            field.directives = [*field.directives, Requires(permission=self._permission.value)]

    async def resolve_async(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        info.context.actor.require(self._permission)
        result = next_(source, info, **kwargs)
        return await result if hasattr(result, "__await__") else result


class GuardStream(Guard):
    """The same for a subscription, whose resolver returns a stream at once."""

    def resolve(self, next_: Callable[..., Any], source: Any, info: Info, **kwargs: Any) -> Any:
        info.context.actor.require(self._permission)
        return next_(source, info, **kwargs)


def root(
    permission: Permission,
    *,
    where: Declaration | None = None,
    order: Declaration | None = None,
    cap: int = LIST_CAP,
    usual: int | None = None,
    arguments: Mapping[str, Any] | None = None,
    **options: Any,
) -> Any:
    """A root field that is read: an edge that starts from nobody's row. `where` asks for it, args, actor.

    `where` holds the scope: which rows this actor may see. Row-level security is only the second lock.
    """
    read = Edge(*_asked(where, order), cap, usual)
    return SourceField(read, _takes(arguments), permission, extensions=[Guard(permission)], **options)


def root_value(
    permission: Permission, expression: Declaration, *, arguments: Mapping[str, Any] | None = None, **options: Any
) -> Any:
    """A root field that is one value: SQL that asks for args and actor, such as `exists()` for a yes or no."""
    read = Column(_asked(expression, None)[0])
    return SourceField(read, _takes(arguments), permission, extensions=[Guard(permission)], **options)


def query(permission: Permission, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A root read in Python: `async def name(self, info: Info, …)`."""
    return _decorator(strawberry.field, Guard(permission), options)


def mutation(permission: Permission, **options: Any) -> Callable[[Callable[..., Any]], Any]:
    """A root change: `async def name(self, info: Info, …) -> XPayload | Problem`."""
    return _decorator(strawberry.mutation, Guard(permission), options)


def subscription(permission: Permission, **options: Any) -> Callable[[Callable[..., AsyncIterator[Any]]], Any]:
    """A root stream; served to browsers as the signals of `live.py`."""
    return _decorator(strawberry.subscription, GuardStream(permission), options)


def _decorator(make: Any, guard: Guard, options: Mapping[str, Any]) -> Callable[[Callable[..., Any]], Any]:
    return lambda resolver: make(resolver=resolver, extensions=[guard], **options)


def required_permission(field: GraphQLField) -> str | None:
    """The permission written on a root field; None when somebody forgot it."""
    declared = field.extensions.get(BACKREF)
    return next((d.permission for d in getattr(declared, "directives", ()) if isinstance(d, Requires)), None)


def root_permissions(schema: GraphQLSchema) -> dict[str, str | None]:
    """Every root field ("Query.student") with its permission, for the test that none is without."""
    roots = (schema.query_type, schema.mutation_type, schema.subscription_type)
    return {
        f"{parent.name}.{name}": required_permission(field)
        for parent in roots
        if parent is not None
        for name, field in parent.fields.items()
    }
