"""Thousands of open apps in one process: python -m tests.bench.crowd PORT SERVER_PID FILE

FILE: a pickled (list of tokens, streams per token, body of the news request). Opens them all, then has the server hint
at everybody five times. Prints JSON: open streams, streams opened per second, KiB of the server per stream, and for the
news the seconds until 99 % and all had it (median of the five).
"""

import asyncio
import gc
import json
import pickle
import statistics
import sys
import time
from pathlib import Path
from typing import Any, ClassVar, Final

import uvloop

from tests.bench.place import get

AT_ONCE: Final = 100  # connections being opened at any time
TIMES: Final = 5
WAIT_SECONDS: Final = 60.0
HINT: Final = b'"news":'


class App(asyncio.Protocol):
    """One open stream; notes when news arrives."""

    arrived: ClassVar[list[float]] = []

    def __init__(self, hello: bytes) -> None:
        self._hello = hello
        self.open: asyncio.Future[bool] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        transport.write(self._hello)

    def data_received(self, data: bytes) -> None:
        if HINT in data:
            App.arrived.append(time.perf_counter())
        elif not self.open.done() and (b"retry:" in data or not data.startswith(b"HTTP/1.1 200")):
            self.open.set_result(b"retry:" in data)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.open.done():
            self.open.set_result(False)


def resident(process: int) -> int:
    """KiB of memory a process holds."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0])


async def open_all(port: int, hellos: list[bytes]) -> list[App]:
    """Open a stream for each; those that were refused are not among the result."""
    apps: list[App] = []
    left = iter(hellos)

    async def one_after_the_other() -> None:
        for hello in left:
            _, app = await asyncio.get_running_loop().create_connection(lambda h=hello: App(h), "127.0.0.1", port)
            if await asyncio.wait_for(app.open, 30):
                apps.append(app)

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))
    return apps


async def tell(port: int, body: bytes, wanted: int) -> tuple[float, float]:
    """Hint at everybody; seconds until 99 % and until all of them had it."""
    App.arrived.clear()
    began = time.perf_counter()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST /bench/news HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    while len(App.arrived) < wanted and time.perf_counter() - began < WAIT_SECONDS:
        await asyncio.sleep(0.01)
    writer.close()
    times = sorted(moment - began for moment in App.arrived)
    if len(times) < wanted:
        raise RuntimeError(f"only {len(times)} of {wanted} open apps got the news")
    return times[int(wanted * 0.99)], times[-1]


async def main(port: int, server: int, file: Path) -> None:
    tokens, each, body = pickle.loads(file.read_bytes())
    gc.freeze()
    hellos = [get("/live", token) for _ in range(each) for token in tokens]
    await open_all(port, hellos[:1])
    before, began = resident(server), time.perf_counter()
    apps = await open_all(port, hellos[1:])
    took = time.perf_counter() - began
    after = resident(server)
    times = [await tell(port, body, len(apps) + 1) for _ in range(TIMES)]
    result = {
        "open": len(apps) + 1,
        "per_second": len(apps) / took,
        "kib": (after - before) / len(apps),
        "p99": statistics.median(part for part, _ in times),
        "all": statistics.median(whole for _, whole in times),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
