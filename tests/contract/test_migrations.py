"""Migrations: up, down, up; one head; the tables are what the models say; every table is behind the fence or named."""

import asyncio

import asyncpg
from alembic import command
from alembic.script import ScriptDirectory

from backend.migrations import config, downgrade, upgrade

# Not rows of a school or a person's own: reached only by id or by secret, and named here on purpose.
OPEN_TABLES = {"alembic_version", "unit", "school", "subject", "subject_plan", "user", "credential", "session"}
OPEN_TABLES |= {"sign_in_challenge", "holiday", "year_frame", "office_day", "procedure", "procedure_version"}


def test_up_down_up_and_the_models_agree(dsn: str) -> None:
    downgrade(dsn)
    assert _tables(dsn) == {"alembic_version"}
    upgrade(dsn)
    command.check(config(dsn))


def test_there_is_one_head_and_numbers_without_gaps() -> None:
    script = ScriptDirectory.from_config(config("postgresql://nobody@localhost/none"))
    assert len(script.get_heads()) == 1
    numbers = sorted(int(revision.revision) for revision in script.walk_revisions())
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_table_of_a_school_or_person_is_behind_the_fence(dsn: str) -> None:
    fenced = _names(dsn, "select relname from pg_class where relrowsecurity and relkind = 'r'")
    assert _tables(dsn) - fenced == OPEN_TABLES


def test_the_application_is_neither_owner_nor_superuser(dsn: str) -> None:
    row = _rows(dsn, "select rolsuper, rolbypassrls, rolcanlogin from pg_roles where rolname = 'nhipcau_app'")[0]
    assert tuple(row) == (False, False, False)
    owners = _names(dsn, "select distinct tableowner from pg_tables where schemaname = 'public'")
    assert "nhipcau_app" not in owners


def _tables(dsn: str) -> set[str]:
    return _names(dsn, "select tablename from pg_tables where schemaname = 'public'")


def _names(dsn: str, sql: str) -> set[str]:
    return {row[0] for row in _rows(dsn, sql)}


def _rows(dsn: str, sql: str) -> list[asyncpg.Record]:
    async def run() -> list[asyncpg.Record]:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetch(sql)
        finally:
            await connection.close()

    return asyncio.run(run())
