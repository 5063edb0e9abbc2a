"""The sender of `sender.py`, for every test of this folder."""

from collections.abc import AsyncIterator

import pytest

from backend.core.db import Database
from tests.actors import World
from tests.client import Client
from tests.slices.files.sender import Sender, at_the_door


@pytest.fixture
async def sender(database: Database, world: World, client: Client) -> AsyncIterator[Sender]:
    async with at_the_door(database, world, client) as made:
        yield made
