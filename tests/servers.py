"""The two PostgreSQL servers the tests run on: the embedded one, and whatever the system has installed."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

from backend.postgres import SETTINGS, embedded

MEMORY = Path("/dev/shm")
ROOM = 2_000_000_000
# What a test wrote need not outlive a power cut.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def server_folder() -> Path:
    """A new folder for a server of tests: in memory where that has room, for a database a test is a thousand files."""
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    return Path(tempfile.mkdtemp(prefix="nhipcau-test-", dir=MEMORY if roomy else None))


@contextmanager
def embedded_server(folder: Path) -> Iterator[str]:
    """The server of the wheel, in a folder of its own."""
    with ExitStack() as stack:
        with patch.dict(SETTINGS, FAST):
            dsn = stack.enter_context(embedded(folder))
        yield dsn


@contextmanager
def system_server(folder: Path) -> Iterator[str]:
    """The newest PostgreSQL below /usr/lib/postgresql, on a free loopback port, run by an unprivileged user."""
    binaries = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    user = "postgres" if os.geteuid() == 0 else None
    data = folder / "data"
    if user:
        owner = pwd.getpwnam(user)
        shutil.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c jit=off"
    options += "".join(f" -c {name}={value}" for name, value in FAST.items())

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    run(str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    run(str(binaries / "pg_ctl"), "-D", str(data), "-o", options, "-l", str(folder / "log"), "-w", "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "fast", "-w", "stop")
