"""Context: what one request carries. A resolver changes data through `write` and sees nothing of the transaction."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, Literal, ParamSpec, TypeVar

from backend.core.actor import Actor
from backend.core.db import PATIENT, Database, Session
from backend.core.graphql.problems import browser_language
from backend.core.limits import Rate
from backend.core.problem import TooMany
from backend.core.services import Services

if TYPE_CHECKING:
    from backend.core.graphql.reader import Reader

P = ParamSpec("P")
T = TypeVar("T")
Action = Callable[Concatenate[Session, Actor, P], Awaitable[T]]
AfterCommit = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Cookie:
    """A cookie to set, or with `max_age` 0 to remove. Always HttpOnly, SameSite=Lax, and Secure behind https."""

    name: str
    value: str
    max_age: int

    def header(self, secure: bool) -> bytes:
        text = f"{self.name}={self.value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={self.max_age}"
        return (text + "; Secure" if secure else text).encode("latin-1")


@dataclass(slots=True)
class Context:
    """One request: who asks, the database, what they sent, and what goes back in the header.

    `actor` may be replaced by a mutation that signs somebody in, so that its payload is read as that person.
    """

    actor: Actor
    database: Database
    headers: dict[str, str] = field(default_factory=dict)
    client: str = ""
    services: Services | None = None
    cookies: list[Cookie] = field(default_factory=list)
    _reader: "Reader | None" = None
    _written: bool = False

    @property
    def language(self) -> Literal["vi", "en"]:
        """The person's own choice; for nobody, what the browser asks for; Vietnamese when it does not say."""
        if self.actor.user_id is not None:
            return "en" if self.actor.language == "en" else "vi"
        return browser_language(self.headers.get("accept-language", ""))

    async def limit(self, name: str, key: str, rate: Rate, code: str = "core.too_many") -> None:
        """Count one try; raises TooMany(code) with the seconds to wait."""
        if self.services is not None and (wait := await self.services.limits.hit(name, key, rate)) is not None:
            raise TooMany(code, retry_after=wait)

    async def forgive(self, name: str, key: str, rate: Rate) -> None:
        """Start the count anew, after a success."""
        if self.services is not None:
            await self.services.limits.forget(name, key, rate)

    async def publish(self, channel: str, message: bytes) -> None:
        """Tell other processes and open apps something through the bus."""
        if self.services is not None:
            await self.services.bus.publish(channel, message)

    def set_cookie(self, name: str, value: str, max_age: int) -> None:
        """Set a cookie for `max_age` seconds with the answer."""
        self.cookies.append(Cookie(name, value, max_age))

    def drop_cookie(self, name: str) -> None:
        """Remove a cookie with the answer."""
        self.cookies.append(Cookie(name, "", 0))

    async def write(self, action: Callable[..., Awaitable[T]], *args: Any, actor: Actor | None = None) -> T:
        """Run `action(session, actor, *args)` in one transaction, commit, then wake the relay if there is news.

        What the payload shows is read afterwards, from the committed rows. `actor` is for the steps before sign-in,
        which run as the system. Functions in `session.info["after_commit"]` run once the commit stands.
        """
        await self.close()
        async with self.database.write(actor or self.actor) as session:
            result = await action(session, actor or self.actor, *args)
            after: list[AfterCommit] = session.info.pop("after_commit", [])
            told = session.info.pop("wake", False)
        self._written = True
        for step in after:
            await step()
        if told and self.services is not None:
            await self.services.jobs.wake("relay")
        return result

    @asynccontextmanager
    async def read_session(self) -> AsyncIterator[Session]:
        """A fenced session for a `@query` in Python, or a mutation that first looks something up."""
        async with self.database.write(self.actor) as session:
            yield session

    async def close(self) -> None:
        """End the reading transaction, if one was opened."""
        reader, self._reader = self._reader, None
        if reader is not None:
            await reader.close()

    @property
    def reader(self) -> "Reader":
        """The field-by-field reader, for payloads and for operations that are not compiled."""
        from backend.core.graphql.reader import Reader

        if self._reader is None:
            # What stands must be said: "busy" now would have the client write a second time.
            waits = PATIENT if self._written else 1
            self._reader = Reader(self.database, self.actor, self.language, waits=waits)
        return self._reader
