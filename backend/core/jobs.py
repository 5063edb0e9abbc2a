"""Jobs: lanes of background work, woken by events and by the clock, on pydocket.

A lane is one coroutine function without arguments that finds its work in PostgreSQL and does all of it. A wake-up says
"look", never what to do, so it may be lost (the clock looks again), doubled, or overtaken. Guarantee of `wake`: unless
it is lost, a run of the lane *begins* after it, somewhere. Many wake-ups before that run begins are one.

Without a Redis server the docket lives in this process (`memory://`).
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final, Self

import structlog
from docket import Docket, Perpetual, Worker
from redis.exceptions import RedisError

from backend.core import clock

DRAIN_SECONDS: Final = 2.0  # at the end of the process, running work has this long to finish
REDELIVERY: Final = timedelta(seconds=30)  # work of a worker silent this long begins again elsewhere
LOOK: Final = timedelta(milliseconds=50)

Work = Callable[[], Coroutine[None, None, None]]

_log = structlog.get_logger(__name__)


class _Lane:
    """One lane in this process: never twice at once, and a wake-up during a run leads to one run more."""

    def __init__(self, name: str, work: Work, pause: float) -> None:
        self.name = name
        self._work = work
        self._pause = pause
        self._begun = -pause
        self._busy = asyncio.Lock()
        self._next_waits = False
        self._running: asyncio.Future[None] | None = None

    def cancel(self) -> None:
        """Stop the run that is going on, if any."""
        if self._running is not None:
            self._running.cancel()

    async def run(self) -> None:
        if self._next_waits:
            return
        self._next_waits = True
        async with self._busy:
            if (early := self._begun + self._pause - time.monotonic()) > 0:
                await asyncio.sleep(early)
            self._next_waits, self._begun = False, time.monotonic()
            self._running = asyncio.ensure_future(self._work())
            try:
                await self._running
            except asyncio.CancelledError:
                _log.warning("lane cut short", lane=self.name)
            except Exception:
                # Caught here so that one failed look is one line, and the next look comes as usual.
                _log.exception("lane failed", lane=self.name)


class Jobs:
    """The docket of this process: `async with jobs:` to wake lanes, and `async with jobs.working():` to run them."""

    def __init__(self, redis_url: str | None, name: str = "nhipcau") -> None:
        self._docket = Docket(name=name, url=redis_url or f"memory://{name}", execution_ttl=timedelta(minutes=1))
        self._lanes: list[_Lane] = []
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._stack.enter_async_context(self._docket)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._stack.aclose()

    def lane(self, name: str, work: Work, *, every: float, pause: float = 0.0) -> None:
        """Have `work` run when woken by `name`, and once every `every` seconds among all processes together.

        In one process runs begin at least `pause` seconds apart: the first wake-up is followed at once, and what a busy
        minute adds after it is gathered into the next run.
        """
        lane = _Lane(name, work, pause)
        self._lanes.append(lane)
        self._docket.register(_named(name, lane.run))
        self.every(f"{name}.clock", every, lane.run)

    def every(self, name: str, seconds: float, work: Work) -> None:
        """Have `work` run every so many seconds, in one of the processes, from the first `working()` on."""

        async def tick(
            clock: Perpetual = Perpetual(every=timedelta(seconds=seconds), automatic=True),  # noqa: B008
        ) -> None:
            await work()

        tick.__name__ = name
        self._docket.register(tick)

    async def wake(self, name: str) -> None:
        """Have the lane look for work now. Works from any process, also one that does not run lanes. Never fails."""
        if name not in self._docket.tasks:
            self._docket.register(_named(name, _nothing))
        try:
            await self._docket.replace(name, clock.now(), f"wake:{name}")()
        except (RedisError, OSError) as error:
            _log.warning("wake-up lost", lane=name, reason=type(error).__name__)

    @asynccontextmanager
    async def working(self) -> AsyncIterator[None]:
        """Run the registered lanes in this process until the block ends; then running work may finish (2 s)."""
        worker = Worker(
            self._docket,
            concurrency=4 * len(self._lanes) + 4,
            redelivery_timeout=REDELIVERY,
            minimum_check_interval=LOOK,
            scheduling_resolution=LOOK,
            reconnection_delay=timedelta(seconds=1),
        )
        async with worker:
            running = asyncio.create_task(worker.run_forever(), name="lanes")
            running.add_done_callback(_report)
            try:
                yield
            finally:
                asyncio.get_running_loop().call_later(DRAIN_SECONDS, self._cut_short)
        await running

    def _cut_short(self) -> None:
        for lane in self._lanes:
            lane.cancel()


def _report(running: asyncio.Task[None]) -> None:
    if not running.cancelled() and (error := running.exception()) is not None:
        _log.error("lanes stopped", exc_info=error)


def _named(name: str, work: Work) -> Work:
    """The function under the name by which every process knows the lane."""

    async def run() -> None:
        await work()

    run.__name__ = name
    return run


async def _nothing() -> None:
    """Stands for a lane in a process that only wakes it."""
