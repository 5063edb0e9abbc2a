"""Fixtures for everybody: one PostgreSQL server per test process, one fresh database per test.

The server is the embedded one the product ships, or the system's when `--postgres system` is given (Debian's 15), so
that the same slices are proven on both. Each test's database is a copy of a migrated template: nothing is shared.
"""

import asyncio
import itertools
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.store import Store
from backend.migrations import upgrade
from tests.servers import embedded_server, server_folder, system_server

_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--postgres", choices=["embedded", "system"], default="embedded")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The DSN of an empty server's `postgres` database, as its superuser."""
    folder = server_folder()
    start = system_server if request.config.getoption("--postgres") == "system" else embedded_server
    try:
        with start(folder) as dsn:
            yield dsn
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def template(server: str) -> str:
    """The name of a migrated database to copy from."""
    asyncio.run(_execute(server, "create database template_nhipcau"))
    upgrade(on(server, "template_nhipcau"))
    return "template_nhipcau"


@pytest.fixture
def dsn(server: str, template: str) -> Iterator[str]:
    """A migrated database of this test's own, reached as its owner."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    asyncio.run(_execute(server, f"create database {name} template {template}"))
    yield on(server, name)
    asyncio.run(_execute(server, f"drop database {name} with (force)"))


@pytest.fixture
async def database(dsn: str) -> AsyncIterator[Database]:
    """The product's own door to that database: connected as the application's role."""
    opened = await Database.open(dsn, size=4)
    opened.carried["store"] = Store.in_memory()
    yield opened
    await opened.close()


@pytest.fixture
def bus() -> MemoryBus:
    return MemoryBus()


def on(server: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(server)
    return urlunsplit(parts._replace(path=f"/{name}"))


async def _execute(dsn: str, statement: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
