"""The bus: thin signals from whoever changed something to the open apps it concerns.

A signal is a hint to fetch again, never the news itself: PostgreSQL is the truth. So the bus may lose everything at
any moment, and says so honestly: a subscription that may have missed something ends, the app reconnects and refetches.
Two forms with one contract (`tests/runtime/test_services.py`): in this process, or through a Redis server.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Final, NamedTuple, Protocol, Self

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

WAITING_SIGNALS: Final = 100  # a reader this far behind is ended; it refetches when it comes back
CONNECT_SECONDS: Final = 2.0
RECONNECT_SECONDS: Final = 1.0
_ALWAYS: Final = "bus:open"  # keeps the connection in listening mode while nobody subscribes

_log = structlog.get_logger(__name__)


class Signal(NamedTuple):
    """One message as it arrives."""

    channel: str
    message: bytes


class BusUnavailable(RuntimeError):
    """The Redis server does not answer; the subscriber may try again later."""


class Bus(Protocol):
    """What both forms do. Used as `async with bus:` for the life of the process."""

    async def publish(self, channel: str, message: bytes) -> None:
        """Tell every subscriber of the channel, in every process. Never fails: a signal may be lost."""
        ...

    def subscribe(self, channels: Iterable[str]) -> AbstractAsyncContextManager[AsyncIterator[Signal]]:
        """Signals published from now on, until the block is left or the subscription may have missed one.

        Entering the block returns when the subscription stands. Raises BusUnavailable.
        """
        ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *error: object) -> None: ...


def make_bus(redis_url: str | None) -> Bus:
    """The bus of this process: through the server when there is one."""
    return RedisBus(redis_url) if redis_url else MemoryBus()


_Inbox = asyncio.Queue[Signal | None]  # None = the end


class MemoryBus:
    """Everything in this process; also the last step of RedisBus, from the process to its readers."""

    def __init__(self) -> None:
        self._inboxes: defaultdict[str, set[_Inbox]] = defaultdict(set)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        self.end_all()

    async def publish(self, channel: str, message: bytes) -> None:
        self.deliver(channel, message)

    def deliver(self, channel: str, message: bytes) -> None:
        signal = Signal(channel, message)
        for inbox in tuple(self._inboxes.get(channel, ())):
            if inbox.qsize() < WAITING_SIGNALS:
                inbox.put_nowait(signal)
            else:
                self._end(inbox)

    def end_all(self) -> None:
        """End every subscription."""
        for inbox in {inbox for inboxes in self._inboxes.values() for inbox in inboxes}:
            self._end(inbox)

    def listened(self, channel: str) -> bool:
        return channel in self._inboxes

    @asynccontextmanager
    async def subscribe(self, channels: Iterable[str]) -> AsyncIterator[AsyncIterator[Signal]]:
        inbox: _Inbox = asyncio.Queue()
        for channel in channels:
            self._inboxes[channel].add(inbox)
        try:
            yield _read(inbox)
        finally:
            self._forget(inbox)

    def _end(self, inbox: _Inbox) -> None:
        self._forget(inbox)
        inbox.put_nowait(None)

    def _forget(self, inbox: _Inbox) -> None:
        for channel in [channel for channel, inboxes in self._inboxes.items() if inbox in inboxes]:
            self._inboxes[channel].discard(inbox)
            if not self._inboxes[channel]:
                del self._inboxes[channel]


async def _read(inbox: _Inbox) -> AsyncIterator[Signal]:
    while (signal := await inbox.get()) is not None:
        yield signal


class RedisBus:
    """Through Redis: one listening connection per process, whatever the number of open apps."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS, health_check_interval=15)
        self._pubsub = self._redis.pubsub()
        self._local = MemoryBus()
        self._standing: dict[str, asyncio.Event] = {}
        self._open = asyncio.Event()  # the connection listens; only then may others subscribe on it
        self._listener: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._listener = asyncio.create_task(self._listen(), name="bus listener")
        return self

    async def __aexit__(self, *error: object) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with suppress(asyncio.CancelledError):
                await self._listener
        self._local.end_all()
        await self._pubsub.aclose()
        await self._redis.aclose()

    async def publish(self, channel: str, message: bytes) -> None:
        try:
            await self._redis.publish(channel, message)
        except (RedisError, OSError) as error:
            _log.warning("signal lost", reason=type(error).__name__)

    @asynccontextmanager
    async def subscribe(self, channels: Iterable[str]) -> AsyncIterator[AsyncIterator[Signal]]:
        wanted = tuple(channels)
        async with self._local.subscribe(wanted) as signals:
            try:
                await self._stand(wanted)
                yield signals
            finally:
                asyncio.get_running_loop().call_soon(self._leave, wanted)

    async def _stand(self, channels: tuple[str, ...]) -> None:
        """Return when the server has confirmed every channel."""
        new: list[str] = []
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await self._open.wait()
                new = [channel for channel in channels if channel not in self._standing]
                self._standing.update({channel: asyncio.Event() for channel in new})
                if new:
                    await self._pubsub.subscribe(*new)
                for channel in channels:
                    await self._standing[channel].wait()
        except (RedisError, OSError, KeyError, TimeoutError) as error:
            for channel in new:
                self._standing.pop(channel, None)
            raise BusUnavailable("the Redis server does not answer") from error

    def _leave(self, channels: tuple[str, ...]) -> None:
        """Ask the server no more for channels nobody here reads. Runs after the reader has gone."""
        unread = [c for c in channels if c in self._standing and not self._local.listened(c)]
        for channel in unread:
            del self._standing[channel]
        if unread and self._listener is not None and not self._listener.done():
            task = asyncio.ensure_future(self._pubsub.unsubscribe(*unread))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def _listen(self) -> None:
        while True:
            try:
                await self._pubsub.subscribe(_ALWAYS)
                self._open.set()
                while True:
                    self._arrived(await self._pubsub.get_message(timeout=None))
            except (RedisError, OSError) as error:
                _log.warning("bus interrupted", reason=type(error).__name__)
                self._open.clear()
                self._standing.clear()
                self._local.end_all()
                await self._pubsub.aclose()
                await asyncio.sleep(RECONNECT_SECONDS)

    def _arrived(self, message: dict[str, object] | None) -> None:
        if message is None or not isinstance(name := message["channel"], bytes):
            return
        channel, data = name.decode(), message["data"]
        if message["type"] == "subscribe" and channel in self._standing:
            self._standing[channel].set()
        elif message["type"] == "message" and isinstance(data, bytes):
            self._local.deliver(channel, data)
