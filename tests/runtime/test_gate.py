"""The gate: as many as can be served, the rest an honest answer at once, and room again afterwards."""

import asyncio
from typing import Any

import orjson

from backend.core.gate import LONGEST_WAIT, SHORTEST_WAIT, Gate

SCOPE = {"type": "http", "path": "/graphql", "headers": [(b"accept-language", b"vi")]}


class Answers:
    """What was sent, by status."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.statuses.append(message["status"])
            self.headers = dict(message["headers"])
        else:
            self.body = message["body"]


async def test_the_house_is_full_and_says_for_how_long() -> None:
    gate, opened, inside = Gate(3), asyncio.Event(), asyncio.Semaphore(0)

    async def slow(_scope: Any, _receive: Any, send: Any) -> None:
        inside.release()
        await opened.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})

    served, turned_away = Answers(), Answers()
    tasks = [asyncio.create_task(gate(slow, SCOPE, None, served)) for _ in range(3)]
    for _ in tasks:
        await inside.acquire()
    await gate(slow, SCOPE, None, turned_away)
    assert turned_away.statuses == [503]
    error = orjson.loads(turned_away.body)["errors"][0]["extensions"]
    assert (error["code"], error["kind"]) == ("core.busy", "TOO_MANY")
    assert SHORTEST_WAIT <= error["retryAfter"] <= LONGEST_WAIT
    assert turned_away.headers[b"retry-after"] == str(error["retryAfter"]).encode()
    opened.set()
    await asyncio.gather(*tasks)
    await gate(slow, SCOPE, None, served)
    assert served.statuses == [200] * 4


async def test_a_failing_endpoint_gives_its_place_back() -> None:
    gate = Gate(1)

    async def broken(*_: Any) -> None:
        raise ValueError

    for _ in range(3):
        try:
            await gate(broken, SCOPE, None, Answers())
        except ValueError:
            continue
        raise AssertionError


async def test_the_time_follows_how_fast_people_are_served() -> None:
    async def quick(*_: Any) -> None:
        return None

    idle, busy = Gate(100), Gate(100)
    for _ in range(1_000):
        await busy(quick, SCOPE, None, Answers())
    assert idle.wait() == LONGEST_WAIT
    assert busy.wait() == SHORTEST_WAIT
