"""The servers that are measured, with the product's own uvicorn settings.

python -m tests.bench.server app          the product, requests only
python -m tests.bench.server whole        the product with its background work; POST /bench/news hints at everybody
python -m tests.bench.server raw FILE     one statement per path: what the machine can do without the product

Port and database come from the environment, as for the product. FILE is a pickled list of (sql, arguments); a request
of /3 runs the fourth as the owner of the database and sends the text that comes back.
"""

import pickle
import sys
from pathlib import Path
from typing import Any

import asyncpg
import uvicorn

from backend import launch
from backend.core.ids import new_id
from backend.core.news import channel_of, news
from backend.core.settings import settings

_JSON = (b"content-type", b"application/json")


class Raw:
    """The upper bound: bare ASGI, a pool without resets, no authentication, no row-level security."""

    def __init__(self, cases: list[tuple[str, tuple[Any, ...]]]) -> None:
        self._cases = cases

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        while (await receive()).get("more_body"):
            pass
        sql, arguments = self._cases[int(scope["path"][1:])]
        async with self._pool.acquire() as connection:
            text: str = await connection.fetchval(sql, *arguments)
        await answer(send, text.encode())

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._pool = await asyncpg.create_pool(
            settings().database_url,
            min_size=settings().database_pool,
            max_size=settings().database_pool,
            reset=_keep,
            max_cacheable_statement_size=0,
            server_settings={"jit": "off"},
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


class WithNews:
    """The product, and a path that publishes one hint to every user named in the body, 16 bytes each."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] != "/bench/news":
            return await self._app(scope, receive, send)
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        hint = news("notification", new_id())
        for start in range(0, len(body), 16):
            user = type(new_id())(bytes=body[start : start + 16])
            await self._app.state.services.bus.publish(channel_of(user), hint)
        await answer(send, b"{}")


async def answer(send: Any, body: bytes) -> None:
    """A whole answer in JSON."""
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": 200, "headers": [_JSON, length]})
    await send({"type": "http.response.body", "body": body})


async def _keep(_connection: object) -> None:
    """No reset."""


def main(kind: str, *rest: str) -> None:
    """Serve until a signal."""
    from backend.core import log
    from backend.main import create_app

    log.set_up(production=True)
    app: Any = Raw(pickle.loads(Path(rest[0]).read_bytes())) if kind == "raw" else create_app(work=kind == "whole")
    uvicorn.Server(uvicorn.Config(WithNews(app) if kind == "whole" else app, **launch._options())).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
