"""The background work of files: what was never finished, and what nobody refers to, does not stay."""

from typing import Final

from backend.core.db import Database
from backend.core.jobs import Jobs
from backend.core.store import Store
from backend.files import actions

SWEEP_SECONDS: Final = 6 * 3600.0


def register(jobs: Jobs, database: Database, store: Store) -> None:
    """Have `jobs` sweep uploads and files."""

    async def sweep() -> None:
        await actions.sweep(database, store)

    jobs.every("files.sweep", SWEEP_SECONDS, sweep)
