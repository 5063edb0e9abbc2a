"""Fixtures: a place with people, a relay over it, and a push service that keeps what it was sent."""

from collections.abc import AsyncIterator

import pytest

from backend.core.bus import MemoryBus
from backend.core.db import Database
from notifications.channels.console import Console
from notifications.channels.webpush import WebPush
from notifications.delivery import Courier
from notifications.keys import KeyPair
from notifications.relay import Relay
from notifications.tables import ChannelKind
from tests.notifications.place import Place
from tests.notifications.service import Service


@pytest.fixture
def place(database: Database) -> Place:
    return Place(database)


@pytest.fixture
def console() -> Console:
    return Console()


@pytest.fixture
def woken() -> list[str]:
    """The lanes that were woken, in order."""
    return []


@pytest.fixture
def relay(database: Database, bus: MemoryBus, console: Console, woken: list[str]) -> Relay:
    async def wake(name: str) -> None:
        woken.append(name)

    return Relay(database, bus, wake, console)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with Service() as running:
        yield running


@pytest.fixture
async def courier(database: Database, service: Service) -> AsyncIterator[Courier]:
    channel = WebPush(KeyPair.make(), "mailto:truong@example.com", [service.host])
    courier = Courier(database, {ChannelKind.WEBPUSH: channel})
    yield courier
    await courier.close()
