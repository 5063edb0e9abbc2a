"""The schema's history: numbered files, one head. `upgrade` brings any database to today's schema."""

from pathlib import Path

from alembic import command
from alembic.config import Config


def config(dsn: str) -> Config:
    """Alembic's settings for this database; `dsn` is the owner's (it may create tables and roles)."""
    result = Config()
    result.set_main_option("script_location", str(Path(__file__).parent))
    result.attributes["dsn"] = dsn
    return result


def upgrade(dsn: str, revision: str = "head") -> None:
    """Bring the database up to `revision`. Runs its own event loop: call it from synchronous code."""
    command.upgrade(config(dsn), revision)


def downgrade(dsn: str, revision: str = "base") -> None:
    """Take the database back to `revision`."""
    command.downgrade(config(dsn), revision)
