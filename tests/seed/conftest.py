"""Two seeded databases for the whole module: the province in spring, and a small one at the end of its year."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import asyncpg
import pytest

from backend import seed
from backend.core.store import Store
from tests.conftest import on

SECRET = b"a key for tests, of thirty-two bytes"
SPRING, SUMMER = date(2027, 4, 20), date(2027, 7, 20)
Ask = Callable[..., list[asyncpg.Record]]


async def fetch(dsn: str, statement: str, *args: Any) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(statement, *args)
    finally:
        await connection.close()


@contextmanager
def seeded(server: str, template: str, name: str, today: date, *, small: bool) -> Iterator[str]:
    asyncio.run(fetch(server, f"create database {name} template {template}"))
    dsn = on(server, name)
    seed.run(dsn, today=today, small=small, secret=SECRET, store=Store.in_memory())
    yield dsn
    asyncio.run(fetch(server, f"drop database {name} with (force)"))


@pytest.fixture(scope="session")
def province(server: str, template: str) -> Iterator[str]:
    """The DSN of the whole province in the second semester."""
    with seeded(server, template, "province", SPRING, small=False) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def hamlet(server: str, template: str) -> Iterator[str]:
    """The DSN of the small province when the year is over."""
    with seeded(server, template, "hamlet", SUMMER, small=True) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def ask(province: str) -> Ask:
    """Rows of a statement asked of the whole province, as its owner."""
    return lambda statement, *args: asyncio.run(fetch(province, statement, *args))


@pytest.fixture(scope="session")
def ask_small(hamlet: str) -> Ask:
    """Rows of a statement asked of the small province, as its owner."""
    return lambda statement, *args: asyncio.run(fetch(hamlet, statement, *args))
