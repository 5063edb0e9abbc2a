"""Uploads looked at by a real clamd; and by scanners that are away, silent or confused."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from backend.core.problem import Invalid, TooMany
from backend.core.settings import Settings
from backend.files import checking, scanner
from backend.files.tables import StoredFile, Upload
from tests.slices.files.sender import Sender, code, document, photo
from tests.slices.files.servers import VIRUS
from tests.slices.files.servers import scanner as clamd

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture(scope="module")
def addresses() -> Iterator[tuple[str, str]]:
    with clamd() as made:
        yield made


@pytest.fixture
def scanned_by(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def choose(address: str) -> None:
        monkeypatch.setattr(checking, "settings", lambda: Settings(clamav=address))

    return choose


async def test_both_addresses_of_a_scanner(addresses: tuple[str, str]) -> None:
    for address in addresses:
        await scanner.scan(address, b"harmless")
        await scanner.scan(address, bytes(10 * 1024 * 1024))
        with pytest.raises(Invalid, match="infected"):
            await scanner.scan(address, VIRUS)
        with pytest.raises(TooMany, match="scanner_away"):  # over its StreamMaxLength: not looked at
            await scanner.scan(address, bytes(12 * 1024 * 1024))


async def test_what_the_scanner_warns_of_is_not_kept(
    sender: Sender, addresses: tuple[str, str], scanned_by: Callable[[str], None]
) -> None:
    scanned_by(addresses[0])
    refused = await sender.send(VIRUS)
    assert (refused.status_code, code(refused)) == (422, "files.infected")
    assert (await sender.count(Upload), await sender.count(StoredFile)) == (0, 0)
    assert await sender.stored(document()) and await sender.stored(photo((80, 60)))


async def test_a_scanner_that_is_away_lets_nothing_pass(
    sender: Sender, addresses: tuple[str, str], tmp_path: Path, scanned_by: Callable[[str], None]
) -> None:
    whole = photo((80, 60))
    address = await sender.begun(whole)
    scanned_by(f"unix:{tmp_path}/nobody")
    refused = await sender.piece(address, 0, whole)
    assert (refused.status_code, code(refused)) == (429, "files.scanner_away")
    assert refused.json()["errors"][0]["extensions"]["retryAfter"] == scanner.AWAY_SECONDS
    assert await sender.count(StoredFile) == 0
    scanned_by(addresses[1])
    assert (await sender.piece(address, 0, whole)).headers["upload-stored"]


async def test_a_scanner_that_says_nothing_or_nonsense(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async def gone(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    def says(text: bytes) -> Handler:
        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(10 + 4 + 5 + 4)
            writer.write(text)
            await writer.drain()
            writer.close()

        return talk

    nonsense = (b"\0", b"OK\0", b"stream: OK", b"stream: NOT OK\0", b"x" * 10_000, b"\xff\xfe\0", b"UNKNOWN COMMAND\0")
    monkeypatch.setattr(scanner, "SCAN_SECONDS", 0.3)
    for handler in (silent, gone, *map(says, nonsense)):
        async with _listening(tmp_path / "socket", handler) as address:
            with pytest.raises(TooMany, match="scanner_away"):
                await scanner.scan(address, b"12345")


@asynccontextmanager
async def _listening(path: Path, handler: Handler) -> AsyncIterator[str]:
    served: set[asyncio.StreamWriter] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        served.add(writer)
        await handler(reader, writer)

    server = await asyncio.start_unix_server(serve, path)
    try:
        yield f"unix:{path}"
    finally:
        server.close()
        for writer in served:
            writer.close()
        path.unlink(missing_ok=True)
