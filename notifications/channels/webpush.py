"""Web Push: encrypted messages to browsers (RFC 8030, 8188, 8291, 8292), in the declarative form where it is known.

pywebpush makes the ciphertext and the token. The connection is ours, so that it goes only where `addresses` allows.
"""

import asyncio
import socket
import time
from collections.abc import Sequence
from typing import Any, Final, Literal

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver, ResolveResult
from py_vapid import Vapid02
from pywebpush import WebPusher

from backend.core import clock
from backend.core.problem import Invalid
from notifications.addresses import check_address, resolve
from notifications.channels import Envelope
from notifications.keys import KeyPair
from notifications.rules import Outcome, Verdict, parse_retry_after, verdict_of

IN_FLIGHT: Final = 32
TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=5)
LONGEST_ANSWER: Final = 1024  # bytes that are read of an answer
NUMERIC: Final = socket.AI_NUMERICHOST  # the client need not look the address up again
TOKEN_SECONDS: Final = 12 * 3600  # RFC 8292 allows a day
TOKEN_FRESH_SECONDS: Final = 11 * 3600


class WebPush:
    """Sends to any push service. One per process: it keeps connections and signed tokens."""

    def __init__(self, keys: KeyPair, contact: str, allowed: Sequence[str] = ()) -> None:
        self._vapid = Vapid02.from_raw(keys.private.encode())
        self._contact = contact
        self._allowed = tuple(allowed)
        self._tokens: dict[str, tuple[float, str]] = {}
        self._session: aiohttp.ClientSession | None = None

    async def send(self, batch: Sequence[Envelope], until: float) -> list[Outcome]:
        """All of the batch, at most 32 at a time."""
        gate = asyncio.Semaphore(IN_FLIGHT)
        return list(await asyncio.gather(*(self._send(envelope, gate, until) for envelope in batch)))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _send(self, envelope: Envelope, gate: asyncio.Semaphore, until: float) -> Outcome:
        async with gate:
            if asyncio.get_running_loop().time() >= until:
                return Outcome(Verdict.NOT_TRIED)
            try:
                return await self._post(envelope)
            except Invalid:
                return Outcome(Verdict.REFUSED, "address_refused")
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                return Outcome(Verdict.BUSY, type(error).__name__)
            except ValueError:
                return Outcome(Verdict.REFUSED, "unusable_key")

    async def _post(self, envelope: Envelope) -> Outcome:
        target = check_address(envelope.address, self._allowed)
        headers = {
            "Authorization": self._token(target.origin),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(envelope.ttl),
            "Urgency": "high" if envelope.urgent else "normal",
            "Topic": envelope.tag,
        }
        body = _Receiver(envelope).encode(payload(envelope))["body"]
        async with self._open().post(envelope.address, data=body, headers=headers, allow_redirects=False) as answer:
            await answer.content.read(LONGEST_ANSWER)
            verdict = verdict_of(answer.status)
            if verdict is Verdict.TAKEN:
                return Outcome(verdict)
            retry_after = parse_retry_after(answer.headers.get("Retry-After"), clock.now())
            return Outcome(verdict, f"http_{answer.status}", retry_after)

    def _token(self, origin: str) -> str:
        """The Authorization header for a push service, signed once in eleven hours."""
        now = time.time()
        kept = self._tokens.get(origin)
        if kept is None or kept[0] <= now:
            # A new dict each time: the library writes into the claims it is given.
            claims = {"aud": origin, "sub": self._contact, "exp": int(now) + TOKEN_SECONDS}
            kept = (now + TOKEN_FRESH_SECONDS, self._vapid.sign(claims)["Authorization"])
            self._tokens = {key: value for key, value in self._tokens.items() if value[0] > now} | {origin: kept}
        return kept[1]

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(
                limit=IN_FLIGHT, resolver=PublicResolver(self._allowed), ttl_dns_cache=60, keepalive_timeout=30
            )
            self._session = aiohttp.ClientSession(
                connector=connector, timeout=TIMEOUT, trust_env=True, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session


class PublicResolver(AbstractResolver):
    """Gives a connection only addresses that `addresses.resolve` accepts: checked and used are the same ones."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = tuple(allowed)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await resolve(host, port, self._allowed)
        return [
            {"hostname": host, "host": str(address), "port": port, "family": kind, "proto": 0, "flags": NUMERIC}
            for address, kind in found
            if family in (socket.AF_UNSPEC, kind)
        ]

    async def close(self) -> None:
        """Holds nothing."""


class _Receiver(WebPusher):
    """The library's encryption over keys that are bytes already and were checked when they came."""

    def __init__(self, envelope: Envelope) -> None:
        super().__init__({"endpoint": envelope.address})
        if envelope.p256dh is None or envelope.auth is None:
            raise ValueError("a browser without keys")
        self.receiver_key = envelope.p256dh
        self.auth_key = envelope.auth


def payload(envelope: Envelope) -> bytes:
    """What the device shows. Browsers that know Declarative Web Push need no script for it; ours reads the same."""
    web_push: Literal[8030] = 8030
    notification: dict[str, Any] = {
        "title": envelope.title,
        "body": envelope.body,
        "navigate": envelope.link,
        "tag": envelope.tag,
        "lang": envelope.language,
    }
    if envelope.actions:
        notification["actions"] = [
            {"action": action.name, "title": action.title, "navigate": action.link} for action in envelope.actions
        ]
    if envelope.data:
        notification["data"] = dict(envelope.data)
    return orjson.dumps({"web_push": web_push, "notification": notification})
