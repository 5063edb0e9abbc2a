"""Selection: a parsed operation, asked the questions that both compiler and limits have.

Which fields does this selection come to (fragments, @include, @skip, merged response keys), and which value does an
argument have? Everything that depends on a request's variables is a function of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    Visitor,
    is_input_type,
    is_non_null_type,
    visit,
)
from graphql.execution.values import get_variable_values
from graphql.language import BooleanValueNode, NonNullTypeNode, VariableDefinitionNode
from graphql.utilities import type_from_ast, value_from_ast

from backend.core.graphql.source import SourceField
from backend.core.problem import Invalid

Variables = Mapping[str, Any]
BACKREF: Final = "strawberry-definition"


class Document:
    """One operation of a document that has passed validation."""

    def __init__(self, schema: GraphQLSchema, parsed: DocumentNode) -> None:
        operations = [d for d in parsed.definitions if isinstance(d, OperationDefinitionNode)]
        if len(operations) != 1:
            raise Invalid("core.one_operation")
        self.parsed = parsed
        self.operation = operations[0]
        self.fragments = {d.name.value: d for d in parsed.definitions if isinstance(d, FragmentDefinitionNode)}
        self._schema = schema
        self._definitions = tuple(self.operation.variable_definitions or ())
        self._quickly = [_quickly(schema, definition) for definition in self._definitions]
        self._shape = tuple(_shape_of(definition) for definition in self._definitions)

    @property
    def is_query(self) -> bool:
        return self.operation.operation is OperationType.QUERY

    @property
    def is_subscription(self) -> bool:
        return self.operation.operation is OperationType.SUBSCRIPTION

    @property
    def root(self) -> GraphQLObjectType:
        root = self._schema.get_root_type(self.operation.operation)
        if root is None:
            raise Invalid("core.one_operation")
        return root

    def coerce(self, given: Mapping[str, Any]) -> Variables:
        """The variables as Python values, with defaults; raises GraphQLError naming the first that does not fit."""
        if not self._definitions:
            return {}
        try:
            return self._quick(given)
        except Exception:  # whatever a scalar dislikes: the thorough way finds the words for it
            return self._thorough(given)

    def _quick(self, given: Mapping[str, Any]) -> Variables:
        """Scalars and enums by type, looked up once; anything else raises, and the thorough way decides."""
        values: dict[str, Any] = {}
        for name, parse, required, default in self._quickly:
            value = given.get(name, default)
            if value is None:
                if required:
                    raise ValueError(name)
                if name in given:
                    values[name] = None
            else:
                values[name] = value if value is default else parse(value)
        return values

    def _thorough(self, given: Mapping[str, Any]) -> Variables:
        values = get_variable_values(self._schema, self._definitions, dict(given), max_errors=1)
        if isinstance(values, list):
            raise values[0]
        return values.coerced

    def shape(self, variables: Variables) -> tuple[Any, ...]:
        """What of the variables decides the statement's form: booleans (for @include), and which are absent."""
        return tuple(ask(variables) for ask in self._shape)

    def collect(
        self, parent: GraphQLObjectType, selections: Sequence[SelectionSetNode], variables: Variables
    ) -> dict[str, list[FieldNode]]:
        """The fields of an object by response key, in the order of the answer."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selection_set in selections:
            self._collect(parent, selection_set, variables, found, seen)
        return found

    def _collect(
        self,
        parent: GraphQLObjectType,
        selection_set: SelectionSetNode,
        variables: Variables,
        found: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for selection in selection_set.selections:
            if not _included(selection.directives, variables):
                continue
            if isinstance(selection, FieldNode):
                found.setdefault((selection.alias or selection.name).value, []).append(selection)
                continue
            fragment: Any = selection
            if not isinstance(selection, InlineFragmentNode):
                name = selection.name.value  # type: ignore[attr-defined]
                if name in seen:
                    continue
                seen.add(name)
                fragment = self.fragments[name]
            if self._applies(fragment.type_condition, parent):
                self._collect(parent, fragment.selection_set, variables, found, seen)

    def _applies(self, condition: Any, parent: GraphQLObjectType) -> bool:
        if condition is None or condition.name.value == parent.name:
            return True
        named = self._schema.get_type(condition.name.value)
        return named is not None and named in (*parent.interfaces, *self._unions_of(parent))

    def _unions_of(self, parent: GraphQLObjectType) -> list[Any]:
        return [t for t in self._schema.type_map.values() if parent in getattr(t, "types", ())]

    def argument(
        self, field: GraphQLField, declared: SourceField, node: FieldNode, name: str
    ) -> Callable[[Variables], Any]:
        """How to get the value of one argument of a read from the variables."""
        graphql_name = next(n for n, a in field.args.items() if a.extensions[BACKREF].python_name == name)
        taken = declared.all_takes()[name]
        given = next((a for a in node.arguments or () if a.name.value == graphql_name), None)
        default = taken.default if taken.has_default else None
        if given is None:
            return lambda _variables: default
        if isinstance(given.value, VariableNode):
            variable = given.value.name.value
            required = None if taken.optional else graphql_name
            return lambda variables: _present(variables.get(variable, default), required)
        type_ = field.args[graphql_name].type
        if _has_variables(given.value):
            return lambda variables: value_from_ast(given.value, type_, dict(variables))
        constant = value_from_ast(given.value, type_)
        return lambda _variables: constant


def _present(value: Any, required: str | None) -> Any:
    if value is None and required is not None:
        raise GraphQLError(f"Argument '{required}' must not be null.")
    return value


def _quickly(schema: GraphQLSchema, definition: VariableDefinitionNode) -> tuple[str, Callable[[Any], Any], bool, Any]:
    """Name, parser, whether null is refused, and default of a variable; the parser refuses what is not a leaf."""
    type_ = type_from_ast(schema, definition.type)
    required = is_non_null_type(type_)
    inner: Any = type_.of_type if is_non_null_type(type_) else type_
    default = None
    if definition.default_value is not None and is_input_type(inner):
        default = value_from_ast(definition.default_value, inner)
    parse = inner.parse_value if isinstance(inner, GraphQLScalarType | GraphQLEnumType) else _refuse
    return definition.variable.name.value, parse, required, default


def _refuse(_value: Any) -> Any:
    raise TypeError("not a leaf")


def _shape_of(definition: VariableDefinitionNode) -> Callable[[Variables], Any]:
    name = definition.variable.name.value
    type_ = definition.type
    required = isinstance(type_, NonNullTypeNode)
    inner: Any = type_.type if isinstance(type_, NonNullTypeNode) else type_
    if getattr(getattr(inner, "name", None), "value", "") == "Boolean":
        return lambda variables: variables.get(name)
    return (lambda _variables: None) if required else (lambda variables: variables.get(name) is None)


def _included(directives: Sequence[DirectiveNode] | None, variables: Variables) -> bool:
    for directive in directives or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is None:
            continue
        value = next(iter(directive.arguments or ())).value
        on = value.value if isinstance(value, BooleanValueNode) else variables.get(value.name.value)  # type: ignore
        if on is not wanted:
            return False
    return True


def _has_variables(value: ValueNode) -> bool:
    seen: list[bool] = []

    class Look(Visitor):
        def enter_variable(self, *_: Any) -> None:
            seen.append(True)

    visit(value, Look())
    return bool(seen)
