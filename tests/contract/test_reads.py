"""Reads are compiled: each is one statement, and says byte for byte what Strawberry's executor says."""

import json
from pathlib import Path
from typing import Any

import pytest
from graphql import OperationDefinitionNode, OperationType, TypeInfo, TypeInfoVisitor, Visitor, parse, visit

from backend.core import clock
from backend.core.actor import Actor
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.graphql.fields import required_permission
from backend.core.problem import Problem
from backend.schema import schema
from tests.actors import ACTORS, World, make_world
from tests.client import Client, context
from tests.contract.extras import add_extras

TRUSTED: dict[str, str] = json.loads((Path(__file__).parents[2] / "backend/operations.json").read_text())
CORE = schema._schema  # pyright: ignore[reportPrivateUsage]
# Reads that need Python: counting an audience runs the action's own checks; the push key is a setting; patterns of
# absence are pure rules over a school's marks; a school without settings of its own has the defaults. What a form
# knows, who may sign with one and where a dossier is look past the reader's own fence.
# Working days until a deadline are counted by pure rules over the offices' calendar.
IN_PYTHON = {
    "announcementAudience", "pushKey", "absencePatterns", "attendanceSettings", "prefill", "cosigners",
    "trackDossier", "dossierQueue", "serviceBoard", "openTransfer", "verifyPaper",
}  # fmt: skip
QUERIES = {
    definition.name.value: text
    for text in TRUSTED.values()
    for definition in parse(text).definitions
    if isinstance(definition, OperationDefinitionNode)
    and definition.operation is OperationType.QUERY
    and definition.name is not None
    and not any(f"{name}(" in text or f"{name} " in text or f"{name}}}" in text for name in IN_PYTHON)
}


@pytest.fixture
async def world(database: Database) -> World:
    made = await make_world(database)
    await add_extras(database, made)
    return made


def _variables(text: str, world: World) -> dict[str, Any]:
    """Values for a document's variables, by their names and types: the world's own ids where a name says which."""
    by_name = {
        "school": "school", "classGroup": "class_7a", "subject": "toan", "student": "lan", "column": "column",
        "batch": "batch", "announcement": "announcement",
    }  # fmt: skip
    by_root = {"student": "lan", "classGroup": "class_7a", "announcement": "announcement",
               "sentAnnouncement": "announcement", "importBatch": "batch", "scoreColumn": "column",
               "leaveRequest": "leave", "dossier": "dossier", "draft": "request"}  # fmt: skip
    document = parse(text)
    definition = document.definitions[0]
    assert isinstance(definition, OperationDefinitionNode)
    given: dict[str, Any] = {}
    for variable in definition.variable_definitions or ():
        name, kind = variable.variable.name.value, str(getattr(variable.type, "type", variable.type))
        root = next((r for r in by_root if f"{r}(" in text), "student")
        if "UUID" in text.split(f"${name}:")[1][:8]:
            given[name] = str(world[by_name.get(name, by_root[root])])
        elif "Semester" in text.split(f"${name}:")[1][:10]:
            given[name] = "SEM1"
        elif "RecipientState" in text.split(f"${name}:")[1][:16]:
            given[name] = "ALL"
        elif "ImportRowKind" in text.split(f"${name}:")[1][:15]:
            given[name] = "NEW"
        elif "first" in name.lower():
            given[name] = 3
        elif text.split(f"${name}:")[1].startswith("Date"):
            given[name] = clock.today().isoformat()
        elif text.split(f"${name}:")[1].startswith("Boolean"):
            given[name] = True
        elif text.split(f"${name}:")[1].startswith("HalfDay"):
            given[name] = "MORNING"
        elif text.split(f"${name}:")[1].startswith("Int"):
            given[name] = 0
        elif text.split(f"${name}:")[1].startswith("String!"):
            given[name] = "TRUONG.02" if name == "code" else "thcs"
        assert kind
    return given


def _may(actor: Actor, text: str) -> bool:
    """Whether every root field of the document is open to this actor."""
    allowed = True

    class Roots(Visitor):
        def enter_field(self, node: Any, *_: Any) -> None:
            nonlocal allowed
            if info.get_parent_type() is CORE.query_type:
                field = info.get_field_def()
                assert field is not None
                try:
                    from backend.core.actor import Permission

                    actor.require(Permission(required_permission(field)))
                except Problem:
                    allowed = False

    info = TypeInfo(CORE)
    visit(parse(text), TypeInfoVisitor(info, Roots()))
    return allowed


@pytest.mark.parametrize("name", sorted(QUERIES))
async def test_each_trusted_query_is_one_statement_and_equals_the_executor(
    name: str, database: Database, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    read = Database.read

    async def counted(self: Database, sql: str, args: Any) -> Any:
        statements.append(sql)
        return await read(self, sql, args)

    monkeypatch.setattr(Database, "read", counted)
    client, text = Client(database, MemoryBus()), QUERIES[name]
    variables = _variables(text, world)
    actors = [world.actor(actor) for actor in ACTORS if _may(world.actor(actor), text)]
    assert actors, "nobody may run this document"
    for actor in actors:
        statements.clear()
        compiled = json.loads(await client.app.read(text, variables, actor))
        assert len(statements) == 1
        executed = await client.app.execute(text, variables, context(database, actor))
        assert compiled == executed
