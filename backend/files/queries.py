"""Reads of files: the upload of a person, its bytes so far, and what nobody refers to any more."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlmodel import SQLModel, col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.core.problem import NotFound
from backend.files.tables import StoredFile, Upload, UploadPiece


async def upload(session: Session, actor: Actor, upload_id: UUID, *, lock: bool = False) -> Upload:
    """An upload of this person that has not run out. `lock` makes others wait. Raises NotFound."""
    alive = or_(col(Upload.stored_file_id).is_not(None), col(Upload.expires_at) > clock.now())
    statement = select(Upload).where(col(Upload.id) == upload_id, col(Upload.user_id) == actor.user_id, alive)
    found = (await session.execute(statement.with_for_update() if lock else statement)).scalar_one_or_none()
    if found is None:
        raise NotFound("core.not_found")
    return found


async def on_the_way(session: Session, user_id: UUID, now: datetime) -> int:
    """Bytes that this person has announced and not finished."""
    statement = select(func.coalesce(func.sum(col(Upload.size)), 0)).where(
        col(Upload.user_id) == user_id, col(Upload.stored_file_id).is_(None), col(Upload.expires_at) > now
    )
    return int((await session.execute(statement)).scalar_one())


async def last_piece(session: Session, upload_id: UUID) -> UploadPiece | None:
    statement = (
        select(UploadPiece)
        .where(col(UploadPiece.upload_id) == upload_id)
        .order_by(col(UploadPiece.starts_at).desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def last_start(session: Session, upload_id: UUID) -> int:
    """Where the last piece begins; 0 when there is none."""
    statement = select(func.coalesce(func.max(col(UploadPiece.starts_at)), 0)).where(
        col(UploadPiece.upload_id) == upload_id
    )
    return int((await session.execute(statement)).scalar_one())


async def content_of(session: Session, upload_id: UUID) -> bytes:
    """All that has arrived, in its order."""
    statement = (
        select(col(UploadPiece.content))
        .where(col(UploadPiece.upload_id) == upload_id)
        .order_by(col(UploadPiece.starts_at))
    )
    return b"".join((await session.execute(statement)).scalars())


async def stored_file(session: Session, file_id: UUID) -> StoredFile:
    """A kept file, whoever asks, as far as the fence lets see. Raises NotFound."""
    found = await session.get(StoredFile, file_id)
    if found is None:
        raise NotFound("core.not_found")
    return found


async def finished(session: Session, actor: Actor, given: UUID) -> tuple[Upload, StoredFile | None]:
    """An upload of this person, by its own id or that of the file it became; the file is held until the end of the
    transaction. Raises NotFound."""
    statement = select(Upload).where(
        or_(col(Upload.id) == given, col(Upload.stored_file_id) == given), col(Upload.user_id) == actor.user_id
    )
    found = (await session.execute(statement)).scalars().first()
    if found is None:
        raise NotFound("core.not_found")
    if found.stored_file_id is None:
        return found, None
    held = select(StoredFile).where(col(StoredFile.id) == found.stored_file_id).with_for_update(read=True)
    file = (await session.execute(held)).scalar_one_or_none()
    if file is None:
        raise NotFound("core.not_found")
    return found, file


async def unused(session: Session, before: datetime, most: int) -> Sequence[StoredFile]:
    """Files of before that time that no row of any table refers to; those somebody holds right now are left out."""
    statement = (
        select(StoredFile)
        .where(col(StoredFile.created_at) < before, *(~reference for reference in _references()))
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return (await session.execute(statement)).scalars().all()


async def known(session: Session, keys: Sequence[str]) -> set[str]:
    """Those of the keys that belong to a file."""
    statement = select(col(StoredFile.key)).where(one_of(col(StoredFile.key), keys))
    return set((await session.execute(statement)).scalars())


def _references() -> list[ColumnElement[bool]]:
    """Every foreign key to a kept file, in whichever slice: whoever keeps one need not be told to say so."""
    target = col(StoredFile.id)
    return [
        exists().where(column == target)
        for table in SQLModel.metadata.tables.values()
        for column in table.columns
        if any(key.target_fullname == "stored_file.id" for key in column.foreign_keys)
    ]
