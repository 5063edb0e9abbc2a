"""A clerk's desk: workbooks handed in over HTTP, the lane run by hand, the answers read over GraphQL."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import text

from backend.core.actor import SYSTEM, Actor
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.enrolment.import_work import ImportWorker
from backend.enrolment.routes import router
from tests.actors import World
from tests.client import Answer, Client
from tests.workbooks.test_workbooks import workbook

BATCH = """query($id: UUID!) { importBatch(id: $id) {
  id status fileNames total done newCount changedCount movedCount suggestedCount unchangedCount brokenCount
  problem version
} }"""
ROWS = """query($id: UUID!, $kind: ImportRowKind!) { importBatch(id: $id) {
  rows(kind: $kind, first: 100) { nodes { kind cell title message } } } }"""
APPLY = """mutation($batch: UUID!, $version: Int!) { applyImport(batch: $batch, version: $version) { __typename
  ... on ApplyImportPayload { batch { id status } } ... on Problem { code } } }"""
DISCARD = """mutation($batch: UUID!) { discardImport(batch: $batch) { __typename
  ... on DiscardImportPayload { id } ... on Problem { code } } }"""

C1 = ["STT", "Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Trạng thái HS", "Ngày nhập trạng thái"]
Sheet = Sequence[Sequence[Any]]


def pupils(*lines: Sequence[Any]) -> Sheet:
    """A pupil list; a line is class, code, name, birth date, and perhaps sex, status and its date."""
    return [C1, *([number, *line] for number, line in enumerate(lines, start=1))]


@dataclass
class Desk:
    """What a test does at the school."""

    database: Database
    world: World
    client: Client
    worker: ImportWorker
    http: httpx.AsyncClient
    actor: Actor

    async def hand_in(
        self, *contents: bytes, who: str = "clerk", school: str = "school", **headers: str
    ) -> httpx.Response:
        self.actor = self.world.actor(who)
        files = [("files", (f"tệp {number}.xlsx", content)) for number, content in enumerate(contents, start=1)]
        sent = {"x-nhipcau": "1", **headers}
        return await self.http.post(f"/imports?school={self.world[school]}", files=files, headers=sent)

    async def check(self, *sheets: Sheet) -> dict[str, Any]:
        """Hand in one workbook with these sheets and have it checked."""
        return await self.check_books(workbook(*sheets))

    async def check_books(self, *books: bytes) -> dict[str, Any]:
        answer = await self.hand_in(*books)
        assert answer.status_code == 202, answer.text
        await self.worker.run()
        return await self.batch(answer.json()["batch"])

    async def batch(self, id_: str) -> dict[str, Any]:
        return (await self.client(self.world.actor("clerk"), BATCH, id=id_))["importBatch"]

    async def rows(self, id_: str, kind: str) -> list[tuple[str, str, str]]:
        found = await self.client(self.world.actor("clerk"), ROWS, id=id_, kind=kind)
        return [(row["cell"], row["title"], row["message"]) for row in found["importBatch"]["rows"]["nodes"]]

    async def ask_to_apply(self, batch: dict[str, Any], who: str = "clerk") -> Answer:
        return await self.client(self.world.actor(who), APPLY, batch=batch["id"], version=batch["version"])

    async def apply(self, batch: dict[str, Any]) -> dict[str, Any]:
        answer = await self.ask_to_apply(batch)
        assert answer["applyImport"]["batch"]["status"] == "APPLYING"
        await self.worker.run()
        return await self.batch(batch["id"])

    async def sql(self, statement: str, **values: Any) -> list[Any]:
        async with self.database.write(SYSTEM) as session:
            result = await session.execute(text(statement), values)
            return list(result) if result.returns_rows else []  # pyright: ignore[reportAttributeAccessIssue]

    async def everything(self) -> dict[str, list[Any]]:
        """Every row of every table of the school, but those of imports, the journal and the versions."""
        tables = await self.sql("select tablename from pg_tables where schemaname = 'public' order by 1")
        left_out = ("import_batch", "import_file", "import_row", "journal", "alembic_version")
        return {t: await self.sql(f'select * from "{t}" order by id') for (t,) in tables if t not in left_out}


@pytest.fixture
async def desk(database: Database, world: World, client: Client, bus: MemoryBus) -> AsyncIterator[Desk]:
    app = FastAPI()
    app.include_router(router)
    app.state.services = client.services
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://school.test") as http:
        made = Desk(database, world, client, ImportWorker(database, bus), http, world.actor("clerk"))

        async def authenticate(_scope: Any) -> Actor:
            return made.actor

        app.state.authenticate = authenticate
        yield made
