"""The small world, a client for one hand and several for many hands at once."""

from collections.abc import AsyncIterator, Callable

import pytest

from backend.core.bus import MemoryBus
from backend.core.db import Database
from tests.actors import World, make_world
from tests.client import Client


@pytest.fixture
async def world(database: Database) -> World:
    return await make_world(database)


@pytest.fixture
async def client(database: Database, bus: MemoryBus) -> AsyncIterator[Client]:
    made = Client(database, bus)
    async with made.services.jobs:
        yield made


@pytest.fixture
def another(database: Database, client: Client) -> Callable[[], Client]:
    """A further client on the same database: a client speaks for one person at a time."""
    return lambda: Client(database, MemoryBus(), client.services.jobs)
