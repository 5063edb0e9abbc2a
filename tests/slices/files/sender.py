"""Somebody who sends files by tus over the product's own front door, and papers to send."""

import base64
import hashlib
import io
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pikepdf
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import func, select
from sqlmodel import col

from backend.core.actor import SYSTEM, Actor
from backend.core.db import Database, Row
from backend.core.gate import Gate
from backend.core.http import Front
from backend.core.services import Services
from backend.files.routes import router
from backend.files.rules import LEAST_PIECE
from backend.files.tables import StoredFile
from tests.actors import World
from tests.client import Client

PIECE = {"x-nhipcau": "1", "tus-resumable": "1.0.0", "content-type": "application/offset+octet-stream"}


def photo(size: tuple[int, int] = (1700, 1300), kind: str = "JPEG", seed: int = 1, **options: Any) -> bytes:
    """A picture of noise: it does not shrink, as a photo does not."""
    image = Image.frombytes("RGB", size, random.Random(seed).randbytes(size[0] * size[1] * 3))
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def document(pages: int = 1, **options: Any) -> bytes:
    """A PDF of empty A4 pages."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=(595, 842))
        made = io.BytesIO()
        pdf.save(made, **options)
    return made.getvalue()


@dataclass
class Sender:
    """Sends and fetches as one person at a time."""

    database: Database
    world: World
    services: Services
    app: FastAPI
    http: httpx.AsyncClient
    at_the_door: Actor

    def as_(self, who: str) -> "Sender":
        self.at_the_door = self.world.actor(who)
        return self

    async def begin(
        self,
        content: bytes,
        name: str = "Đơn.jpg",
        *,
        size: int | None = None,
        sha256: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        digest = sha256 or hashlib.sha256(content).hexdigest().encode()
        pairs = {"filename": name.encode(), "sha256": digest}
        metadata = ",".join(f"{key} {base64.b64encode(value).decode()}" for key, value in pairs.items())
        sent = {
            "x-nhipcau": "1",
            "tus-resumable": "1.0.0",
            "upload-length": str(len(content) if size is None else size),
            "upload-metadata": metadata,
        }
        return await self.http.post("/uploads", headers=sent | (headers or {}))

    async def begun(self, content: bytes, **more: Any) -> str:
        """The address of a new upload."""
        answer = await self.begin(content, **more)
        assert answer.status_code == 201, answer.text
        return answer.headers["location"]

    async def piece(self, address: str, offset: int, content: bytes, **more: str) -> httpx.Response:
        return await self.http.patch(address, content=content, headers=PIECE | {"upload-offset": str(offset)} | more)

    async def where(self, address: str) -> httpx.Response:
        return await self.http.head(address)

    async def send(self, content: bytes, size: int = 1024 * 1024, **more: Any) -> httpx.Response:
        """A whole upload; the answer to its last piece, or to the first one that was refused."""
        answer = await self.begin(content, **more)
        if answer.status_code != 201:
            return answer
        address = answer.headers["location"]
        for start in range(0, len(content), max(size, LEAST_PIECE)):
            answer = await self.piece(address, start, content[start : start + max(size, LEAST_PIECE)])
            if answer.status_code != 204:
                return answer
        return answer

    async def stored(self, content: bytes, **more: Any) -> str:
        """The id of the file a whole upload became."""
        answer = await self.send(content, **more)
        assert answer.status_code == 204, answer.text
        return answer.headers["upload-stored"]

    async def count(self, table: type[Row]) -> int:
        async with self.database.write(SYSTEM) as session:
            return (await session.execute(select(func.count()).select_from(table))).scalar_one()

    async def file(self, stored: str) -> StoredFile:
        async with self.database.write(SYSTEM) as session:
            return (await session.execute(select(StoredFile).where(col(StoredFile.id) == stored))).scalar_one()


def code(answer: httpx.Response) -> str:
    return answer.json()["errors"][0]["extensions"]["code"]


@asynccontextmanager
async def at_the_door(database: Database, world: World, client: Client) -> AsyncIterator[Sender]:
    """A sender in front of the routes of files, as `mother` to begin with."""
    app = FastAPI()
    app.include_router(router)
    app.state.services = client.services
    transport = httpx.ASGITransport(Front(app, {}, gate=Gate(100), secure=False))  # pyright: ignore[reportArgumentType]
    async with httpx.AsyncClient(transport=transport, base_url="http://school.test") as http:
        made = Sender(database, world, client.services, app, http, world.actor("mother"))

        async def authenticate(_scope: Any) -> Actor:
            return made.at_the_door

        app.state.authenticate = authenticate
        yield made
