"""Tables of files."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from backend.core.db import INSTANT, Row, choice, reference


class FileKind(StrEnum):
    """What a kept file is; decided by its bytes, never by its name."""

    JPEG = "JPEG"
    PDF = "PDF"
    XLSX = "XLSX"


class StoredFile(Row, table=True):
    """A file as it is kept: checked, images drawn anew. Its bytes are in the store under `key`.

    `sealed_with` names the key it is encrypted with; empty when it is not. `size` is that of the clear bytes.
    """

    owner_id: UUID | None = reference("user.id", nullable=True)
    name: str = Field(max_length=200)
    kind: FileKind = Field(sa_type=choice(FileKind))
    size: int
    sha256: bytes
    pages: int = 1
    width: int = 0
    height: int = 0
    key: str = Field(unique=True, max_length=80)
    has_thumbnail: bool = False
    sealed_with: str = Field(default="", max_length=16)


class Upload(Row, table=True):
    """A file on its way in, piece by piece. `received` is the number of bytes that are here."""

    user_id: UUID = reference("user.id")
    name: str = Field(max_length=200)
    size: int
    sha256: bytes
    received: int = 0
    expires_at: datetime = Field(sa_type=INSTANT)
    stored_file_id: UUID | None = reference("stored_file.id", nullable=True, index=False)


class UploadPiece(Row, table=True):
    """Bytes of an upload from `starts_at` on; gone when the whole is there."""

    __table_args__ = (UniqueConstraint("upload_id", "starts_at"),)

    user_id: UUID = reference("user.id", index=False)
    upload_id: UUID = reference("upload.id", index=False, cascade=True)
    starts_at: int
    content: bytes
