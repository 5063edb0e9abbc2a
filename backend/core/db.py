"""The door to PostgreSQL: one pool for compiled reads, one engine for actions, one fence for both.

Row-level security is the second lock behind `enrolment/access.py`. Every policy reads the five settings of the fence,
which are set inside the same transaction (actions) or the same statement (reads), never on the connection. The
connections run as the role `nhipcau_app`, which owns nothing and cannot bypass a policy.
"""

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast
from uuid import UUID

import asyncpg
from sqlalchemy import ColumnElement, DateTime, Enum, ForeignKey, Table, Text, event, func, select, text
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, SQLModel

from backend.core import clock
from backend.core.actor import Actor
from backend.core.ids import new_id
from backend.core.problem import TooMany

Session = AsyncSession
POOL_SECONDS: Final = 5  # a write waits this long for a connection
BUSY_SECONDS: Final = 5  # and is asked to come back after so long
PATIENT: Final = 12  # waits of what must not be refused any more: the answer to a write that stands
APP_ROLE: Final = "nhipcau_app"
FENCE_SETTINGS: Final = ("app.user", "app.schools", "app.staff", "app.students", "app.system")
_FENCE_SQL: Final = text(
    "select " + ", ".join(f"set_config('{name}', :f{i}, true)" for i, name in enumerate(FENCE_SETTINGS))
)
_SYSTEM: Final = text("select set_config('app.system', :value, true)")
_OPEN: Final = "fence.open"  # in a session's info: its transaction sees past row-level security


def fence(actor: Actor) -> tuple[str, ...]:
    """The values of the five settings for this actor."""
    return actor.fence


INSTANT: Final[Any] = DateTime(timezone=True)
SORTED: Final[Any] = Text(collation="C")


class Row(SQLModel):
    """What every table has: a name after its class, a time-ordered id, and the moment of creation (UTC)."""

    @declared_attr.directive
    def __tablename__(cls) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()

    id: UUID = Field(default_factory=new_id, primary_key=True)
    created_at: datetime = Field(default_factory=clock.now, sa_type=INSTANT)


def choice(kind: type[StrEnum], *, name: str | None = None) -> Any:
    """A column type that holds one of an enum's names as text, checked by the database.

    `name` is the constraint's, for a table with two columns of the same kind.
    """
    return Enum(kind, native_enum=False, create_constraint=True, length=40, name=name or kind.__name__.lower())


def reference(target: str, *, index: bool = True, nullable: bool = False, cascade: bool = False) -> Any:
    """A foreign key to `table.column`; `cascade` deletes this row with its target."""
    key = ForeignKey(target, ondelete="CASCADE" if cascade else None)
    return Field(default=None if nullable else ..., sa_column_args=[key], index=index, nullable=nullable)


def table_of(row: type[Row]) -> Table:
    """The SQLAlchemy table behind a row class."""
    return cast(Table, row.__table__)  # pyright: ignore[reportAttributeAccessIssue]


async def elevate(session: AsyncSession) -> None:
    """Let the rest of this transaction see past row-level security.

    For the few actions that must look at rows before the actor has a right to them (signing in, claiming a child);
    call it in the narrowest action and check by hand what the fence would have checked.
    """
    if not session.info.get(_OPEN):
        await session.execute(_SYSTEM, {"value": "on"})
        session.info[_OPEN] = True


@asynccontextmanager
async def elevated(session: AsyncSession) -> AsyncIterator[None]:
    """The same for a block only: behind the actor's fence again afterwards, unless it was open before."""
    if session.info.get(_OPEN):
        yield
        return
    await elevate(session)
    yield
    await session.flush()
    await session.execute(_SYSTEM, {"value": "off"})
    session.info[_OPEN] = False


async def take_turns(session: AsyncSession, *what: object) -> None:
    """Whoever does the same thing at the same moment waits here until the other transaction has ended.

    For what no row can be locked for because there is none yet. `what` names the thing, such as ("phone", number).
    """
    await session.execute(select(turn(*what)))


def turn(*what: object) -> ColumnElement[Any]:
    """`take_turns` as a column, for a statement that reads nothing the turn is about."""
    return func.pg_advisory_xact_lock(func.hashtextextended("/".join(map(str, what)), 0))


class Database:
    """Two ways to the same server: `read` for one compiled statement, `write` for an action's transaction."""

    def __init__(self, pool: asyncpg.Pool, engine: AsyncEngine) -> None:
        self._pool = pool
        self.engine = engine
        self.carried: dict[str, Any] = {}
        """What every session brings along in its `info`, such as the store of files: see `backend.core.services`."""

    @classmethod
    async def open(cls, dsn: str, *, size: int = 10) -> "Database":
        """Connect as the application role. `dsn` is a libpq URL; raises OSError or asyncpg errors when it cannot."""
        pool = await asyncpg.create_pool(
            dsn,
            min_size=1,
            max_size=size,
            server_settings={"role": APP_ROLE, "application_name": "nhipcau-read", "jit": "off"},
            # A compiled read leaves nothing on the connection, so the usual reset round trip buys nothing.
            reset=_keep,
            command_timeout=15,
            # Compiled statements are long and few; asyncpg would not cache those over 15 KiB.
            max_cacheable_statement_size=0,
            statement_cache_size=500,
        )
        engine = create_async_engine(
            sqlalchemy_url(dsn),
            pool_size=size,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            hide_parameters=True,  # an error in the log must not carry names or phones
            connect_args={"server_settings": {"role": APP_ROLE, "application_name": "nhipcau-write", "jit": "off"}},
        )
        return cls(pool, engine)

    async def close(self) -> None:
        await self._pool.close()
        await self.engine.dispose()

    async def read(self, sql: str, args: Sequence[Any]) -> Any:
        """Run one statement that carries its own fence; its first column of its first row."""
        async with self._pool.acquire() as connection:
            return await connection.fetchval(sql, *args)

    @asynccontextmanager
    async def write(self, actor: Actor, *, waits: int = 1) -> AsyncIterator[Session]:
        """One transaction behind the actor's fence: commits at the end of the block, rolls back when it raises.

        Raises TooMany("core.busy") when no connection came free in time, `waits` times over: then one may ask again.
        """
        async with (
            AsyncSession(self.engine, expire_on_commit=False, info={**self.carried, _OPEN: actor.system}) as session,
            session.begin(),
        ):
            await _enter(session, actor, waits)
            yield session

    def count_statements(self) -> "StatementCount":
        """Counts the statements of the write side (the fence included) while the block runs; for tests."""
        return StatementCount(self.engine)


async def _enter(session: AsyncSession, actor: Actor, waits: int) -> None:
    values = {f"f{i}": value for i, value in enumerate(fence(actor))}
    for left in reversed(range(waits)):
        try:
            await session.execute(_FENCE_SQL, values)
            return
        except PoolTimeout:
            if not left:
                raise TooMany("core.busy", retry_after=BUSY_SECONDS) from None


class StatementCount:
    """Context manager: how many SQL statements went through the engine."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.sync_engine
        self.statements: list[str] = []

    def __enter__(self) -> "StatementCount":
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _c: object, _cursor: object, statement: str, *_: object) -> None:
        self.statements.append(statement)

    def __len__(self) -> int:
        return len(self.statements)


async def _keep(_connection: object) -> None:
    """No reset."""


def sqlalchemy_url(dsn: str) -> str:
    """The same address in SQLAlchemy's spelling, with asyncpg as the driver."""
    scheme, rest = dsn.split("://", 1)
    if not scheme.startswith("postgres"):
        raise ValueError("DATABASE_URL must begin with postgresql://: there is no second dialect")
    return f"postgresql+asyncpg://{rest}"
