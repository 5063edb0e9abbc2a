"""Firebase Cloud Messaging (HTTP v1) on this machine, with the token endpoint that the real firebase-admin asks first.

The app under test needs two things and no proxy (plain HTTP on 127.0.0.1):

- `GOOGLE_APPLICATION_CREDENTIALS` (in `app_environment`): a service account made for this run, whose `token_uri` is
  ours, so the signed JWT grant is really made and really checked
- `send_url` in place of firebase-admin's `_MessagingService.FCM_URL`, by a setting of the app; `{0}` is the project

firebase-admin fetches its token with a call that blocks the event loop, so the app must not share a loop with this
service: run it as its own process, or in a thread with its own loop.
"""

import json
import secrets
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from .sender import HOST, LARGEST_BODY, decode_base64url
from .witness import Witness

PROJECT = "nhipcau-test"
ACCOUNT = f"push@{PROJECT}.iam.gserviceaccount.com"
# Either lets an account send; firebase-admin asks for the wide one.
SCOPES = {f"https://www.googleapis.com/auth/{name}" for name in ("firebase.messaging", "cloud-platform")}
ERROR_TYPE = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
TARGETS = ("fid", "token", "topic", "condition")
# FCM error code -> HTTP status and the canonical status beside it, as Google documents them.
ERRORS = {
    "UNREGISTERED": (404, "NOT_FOUND"),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED"),
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT"),
    "UNAVAILABLE": (503, "UNAVAILABLE"),
    "INTERNAL": (500, "INTERNAL"),
    "UNAUTHENTICATED": (401, "UNAUTHENTICATED"),
}


@dataclass
class Planned:
    """An error to answer with instead of success; `times` None means until further notice."""

    code: str
    times: int | None
    retry_after: int | None


class Fcm(Witness):
    """Use as `async with Fcm() as service`. `messages` holds what was accepted, as it came over the wire."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self.attempts = 0
        self._planned: dict[str, Planned] = {}
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self._folder = tempfile.TemporaryDirectory(prefix="nhipcau-fcm-")
        application = web.Application()
        application.add_routes([web.post("/token", self._grant)])
        application.add_routes([web.post("/v1/projects/{project}/messages:send", self._send)])
        self._runner = web.AppRunner(application, shutdown_timeout=1)

    def __str__(self) -> str:
        return f"Fcm: {len(self.messages)} messages, {self.attempts} attempts"

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        origin = f"http://{HOST}:{self._runner.addresses[0][1]}"
        self.send_url = origin + "/v1/projects/{0}/messages:send"
        plain, pkcs8 = serialization.NoEncryption(), serialization.PrivateFormat.PKCS8
        account = {
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": secrets.token_hex(20),
            "private_key": self._key.private_bytes(serialization.Encoding.PEM, pkcs8, plain).decode(),
            "client_email": ACCOUNT,
            "client_id": "1",
            "token_uri": f"{origin}/token",
        }
        self.account_file = Path(self._folder.name, "account.json")
        self.account_file.write_text(json.dumps(account))
        self.app_environment = {"GOOGLE_APPLICATION_CREDENTIALS": str(self.account_file)}
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
        self._folder.cleanup()

    def fail(self, address: str, code: str, *, times: int | None = None, retry_after: int | None = None) -> None:
        """Answer messages to this registration with a code of `ERRORS`; retry_after in seconds."""
        self._planned[address] = Planned(code, times, retry_after)

    async def _grant(self, request: web.Request) -> web.Response:
        """OAuth 2.0 JWT bearer grant (RFC 7523)."""
        form = await request.post()
        try:
            signed, _, signature = str(form["assertion"]).rpartition(".")
            scheme = padding.PKCS1v15()
            self._key.public_key().verify(decode_base64url(signature), signed.encode(), scheme, hashes.SHA256())
            claims = json.loads(decode_base64url(signed.split(".")[1]))
            fresh = claims["iat"] <= time.time() + 60 and time.time() < claims["exp"] <= claims["iat"] + 3600
            granted = fresh and claims["iss"] == ACCOUNT and not SCOPES.isdisjoint(claims["scope"].split())
        except (InvalidSignature, KeyError, ValueError):
            granted = False
        if not granted:
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = secrets.token_urlsafe(24)
        self.tokens.add(token)
        return web.json_response({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    async def _send(self, request: web.Request) -> web.Response:
        self.attempts += 1
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return _error("UNAUTHENTICATED")
        message: dict[str, Any] = (await request.json()).get("message", {})
        addresses = [message[target] for target in TARGETS if target in message]
        data = message.get("data", {})
        if len(addresses) != 1 or not all(isinstance(value, str) for value in data.values()):
            return _error("INVALID_ARGUMENT")
        if len(json.dumps(data, ensure_ascii=False).encode()) > LARGEST_BODY:
            return _error("INVALID_ARGUMENT")
        planned = self._planned.get(addresses[0])
        if planned and planned.times != 0:
            if planned.times is not None:
                planned.times -= 1
            self.changed()
            return _error(planned.code, planned.retry_after)
        self.messages.append(message)
        self.changed()
        return web.json_response({"name": f"projects/{PROJECT}/messages/{len(self.messages)}"})


def _error(code: str, retry_after: int | None = None) -> web.Response:
    status, canonical = ERRORS[code]
    details = [{"@type": ERROR_TYPE, "errorCode": code}]
    body = {"error": {"code": status, "message": code, "status": canonical, "details": details}}
    headers = None if retry_after is None else {"Retry-After": str(retry_after)}
    return web.json_response(body, status=status, headers=headers)
