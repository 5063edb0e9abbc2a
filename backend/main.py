"""Builds the app of one process: services, middleware, endpoints; nothing else."""

import asyncio
import base64
import gc
import hashlib
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI

from backend.core import services as core_services
from backend.core.actor import Actor
from backend.core.gate import Gate
from backend.core.graphql.live import LiveApp
from backend.core.graphql.router import GraphQLApp
from backend.core.http import BuiltApp, Front, add_health, add_refusal
from backend.core.services import Services
from backend.core.settings import Settings, settings
from backend.enrolment.routes import router as enrolment_routes
from backend.eservices.routes import router as eservices_routes
from backend.files.routes import router as files_routes
from backend.identity.sessions import Authenticator
from backend.leave.routes import router as leave_routes
from backend.schema import schema
from backend.timetable.routes import router as timetable_routes
from backend.worker import register

OPERATIONS: Final = Path(__file__).with_name("operations.json")
_INLINE_SCRIPT: Final = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
BUILD: Final = Path(__file__).parent.parent / "pwa" / "build"


def create_app(*, work: bool = False, chosen: Settings | None = None) -> Front:
    """The whole app of this process. `work` also does the background work here (one process serves everything)."""
    chosen = chosen or settings()
    app = FastAPI(title="Nhịp Cầu", docs_url=None, redoc_url=None, openapi_url=None, lifespan=_lifespan(work, chosen))
    add_health(app)
    add_refusal(app)
    app.include_router(enrolment_routes)
    app.include_router(timetable_routes)
    app.include_router(leave_routes)
    app.include_router(files_routes)
    app.include_router(eservices_routes)
    if (BUILD / "index.html").exists():
        app.mount("/", BuiltApp(BUILD))
    secure = chosen.origin.startswith("https:")
    direct = {"/graphql": "graphql", "/live": "live"}
    gate = Gate(chosen.requests_at_once)
    return Front(app, direct, gate=gate, secure=secure, script_hashes=_script_hashes())


def _lifespan(work: bool, chosen: Settings) -> Callable[[FastAPI], Any]:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            services = await stack.enter_async_context(core_services.opened(chosen))
            authenticator = Authenticator(services.database)
            listening = asyncio.create_task(authenticator.listen(services.bus))
            stack.push_async_callback(_end, listening)
            _mount(app, services, authenticator, chosen)
            if work:
                stack.push_async_callback(register(services))
                await stack.enter_async_context(services.jobs.working())
            _calm_collector()
            yield

    return lifespan


def _calm_collector() -> None:
    """What is here now stays for the life of the process: the collector need not look at it after every 700 objects.

    A register is thousands of short-lived objects; with the usual settings a fifth of its time went into looking.
    What is garbage by now stays as well: a few megabytes, against a third of a second of every start.
    """
    gc.freeze()
    gc.set_threshold(20_000, 50, 100)


def _mount(app: FastAPI, services: Services, authenticator: Authenticator, chosen: Settings) -> None:
    """Put the endpoints that need open services in place."""

    async def authenticate(scope: Any) -> Actor:
        cookies = [value for name, value in scope["headers"] if name == b"cookie"]
        return await authenticator(b"; ".join(cookies).decode("latin-1"))

    app.state.services = services
    app.state.authenticate = authenticate
    app.state.graphql = GraphQLApp(
        schema,
        services.database,
        authenticate,
        trusted=json.loads(OPERATIONS.read_text()),
        free_text=chosen.development,
        secure=chosen.origin.startswith("https:"),
        services=services,
        proxies=chosen.trusted_proxies,
    )
    app.state.live = LiveApp(services.bus, authenticate)


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def _script_hashes() -> tuple[str, ...]:
    """What the security policy must allow of the app's page: its inline scripts, by their SHA-256."""
    page = BUILD / "index.html"
    scripts = _INLINE_SCRIPT.findall(page.read_text()) if page.exists() else []
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return tuple(f"sha256-{base64.b64encode(digest).decode()}" for digest in digests)
