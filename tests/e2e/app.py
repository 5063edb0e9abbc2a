"""The product as a process of its own, the way `make run` starts it: small demonstration school, own data, own port.

What it prints is read all the time: one-time codes are taken from there, and a fault in it fails the test session.
"""

import asyncio
import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Self, TypeVar

import asyncpg

Found = TypeVar("Found")
ROOT = Path(__file__).parents[2]
PAGE = ROOT / "pwa" / "build" / "index.html"
SECRET = "one secret for the seed and the server of these tests"
SEED_SECONDS, START_SECONDS, END_SECONDS, CODE_SECONDS = 240.0, 60.0, 30.0, 15.0
CODE = re.compile(r"Mã đăng nhập của số .*?: (\d{6})")
FAULT = re.compile(r"Traceback|\[(?:error|critical)\s*\]", re.IGNORECASE)
_seeded: dict[tuple[str, ...], Path] = {}


class App:
    """Use as `with App() as app`. `stop()` and `start()` in between are the server going away and coming back."""

    def __init__(self, environment: Mapping[str, str] | None = None, *, whole: bool = False) -> None:
        """`whole`: all schools of the demonstration, which takes longer, instead of a small one."""
        if not PAGE.exists():
            raise FileNotFoundError(
                "pwa/build is missing; `make pwa-build` makes it, and `make test` does so by itself"
            )
        self._folder = Path(tempfile.mkdtemp(prefix="nhipcau-e2e-"))
        self.port = free_port()
        self.origin = f"http://localhost:{self.port}"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("NHIPCAU_")}
        for name in ("DATABASE_URL", "REDIS_URL"):
            inherited.pop(name, None)
        own = {"NHIPCAU_DATA": str(self._folder / "data"), "NHIPCAU_SECRET_KEY": SECRET, "PORT": str(self.port)}
        self._environment = {**inherited, **own, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self._seed = ("seed",) if whole else ("seed", "--small")
        self._lines: list[str] = []
        self._marked = 0
        self._printed = threading.Condition()
        self._process: subprocess.Popen[str] | None = None
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        try:
            self._take_seeded()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.stop()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def log(self) -> str:
        return "".join(self._lines)

    @property
    def faults(self) -> list[str]:
        """What the process says went wrong on its side, each with the lines after it."""
        lines = list(self._lines)
        return ["".join(lines[at : at + 40]) for at, line in enumerate(lines) if FAULT.search(line)]

    def start(self) -> None:
        """Serve until `stop`; returns when requests are answered."""
        self._process = self._open("serve")
        self._reader = threading.Thread(target=self._read, args=(self._process,), daemon=True)
        self._reader.start()
        self._until(self._ready, START_SECONDS, "the app did not become ready")

    def stop(self) -> None:
        """End the process and see that its PostgreSQL has ended too."""
        process, self._process = self._process, None
        if process is None:
            return
        postgres = self._postgres()
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_SECONDS)
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()
            if self._reader:
                self._reader.join(END_SECONDS)
            if postgres:
                self._until(lambda: not alive(postgres), END_SECONDS, f"PostgreSQL {postgres} has not ended")

    def mark(self) -> None:
        """From here on codes count for `code`."""
        self._marked = len(self._lines)

    async def code(self) -> str:
        """The one-time code that was printed after `mark`. Raises TimeoutError."""
        return await asyncio.to_thread(self._code)

    def _code(self) -> str:
        end = time.monotonic() + CODE_SECONDS
        with self._printed:
            while not (found := CODE.findall("".join(self._lines[self._marked :]))):
                if time.monotonic() > end:
                    raise TimeoutError(f"no one-time code was printed:\n{self.log[-2000:]}")
                self._printed.wait(0.5)
            return found[-1]

    def _take_seeded(self) -> None:
        """The demonstration is made once a test process; every product begins with a copy of it."""
        kept = _seeded.get(self._seed)
        if kept is None:
            self._command(*self._seed)
            kept = Path(tempfile.mkdtemp(prefix="nhipcau-seeded-"))
            atexit.register(shutil.rmtree, kept, ignore_errors=True)
            _copy(self._folder / "data", kept / "data")
            _seeded[self._seed] = kept
        else:
            _copy(kept / "data", self._folder / "data")

    def _command(self, *arguments: str) -> None:
        process = self._open(*arguments)
        printed, _ = process.communicate(timeout=SEED_SECONDS)
        if process.returncode != 0:
            raise RuntimeError(f"{' '.join(arguments)} ended with {process.returncode}:\n{printed}")

    def _open(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "backend", *arguments],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )

    def _read(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        with process.stdout:
            for line in process.stdout:
                with self._printed:
                    self._lines.append(line)
                    self._printed.notify_all()

    def _ready(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise RuntimeError(f"the app ended while starting:\n{self.log}")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health/ready", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    async def ask_database(self, statement: str, *parameters: object) -> list[asyncpg.Record]:
        """What a statement finds, read past the product: for what it keeps but shows nobody."""
        connection = await asyncpg.connect(f"postgresql://postgres@/postgres?host={self._postgres_file()[4]}")
        try:
            return await connection.fetch(statement, *parameters)
        finally:
            await connection.close()

    def _postgres(self) -> int | None:
        lines = self._postgres_file()
        return int(lines[0]) if lines else None

    def _postgres_file(self) -> list[str]:
        """What PostgreSQL writes about itself: its process first, the folder of its socket fifth."""
        file = self._folder / "data" / "postgres" / "postmaster.pid"
        return file.read_text().splitlines() if file.exists() else []

    def _until(self, condition: Callable[[], bool], seconds: float, failure: str) -> None:
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(f"{failure}:\n{self.log[-4000:]}")
            threading.Event().wait(0.05)


@asynccontextmanager
async def running(environment: Mapping[str, str] | None = None) -> AsyncIterator[App]:
    """An app that starts and ends beside the event loop, on which the test's own services live. A fault fails."""
    app = App(environment)
    await asyncio.to_thread(app.__enter__)
    try:
        yield app
        assert app.faults == []
    finally:
        await asyncio.to_thread(app.__exit__)


async def eventually(look: Callable[[], Awaitable[Found]], seconds: float = 20) -> Found:
    """The first truthy answer of `look()`. Raises TimeoutError with the last one."""
    end = time.monotonic() + seconds
    while not (found := await look()):
        if time.monotonic() > end:
            raise TimeoutError(f"not within {seconds} s, but {found!r}")
        await asyncio.sleep(0.05)
    return found


def _copy(data: Path, to: Path) -> None:
    """A folder with the owners of its files: PostgreSQL asks for its own."""
    subprocess.run(["cp", "-a", str(data), str(to)], check=True)


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def alive(pid: int) -> bool:
    """Whether a process exists and has not ended (a zombie has)."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
