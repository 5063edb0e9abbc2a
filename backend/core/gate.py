"""The gate in front of the costly endpoints: what cannot be served in time is not let in, and is told when to return.

On the day of enrolment everybody comes at once. A server that lets them all in serves nobody: every answer waits for
all others. The gate holds the number of requests that are being worked on, and answers the rest at once, in a fraction
of a millisecond, with an honest time. Nothing is lost by that: writes carry what makes a repeat safe.
"""

import math
import random
import time
from collections.abc import Mapping
from typing import Any, Final

import orjson

from backend.core.graphql.problems import as_error, browser_language
from backend.core.problem import TooMany

SHORTEST_WAIT: Final = 2  # seconds
LONGEST_WAIT: Final = 60
SPREAD: Final = 0.5  # those sent away together do not come back together
_MEMORY: Final = 10.0  # seconds over which the rate of answers is remembered


class Gate:
    """Lets at most `most` requests be worked on at once in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._inside = 0
        self._rate = 0.0
        self._seen = time.monotonic()

    async def __call__(self, endpoint: Any, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """The endpoint's answer; 503 with Retry-After when the house is full."""
        if self._inside >= self._most:
            await self._turn_away(scope, send)
            return
        self._inside += 1
        try:
            await endpoint(scope, receive, send)
        finally:
            self._inside -= 1
            self._count()

    def wait(self) -> int:
        """Seconds in which those inside will have been served, by the rate of the last seconds; spread a little."""
        self._fade()
        seconds = self._inside / self._rate if self._rate > 0 else LONGEST_WAIT
        spread = seconds * random.uniform(1.0, 1.0 + SPREAD)
        return min(LONGEST_WAIT, max(SHORTEST_WAIT, math.ceil(spread)))

    def _count(self) -> None:
        self._fade()
        self._rate += 1.0 / _MEMORY

    def _fade(self) -> None:
        now = time.monotonic()
        self._rate *= math.exp((self._seen - now) / _MEMORY)
        self._seen = now

    async def _turn_away(self, scope: Mapping[str, Any], send: Any) -> None:
        headers = dict(scope["headers"])
        language = browser_language(headers.get(b"accept-language", b"").decode("latin-1"))
        seconds = self.wait()
        refused = as_error(TooMany("core.busy", retry_after=seconds), language)
        body = orjson.dumps({"data": None, "errors": [refused]})
        answer = [
            (b"content-type", b"application/json"),
            (b"cache-control", b"no-store"),
            (b"retry-after", str(seconds).encode()),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 503, "headers": answer})
        await send({"type": "http.response.body", "body": body})
