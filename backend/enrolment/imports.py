"""Imports as their clerk sees them: hand in workbooks, apply what the dry run found, or throw it away.

The work itself is done by the lane "imports" (`import_work.py`). Nothing of the school changes before `apply_import`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor, Permission
from backend.core.db import Session
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound, Stale
from backend.enrolment import events
from backend.enrolment.import_rows import insert_rows, new_row
from backend.enrolment.tables import ImportBatch, ImportFile, ImportStatus

LANE: Final = "imports"
MOST_FILES: Final = 4
MOST_OPEN: Final = 20  # batches a school may keep without applying them
KEPT: Final = timedelta(days=7)
RUNNING: Final = (ImportStatus.CHECKING, ImportStatus.APPLYING)
NAME_LENGTH: Final = 200


@dataclass(frozen=True)
class HandedIn:
    """A workbook as it arrived."""

    name: str
    content: bytes


async def start_import(
    session: Session,
    actor: Actor,
    school_id: UUID,
    files: Sequence[HandedIn],
    created_by: UUID | None = None,
    leased_until: datetime | None = None,
) -> UUID:
    """Keep the workbooks and ask for a dry run; returns the batch.

    Raises Invalid: import.no_files, import.too_many_files(most), import.already_running, import.too_many_open(most).
    """
    await check_may_import(session, actor, school_id)
    if not files:
        raise Invalid("import.no_files")
    if len(files) > MOST_FILES:
        raise Invalid("import.too_many_files", most=MOST_FILES)
    clerk_id = created_by or actor.user_id
    assert clerk_id is not None
    batch = ImportBatch(school_id=school_id, created_by=clerk_id, leased_until=leased_until)
    await insert_rows(session, ImportBatch, [batch.model_dump()])
    names: list[str] = []
    for file in files:
        names.append(_unlike(file.name[:NAME_LENGTH], names))
        row = new_row(school_id=school_id, batch_id=batch.id, name=names[-1], content=file.content)
        await insert_rows(session, ImportFile, [row])
    return batch.id


async def check_may_import(session: Session, actor: Actor, school_id: UUID) -> None:
    """Refuse who may not, and when the school has enough imports open. Called before the files are received, too."""
    actor.require(Permission.ROSTER_IMPORT, school_id)
    await _lock(session, school_id)
    await _check_idle(session, school_id)
    applied = col(ImportBatch.status) == ImportStatus.APPLIED
    statement = select(func.count()).where(col(ImportBatch.school_id) == school_id, ~applied)
    if (await session.execute(statement)).scalar_one() >= MOST_OPEN:
        raise Invalid("import.too_many_open", most=MOST_OPEN)


async def apply_import(
    session: Session, actor: Actor, batch_id: UUID, version: int, leased_until: datetime | None = None
) -> ImportBatch:
    """Ask for what the dry run found to be written.

    Raises NotFound, Stale("import.stale"), Invalid("import.not_checked"), Invalid("import.already_running").
    """
    batch = await _batch(session, actor, batch_id)
    if batch.status is not ImportStatus.CHECKED:
        raise Invalid("import.not_checked")
    if batch.version != version:
        raise Stale("import.stale")
    await _lock(session, batch.school_id)
    await _check_idle(session, batch.school_id)
    batch.status, batch.done, batch.attempts, batch.version = ImportStatus.APPLYING, 0, 0, version + 1
    batch.total = batch.new_count + batch.changed_count + batch.moved_count
    batch.finished_at, batch.leased_until = None, leased_until
    return batch


async def discard_import(session: Session, actor: Actor, batch_id: UUID) -> UUID:
    """Throw the batch and its files away. Raises NotFound, Invalid("import.cannot_discard") when applied."""
    batch = await _batch(session, actor, batch_id)
    if batch.status in (ImportStatus.APPLYING, ImportStatus.APPLIED):
        raise Invalid("import.cannot_discard")
    await session.execute(delete(ImportBatch).where(col(ImportBatch.id) == batch_id))
    record(session, actor, events.ImportDiscarded(batch.school_id, batch_id))
    return batch_id


async def sweep(session: Session) -> None:
    """Forget batches that nobody applied for a week, with their files."""
    statement = delete(ImportBatch).where(
        col(ImportBatch.created_at) < clock.now() - KEPT,
        col(ImportBatch.status).in_((ImportStatus.CHECKED, ImportStatus.FAILED)),
    )
    await session.execute(statement)


async def _batch(session: Session, actor: Actor, batch_id: UUID) -> ImportBatch:
    """The batch, locked; NotFound when it is another school's."""
    statement = select(ImportBatch).where(col(ImportBatch.id) == batch_id).with_for_update()
    batch = (await session.execute(statement)).scalar_one_or_none()
    if batch is None or not (actor.system or batch.school_id in actor.schools):
        raise NotFound("core.not_found")
    actor.require(Permission.ROSTER_IMPORT, batch.school_id)
    return batch


async def _check_idle(session: Session, school_id: UUID) -> None:
    statement = select(col(ImportBatch.id)).where(
        col(ImportBatch.school_id) == school_id, col(ImportBatch.status).in_(RUNNING)
    )
    if (await session.execute(statement.limit(1))).first() is not None:
        raise Invalid("import.already_running")


async def _lock(session: Session, school_id: UUID) -> None:
    """One decision about a school's imports at a time."""
    await session.execute(select(func.pg_advisory_xact_lock(_lock_key(school_id))))


def _lock_key(school_id: UUID) -> int:
    return int.from_bytes(school_id.bytes[8:], "big", signed=True)


def _unlike(name: str, others: Sequence[str]) -> str:
    """The rules tell the lines of two files apart by the files' names."""
    return name if name not in others else f"{name} ({len(others) + 1})"
