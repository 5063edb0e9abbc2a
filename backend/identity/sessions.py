"""The cookie and the session behind it. Every request comes through `Authenticator`.

An actor is remembered for half a minute, so that a busy screen does not ask the database who is there each time. When a
session ends or its rights change, the bus tells every process to forget at once; without the news the half minute is
the longest a revoked session lives on.
"""

import asyncio
import time
from collections import OrderedDict
from functools import partial
from typing import Final, Protocol
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from backend.core import clock, codes
from backend.core.actor import NOBODY, SYSTEM, Actor
from backend.core.bus import Bus, BusUnavailable
from backend.core.db import Database, Session
from backend.core.settings import settings
from backend.identity import queries, rules
from backend.identity.tables import SignInSession

COOKIE: Final = "nhipcau"
CHANNEL: Final = "sessions"
REMEMBER_SECONDS: Final = 30.0
REMEMBER_MOST: Final = 20_000
RETRY_SECONDS: Final = 1.0
_BROWSERS: Final = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


class Request(Protocol):
    """What `ended` and `changed` need of a GraphQL context."""

    @property
    def actor(self) -> Actor: ...
    async def publish(self, channel: str, message: bytes) -> None: ...


class Authenticator:
    """From a Cookie header to an actor, remembered for a moment."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: OrderedDict[bytes, tuple[float, Actor]] = OrderedDict()
        self._news = 0

    async def __call__(self, cookie_header: str) -> Actor:
        """The actor of the session in the cookie; NOBODY without one, or with one that has ended."""
        token = session_token(cookie_header)
        if not token:
            return NOBODY
        digest = codes.token_hash(token)
        known = self._known.get(digest)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        return await self._look_up(digest)

    async def _look_up(self, digest: bytes) -> Actor:
        asked = self._news
        found = await queries.actor_of(self._database, digest)
        if found is None:
            self._known.pop(digest, None)
            return NOBODY
        actor, seen, _expires = found
        if clock.now() - seen > rules.SEEN_EVERY:
            await self._touch(actor)
        if self._news != asked:
            return actor  # something ended meanwhile, perhaps this very session: ask again next time
        self._known[digest] = (time.monotonic() + REMEMBER_SECONDS, actor)
        self._known.move_to_end(digest)
        if len(self._known) > REMEMBER_MOST:
            self._known.popitem(last=False)
        return actor

    async def _touch(self, actor: Actor) -> None:
        """A session in use lives on: seen now, expiring a full term from now."""
        now = clock.now()
        statement = (
            update(SignInSession)
            .where(col(SignInSession.id) == actor.session_id)
            .values(last_seen_at=now, expires_at=now + rules.session_life(settings().session_days))
        )
        async with self._database.write(SYSTEM) as session:
            await session.execute(statement)

    def forget(self, message: bytes) -> None:
        """Forget what a message of the bus names: a token hash in hex, or `user:<id>`."""
        self._news += 1
        text = message.decode()
        if text.startswith("user:"):
            user = text.removeprefix("user:")
            for digest in [d for d, (_, actor) in self._known.items() if str(actor.user_id) == user]:
                del self._known[digest]
        else:
            self._known.pop(bytes.fromhex(text), None)

    def forget_all(self) -> None:
        self._news += 1
        self._known.clear()

    async def listen(self, bus: Bus) -> None:
        """Forget on news, as long as the process lives; a lost connection forgets everything."""
        while True:
            try:
                async with bus.subscribe([CHANNEL]) as signals:
                    self.forget_all()
                    async for signal in signals:
                        self.forget(signal.message)
            except BusUnavailable:
                await asyncio.sleep(RETRY_SECONDS)


async def ended(request: Request, token_hashes: list[bytes]) -> None:
    """Have every process forget these sessions."""
    for digest in token_hashes:
        await request.publish(CHANNEL, digest.hex().encode())


async def changed(request: Request) -> None:
    """Have every process look the actor up again: rights, children or language are new."""
    await request.publish(CHANNEL, user_news(request.actor.user_id))


def users_changed(session: Session, *users: UUID) -> None:
    """The same for other people, once the transaction stands: their rights or children are new."""
    bus: Bus | None = session.info.get("bus")
    if bus is None:
        return

    async def publish(bus: Bus) -> None:
        for user in users:
            await bus.publish(CHANNEL, user_news(user))

    session.info.setdefault("after_commit", []).append(partial(publish, bus))


def user_news(user_id: UUID | None) -> bytes:
    """What every process is told when somebody's rights or children are new."""
    return f"user:{user_id}".encode()


def session_token(cookie_header: str) -> str:
    """Our cookie's value; empty when there is none. What other software on this host keeps there does not matter."""
    for pair in cookie_header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def cookie_seconds() -> int:
    return settings().session_days * 86_400


def device_label(headers: dict[str, str]) -> str:
    """What the owner will recognise: "Chrome · Android". Nothing else of the User-Agent is kept."""
    agent = headers.get("user-agent", "")
    parts = [next((name for mark, name in table if mark in agent), "") for table in (_BROWSERS, _SYSTEMS)]
    return " · ".join(part for part in parts if part) or "?"
