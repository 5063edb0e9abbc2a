"""Runs migrations through asyncpg, one transaction for all, one runner at a time (advisory lock)."""

import asyncio

from alembic import context
from sqlalchemy import Connection, pool, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlmodel import SQLModel

import backend.announcements.tables
import backend.attendance.tables
import backend.core.journal
import backend.enrolment.tables
import backend.eservices.tables
import backend.files.tables
import backend.gradebook.tables
import backend.identity.tables
import backend.leave.tables
import backend.lesson_log.tables
import backend.organisation.tables
import backend.records.tables
import backend.timetable.tables
import notifications.tables
from backend.core.db import sqlalchemy_url

# Every table has to be known before the models are compared.
TABLES = (backend, notifications)


def _run(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=SQLModel.metadata, compare_type=True)
    with context.begin_transaction():
        connection.execute(text("select pg_advisory_xact_lock(812025)"))
        context.run_migrations()


async def _main() -> None:
    engine = create_async_engine(sqlalchemy_url(context.config.attributes["dsn"]), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(_run)
    await engine.dispose()


asyncio.run(_main())
