"""The load: keep-alive HTTP/1.1 connections that ask one thing after the other, in a process of its own.

python -m tests.bench.load PORT SECONDS CONNECTIONS FILE     FILE: a pickled list of whole requests as bytes

Prints JSON: answers, errors, seconds, and p50/p99 in milliseconds.
"""

import asyncio
import json
import pickle
import random
import sys
import time
from pathlib import Path
from typing import Any

import uvloop


class Visitor(asyncio.Protocol):
    """One connection: sends a random request, waits for the whole answer, sends the next."""

    def __init__(self, requests: list[bytes], until: float, times: list[float], wrong: list[bytes]) -> None:
        self._requests, self._until, self._times, self._wrong = requests, until, times, wrong
        self._have = bytearray()
        self._need = 0
        self._began = 0.0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        if self._began >= self._until:
            self._transport.close()
            return
        self._transport.write(random.choice(self._requests))

    def data_received(self, data: bytes) -> None:
        self._have += data
        if not self._need:
            head = self._have.find(b"\r\n\r\n")
            if head < 0:
                return
            self._need = head + 4 + length_in(bytes(self._have[:head]))
        if len(self._have) < self._need:
            return
        self._times.append(time.perf_counter() - self._began)
        if not self._have.startswith(b"HTTP/1.1 200") or b'"errors"' in self._have:
            self._wrong.append(bytes(self._have[:600]))
        self._have.clear()
        self._need = 0
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def length_in(head: bytes) -> int:
    """The length of the body that a head announces."""
    for line in head.split(b"\r\n"):
        if line[:15].lower() == b"content-length:":
            return int(line[15:])
    raise ValueError("an answer without content-length")


async def main(port: int, seconds: float, connections: int, requests: list[bytes]) -> None:
    loop = asyncio.get_running_loop()
    times: list[float] = []
    wrong: list[bytes] = []
    began = time.perf_counter()
    made = [
        loop.create_connection(lambda: Visitor(requests, began + seconds, times, wrong), "127.0.0.1", port)
        for _ in range(connections)
    ]
    visitors = [visitor for _, visitor in await asyncio.gather(*made)]
    async with asyncio.timeout(seconds + 20):
        await asyncio.gather(*(visitor.done for visitor in visitors))
    took = time.perf_counter() - began
    times.sort()
    at = {name: times[int(len(times) * part)] * 1000 if times else 0.0 for name, part in (("p50", 0.5), ("p99", 0.99))}
    first = wrong[0].decode(errors="replace") if wrong else ""
    print(json.dumps({"answers": len(times), "errors": len(wrong), "first_error": first, "seconds": took, **at}))


if __name__ == "__main__":
    port, seconds, connections, file = sys.argv[1:]
    uvloop.run(main(int(port), float(seconds), int(connections), pickle.loads(Path(file).read_bytes())))
