"""/live: frames as the publisher built them, heartbeats, and an end."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from backend.core.actor import NOBODY, Actor
from backend.core.bus import MemoryBus
from backend.core.graphql.live import MOST_STREAMS, LiveApp
from backend.core.news import channel_of, news

ME = Actor(user_id=UUID(int=7))


class Browser:
    """One open stream."""

    def __init__(self, app: LiveApp, method: str = "GET") -> None:
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self._leave = asyncio.Event()
        self.task = asyncio.ensure_future(
            app({"type": "http", "method": method, "headers": []}, self._receive, self._send)
        )

    async def _receive(self) -> Any:
        await self._leave.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        await self.sent.put(message)

    async def next(self) -> Any:
        async with asyncio.timeout(5):
            return await self.sent.get()

    async def leave(self) -> None:
        self._leave.set()
        async with asyncio.timeout(5):
            await self.task


def app(actor: Actor, bus: MemoryBus, **times: float) -> LiveApp:
    async def authenticate(_scope: Any) -> Actor:
        return actor

    return LiveApp(bus, authenticate, **times)


def test_a_signal_arrives_as_it_was_built() -> None:
    async def scene() -> None:
        async with MemoryBus() as bus:
            browser = Browser(app(ME, bus))
            assert (await browser.next())["status"] == 200
            retry = (await browser.next())["body"]
            assert 1_000 <= int(retry.removeprefix(b"retry: ")) <= 5_000
            frame = news("gradebook.scores_published", UUID(int=1))
            await bus.publish(channel_of(UUID(int=8)), news("not.mine", UUID(int=2)))
            await bus.publish(channel_of(UUID(int=7)), frame)
            assert (await browser.next())["body"] == frame
            assert frame.startswith(b'event: next\ndata: {"data":{"news":{"kind":"gradebook.scores_published","id":')
            await browser.leave()

    asyncio.run(scene())


def test_heartbeat_and_own_end() -> None:
    async def scene() -> None:
        async with MemoryBus() as bus:
            browser = Browser(app(ME, bus, heartbeat=0.02, longest=0.05))
            await browser.next()
            await browser.next()
            assert (await browser.next())["body"] == b":\n\n"
            await browser.task
            while (last := await browser.next()).get("more_body"):
                pass
            assert last == {"type": "http.response.body", "body": b"", "more_body": False}

    asyncio.run(scene())


def test_at_most_five_streams_of_one_person() -> None:
    async def scene() -> None:
        async with MemoryBus() as bus:
            endpoint = app(ME, bus)
            open_ = [Browser(endpoint) for _ in range(MOST_STREAMS)]
            for browser in open_:
                assert (await browser.next())["status"] == 200
            assert (await Browser(endpoint).next())["status"] == 429
            await open_.pop().leave()
            again = Browser(endpoint)
            assert (await again.next())["status"] == 200
            for browser in (*open_, again):
                await browser.leave()

    asyncio.run(scene())


@pytest.mark.parametrize(("actor", "method", "status"), [(NOBODY, "GET", 401), (ME, "POST", 405)])
def test_refusals(actor: Actor, method: str, status: int) -> None:
    async def scene() -> None:
        async with MemoryBus() as bus:
            assert (await Browser(app(actor, bus), method).next())["status"] == status

    asyncio.run(scene())
