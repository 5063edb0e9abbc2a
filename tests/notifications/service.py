"""A push service of our own: keeps what it is sent, answers what it is told, and decrypts like a browser."""

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any, Self

import http_ece
from aiohttp import web

from tests.notifications.place import Browser


@dataclass
class Received:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    def opened(self, browser: Browser) -> dict[str, Any]:
        """The payload, as only the browser with these keys can read it."""
        plain = http_ece.decrypt(self.body, private_key=browser.key, auth_secret=browser.secret, version="aes128gcm")
        return json.loads(plain)

    def token(self) -> dict[str, Any]:
        """The claims of the sender's token."""
        claims = self.headers["Authorization"].split("t=")[1].split(",")[0].split(".")[1]
        return json.loads(base64.urlsafe_b64decode(claims + "=="))


@dataclass
class Service:
    """`answers` maps a path to what is said next: statuses in turn, the last for good. Everything else is 201."""

    received: list[Received] = field(default_factory=list)
    answers: dict[str, list[int]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    busiest: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)
    host: str = ""
    _now: int = 0

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.add_routes([web.post("/{name}", self._take)])
        self._runner = web.AppRunner(application)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.host = f"127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    def address(self, name: str) -> str:
        return f"http://{self.host}/{name}"

    async def _take(self, request: web.Request) -> web.Response:
        self._now += 1
        self.busiest = max(self.busiest, self._now)
        body = await request.read()
        await asyncio.sleep(0)
        self.received.append(Received(request.path, dict(request.headers), body))
        self.arrived.set()
        self._now -= 1
        plan = self.answers.get(request.path, [201])
        status = plan.pop(0) if len(plan) > 1 else plan[0]
        return web.Response(status=status, headers=self.headers)
