"""The process's part: an event in the journal rings a phone with nobody calling anything by hand."""

import asyncio

import pytest

from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.ids import new_id
from backend.core.jobs import Jobs
from backend.core.settings import settings
from notifications.channels.console import Console
from notifications.keys import KeyPair
from notifications.worker import register
from tests.notifications.happenings import scores_published
from tests.notifications.place import Browser, Place
from tests.notifications.service import Service

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("woken", [True, False])
async def test_from_the_journal_to_the_phone(
    place: Place, database: Database, bus: MemoryBus, service: Service, woken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At once when the wake-up arrives; by the clock when it is lost."""
    monkeypatch.setattr(settings(), "vapid_private_key", KeyPair.make().private)
    monkeypatch.setattr(settings(), "push_private_hosts", (service.host,))
    room, mother, browser = await place.school(), await place.user("Mẹ"), Browser()
    await place.device(mother, service.address("mother"), browser)
    lan = await room.pupil("Nguyễn Thị Lan", (mother,))
    async with Jobs(None, f"test-{new_id()}") as jobs:
        courier = register(jobs, database, bus, code_sender=Console())
        async with jobs.working():
            await place.happened(scores_published(room, lan))
            if woken:
                await jobs.wake("relay")
            async with asyncio.timeout(20):
                await service.arrived.wait()
        await courier.close()
    assert service.received[0].opened(browser)["notification"]["title"] == "Lan (7A): có điểm mới môn Toán"
    assert len(service.received) == 1
