"""Where the province's past is played: the product's own actions, each at its moment, as the person who did it.

For what must be as the product makes it, not as rows say it: a pupil's move touches two schools, a paper is typeset.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Session
from backend.core.journal import Journal
from backend.core.store import Store
from backend.identity.queries import actor_of_user

T = TypeVar("T")
Action = Callable[..., Awaitable[T]]


class Stage:
    """The filled database behind the product's own door."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def act(self, moment: datetime, user_id: UUID, action: Action[T], *given: Any) -> T:
        """Have somebody do this at that moment, with the rights she had then, in a transaction of its own."""
        with clock.told(moment):
            actor = await actor_of_user(self._database, user_id)
            assert actor is not None
            async with self._database.write(actor) as session:
                return await action(session, actor, *given)

    @asynccontextmanager
    async def behind(self) -> AsyncIterator[Session]:
        """A transaction of ours that sees everything."""
        async with self._database.write(SYSTEM) as session:
            yield session

    async def hush(self) -> None:
        """Everything that was played has been told long ago: starting the demonstration sends nothing."""
        async with self.behind() as session:
            waiting = select(col(Journal.id)).where(col(Journal.relayed_at).is_(None))
            done = update(Journal).where(col(Journal.id).in_(waiting)).values(relayed_at=col(Journal.created_at))
            await session.execute(done, execution_options={"synchronize_session": False})


@asynccontextmanager
async def stage(dsn: str, store: Store) -> AsyncIterator[Stage]:
    """The stage of a database with the whole province in it; `store` takes the papers. Nothing waits afterwards."""
    database = await Database.open(dsn, size=2)
    database.carried["store"] = store
    try:
        played = Stage(database)
        yield played
        await played.hush()
    finally:
        await database.close()
