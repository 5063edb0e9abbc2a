"""PDFs, looked at in a process apart: one that hangs, crashes or swallows memory is ended, and nobody else notices.

Two processes stay warm. What they answer is lengths, JSON and bytes, because they have read hostile files.
"""

import asyncio
import atexit
import json
import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import structlog

from backend.core.problem import Invalid, TooMany
from backend.files.pdf_channel import LENGTH, READY, CheckedPdf, receive
from backend.files.rules import MOST_BYTES

SECONDS: Final = 10.0
START_SECONDS: Final = 30.0
AWAY_SECONDS: Final = 30
AT_ONCE: Final = 2
MOST_JOBS: Final = 200
"""Then a process is replaced: what readers forget to free ends with it."""

_ROOT: Final = Path(__file__).parents[2]
_MOST_LINE: Final = 4096
_MOST_ANSWER: Final = 4 * MOST_BYTES

_log = structlog.get_logger(__name__)
_workers: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="pdfs")
_mine: Final = threading.local()
_running: Final[set["_Process"]] = set()


async def check(content: bytes, *, seconds: float = SECONDS) -> CheckedPdf:
    """The PDF written anew, with its first page as a thumbnail; within so many seconds, once its turn has come.

    Raises Invalid: what `pdf_check.check` raises, files.pdf_too_complex also when it takes longer; and TooMany:
    core.busy.
    """
    return await asyncio.get_running_loop().run_in_executor(_workers, _check, content, seconds)


def _check(content: bytes, seconds: float) -> CheckedPdf:
    process: _Process | None = getattr(_mine, "process", None)
    if process is None or process.jobs >= MOST_JOBS or process.ended:
        if process is not None:
            process.end()
        process = _mine.process = _Process()
    try:
        return process.check(content, seconds)
    except TimeoutError:
        process.end()
        _log.warning("pdf took too long", seconds=seconds, size=len(content))
        raise Invalid("files.pdf_too_complex", field="file") from None
    except (OSError, EOFError, ValueError, KeyError) as error:
        process.end()
        _log.warning("pdf ended its process", reason=type(error).__name__, size=len(content))
        raise Invalid("files.pdf_broken", field="file") from None


class _Process:
    """One process and the socket to it."""

    def __init__(self) -> None:
        self._channel, theirs = socket.socketpair()
        with theirs:
            self._popen = subprocess.Popen(
                [sys.executable, "-m", "backend.files.pdf_process", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=_ROOT,
                env={"PATH": os.defpath, "LANG": "C.UTF-8"},  # none of our secrets
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.jobs = 0
        _running.add(self)
        try:
            self._channel.settimeout(START_SECONDS)
            receive(self._channel, len(READY))
        except (OSError, EOFError) as error:
            self.end()
            _log.error("process for pdfs does not start", reason=type(error).__name__)
            raise TooMany("core.busy", retry_after=AWAY_SECONDS) from error

    @property
    def ended(self) -> bool:
        return self._popen.poll() is not None

    def check(self, content: bytes, seconds: float) -> CheckedPdf:
        """Raises Invalid, TimeoutError, and OSError, EOFError, ValueError or KeyError when the process fails."""
        self.jobs += 1
        until = time.monotonic() + seconds
        self._channel.settimeout(seconds)
        self._channel.sendall(LENGTH.pack(len(content)) + content)
        said = json.loads(self._receive(self._length(until), until, _MOST_LINE))
        if "code" in said:
            raise Invalid(str(said["code"]), field="file", **_plain(said["params"]))
        made = self._receive(int(said["content"]), until, _MOST_ANSWER)
        thumbnail = self._receive(int(said["thumbnail"]), until, _MOST_ANSWER)
        return CheckedPdf(made, int(said["pages"]), thumbnail)

    def end(self) -> None:
        """End the process at once."""
        _running.discard(self)
        self._channel.close()
        self._popen.kill()
        self._popen.wait()

    def _length(self, until: float) -> int:
        return LENGTH.unpack(self._receive(LENGTH.size, until, LENGTH.size))[0]

    def _receive(self, length: int, until: float, most: int) -> bytes:
        if not 0 <= length <= most:
            raise ValueError("length")
        content = bytearray()
        while len(content) < length:
            self._channel.settimeout(max(until - time.monotonic(), 0.001))
            content += receive(self._channel, min(length - len(content), 1 << 16))
        return bytes(content)


def _plain(params: Any) -> dict[str, int]:
    return {str(name): int(value) for name, value in dict(params).items()}


@atexit.register
def _end_all() -> None:
    for process in tuple(_running):
        process.end()
