"""Files out of a multipart/form-data body (RFC 7578), taken in under limits while the bytes arrive.

Only parts with a file name are kept, in memory; nothing is written before the caller has seen them all.
"""

import re
from collections.abc import AsyncIterator
from email.message import Message
from typing import Final

from backend.core.problem import Invalid
from backend.core.sheets import MAX_FILE_BYTES, MIB
from backend.core.text import squeeze
from backend.enrolment.imports import MOST_FILES, NAME_LENGTH, HandedIn

MOST_PARTS: Final = 16
HEADER_BYTES: Final = 8 * 1024
FIELD_BYTES: Final = 64 * 1024  # of parts that are no files; they are not kept
MOST_BYTES: Final = MOST_FILES * MAX_FILE_BYTES + MOST_PARTS * (HEADER_BYTES + FIELD_BYTES)
_FILE_NAME: Final = re.compile(rb'filename="((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE)
_END: Final = b"--"


async def read_files(content_type: str, chunks: AsyncIterator[bytes]) -> list[HandedIn]:
    """The files of the body, in their order.

    Raises Invalid: import.not_multipart, import.no_files, import.too_many_files(most), sheet.too_big(limit_mib).
    """
    parts = _Parts(_boundary(content_type))
    async for chunk in chunks:
        parts.feed(chunk)
    if not parts.complete:
        raise Invalid("import.not_multipart")
    if not parts.files:
        raise Invalid("import.no_files")
    return parts.files


def _boundary(content_type: str) -> bytes:
    header = Message()
    header["content-type"] = content_type
    boundary = header.get_boundary()
    if (
        header.get_content_type() != "multipart/form-data"
        or not boundary
        or len(boundary) > 70
        or not boundary.isascii()
    ):
        raise Invalid("import.not_multipart")
    return boundary.encode("ascii")


class _Parts:
    """Cuts the stream at the boundary. Holds at most one unfinished part and one chunk."""

    def __init__(self, boundary: bytes) -> None:
        self._mark = b"\r\n--" + boundary
        self._buffer = bytearray(b"\r\n")  # the first boundary has no line break before it
        self._inside = False  # in the content of a part, or before its header has ended
        self._name: str | None = None
        self._content = bytearray()
        self._count = 0
        self.files: list[HandedIn] = []
        self.complete = False

    def feed(self, chunk: bytes) -> None:
        """Take in the next bytes."""
        if self.complete:
            return
        self._buffer += chunk
        while not self.complete and (self._content_step() if self._inside else self._header_step()):
            pass

    def _header_step(self) -> bool:
        """Pass the boundary and the header of the next part. False = more bytes are needed."""
        start = self._buffer.find(self._mark)
        if start < 0:
            return self._wait()
        after = start + len(self._mark)
        if self._buffer[after : after + 2] == _END:
            self.complete = True
            return False
        end = self._buffer.find(b"\r\n\r\n", after)
        if end < 0:
            return self._wait()
        self._begin(bytes(self._buffer[after:end]))
        del self._buffer[: end + 4]
        return True

    def _wait(self) -> bool:
        if len(self._buffer) > HEADER_BYTES + FIELD_BYTES + len(self._mark):
            raise Invalid("import.not_multipart")
        return False

    def _begin(self, header: bytes) -> None:
        self._count += 1
        if self._count > MOST_PARTS or len(header) > HEADER_BYTES:
            raise Invalid("import.not_multipart")
        found = _FILE_NAME.search(header)
        name = found[1].decode("utf-8", "replace") if found else None
        # Browsers write a quote as %22 (HTML, "multipart/form-data encoding algorithm"); old ones send whole paths.
        self._name = name and squeeze(re.split(r"[/\\]", name.replace("%22", '"'))[-1])[-NAME_LENGTH:]
        if self._name and len(self.files) == MOST_FILES:
            raise Invalid("import.too_many_files", most=MOST_FILES)
        self._inside, self._content = True, bytearray()

    def _content_step(self) -> bool:
        end = self._buffer.find(self._mark)
        safe = end if end >= 0 else max(len(self._buffer) - len(self._mark), 0)
        self._content += self._buffer[:safe]
        del self._buffer[:safe]
        if len(self._content) > (MAX_FILE_BYTES if self._name else FIELD_BYTES):
            raise Invalid("sheet.too_big", limit_mib=MAX_FILE_BYTES // MIB)
        if end < 0:
            return False
        if self._name:
            self.files.append(HandedIn(self._name, bytes(self._content)))
        self._inside = False
        return True
