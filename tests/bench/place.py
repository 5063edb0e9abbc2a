"""What the bench runs on: an embedded PostgreSQL with the demonstration province, sessions, servers, and their CPU."""

import asyncio
import http.client
import json
import os
import pickle
import secrets
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import orjson

from backend import seed
from backend.core import codes
from backend.core.ids import new_id
from backend.migrations import upgrade
from backend.postgres import embedded

ROOT: Final = Path(__file__).parents[2]
HERE: Final = Path(__file__).parent
TOOLS: Final = ROOT / ".bench"
CONNECTIONS: Final = 16
ROUNDS: Final = 3
START_SECONDS: Final = 60.0
OPERATIONS: Final[dict[str, str]] = json.loads((ROOT / "backend/operations.json").read_text())
# "query FamilyHome{" and "query Marks($student" both name the operation before the first bracket.
IDS: Final = {text.split("{")[0].split("(")[0].split()[1]: id_ for id_, text in OPERATIONS.items()}


@dataclass
class Place:
    """A database with data, and the folder everything temporary lies in."""

    folder: Path
    dsn: str

    def sql(self, work: Any) -> Any:
        """Run `await work(connection)` as the owner of the database."""

        async def run() -> Any:
            connection = await asyncpg.connect(self.dsn)
            try:
                return await work(connection)
            finally:
                await connection.close()

        return asyncio.run(run())

    def rows(self, sql: str, *arguments: Any) -> list[asyncpg.Record]:
        return self.sql(lambda connection: connection.fetch(sql, *arguments))

    def sign_in(self, users: Sequence[UUID]) -> dict[UUID, str]:
        """A fresh session for each of these users; its token by user."""
        now = datetime.now(UTC)
        tokens = {user: secrets.token_urlsafe(32) for user in users}
        rows = [
            (new_id(), now, user, codes.token_hash(token), now, now + timedelta(days=1), "bench")
            for user, token in tokens.items()
        ]
        columns = ["id", "created_at", "user_id", "token_hash", "last_seen_at", "expires_at", "device_label"]
        self.sql(lambda connection: connection.copy_records_to_table("session", records=rows, columns=columns))
        return tokens

    def put(self, name: str, value: Any) -> Path:
        """Keep a value for another process."""
        path = self.folder / name
        path.write_bytes(pickle.dumps(value))
        return path

    @contextmanager
    def server(self, *arguments: str, **environment: str) -> Iterator["Server"]:
        """One of `server.py`, ready, on a free port."""
        command = (sys.executable, "-m", "tests.bench.server", *arguments)
        with started(command, DATABASE_URL=self.dsn, NHIPCAU_DATA=str(self.folder), **environment) as server:
            server.wait_for(request("/0", {}) if arguments[0] == "raw" else get("/health/ready"))
            yield server

    def postgres_cpu(self) -> float:
        """Seconds of CPU that the database server and everything it started have used."""
        main = int((self.folder / "postgres/postmaster.pid").read_text().split()[0])
        return cpu_of(main) + sum(cpu_of(child) for child in children(main))


@dataclass
class Server:
    """A process that serves on a port of the loopback."""

    process: subprocess.Popen[bytes]
    port: int
    log: Path
    began: float

    def wait_for(self, whole: bytes) -> float:
        """Ask until the answer is 200; the seconds since the start of the process."""
        while time.perf_counter() - self.began < START_SECONDS and self.process.poll() is None:
            try:
                ask(self.port, whole)
                return time.perf_counter() - self.began
            except (OSError, http.client.HTTPException):
                time.sleep(0.005)
        raise RuntimeError("a server did not start: " + self.log.read_text(errors="replace")[-800:])

    @property
    def cpu(self) -> float:
        return cpu_of(self.process.pid)


@contextmanager
def started(command: Sequence[str], **environment: str) -> Iterator[Server]:
    """A server process on a free port, told to end when the block does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    changed = {"PORT": str(port), "NHIPCAU_HOST": "127.0.0.1", **environment}
    with tempfile.NamedTemporaryFile(suffix=".log", delete=False) as log:
        began = time.perf_counter()
        arguments = [part.replace("{port}", str(port)) for part in command]
        process = subprocess.Popen(arguments, cwd=ROOT, env=os.environ | changed, stdout=log, stderr=log)
    try:
        yield Server(process, port, Path(log.name), began)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        Path(log.name).unlink()


@contextmanager
def place() -> Iterator[Place]:
    """The demonstration province in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="nhipcau-bench-"))
    folder.chmod(0o755)  # the database may run as another user
    os.environ["NHIPCAU_DATA"] = str(folder)  # so that no key of a real installation is read or made
    try:
        with embedded(folder) as dsn:
            upgrade(dsn)
            seed.run(dsn, secret=b"bench" * 8)
            made = Place(folder, dsn)
            made.rows("analyze")
            yield made
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def cpu_of(process: int) -> float:
    """Seconds of CPU of a process and of its children that have ended."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def children(process: int) -> list[int]:
    """The living children of a process."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    return [int(child) for file in tasks for child in file.read_text().split()]


def request(path: str, body: Any, token: str = "") -> bytes:
    """A whole HTTP request, as the app sends it."""
    payload = orjson.dumps(body)
    cookie = f"Cookie: nhipcau={token}\r\n" if token else ""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nX-Nhipcau: 1\r\n{cookie}"
    return f"{head}Content-Length: {len(payload)}\r\n\r\n".encode() + payload


def get(path: str, token: str = "") -> bytes:
    """A whole GET."""
    cookie = f"Cookie: nhipcau={token}\r\n" if token else ""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{cookie}\r\n".encode()


def ask(port: int, whole: bytes) -> bytes:
    """Send one request; the body of the answer. Raises OSError when nobody answers, or not with 200."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(whole)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        if answer.status != 200:
            raise OSError(f"HTTP {answer.status}: {answer.read()[:300]!r}")
        return answer.read()


def load(port: int, seconds: float, requests: Path, connections: int = CONNECTIONS) -> dict[str, Any]:
    """Run the load generator once. Raises RuntimeError when an answer was wrong."""
    command = (sys.executable, "-m", "tests.bench.load", str(port), str(seconds), str(connections), str(requests))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=seconds + 60)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode()[-800:])
    result = json.loads(done.stdout)
    if result["errors"]:
        raise RuntimeError(f"{result['errors']} wrong answers, the first: {result['first_error'][:400]}")
    return {**result, "per_second": result["answers"] / result["seconds"]}


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def quantile(values: Sequence[float], part: float) -> float:
    """The value below which `part` of them lie."""
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]
