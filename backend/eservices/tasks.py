"""The background work of e-services: deadlines, supplements that never came, drafts nobody went on with."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Session
from backend.core.jobs import Jobs
from backend.eservices.actions import drafts, reminders

CLOCK_SECONDS: Final = 600.0
SWEEP_SECONDS: Final = 86_400.0


def register(jobs: Jobs, database: Database) -> None:
    """Have `jobs` watch the deadlines of dossiers, from the start on and every ten minutes; and sweep once a day."""

    async def deadlines() -> None:
        await look(jobs, database)

    async def sweep() -> None:
        async with database.write(SYSTEM) as session:
            await drafts.sweep(session)

    jobs.every("dossier.clock", CLOCK_SECONDS, deadlines)
    jobs.every("draft.sweep", SWEEP_SECONDS, sweep)


async def look(jobs: Jobs, database: Database) -> None:
    """Tell of every deadline and end what was not answered, batch by batch."""
    while await _done(jobs, database, reminders.remind) >= reminders.BATCH:
        pass
    while await _done(jobs, database, reminders.stop_unanswered) >= reminders.STOP_BATCH:
        pass


async def _done(jobs: Jobs, database: Database, work: Callable[[Session, datetime], Awaitable[int]]) -> int:
    """Run `work(session, now)` in a transaction of our own; whoever is told is told at once."""
    async with database.write(SYSTEM) as session:
        count = await work(session, clock.now())
        told = session.info.pop("wake", False)
    if told:
        await jobs.wake("relay")
    return count
