"""The background work of leave: photos that were never sent do not stay."""

from typing import Final

from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.core.jobs import Jobs
from backend.leave import actions

SWEEP_SECONDS: Final = 3600.0


def register(jobs: Jobs, database: Database) -> None:
    """Have `jobs` forget photos that no request took up within a day."""

    async def sweep() -> None:
        async with database.write(SYSTEM) as session:
            await actions.sweep_photos(session)

    jobs.every("leave.sweep", SWEEP_SECONDS, sweep)
