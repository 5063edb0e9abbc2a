"""Limits of files and uploads, and their names."""

import re
from datetime import timedelta
from typing import Final

from backend.core.problem import Invalid, Stale
from backend.core.text import squeeze

KIB: Final = 1024
MIB: Final = 1024 * KIB
MOST_BYTES: Final = 10 * MIB
MOST_PIECE: Final = MIB
LEAST_PIECE: Final = 64 * KIB
"""A file has at most 160 pieces, however odd the client."""
MOST_UNFINISHED: Final = 100 * MIB
"""What one person may have on the way at the same time."""
UPLOAD_LIFE: Final = timedelta(hours=24)
UNUSED_LIFE: Final = timedelta(days=2)
"""How long a file may wait for something that refers to it."""
NAME_LENGTH: Final = 120

_FOLDERS: Final = re.compile(r".*[/\\]", re.DOTALL)
_FORBIDDEN: Final = re.compile(r'[<>:"|?*]')


def clean_name(given: str, extension: str) -> str:
    """A file's name as it is shown and downloaded: no folders, nothing invisible, the extension of what it is."""
    name = _FORBIDDEN.sub(" ", _FOLDERS.sub("", squeeze(given)))
    stem, dot, last = name.rpartition(".")
    if not dot or len(last) > 5:
        stem = name
    stem = squeeze(stem).strip(". ")[:NAME_LENGTH].strip() or "file"
    return f"{stem}.{extension}"


def check_size(size: int) -> None:
    """Raises Invalid: files.empty, files.too_big(most)."""
    if size <= 0:
        raise Invalid("files.empty", field="file")
    if size > MOST_BYTES:
        raise Invalid("files.too_big", field="file", most=MOST_BYTES // MIB)


def check_unfinished(on_the_way: int, size: int) -> None:
    """Raises Invalid("files.unfinished_full")."""
    if on_the_way + size > MOST_UNFINISHED:
        raise Invalid("files.unfinished_full", field="file", most=MOST_UNFINISHED // MIB)


def check_piece(size: int, received: int, offset: int, length: int) -> None:
    """Whether a piece of this length may follow.

    Raises Stale("files.other_offset"), Invalid: files.more_than_stated, files.piece_too_small(least).
    """
    if offset != received:
        raise Stale("files.other_offset")
    if offset + length > size:
        raise Invalid("files.more_than_stated", field="file")
    if length < LEAST_PIECE and offset + length < size:
        raise Invalid("files.piece_too_small", field="file", least=LEAST_PIECE // KIB)
