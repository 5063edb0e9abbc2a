"""A paper as a browser downloads it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from backend.core.actor import Actor
from backend.core.db import Database
from backend.eservices.routes import router
from backend.eservices.tables import PaperKind
from tests.actors import World
from tests.client import Client
from tests.slices.eservices.counter import Counter, text_of


class Browser:
    """Gets addresses as anybody."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.actor = Actor()

    async def authenticate(self, _scope: Any) -> Actor:
        return self.actor

    async def get(self, actor: Actor, address: str) -> httpx.Response:
        self.actor = actor
        return await self.http.get(address)


@pytest.fixture
async def counter(database: Database, world: World, client: Client) -> Counter:
    return await Counter(database, world, client).open()


@pytest.fixture
async def browser(client: Client) -> AsyncIterator[Browser]:
    app = FastAPI()
    app.include_router(router)
    app.state.services = client.services
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://school.test") as http:
        made = Browser(http)
        app.state.authenticate = made.authenticate
        yield made


async def test_the_receipt_comes_to_those_who_may_see_the_dossier(counter: Counter, browser: Browser) -> None:
    dossier = await counter.file("TRUONG.02", {"pupilName": "Nguyễn Thị Ngọc Lan", "purpose": "TAX"})
    address = f"/dossiers/{dossier}/forms/01.pdf"
    for who in ("mother", "clerk", "headteacher"):
        answer = await browser.get(await counter.actor(who), address)
        assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
        assert "no-store" in answer.headers["cache-control"] and answer.headers["x-content-type-options"] == "nosniff"
        assert (await counter.dossier(dossier)).code in await text_of(answer.content)
    assert len(await counter.papers(dossier, PaperKind.FORM_01)) == 1


async def test_for_everybody_else_there_is_none(counter: Counter, browser: Browser) -> None:
    dossier = await counter.file("TRUONG.02", {"pupilName": "Nguyễn Thị Ngọc Lan", "purpose": "TAX"})
    for who in ("father", "pupil", "other_mother", "math_teacher", "other_clerk", "officer", "stranger"):
        answer = await browser.get(await counter.actor(who), f"/dossiers/{dossier}/forms/01.pdf")
        assert answer.status_code == 404, who
    mother = await counter.actor("mother")
    assert (await browser.get(mother, f"/dossiers/{uuid4()}/forms/01.pdf")).status_code == 404
    assert (await browser.get(Actor(), f"/dossiers/{dossier}/forms/01.pdf")).status_code == 401
    assert await counter.papers(dossier, PaperKind.FORM_01) == []


async def test_the_control_slip_is_the_offices(counter: Counter, browser: Browser) -> None:
    dossier = await counter.file("TRUONG.02", {"pupilName": "Nguyễn Thị Ngọc Lan", "purpose": "TAX"})
    address = f"/dossiers/{dossier}/forms/06.pdf"
    seen = {who: (await browser.get(await counter.actor(who), address)).status_code for who in ("clerk", "mother")}
    assert seen == {"clerk": 200, "mother": 403}
