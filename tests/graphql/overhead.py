"""What the endpoint itself costs: microseconds of Python per request, with the database answering at once.

python -m tests.graphql.overhead
"""

import asyncio
import hashlib
import json
import time
from typing import Any

from backend.core.actor import Actor
from backend.core.graphql.router import GraphQLApp
from backend.core.graphql.schema import build_schema
from tests.graphql import toy

ROUNDS = 20_000
TEXT = (
    "query($id: UUID!, $n: Int = 3) { student(id: $id) { id name classGroup { name size }"
    " latest(first: $n) { mark enteredAt subject { name } } history { nodes { mark } pageInfo { endCursor } } } }"
)
ANSWER = json.dumps({"data": {"student": {"name": "x" * 4_000}}})


class Instant:
    """A database that has answered before it is asked."""

    async def read(self, _sql: str, _args: Any) -> str:
        return ANSWER


async def main() -> None:
    known, _ = toy.rows()
    actor = known.teacher

    async def authenticate(_scope: Any) -> Actor:
        return actor

    hash_ = hashlib.sha256(TEXT.encode()).hexdigest()
    database: Any = Instant()
    app = GraphQLApp(build_schema(toy.Query), database, authenticate, trusted={hash_: TEXT}, free_text=False)
    body = json.dumps({"id": hash_, "variables": {"id": str(known.students[0])}}).encode()
    headers = [(b"content-type", b"application/json"), (b"x-nhipcau", b"1"), (b"host", b"test")]

    async def receive() -> Any:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(_message: Any) -> None:
        return None

    scope: Any = {"type": "http", "method": "POST", "headers": headers}
    started = time.perf_counter()
    await app(scope, receive, send)
    first = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(ROUNDS):
        await app(scope, receive, send)
    each = (time.perf_counter() - started) / ROUNDS
    print(f"first request (parse, validate, compile): {first * 1e3:.1f} ms; then {each * 1e6:.1f} µs per request")


if __name__ == "__main__":
    asyncio.run(main())
