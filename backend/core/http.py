"""HTTP around the slices: security headers, health, metrics, and the built app with immutable caching."""

import hashlib
import mimetypes
import re
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from backend.core.gate import Gate
from backend.core.graphql.problems import as_error, browser_language
from backend.core.problem import Invalid
from backend.core.services import Services

Message = MutableMapping[str, Any]

# The app loads nothing from elsewhere. Svelte writes style attributes for transitions, hence 'unsafe-inline' for those.
_POLICY: Final = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'{hashes}; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
_FOREVER: Final = b"public, max-age=31536000, immutable"
_CHECK: Final = b"no-cache"
_LIKE_A_FILE: Final = re.compile(r"\.[A-Za-z][A-Za-z0-9]*$")  # the code of a procedure, 2.002854, is a page
_GATED: Final = "/graphql"  # what costs at once; a slow phone's upload may stand for a minute and costs at its end


class Front:
    """The outermost door: security headers on every answer; the hot endpoints directly, the rest through FastAPI.

    FastAPI's stack costs some 150 µs a request, more than everything we do for a compiled read. `direct` endpoints are
    looked up in the app's state by name, because they exist only once the services are open.
    """

    def __init__(
        self,
        app: FastAPI,
        direct: Mapping[str, str],
        *,
        gate: Gate,
        secure: bool,
        script_hashes: tuple[str, ...] = (),
    ) -> None:
        self._app = app
        self._direct = direct
        self._gate = gate
        hashes = "".join(f" '{digest}'" for digest in script_hashes)
        self._headers = [
            (b"content-security-policy", _POLICY.format(hashes=hashes).encode()),
            (b"x-content-type-options", b"nosniff"),
            (b"referrer-policy", b"same-origin"),
            (b"permissions-policy", b"geolocation=(), microphone=(), payment=()"),
            (b"cross-origin-opener-policy", b"same-origin"),
        ]
        if secure:
            self._headers.append((b"strict-transport-security", b"max-age=31536000"))

    @property
    def state(self) -> Any:
        """What the open services are kept in."""
        return self._app.state

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers]
            await send(message)

        path = scope["path"]
        direct = self._direct.get(path)
        endpoint = self._app if direct is None else getattr(self._app.state, direct)
        if path.startswith(_GATED):
            await self._gate(endpoint, scope, receive, with_headers)
        else:
            await endpoint(scope, receive, with_headers)


def add_refusal(app: FastAPI) -> None:
    """A malformed parameter of a route answers in our own form, and does not repeat what was sent."""

    @app.exception_handler(RequestValidationError)
    async def refuse(request: Request, _: RequestValidationError) -> Response:
        language = browser_language(request.headers.get("accept-language", ""))
        body = {"data": None, "errors": [as_error(Invalid("core.bad_request"), language)]}
        return JSONResponse(body, status_code=422)


def add_health(app: FastAPI) -> None:
    """/health/live: the process runs. /health/ready: it can serve."""

    @app.get("/health/live", include_in_schema=False)
    async def live() -> Response:
        return Response("ok", media_type="text/plain")

    @app.get("/health/ready", include_in_schema=False)
    async def ready() -> Response:
        services: Services | None = getattr(app.state, "services", None)
        try:
            if services is None or await services.database.read("select 1", ()) != 1:
                return Response("starting", status_code=503, media_type="text/plain")
        except Exception as reason:
            return Response(type(reason).__name__, status_code=503, media_type="text/plain")
        return Response("ok", media_type="text/plain")


@dataclass(frozen=True, slots=True)
class _File:
    """A file of the built app, ready to be sent: its forms by coding ("" = as it is) and the headers they share."""

    forms: dict[str, bytes]
    headers: list[tuple[bytes, bytes]]
    tag: bytes

    @classmethod
    def read(cls, path: Path, caching: bytes) -> "_File":
        kind = "application/manifest+json" if path.suffix == ".webmanifest" else mimetypes.guess_type(path.name)[0]
        body = path.read_bytes()
        forms = {"": body}
        for coding, suffix in (("br", ".br"), ("gzip", ".gz")):
            packed = path.with_name(path.name + suffix)
            if packed.exists():
                forms[coding] = packed.read_bytes()
        tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'.encode()
        headers = [
            (b"content-type", f"{kind or 'application/octet-stream'}{_charset(kind)}".encode()),
            (b"cache-control", caching),
            (b"etag", tag),
            (b"vary", b"accept-encoding"),
        ]
        return cls(forms, headers, tag)


class BuiltApp:
    """Serves pwa/build from memory (about 2 MB): hashed names for ever, every path that is no file the app's page."""

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, _File] = {}
        for path in folder.rglob("*"):
            if path.is_file() and path.suffix not in (".br", ".gz"):
                address = "/" + path.relative_to(folder).as_posix()
                self._files[address] = _File.read(path, _FOREVER if "/immutable/" in address else _CHECK)

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, [(b"allow", b"GET, HEAD")], b"")
            return
        file = self._files.get(scope["path"])
        if file is None:
            if _LIKE_A_FILE.search(scope["path"]):
                await _answer(send, 404, [(b"cache-control", _CHECK)], b"")
                return
            file = self._files["/index.html"]
        headers = dict(scope["headers"])
        if headers.get(b"if-none-match") == file.tag:
            await _answer(send, 304, file.headers, b"")
            return
        accepted = headers.get(b"accept-encoding", b"").decode("latin-1")
        coding = next((name for name in ("br", "gzip") if name in accepted and name in file.forms), "")
        coded = [(b"content-encoding", coding.encode())] if coding else []
        body = b"" if scope["method"] == "HEAD" else file.forms[coding]
        await _answer(send, 200, [*file.headers, *coded], body)


def _charset(kind: str | None) -> str:
    text = kind is not None and (kind.startswith("text/") or kind in ("application/javascript", "text/javascript"))
    return "; charset=utf-8" if text else ""


async def _answer(send: Any, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length]})
    await send({"type": "http.response.body", "body": body})
