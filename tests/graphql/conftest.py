"""One toy database for all tests of this folder, behind the product's own fence."""

import asyncio
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.schema import CreateTable

from backend.core.actor import NOBODY, Actor
from backend.core.db import APP_ROLE, Database, sqlalchemy_url
from backend.core.graphql.context import Context
from backend.core.graphql.router import GraphQLApp
from backend.core.graphql.schema import build_schema
from tests.graphql import toy

_POLICY = """
alter table {table} enable row level security;
create policy fence on {table} using (
    school_id = any(coalesce(nullif(current_setting('app.schools', true), ''), '{{}}')::uuid[]));
"""


@dataclass
class House:
    """The toy behind its endpoint; `run` drives the one event loop of these tests."""

    runner: asyncio.Runner
    database: Database
    toy: toy.Toy
    app: GraphQLApp
    actor: Actor = NOBODY
    log: list[str] = field(default_factory=list)

    def run(self, awaitable: Any) -> Any:
        return self.runner.run(awaitable)

    def compiled(self, text: str, variables: Any = None, actor: Actor | None = None) -> Any:
        return json.loads(self.run(self.app.read(text, variables, actor or self.toy.teacher)))

    def executed(self, text: str, variables: Any = None, actor: Actor | None = None) -> Any:
        context = Context(actor=actor or self.toy.teacher, database=self.database)
        return self.run(self.app.execute(text, variables, context))

    def post(self, body: Any, *, actor: Actor | None = None, method: str = "POST", **headers: str | None) -> Any:
        """A request as a browser would send it; None removes a header. Returns status, answer, headers."""
        self.actor = actor or self.toy.teacher
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = {"content-type": "application/json", "x-nhipcau": "1", "host": "test"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        lines = [(name.encode(), value.encode()) for name, value in sent.items() if value is not None]
        return self.run(self._call({"type": "http", "method": method, "headers": lines}, raw))

    async def _call(self, scope: Any, raw: bytes) -> Any:
        messages: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": raw, "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await self.app(scope, receive, send)
        return messages[0]["status"], json.loads(messages[1]["body"]), messages[0]["headers"]


@pytest.fixture(scope="session")
def house(server: str) -> Iterator[House]:
    with asyncio.Runner() as runner:
        head, _, tail = server.rpartition("/postgres")
        dsn = f"{head}/toy{tail}"
        known, tables = toy.rows()
        runner.run(_build(server, dsn, tables))
        database = runner.run(Database.open(dsn, size=3))
        made: list[House] = []

        async def authenticate(_scope: Any) -> Actor:
            return made[0].actor

        text = "{ home { hello } }"
        app = GraphQLApp(
            build_schema(toy.Query, toy.Mutation), database, authenticate,
            trusted={hashlib.sha256(text.encode()).hexdigest(): text}, free_text=True,
            origins=("https://allowed.test",),
        )  # fmt: skip
        made.append(House(runner, database, known, app))
        yield made[0]
        runner.run(database.close())


async def _build(server: str, dsn: str, tables: dict[str, list[dict[str, object]]]) -> None:
    connection = await asyncpg.connect(server)
    await connection.execute("create database toy")
    await connection.execute(
        f"do $$ begin if not exists (select from pg_roles where rolname = '{APP_ROLE}') "
        f"then create role {APP_ROLE}; end if; end $$"
    )
    await connection.close()
    connection = await asyncpg.connect(dsn)
    for table in toy.meta.sorted_tables:
        await connection.execute(str(CreateTable(table).compile(dialect=postgresql.dialect())))
        if "school_id" in table.c:
            await connection.execute(_POLICY.format(table=table.name))
    await connection.execute(f"grant select, insert, update on all tables in schema public to {APP_ROLE}")
    await connection.close()
    engine = create_async_engine(sqlalchemy_url(dsn))
    async with engine.begin() as filling:
        for name, rows in tables.items():
            await filling.execute(toy.meta.tables[name].insert(), rows)
    await engine.dispose()
