"""What one process holds open: the database, the bus, the jobs, the counters, the store of files."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from backend.core.bus import Bus, make_bus
from backend.core.db import Database
from backend.core.jobs import Jobs
from backend.core.limits import Limits
from backend.core.settings import Settings
from backend.core.store import Store


@dataclass(frozen=True, slots=True)
class Services:
    """Opened once, at the start of the process."""

    database: Database
    bus: Bus
    jobs: Jobs
    limits: Limits
    store: Store


@asynccontextmanager
async def opened(chosen: Settings) -> AsyncIterator[Services]:
    """The services of these settings, closed in the opposite order. Needs a database URL."""
    if chosen.database_url is None:
        raise RuntimeError("no database: DATABASE_URL is empty and no embedded server was started")
    async with AsyncExitStack() as stack:
        database = await Database.open(chosen.database_url, size=chosen.database_pool)
        stack.push_async_callback(database.close)
        bus = await stack.enter_async_context(make_bus(chosen.redis_url))
        jobs = await stack.enter_async_context(Jobs(chosen.redis_url))
        limits = Limits(chosen.redis_url)
        stack.push_async_callback(limits.close)
        store = Store.open(chosen)
        database.carried |= {"store": store, "bus": bus}
        yield Services(database, bus, jobs, limits, store)
