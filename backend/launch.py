"""How processes of the product are put together: which services they need, what they serve, how they end.

`everything` is the whole product in one process; `api` and `worker` are its halves, to be multiplied. Modules of the
slices are imported inside the functions: a command that only prints help must not load a web server.
"""

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from backend.core.settings import settings

if TYPE_CHECKING:
    from backend.core.http import Front

GRACE_SECONDS: Final = 2  # for requests under way; with the lanes' 2 s and PostgreSQL's 0.1 s we end within 5 s
BACKLOG: Final = 2048

Progress = Callable[[str], None]


class CannotStart(RuntimeError):
    """A process lacks something the operator has to give; the message says what and why."""


@contextmanager
def database(progress: Progress) -> Iterator[str]:
    """The DSN of the server from DATABASE_URL, or of an embedded one that lives as long as the block.

    The embedded server's DSN is put where every later reader of the settings, also a child process, finds it.
    """
    given = settings().database_url
    if given:
        yield given
        return
    from backend.postgres import embedded

    progress("Starting PostgreSQL")
    with embedded(settings().data_dir) as dsn:
        os.environ["DATABASE_URL"] = dsn
        settings.cache_clear()
        try:
            yield dsn
        finally:
            del os.environ["DATABASE_URL"]
            settings.cache_clear()


@contextmanager
def _building() -> Iterator[None]:
    """Without the garbage collector: what imports make stays, and to look through it again and again costs a second."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def migrate(dsn: str) -> None:
    """Bring the database up to date: its schema, and what the product ships with."""
    with _building():
        from backend.eservices.shipped import install_into
        from backend.migrations import upgrade

        upgrade(dsn)
        asyncio.run(install_into(dsn))


def everything(ready: Callable[[], None]) -> None:
    """Serve the API, the app and the background work from this process until told to stop.

    `ready` is called once, when the first request would be answered.
    """
    with _building():
        from backend.main import create_app

        app = create_app(work=True)
    _serve(app, ready)


def api(workers: int) -> None:
    """Serve the API and the app from `workers` processes. Background work is done by `worker` processes."""
    need_servers("api")
    check_port()
    if workers == 1:
        _serve(api_app(), lambda: None)
        return
    import uvicorn

    uvicorn.run("backend.launch:api_app", factory=True, workers=workers, **_options())


def api_app() -> "Front":
    """The app of one `api` process, which may be a fresh interpreter."""
    with _building():
        from backend.core import log
        from backend.main import create_app

        log.set_up(production=not settings().development)
        return create_app()


def worker() -> None:
    """Do the background work of all lanes until told to stop."""
    need_servers("worker")
    import uvloop

    with _building():
        from backend.worker import work

    uvloop.run(_until_signal(work))


def need_servers(process: str) -> None:
    """Refuse to run half of the product on services that live inside one process.

    Raises CannotStart naming the missing variables.
    """
    given = {"DATABASE_URL": settings().database_url, "REDIS_URL": settings().redis_url}
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise CannotStart(
            f"`nhipcau {process}` needs {' and '.join(missing)}: it shares its work with other processes, and they "
            "meet only in a PostgreSQL and a Redis server. For everything in one process use `nhipcau serve`."
        )


def check_port() -> None:
    """Say early and plainly that somebody else listens there. Raises CannotStart."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings().host, settings().port))
        except OSError as error:
            raise CannotStart(
                f"port {settings().port} cannot be used ({error.strerror}); choose another PORT"
            ) from None


class Stopped(SystemExit):
    """Somebody asked this process to end. A SystemExit, because event loops let only that and Ctrl-C through."""


def end_politely() -> None:
    """Have Ctrl-C, SIGTERM and a closed terminal raise Stopped once, so that every block is left in order."""
    endings = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def leave(_number: int, _frame: FrameType | None) -> None:
        for number in endings:
            signal.signal(number, signal.SIG_IGN)
        raise Stopped(0)

    for number in endings:
        signal.signal(number, leave)


def _options() -> dict[str, Any]:
    return {
        "host": settings().host,
        "port": settings().port,
        "loop": "uvloop",
        "http": "httptools",
        "backlog": BACKLOG,
        "access_log": False,
        "log_config": None,
        "server_header": False,
        # Or a caller on this machine could choose its address; `NHIPCAU_TRUSTED_PROXIES` decides that (router.py).
        "proxy_headers": False,
        "timeout_graceful_shutdown": GRACE_SECONDS,
    }


def _serve(app: "Front", ready: Callable[[], None]) -> None:
    """Serve until a signal; raises Stopped after an orderly end, CannotStart when it never began."""
    import uvicorn

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # An open app holds a stream for ever; cutting it is how we end, and no error to print.
            logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
            await super().shutdown(sockets)

    server = Announcing(uvicorn.Config(app, **_options()))
    server.run()
    if not server.started:
        raise CannotStart("the server could not start; the reason stands above")


async def _until_signal(work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Run `work(stop)`, and set `stop` at the first signal."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    await work(stop)
