"""Every text argument of every operation against text nobody types: the answer may be a refusal, never a fault."""

from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_list_type,
    is_non_null_type,
)

from backend.core.db import Database
from backend.core.graphql.fields import root_permissions
from backend.schema import schema
from tests.actors import World
from tests.attack.wide import wide_selection
from tests.client import Client
from tests.contract.extras import add_extras

HOSTILE = {
    "nul": "a\0b",
    "empty": "",
    "decomposed": "Nguye\u0302\u0303n Va\u0306n A",
    "override": "Bu\u0300i \u202egnouht\u202c \u200b\ufeff",
    "long": "ă" * 100_000,
    "digits": "9" * 100_000,
    "private": "\ue000\U0010ffff\ufffe",
    "markup": "<script>alert(1)</script>' or 1=1 -- {child} %s \\",
    "lines": "a\r\nSet-Cookie: x=1\r\n\r\n",
    "zalgo": "a" + "\u0301" * 5_000,
    "arabic": "١٢٣٤٥٦",
}
_ASKED_BY = {
    "home:family": "mother",
    "marks:read": "mother",
    "score:enter": "math_teacher",
    "score:publish": "math_teacher",
    "class:read": "headteacher",
    "announcement:read": "mother",
}


def _plain(type_: Any) -> Any:
    return type_.of_type if is_non_null_type(type_) else type_


def _value(name: str, type_: Any, text: str, world: World) -> Any:
    inner = _plain(type_)
    if is_list_type(inner):
        return [_value(name, inner.of_type, text, world)]
    named: GraphQLNamedType = get_named_type(inner)
    if isinstance(named, GraphQLEnumType):
        return next(iter(named.values))
    if isinstance(named, GraphQLInputObjectType):
        return {key: _value(key, field.type, text, world) for key, field in named.fields.items()}
    places = {
        "classGroup": "class_7a",
        "subject": "toan",
        "classes": "class_7a",
        "student": "lan",
        "staff": "math_member",
    }
    values = {
        "Int": 1,
        "Boolean": True,
        "UUID": str(world[places.get(name, name if name in world.ids else "announcement")]),
    }
    return values.get(named.name, text)


def _document(root: str, name: str, arguments: dict[str, GraphQLArgument], selection: str) -> str:
    declared = ", ".join(f"${key}: {argument.type}" for key, argument in arguments.items())
    given = ", ".join(f"{key}: ${key}" for key in arguments)
    return f"{root.lower()} Try({declared}) {{ {name}({given}) {selection} }}"


@pytest.mark.parametrize("kind", HOSTILE)
async def test_no_text_makes_a_fault(client: Client, world: World, database: Database, kind: str) -> None:
    await add_extras(database, world)
    faults: list[tuple[str, object]] = []
    for field, permission in root_permissions(schema._schema).items():
        root_name, name = field.split(".")
        root = schema._schema.get_type(root_name)
        assert isinstance(root, GraphQLObjectType)
        arguments = root.fields[name].args
        target = get_named_type(root.fields[name].type)
        if not arguments or not isinstance(target, GraphQLObjectType | GraphQLUnionType):
            continue
        variables = {key: _value(key, argument.type, HOSTILE[kind], world) for key, argument in arguments.items()}
        client.services.limits.__init__(None)
        document = _document(root_name, name, arguments, wide_selection(target))
        answer = await client(world.actor(_ASKED_BY.get(str(permission), "clerk")), document, **variables)
        if answer.status >= 500 or answer.problem == "FAULT":
            faults.append((field, answer.errors))
    assert faults == []
