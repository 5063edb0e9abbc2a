"""The schema: Strawberry with our scalars and our one exception handler; documents checked, kept, and compiled."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import strawberry
from graphql import GraphQLError, NoSchemaIntrospectionCustomRule, parse, specified_rules, validate
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.schema.config import StrawberryConfig

from backend.core.actor import Actor, Permission
from backend.core.graphql import limits
from backend.core.graphql.compile import NotCompilable, Plan, compile_operation
from backend.core.graphql.fields import required_permission
from backend.core.graphql.problems import ProblemHandler
from backend.core.graphql.scalars import SCALARS
from backend.core.graphql.selection import Document, Variables

KEPT_DOCUMENTS: Final = 500
KEPT_SHAPES: Final = 64
T = TypeVar("T")


class Schema(strawberry.Schema):
    """Strawberry's schema; errors are logged by the router, once and masked."""

    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        return None


def build_schema(query: type, mutation: type | None = None, subscription: type | None = None) -> Schema:
    """The schema of the whole product, or of a test."""
    return Schema(
        query=query,
        mutation=mutation,
        subscription=subscription,
        config=StrawberryConfig(scalar_map=dict(SCALARS)),
        exception_handlers=[ProblemHandler()],
        extensions=[lambda: ParserCache(maxsize=KEPT_DOCUMENTS), lambda: ValidationCache(maxsize=KEPT_DOCUMENTS)],
    )


class Kept(Generic[T]):
    """A small map that forgets what was used longest ago."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: OrderedDict[Hashable, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._items)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        found = self._items.get(key)
        if found is None:
            found = self._items[key] = make()
            if len(self._items) > self._most:
                self._items.popitem(last=False)
        else:
            self._items.move_to_end(key)
        return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """One shape of an operation: the rights of its root fields, and its plan unless Strawberry has to run it."""

    permissions: tuple[Permission, ...]
    plan: Plan | None


class Operation:
    """A checked document with its plans."""

    def __init__(self, schema: Schema, text: str, introspection: bool) -> None:
        core = schema._schema
        parsed = parse(text, max_tokens=limits.MOST_TOKENS)
        limits.check(core, parsed)
        rules = specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        if errors := validate(core, parsed, rules, max_errors=1):
            raise errors[0]
        self.text = text
        self.document = Document(core, parsed)
        self.name = self.document.operation.name.value if self.document.operation.name else ""
        self._plans: Kept[Prepared] = Kept(KEPT_SHAPES)

    def prepare(self, variables: Variables, actor: Actor) -> Prepared:
        """Guard first: raises SignInRequired or NotAllowed before anything is compiled or read."""
        key = (self.document.shape(variables), actor.roles, actor.user_id is None, actor.system)
        prepared = self._plans.get(key, lambda: self._prepare(variables, actor))
        for permission in prepared.permissions:
            actor.require(permission)
        return prepared

    def _prepare(self, variables: Variables, actor: Actor) -> Prepared:
        document = self.document
        if not document.is_query:
            return Prepared((), None)  # a mutation's guard answers inside its union
        roots = document.collect(document.root, [document.operation.selection_set], variables)
        fields = [document.root.fields.get(nodes[0].name.value) for nodes in roots.values()]
        needed = [required_permission(field) for field in fields if field is not None]
        permissions = tuple(Permission(value) for value in dict.fromkeys(needed) if value is not None)
        for permission in permissions:
            actor.require(permission)
        try:
            return Prepared(permissions, compile_operation(document, variables, actor))
        except NotCompilable:
            return Prepared(permissions, None)


class Operations:
    """The documents this server knows, by the hash of their text, and those it has met."""

    def __init__(self, schema: Schema, trusted: Mapping[str, str], introspection: bool) -> None:
        self.schema = schema
        self._trusted = trusted
        self._introspection = introspection
        self._kept: Kept[Operation] = Kept(KEPT_DOCUMENTS)

    def by_id(self, hash_: str) -> Operation | None:
        """A trusted document, or None."""
        text = self._trusted.get(hash_)
        return None if text is None else self.by_text(text)

    def by_text(self, text: str) -> Operation:
        """Free text; raises GraphQLError when it is not valid, Invalid when it passes a limit."""
        return self._kept.get(text, lambda: Operation(self.schema, text, self._introspection))


__all__ = ["GraphQLError", "Operation", "Operations", "Prepared", "Schema", "build_schema"]
