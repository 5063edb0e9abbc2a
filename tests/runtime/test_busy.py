"""Every connection in use: a new request is asked to come back, the answer to a write that stands waits instead."""

import asyncio

import pytest
from sqlalchemy import text

from backend.core.actor import SYSTEM
from backend.core.db import PATIENT, Database
from backend.core.problem import TooMany

SHORT = 0.05  # seconds, in place of five


@pytest.fixture
async def crowded(dsn: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """Two connections, and little patience."""
    database = await Database.open(dsn, size=2)
    monkeypatch.setattr(database.engine.pool, "_timeout", SHORT)
    return database


async def test_who_comes_now_is_asked_to_come_back_and_what_stands_is_said(crowded: Database) -> None:
    async with crowded.write(SYSTEM), crowded.write(SYSTEM):
        with pytest.raises(TooMany) as refused:
            async with crowded.write(SYSTEM):
                raise AssertionError
        assert (refused.value.code, refused.value.retry_after) == ("core.busy", 5)
        answering = asyncio.create_task(_answer(crowded))
        with pytest.raises(TooMany):  # as long as the first waits in vain, the second goes on waiting
            async with crowded.write(SYSTEM):
                raise AssertionError
        assert not answering.done()
    assert await answering == 1
    await crowded.close()


async def _answer(database: Database) -> int:
    async with database.write(SYSTEM, waits=PATIENT) as session:
        return (await session.execute(text("select 1"))).scalar_one()
