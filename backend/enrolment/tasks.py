"""The background work of enrolment: the lane of imports, and their weekly end."""

from typing import Final

from backend.core.actor import SYSTEM
from backend.core.bus import Bus
from backend.core.db import Database
from backend.core.jobs import Jobs
from backend.enrolment import imports
from backend.enrolment.import_work import ImportWorker

LOOK_SECONDS: Final = 5.0  # a wake-up may be lost, and a lease of a dead worker runs out unnoticed
SWEEP_SECONDS: Final = 3600.0


def register(jobs: Jobs, database: Database, bus: Bus) -> None:
    """Have `jobs` check and apply imports, and forget old ones."""
    jobs.lane(imports.LANE, ImportWorker(database, bus).run, every=LOOK_SECONDS)

    async def sweep() -> None:
        async with database.write(SYSTEM) as session:
            await imports.sweep(session)

    jobs.every("imports.sweep", SWEEP_SECONDS, sweep)
