"""Limits of one document, checked once, before validation: every limit has a number.

Cost counts each field once per object it is asked of: lists multiply by `first` or, when they do not say, by the most
they can give (an edge may name what is usual instead). The walk stops at the first excess, so a hostile document
costs no more than a large one.
"""

from typing import Any, Final

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from backend.core.graphql.connection import DEFAULT_PAGE, LARGEST_PAGE
from backend.core.graphql.selection import BACKREF
from backend.core.graphql.source import LIST_CAP, Edge, SourceField, is_connection
from backend.core.problem import Invalid

MOST_TOKENS: Final = 2_000
MOST_DEPTH: Final = 12
MOST_COST: Final = 10_000
MOST_ALIASES: Final = 30


def check(schema: GraphQLSchema, document: DocumentNode) -> int:
    """The cost of the document; raises Invalid("core.too_deep" | "core.too_costly" | "core.too_many_aliases")."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    walk = _Walk(fragments)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            walk.selection(schema.get_root_type(definition.operation), definition.selection_set, 1, 1, frozenset())
    return walk.cost


class _Walk:
    def __init__(self, fragments: dict[str, FragmentDefinitionNode]) -> None:
        self._fragments = fragments
        self._aliases = 0
        self.cost = 0

    def selection(self, parent: Any, nodes: SelectionSetNode, depth: int, times: int, inside: frozenset[str]) -> None:
        if depth > MOST_DEPTH:
            raise Invalid("core.too_deep", most=MOST_DEPTH)
        for node in nodes.selections:
            if isinstance(node, FieldNode):
                self._field(parent, node, depth, times)
            elif isinstance(node, InlineFragmentNode):
                self.selection(parent, node.selection_set, depth, times, inside)
            else:
                name = node.name.value  # type: ignore[attr-defined]
                self._spend(times)
                if name in self._fragments and name not in inside:
                    self.selection(parent, self._fragments[name].selection_set, depth, times, inside | {name})

    def _field(self, parent: Any, node: FieldNode, depth: int, times: int) -> None:
        self._spend(times)
        if node.alias is not None:
            self._aliases += 1
            if self._aliases > MOST_ALIASES:
                raise Invalid("core.too_many_aliases", most=MOST_ALIASES)
        if node.selection_set is None:
            return
        field = parent.fields.get(node.name.value) if isinstance(parent, GraphQLObjectType) else None
        target = get_named_type(field.type) if field else None
        self.selection(target, node.selection_set, depth + 1, times * _rows(field, node), frozenset())

    def _spend(self, amount: int) -> None:
        self.cost += amount
        if self.cost > MOST_COST:
            raise Invalid("core.too_costly", most=MOST_COST)


def _rows(field: Any, node: FieldNode) -> int:
    """How many objects a field can lead to."""
    if field is None:
        return 1
    declared = field.extensions.get(BACKREF)
    if not isinstance(declared, SourceField) or not isinstance(declared.read, Edge):
        return _made(declared) if _is_list(field.type) and _by_hand(declared) else 1
    paged = is_connection(declared.type)
    if not paged and not _is_list(field.type):
        return 1
    most = LARGEST_PAGE if paged else declared.read.cap
    given: Any = next((a.value for a in node.arguments or () if a.name.value == "first"), None)
    if isinstance(given, IntValueNode):
        return max(1, min(int(given.value), most))
    if given is not None:
        return most
    taken = declared.all_takes().get("first")
    default = taken.default if taken is not None and taken.has_default else None
    if isinstance(default, int):
        return default
    return DEFAULT_PAGE if paged else declared.read.usual or most


def _made(declared: Any) -> int:
    """The length of a list that Python makes: what its field names as usual (`metadata={"usual": 50}`)."""
    return declared.metadata.get("usual", LIST_CAP)


def _by_hand(declared: Any) -> bool:
    """A list that Python makes (payloads); the nodes of a connection were counted with the connection."""
    return declared is not None and declared.python_name != "nodes"


def _is_list(type_: Any) -> bool:
    return is_list_type(type_.of_type if is_non_null_type(type_) else type_)
