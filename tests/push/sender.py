"""The side of a push service that application servers see: RFC 8030 (push), RFC 8292 (VAPID), RFC 8291 (size).

Both local services share it. A request that a real service would refuse is refused here too, so a mistake in how we
sign, size or address a push shows up in the tests and not first in production. What the browser side needs is left to
`deliver`.
"""

import base64
import json
import re
import secrets
import time
from abc import abstractmethod
from dataclasses import dataclass, field
from typing import Literal, Self
from urllib.parse import urlsplit

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from .witness import Witness

HOST = "127.0.0.1"
LARGEST_BODY = 4096  # bytes, RFC 8030 section 7.2
LONGEST_TTL = 30 * 86400  # seconds; both real services cut there
LONGEST_TOKEN_LIFE = 86400  # seconds, RFC 8292 section 2
TOPIC = re.compile(r"[A-Za-z0-9_-]{1,32}")
URGENCIES = ("very-low", "low", "normal", "high")


@dataclass
class Subscription:
    """One `PushManager.subscribe()` as the service knows it."""

    token: str
    browser: str
    public_key: str
    """The application server key, base64url without padding."""
    channel: dict[str, str] = field(default_factory=dict)
    gone: bool = False


@dataclass
class Message:
    """One accepted push. `code` is what the browser said about it, where its protocol has such a word."""

    id: str
    subscription: Subscription
    body: bytes
    ttl: int
    urgency: str
    topic: str | None
    received_at: float
    state: Literal["waiting", "sent", "acknowledged", "dropped"] = "waiting"
    code: int | None = None


@dataclass
class Answer:
    """What the test wants senders to be told instead of the truth; `times` None means until further notice."""

    status: int
    times: int | None
    retry_after: int | None


class Refusal(Exception):
    """A sender broke a rule: the status a real service gives, and why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


def decode_base64url(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def check_vapid(authorization: str, origin: str, public_key: str, wrong_key_status: int) -> None:
    """Check a `vapid t=..., k=...` header as RFC 8292 asks; raises Refusal."""
    token = re.search(r"\bt=([\w.-]+)", authorization)
    key = re.search(r"\bk=([\w-]+)", authorization)
    if not authorization.lower().startswith("vapid ") or not token or not key:
        raise Refusal(401, "no VAPID authorization")
    if key[1] != public_key:
        raise Refusal(wrong_key_status, "another key than the one subscribed with")
    try:
        signed, _, signature = token[1].rpartition(".")
        raw = decode_base64url(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode_base64url(key[1]))
        point.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
        claims = json.loads(decode_base64url(signed.split(".")[1]))
        lifetime = int(claims["exp"]) - time.time()
    except (InvalidSignature, ValueError, KeyError, IndexError) as error:
        raise Refusal(wrong_key_status, f"bad VAPID token: {error!r}") from error
    if claims.get("aud") != origin:
        raise Refusal(wrong_key_status, f"aud is {claims.get('aud')!r}, not {origin!r}")
    if not 0 < lifetime <= LONGEST_TOKEN_LIFE:
        raise Refusal(wrong_key_status, f"exp is {lifetime:.0f} s ahead")
    if not str(claims.get("sub", "")).startswith(("mailto:", "https:")):
        raise Refusal(wrong_key_status, "sub names no contact")


class PushService(Witness):
    """A push service on this machine. Start it, hand `app_environment` to the app under test, stop it.

    `subscriptions`, `messages` and `refusals` are the record a test asserts on (wait with `until`).
    """

    wrong_key_status = 401
    too_large_status = 413
    app_environment: dict[str, str]
    """Environment variables the process that sends pushes needs; see the module of each service."""
    endpoint_origins: list[str]
    """Origins of the endpoints given out; an app that allow-lists push hosts must accept these under test."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions: dict[str, Subscription] = {}
        self.messages: list[Message] = []
        self.refusals: list[Refusal] = []
        self.app_environment = {}
        self.endpoint_origins = []
        self._answers: dict[str, Answer] = {}
        self._application = web.Application()
        self._runner = web.AppRunner(self._application, shutdown_timeout=1)

    def __str__(self) -> str:
        states = [(message.state, message.code) for message in self.messages]
        return f"{type(self).__name__}: {len(self.subscriptions)} subscriptions, {states}, {self.refusals}"

    async def start(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, HOST, 0)
        await site.start()
        self.port = int(self._runner.addresses[0][1])
        return self

    async def stop(self) -> None:
        await self._runner.cleanup()

    async def __aenter__(self) -> Self:
        try:
            return await self.start()
        except BaseException:
            await self.stop()
            raise

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @abstractmethod
    async def deliver(self, browser: str) -> None:
        """Hand the waiting messages of a browser over, if it is connected."""

    @abstractmethod
    def connected(self, browser: str) -> bool:
        """Whether this browser is listening now."""

    def answer(self, endpoint: str, status: int, *, times: int | None = None, retry_after: int | None = None) -> None:
        """From now on tell senders `status` (404, 410, 429, 500 ...) for this endpoint; retry_after in seconds."""
        self._answers[self.subscription(endpoint).token] = Answer(status, times, retry_after)

    def answer_normally(self, endpoint: str) -> None:
        """Undo `answer`."""
        self._answers.pop(self.subscription(endpoint).token, None)

    def subscription(self, endpoint: str) -> Subscription:
        """The subscription behind an endpoint; raises KeyError."""
        return self.subscriptions[urlsplit(endpoint).path.rsplit("/", 1)[-1]]

    def due(self, browser: str) -> list[Message]:
        """Messages to hand over now, oldest first; those past their time to live are dropped here."""
        mine = [m for m in self.messages if m.state == "waiting" and m.subscription.browser == browser]
        for message in mine:
            if message.ttl and time.time() > message.received_at + message.ttl:
                message.state = "dropped"
        return [message for message in mine if message.state == "waiting"]

    def back_to_waiting(self, browser: str) -> None:
        """A fresh connection gets again what the last one did not acknowledge."""
        for message in self.messages:
            if message.state == "sent" and message.subscription.browser == browser:
                message.state = "waiting"

    def acknowledge(self, message_id: str, code: int | None = None) -> None:
        """Note that the browser has taken a message, and the code it gave."""
        for message in self.messages:
            if message.id == message_id and message.state != "dropped":
                message.state, message.code = "acknowledged", code
        self.changed()

    async def receive(self, request: web.Request) -> web.Response:
        """The push resource: what an application server posts to."""
        body = await request.read()
        try:
            message = self._accept(request, body)
        except Refusal as refusal:
            self.refusals.append(refusal)
            self.changed()
            answer = self._answers.get(request.match_info["token"])
            headers = {"Retry-After": str(answer.retry_after)} if answer and answer.retry_after is not None else None
            report = {"code": refusal.status, "message": refusal.reason}
            return web.json_response(report, status=refusal.status, headers=headers)
        self.messages.append(message)
        await self.deliver(message.subscription.browser)
        if message.ttl == 0 and message.state == "waiting":
            message.state = "dropped"
        self.changed()
        return web.Response(status=201, headers={"Location": f"/m/{message.id}", "TTL": str(message.ttl)})

    def _accept(self, request: web.Request, body: bytes) -> Message:
        subscription = self.subscriptions.get(request.match_info["token"])
        if subscription is None:
            raise Refusal(404, "no such subscription")
        self._give_wanted_answer(subscription.token)
        if subscription.gone:
            raise Refusal(410, "the browser has unsubscribed")
        origin = str(request.url.origin())
        check_vapid(request.headers.get("Authorization", ""), origin, subscription.public_key, self.wrong_key_status)
        if len(body) > LARGEST_BODY:
            raise Refusal(self.too_large_status, f"{len(body)} bytes")
        if body and request.headers.get("Content-Encoding") != "aes128gcm":
            raise Refusal(400, "the content encoding must be aes128gcm")
        if not (ttl := request.headers.get("TTL", "")).isdecimal():
            raise Refusal(400, "a TTL in seconds is required")
        topic = request.headers.get("Topic")
        if topic is not None and not TOPIC.fullmatch(topic):
            raise Refusal(400, "a topic is at most 32 characters of base64url")
        if (urgency := request.headers.get("Urgency", "normal")) not in URGENCIES:
            raise Refusal(400, f"no such urgency: {urgency}")
        for older in self.messages:
            if topic and older.topic == topic and older.subscription is subscription and older.state == "waiting":
                older.state = "dropped"
        seconds = min(int(ttl), LONGEST_TTL)
        return Message(secrets.token_urlsafe(12), subscription, body, seconds, urgency, topic, time.time())

    def _give_wanted_answer(self, token: str) -> None:
        answer = self._answers.get(token)
        if answer is None or answer.times == 0:
            return
        if answer.times is not None:
            answer.times -= 1
        raise Refusal(answer.status, "asked for by the test")
