"""/live: news (`core/news.py`) as server-sent events, passed on as the bytes they were published as.

A stream ends with its session (seen at the next heartbeat) and by itself after ten minutes. The browser comes back
after 1–5 s, spread out, so that a restart is not followed by a stampede.
"""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final
from uuid import UUID

from backend.core.bus import Bus, BusUnavailable
from backend.core.graphql.router import Authenticate, Receive, Scope, Send
from backend.core.news import channels_of

HEARTBEAT_SECONDS: Final = 15.0
LONGEST_SECONDS: Final = 600.0
MOST_STREAMS: Final = 5
_HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]


class LiveApp:
    """The endpoint. 401 for nobody, 429 beyond five streams of one person, 503 while the bus is away."""

    def __init__(
        self,
        bus: Bus,
        authenticate: Authenticate,
        *,
        heartbeat: float = HEARTBEAT_SECONDS,
        longest: float = LONGEST_SECONDS,
    ) -> None:
        self._bus = bus
        self._authenticate = authenticate
        self._heartbeat = heartbeat
        self._longest = longest
        self._open: Counter[UUID] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            return await _refuse(send, 405)
        actor = await self._authenticate(scope)
        user_id = actor.user_id
        if user_id is None:
            return await _refuse(send, 401)
        if self._open[user_id] >= MOST_STREAMS:
            return await _refuse(send, 429)
        self._open[user_id] += 1
        try:
            async with self._bus.subscribe(channels_of(actor)) as signals:
                await self._stream(signals, scope, receive, send)
        except BusUnavailable:
            await _refuse(send, 503)
        finally:
            self._open[user_id] -= 1
            if not self._open[user_id]:
                del self._open[user_id]

    async def _stream(self, signals: AsyncIterator[Any], scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        await _write(send, b"retry: %d\n\n" % random.randint(1_000, 5_000))
        ends = asyncio.get_running_loop().time() + self._longest
        gone = asyncio.ensure_future(_gone(receive))
        signal = asyncio.ensure_future(_next(signals))
        try:
            while (left := ends - asyncio.get_running_loop().time()) > 0:
                await asyncio.wait({gone, signal}, timeout=min(left, self._heartbeat), return_when="FIRST_COMPLETED")
                if gone.done():
                    return
                if not signal.done():
                    if (await self._authenticate(scope)).user_id is None:
                        break  # the session has ended meanwhile
                    await _write(send, b":\n\n")
                    continue
                arrived = signal.result()
                if arrived is None:
                    break
                await _write(send, arrived.message)
                signal = asyncio.ensure_future(_next(signals))
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        finally:
            for task in (gone, signal):
                task.cancel()
            await asyncio.gather(gone, signal, return_exceptions=True)


async def _next(signals: AsyncIterator[Any]) -> Any:
    return await anext(signals, None)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _write(send: Send, body: bytes) -> None:
    await send({"type": "http.response.body", "body": body, "more_body": True})


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
