"""Limits: how often somebody may do something. Counted in this process, or in Redis when there is a server.

Keys are hashed before they are stored: a phone number in a counter is still personal data.
"""

import hashlib
import math
import time
from dataclasses import dataclass
from typing import Any, Final

import structlog
from limits import RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from limits.errors import StorageError

BLIND_RETRY_SECONDS: Final = 30
ANSWER_SECONDS: Final = 0.5  # Redis slower than this counts as down: a limit must not become the delay

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `amount` hits in `seconds`, counted from the first.

    `closed` decides what happens when Redis cannot be asked: False lets pass (reading must go on), True refuses
    (sign-in, where an uncounted try is a free guess).
    """

    amount: int
    seconds: int
    closed: bool = False


class Limits:
    """The counters of this process."""

    def __init__(self, redis_url: str | None) -> None:
        self._storage = (
            RedisStorage(
                redis_url,
                wrap_exceptions=True,
                implementation="redispy",
                key_prefix="limits",
                socket_timeout=ANSWER_SECONDS,
                socket_connect_timeout=ANSWER_SECONDS,
            )
            if redis_url
            else MemoryStorage()
        )
        self._limiter = FixedWindowRateLimiter(self._storage)

    async def close(self) -> None:
        """Let go of the connections."""
        if isinstance(self._storage, RedisStorage):
            bridge: Any = self._storage.bridge  # its base class does not say that every form has a client
            await bridge.storage.aclose()

    async def hit(self, name: str, key: str, rate: Rate) -> int | None:
        """Count one try of `name` by `key`. None = go on; else the seconds until the next is allowed (>= 1)."""
        item = RateLimitItemPerSecond(rate.amount, rate.seconds, namespace=name)
        digest = hashlib.sha256(key.encode()).hexdigest()[:32]
        try:
            if await self._limiter.hit(item, digest):
                return None
            window = await self._limiter.get_window_stats(item, digest)
        except StorageError as error:
            _log.warning(
                "limit not counted", limit=name, refused=rate.closed, reason=type(error.storage_error).__name__
            )
            return BLIND_RETRY_SECONDS if rate.closed else None
        return max(1, math.ceil(window.reset_time - time.time()))

    async def forget(self, name: str, key: str, rate: Rate) -> None:
        """Start the count anew, as after a success."""
        item = RateLimitItemPerSecond(rate.amount, rate.seconds, namespace=name)
        try:
            await self._limiter.clear(item, hashlib.sha256(key.encode()).hexdigest()[:32])
        except StorageError as error:
            _log.warning("limit not cleared", limit=name, reason=type(error.storage_error).__name__)
