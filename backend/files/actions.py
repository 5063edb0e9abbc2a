"""Writes of files: an upload begins, grows, is taken or refused; papers of ours are kept; what nobody needs goes."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.db import Database, Session, elevated, take_turns
from backend.core.ids import new_id
from backend.core.problem import Invalid
from backend.core.store import Store, new_key
from backend.files import queries, rules
from backend.files.checking import Checked, checked
from backend.files.tables import FileKind, StoredFile, Upload, UploadPiece
from backend.files.tus import Announced

EXTENSIONS: Final = {FileKind.JPEG: "jpg", FileKind.PDF: "pdf", FileKind.XLSX: "xlsx"}
THUMBNAIL: Final = ".thumbnail"
"""What the key of a thumbnail adds to that of its file."""
_AT_ONCE: Final = 100
_LEFT_BEHIND_DAYS: Final = range(2, 6)


async def begin(session: Session, actor: Actor, announced: Announced) -> Upload:
    """A new upload, still without bytes. Raises Invalid("files.unfinished_full")."""
    user_id, now = actor.person, clock.now()
    await take_turns(session, "upload", user_id)
    rules.check_unfinished(await queries.on_the_way(session, user_id, now), announced.size)
    row = Upload(
        id=new_id(),
        user_id=user_id,
        name=announced.name[:200],
        size=announced.size,
        sha256=announced.sha256,
        expires_at=now + rules.UPLOAD_LIFE,
    )
    session.add(row)
    await session.flush()
    return row


async def add_piece(session: Session, actor: Actor, upload_id: UUID, offset: int, content: bytes) -> Upload:
    """Add bytes at the place where the upload ends. Of two who send the same piece, one comes too late.

    The last piece may be sent again as long as the whole has not been taken: then it replaces the one before. Once it
    has been taken, a repeat of the last piece changes nothing.
    Raises NotFound, Stale, Invalid: what `rules.check_piece` raises.
    """
    row = await queries.upload(session, actor, upload_id, lock=True)
    ends = offset + len(content)
    if row.received == row.size and (row.stored_file_id is not None or not content) and ends == row.size:
        return row
    if row.received == row.size and row.stored_file_id is None and content:
        last = await queries.last_piece(session, row.id)
        if last is not None and last.starts_at == offset:
            await session.delete(last)
            await session.flush()
            row.received = offset
    rules.check_piece(row.size, row.received, offset, len(content))
    if content:
        session.add(UploadPiece(id=new_id(), user_id=row.user_id, upload_id=row.id, starts_at=offset, content=content))
        row.received = ends
        await session.flush()
    return row


async def state(session: Session, actor: Actor, upload_id: UUID) -> tuple[Upload, int]:
    """An upload, and where to go on. When all is here but was not taken yet, that is the last piece once more.

    So a client that knows only the protocol finishes what a broken connection or a scanner that was away left.
    """
    row = await queries.upload(session, actor, upload_id)
    if row.received < row.size or row.stored_file_id is not None:
        return row, row.received
    return row, await queries.last_start(session, row.id)


async def finish(database: Database, store: Store, actor: Actor, upload_id: UUID) -> UUID:
    """Take an upload that is whole: look at it, make it anew, keep it. A repeat gives the same id.

    A refused upload is gone. Raises NotFound; Invalid: files.other_bytes, what `checked` raises; and TooMany when it
    can be tried again: core.busy, core.store_away, files.scanner_away.
    """
    async with database.write(actor) as session:
        row = await queries.upload(session, actor, upload_id)
        if row.stored_file_id is not None:
            return row.stored_file_id
        content = await queries.content_of(session, row.id)
    try:
        if hashlib.sha256(content).digest() != row.sha256:
            raise Invalid("files.other_bytes", field="file")
        good = await checked(content)
    except Invalid:
        if (already := await _refuse(database, actor, upload_id)) is not None:
            return already
        raise
    kept = await _put(store, good, row.name, row.user_id)
    async with database.write(actor) as session:
        row = await queries.upload(session, actor, upload_id, lock=True)
        if row.stored_file_id is None:
            session.add(kept)
            await session.flush()
            row.stored_file_id = kept.id
            await session.execute(delete(UploadPiece).where(col(UploadPiece.upload_id) == row.id))
            return kept.id
        already = row.stored_file_id
    await _forget_bytes(store, kept)  # somebody else took the same upload at the same moment
    return already


async def drop(session: Session, actor: Actor, upload_id: UUID) -> None:
    """Give an upload up. A file it has become already goes with the next sweep, if nothing refers to it."""
    await session.delete(await queries.upload(session, actor, upload_id, lock=True))


async def taken(session: Session, actor: Actor, given: UUID) -> StoredFile:
    """The file that an upload of this actor became; `given` is the upload's id or the file's.

    Raises NotFound, also for files that came in another way; Invalid("files.upload_unfinished").
    """
    _, file = await queries.finished(session, actor, given)
    if file is None:
        raise Invalid("files.upload_unfinished", field="file")
    return file


async def keep(
    session: Session,
    store: Store,
    content: bytes,
    name: str,
    kind: FileKind,
    owner_id: UUID | None,
    *,
    pages: int = 1,
) -> StoredFile:
    """Keep a paper of ours, as it is. The caller has checked who may have it made; it needs no owner.

    When the transaction fails, the bytes go with a later sweep.
    """
    row = await _put(store, Checked(kind, content, b"", pages), name, owner_id)
    async with elevated(session):
        session.add(row)
        await session.flush()
    return row


async def open_file(database: Database, store: Store, file_id: UUID, *, thumbnail: bool = False) -> bytes:
    """The clear bytes of a kept file. The caller has checked who may read it. Raises NotFound."""
    async with database.write(SYSTEM) as session:
        row = await queries.stored_file(session, file_id)
    return await content(store, row, thumbnail=thumbnail)


async def content(store: Store, row: StoredFile, *, thumbnail: bool = False) -> bytes:
    """The clear bytes behind a row. Raises NotFound."""
    return await store.get(row.key + (THUMBNAIL if thumbnail else ""), row.sealed_with)


async def sweep(database: Database, store: Store) -> None:
    """Forget uploads that were not finished in a day, files nobody refers to, and bytes without a row."""
    now = clock.now()
    async with database.write(SYSTEM) as session:
        unfinished = col(Upload.stored_file_id).is_(None)
        await session.execute(delete(Upload).where(unfinished, col(Upload.expires_at) < now))
        await session.execute(delete(Upload).where(~unfinished, col(Upload.created_at) < now - rules.UNUSED_LIFE))
    while await _forget_unused(database, store, now - rules.UNUSED_LIFE) == _AT_ONCE:
        pass
    for days in _LEFT_BEHIND_DAYS:
        await _forget_left_behind(database, store, _day(now) - timedelta(days=days))


async def _forget_unused(database: Database, store: Store, before: datetime) -> int:
    """Bytes first: what is interrupted here is found again, because the row is still there."""
    async with database.write(SYSTEM) as session:
        rows = await queries.unused(session, before, _AT_ONCE)
        for row in rows:
            await _forget_bytes(store, row)
            await session.delete(row)
    return len(rows)


async def _forget_left_behind(database: Database, store: Store, day: date) -> None:
    """Bytes put on that day by a transaction that then failed."""
    found = [key async for key in store.keys_of(day)]
    for start in range(0, len(found), _AT_ONCE):
        await _forget_unknown(database, store, found[start : start + _AT_ONCE])


async def _forget_unknown(database: Database, store: Store, keys: Sequence[str]) -> None:
    async with database.write(SYSTEM) as session:
        known = await queries.known(session, [key.removesuffix(THUMBNAIL) for key in keys])
    for key in keys:
        if key.removesuffix(THUMBNAIL) not in known:
            await store.delete(key)


async def _refuse(database: Database, actor: Actor, upload_id: UUID) -> UUID | None:
    """Give a refused upload up, unless it was taken meanwhile: then the file it became."""
    async with database.write(actor) as session:
        row = await queries.upload(session, actor, upload_id, lock=True)
        if row.stored_file_id is None:
            await session.delete(row)
        return row.stored_file_id


async def _put(store: Store, good: Checked, name: str, owner_id: UUID | None) -> StoredFile:
    """Bytes into the store, and the row that will say so."""
    row = StoredFile(
        id=new_id(),
        owner_id=owner_id,
        name=rules.clean_name(name, EXTENSIONS[good.kind]),
        kind=good.kind,
        size=len(good.content),
        sha256=hashlib.sha256(good.content).digest(),
        pages=good.pages,
        width=good.width,
        height=good.height,
        key=new_key(_day(clock.now())),
        has_thumbnail=bool(good.thumbnail),
        sealed_with=store.sealing_with,
    )
    await store.put(row.key, good.content)
    if good.thumbnail:
        await store.put(row.key + THUMBNAIL, good.thumbnail)
    return row


async def _forget_bytes(store: Store, row: StoredFile) -> None:
    await store.delete(row.key)
    if row.has_thumbnail:
        await store.delete(row.key + THUMBNAIL)


def _day(instant: datetime) -> date:
    return instant.astimezone(UTC).date()
