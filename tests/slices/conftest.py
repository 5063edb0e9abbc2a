"""What every slice's tests start from: the small world, and a client that speaks as anybody in it."""

from collections.abc import AsyncIterator

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
