"""The headers of the tus resumable upload protocol, version 1.0.0: core, creation, expiration and termination."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from backend.core.problem import Invalid
from backend.files import rules

VERSION: Final = "1.0.0"
PIECE_TYPE: Final = "application/offset+octet-stream"
SHA256_BYTES: Final = 32
_MOST_METADATA: Final = 2048

Headers = dict[str, str]


@dataclass(frozen=True, slots=True)
class Announced:
    """What a client says it will send."""

    name: str
    size: int
    sha256: bytes


def announced(headers: Mapping[str, str]) -> Announced:
    """What `Upload-Length` and `Upload-Metadata` (filename; sha256 as hex or as its 32 bytes) announce.

    Raises Invalid: files.metadata_wrong, files.empty, files.too_big.
    """
    size = number(headers.get("upload-length"))
    rules.check_size(size)
    given = _metadata(headers.get("upload-metadata", ""))
    try:
        name = given["filename"].decode()
        digest = given["sha256"]
        sha256 = digest if len(digest) == SHA256_BYTES else bytes.fromhex(digest.decode("ascii"))
    except (KeyError, ValueError):
        raise Invalid("files.metadata_wrong", field="file") from None
    if len(sha256) != SHA256_BYTES:
        raise Invalid("files.metadata_wrong", field="file")
    return Announced(name, size, sha256)


def number(text: str | None) -> int:
    """A header that counts bytes. Raises Invalid("files.metadata_wrong")."""
    if text is None or not (text.isascii() and text.isdigit()) or len(text) > 15:
        raise Invalid("files.metadata_wrong", field="file")
    return int(text)


def options() -> Headers:
    """What this server can do."""
    return {
        "tus-resumable": VERSION,
        "tus-version": VERSION,
        "tus-extension": "creation,expiration,termination",
        "tus-max-size": str(rules.MOST_BYTES),
    }


def progress(received: int, size: int, expires_at: datetime, stored: object | None) -> Headers:
    """Where an upload stands; with the id of the stored file once it is whole and has been taken."""
    headers = {
        "tus-resumable": VERSION,
        "upload-offset": str(received),
        "upload-length": str(size),
        "upload-expires": format_datetime(expires_at, usegmt=True),
        "cache-control": "no-store",
    }
    return headers | ({"upload-stored": str(stored)} if stored else {})


def _metadata(header: str) -> dict[str, bytes]:
    """The pairs "key base64, key base64"; a key without value is empty."""
    if len(header) > _MOST_METADATA:
        raise Invalid("files.metadata_wrong", field="file")
    pairs: dict[str, bytes] = {}
    for part in header.split(","):
        key, _, value = part.strip().partition(" ")
        try:
            pairs[key] = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise Invalid("files.metadata_wrong", field="file") from None
    return pairs
