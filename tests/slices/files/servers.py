"""The real servers next to ours: rclone speaking S3, and clamd with a list of signatures of our own."""

import hashlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from backend.core.settings import Settings

ROOT = Path(__file__).parents[3]
RCLONE = ROOT / ".venv/rclone/rclone_api/bin/rclone"  # installed by `make test` from .ci/rclone.txt
CLAMD = Path("/usr/sbin/clamd")
SECONDS = 30.0
BUCKET = "papers"
ACCESS_KEY = "school"
SECRET_KEY = "a secret of the tests"

VIRUS = b"%PDF-1.7\nwhat the scanner of the tests knows\n%%EOF\n"


@dataclass
class Bucket:
    """A bucket, the folder in which rclone keeps its objects, and the server's process."""

    address: str
    folder: Path
    process: "subprocess.Popen[bytes]"

    def settings(self, **more: str) -> Settings:
        given = {
            "files_s3_bucket": BUCKET,
            "files_s3_endpoint": self.address,
            "files_s3_access_key": ACCESS_KEY,
            "files_s3_secret_key": SECRET_KEY,
        }
        return Settings.model_validate(given | more)


@contextmanager
def s3_server() -> Iterator[Bucket]:
    """rclone's S3 server, which checks signatures, with one empty bucket."""
    folder, port = Path(tempfile.mkdtemp(prefix="nhipcau-s3-")), _free_port()
    (folder / BUCKET).mkdir()
    command = [str(RCLONE), "serve", "s3", "--config", "/dev/null", "--dir-cache-time", "0"]
    address = f"127.0.0.1:{port}"
    command += ["--addr", address, "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", str(folder)]
    with _running(command, folder, lambda: _answers(port)) as process:
        yield Bucket(f"http://{address}", folder / BUCKET, process)


@contextmanager
def scanner() -> Iterator[tuple[str, str]]:
    """clamd that knows VIRUS; its addresses by socket file and by port."""
    folder, port = Path(tempfile.mkdtemp(prefix="nhipcau-clamd-")), _free_port()
    (folder / "database").mkdir()
    digest = hashlib.md5(VIRUS, usedforsecurity=False).hexdigest()
    (folder / "database/own.hdb").write_text(f"{digest}:{len(VIRUS)}:NhipCau.Test\n")
    path = folder / "clamd.socket"
    lines = (
        "Foreground yes", f"DatabaseDirectory {folder}/database", f"LocalSocket {path}", f"TCPSocket {port}",
        "TCPAddr 127.0.0.1", "StreamMaxLength 11M",
    )  # fmt: skip
    (folder / "clamd.conf").write_text("\n".join(lines) + "\n")
    command = [str(CLAMD), "--config-file", str(folder / "clamd.conf")]
    with _running(command, folder, lambda: _answers(path) and _answers(port)):
        yield f"unix:{path}", f"tcp://127.0.0.1:{port}"


@contextmanager
def _running(command: list[str], folder: Path, ready: Callable[[], bool]) -> Iterator["subprocess.Popen[bytes]"]:
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        until = time.monotonic() + SECONDS
        while not ready():
            assert process.poll() is None and time.monotonic() < until, log.read_text()
            time.sleep(0.02)
        yield process
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _answers(place: int | Path) -> bool:
    """Whether somebody listens at this port or socket file."""
    if isinstance(place, Path):
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(place)) == 0
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", place)) == 0
