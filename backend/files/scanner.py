"""ClamAV by its own protocol (clamd, INSTREAM): bytes go over a socket, one line comes back."""

import asyncio
import struct
from typing import Final

import structlog

from backend.core.problem import Invalid, TooMany

SCAN_SECONDS: Final = 20.0
AWAY_SECONDS: Final = 30
_CHUNK: Final = 256 * 1024
_MOST_ANSWER: Final = 4096

_log = structlog.get_logger(__name__)


async def scan(address: str, content: bytes) -> None:
    """Have clamd at tcp://host:port or unix:/path look at these bytes.

    Raises Invalid("files.infected"), and TooMany("files.scanner_away") when it does not say that they are clean:
    what could not be looked at never passes.
    """
    try:
        async with asyncio.timeout(SCAN_SECONDS):
            answer = await _ask(address, content)
    except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        _log.error("virus scanner does not answer", reason=type(error).__name__)
        raise TooMany("files.scanner_away", retry_after=AWAY_SECONDS) from error
    if answer.endswith(" FOUND"):
        _log.warning("virus scanner warns of an upload", signature=answer.removesuffix(" FOUND").split(": ", 1)[-1])
        raise Invalid("files.infected", field="file")
    if answer != "stream: OK":
        _log.error("virus scanner could not look", answer=answer)
        raise TooMany("files.scanner_away", retry_after=AWAY_SECONDS)


async def _ask(address: str, content: bytes) -> str:
    """The answer to `zINSTREAM`: chunks with their lengths in front, an empty one at the end, a text up to a zero."""
    reader, writer = await _connect(address)
    try:
        writer.write(b"zINSTREAM\0")
        for start in range(0, len(content), _CHUNK):
            chunk = content[start : start + _CHUNK]
            writer.write(struct.pack(">I", len(chunk)) + chunk)
            await writer.drain()
        writer.write(struct.pack(">I", 0))
        await writer.drain()
        answer = await reader.readuntil(b"\0")
        return answer[:-1].decode("utf-8", "replace").strip()
    finally:
        writer.close()


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.startswith("unix:"):
        return await asyncio.open_unix_connection(address.removeprefix("unix:"), limit=_MOST_ANSWER)
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    return await asyncio.open_connection(host.strip("[]"), int(port), limit=_MOST_ANSWER)
