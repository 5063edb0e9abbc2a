"""The work behind imports: check a batch, or apply it. A batch is leased, so that another worker takes it up when this
one dies; whatever was half done is undone by PostgreSQL, because each step is one transaction.
"""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import delete, func, or_, select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.bus import Bus
from backend.core.db import Database, Session
from backend.core.journal import record
from backend.core.news import channel_of, news
from backend.core.problem import Problem
from backend.enrolment import events
from backend.enrolment.import_plan import CHANGED_SINCE, Entry, Plan, make_plan, phones_of_staff
from backend.enrolment.import_queries import school_now
from backend.enrolment.import_rows import insert_rows, new_row
from backend.enrolment.import_write import WRITTEN, Writer
from backend.enrolment.imports import RUNNING
from backend.enrolment.rules import Outcome
from backend.enrolment.tables import ImportBatch, ImportFile, ImportRow, ImportRowKind, ImportStatus
from backend.enrolment.workbooks import WorkbookRows, read_workbook
from backend.identity import sessions

LEASE: Final = timedelta(seconds=60)
RENEW_SECONDS: Final = 15.0
NEWS_SECONDS: Final = 0.3
MOST_ATTEMPTS: Final = 3
ROWS_AT_ONCE: Final = 500

_log = structlog.get_logger(__name__)


class Lost(Exception):
    """The batch was thrown away, or another worker has finished it: what was done here is not kept."""


@dataclass(frozen=True)
class Claimed:
    """A batch this worker has for now."""

    id: UUID
    school_id: UUID
    clerk_id: UUID
    status: ImportStatus
    attempts: int = 1

    @property
    def actor(self) -> Actor:
        """Our machinery, in the name of the clerk who asked."""
        return Actor(user_id=self.clerk_id, system=True)


class ImportWorker:
    """Finds batches that wait and works on them, one after the other."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database, self._bus = database, bus

    async def run(self) -> None:
        """Work until no batch waits."""
        while (batch := await self._claim()) is not None:
            await self.work(batch)

    async def _claim(self) -> Claimed | None:
        now = clock.now()
        waiting = (
            select(col(ImportBatch.id))
            .where(
                col(ImportBatch.status).in_(RUNNING),
                or_(col(ImportBatch.leased_until).is_(None), col(ImportBatch.leased_until) < now),
            )
            .order_by(col(ImportBatch.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        take = (
            update(ImportBatch)
            .where(col(ImportBatch.id).in_(waiting))
            .values(leased_until=now + LEASE, attempts=ImportBatch.attempts + 1)
            .returning(
                col(ImportBatch.id),
                col(ImportBatch.school_id),
                col(ImportBatch.created_by),
                col(ImportBatch.status),
                col(ImportBatch.attempts),
            )
            .execution_options(synchronize_session=False)
        )
        async with self._database.write(SYSTEM) as session:
            row = (await session.execute(take)).first()
        return Claimed(*row) if row else None

    async def work(self, batch: Claimed) -> None:
        """Check or apply a leased batch. A workbook that is refused ends as FAILED; so does a fault, with its number
        in the log, because the same bytes would fail again."""
        try:
            if batch.attempts > MOST_ATTEMPTS:
                return await self._fail(batch, "import.gave_up", {"attempts": MOST_ATTEMPTS})
            async with self._leased(batch):
                await (self._check(batch) if batch.status is ImportStatus.CHECKING else self._apply(batch))
        except Lost:
            _log.info("import was taken away", batch=str(batch.id))
        except Problem as problem:
            await self._fail(batch, problem.code, problem.params)
        except asyncio.CancelledError:
            await self._change(batch, leased_until=None, attempts=batch.attempts - 1)
            raise
        except Exception:
            _log.exception("import failed", batch=str(batch.id))
            await self._fail(batch, "import.fault", {})
        finally:
            await self._bus.publish(channel_of(batch.clerk_id), news("import", batch.id))
        return None

    # -- the two jobs

    async def _check(self, batch: Claimed) -> None:
        files = await self._read(batch)
        async with self._database.write(SYSTEM) as session:
            now = await school_now(session, batch.school_id, phones_of_staff(files))
        plan = await asyncio.to_thread(make_plan, now, files)
        shown = [entry for entry in plan.entries if entry.outcome is not Outcome.UNCHANGED]
        progress = _Progress(self, batch, total=len(plan.entries))
        await progress(0)
        async with self._database.write(batch.actor) as session:
            await session.execute(delete(ImportRow).where(col(ImportRow.batch_id) == batch.id))
            for start in range(0, len(shown), ROWS_AT_ONCE):
                part = shown[start : start + ROWS_AT_ONCE]
                rows = [_row(batch, entry, start + n, len(files) > 1) for n, entry in enumerate(part)]
                await insert_rows(session, ImportRow, rows)
                await progress(start + len(part))
            counts = _counts(plan.entries)
            total = len(plan.entries)
            await self._finish(session, batch, ImportStatus.CHECKED, total=total, done=total, **counts)
            record(session, batch.actor, events.ImportChecked(batch.school_id, batch.id, counts))

    async def _apply(self, batch: Claimed) -> None:
        """Plan again against the school of this moment, write the lines whose plan is the one that was agreed to, and
        report the others."""
        files = await self._read(batch)
        async with self._database.write(batch.actor) as session:
            now = await school_now(session, batch.school_id, phones_of_staff(files), lock=True)
            plan: Plan = await asyncio.to_thread(make_plan, now, files)
            agreed = await _agreed(session, batch.id)
            wanted = [entry for entry in plan.entries if entry.outcome in WRITTEN]
            accepted = [entry for entry in wanted if agreed.get(entry.place) == entry.signature]
            refused = [entry for entry in wanted if agreed.get(entry.place) != entry.signature]
            stopped = (Outcome.BROKEN, Outcome.SUGGESTED)
            refused += [entry for entry in plan.entries if entry.outcome in stopped and entry.place in agreed]
            progress = _Progress(self, batch, total=len(accepted))
            written = await Writer(session, now, clock.today(), progress).write(accepted)
            refused += written.refused
            await _report(session, batch, [entry.refused(CHANGED_SINCE) for entry in refused])
            counts = _counts([entry for entry in accepted if entry not in written.refused])
            counts |= {"broken_count": await _broken(session, batch.id)}
            told = {name: counts[name] for name in ("new_count", "changed_count", "moved_count", "broken_count")}
            await self._finish(session, batch, ImportStatus.APPLIED, total=len(accepted), done=len(accepted), **told)
            files_of = col(ImportFile.batch_id) == batch.id
            await session.execute(update(ImportFile).where(files_of).values(content=b""))
            record(session, batch.actor, events.RosterImported(batch.school_id, batch.id, batch.clerk_id, told))
        for user_id in written.people:
            await self._bus.publish(sessions.CHANNEL, sessions.user_news(user_id))

    async def _read(self, batch: Claimed) -> list[WorkbookRows]:
        async with self._database.write(SYSTEM) as session:
            statement = select(col(ImportFile.content), col(ImportFile.name)).where(
                col(ImportFile.batch_id) == batch.id
            )
            files = list(await session.execute(statement.order_by(col(ImportFile.id))))
        if not files:
            raise Lost
        return await asyncio.to_thread(lambda: [read_workbook(content, name) for content, name in files])

    # -- the batch's own row

    async def _finish(self, session: Session, batch: Claimed, status: ImportStatus, **values: Any) -> None:
        statement = (
            update(ImportBatch)
            .where(col(ImportBatch.id) == batch.id, col(ImportBatch.status) == batch.status)
            .values(
                status=status, finished_at=clock.now(), leased_until=None, version=ImportBatch.version + 1, **values
            )
            .returning(col(ImportBatch.id))
            .execution_options(synchronize_session=False)
        )
        if (await session.execute(statement)).first() is None:
            raise Lost

    async def _fail(self, batch: Claimed, code: str, params: dict[str, Any]) -> None:
        problem = {"code": code, "params": {name: str(value) for name, value in params.items()}}
        with suppress(Lost):
            async with self._database.write(SYSTEM) as session:
                await self._finish(session, batch, ImportStatus.FAILED, problem=problem)

    async def _change(self, batch: Claimed, **values: Any) -> None:
        """Seen from outside at once: its own short transaction."""
        statement = update(ImportBatch).where(col(ImportBatch.id) == batch.id).values(**values)
        async with self._database.write(SYSTEM) as session:
            await session.execute(statement.execution_options(synchronize_session=False))

    async def tell(self, batch: Claimed, done: int, total: int) -> None:
        """Show how far it is."""
        await self._change(batch, done=done, total=total)
        await self._bus.publish(channel_of(batch.clerk_id), news("import", batch.id))

    @asynccontextmanager
    async def _leased(self, batch: Claimed) -> AsyncIterator[None]:
        """Keep the batch ours while the block runs."""

        async def renew() -> None:
            while True:
                await asyncio.sleep(RENEW_SECONDS)
                await self._change(batch, leased_until=clock.now() + LEASE)

        renewing = asyncio.create_task(renew(), name="import lease")
        try:
            yield
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing


class _Progress:
    """Tells how far it is, at most every 300 ms."""

    def __init__(self, worker: ImportWorker, batch: Claimed, total: int) -> None:
        self._worker, self._batch, self._total = worker, batch, total
        self._next = 0.0

    async def __call__(self, done: int) -> None:
        if time.monotonic() >= self._next:
            await self._worker.tell(self._batch, done, self._total)
            self._next = time.monotonic() + NEWS_SECONDS


def _row(batch: Claimed, entry: Entry, position: int, several: bool) -> dict[str, Any]:
    cell = f"[{entry.step.row.file}]{entry.cell}" if several else entry.cell
    return new_row(
        school_id=batch.school_id,
        batch_id=batch.id,
        position=position,
        kind=ImportRowKind(entry.outcome),
        cell=cell,
        title=entry.title,
        detail=entry.detail(),
    )


def _counts(entries: Sequence[Entry]) -> dict[str, int]:
    counts = Counter(entry.outcome for entry in entries)
    return {f"{outcome.lower()}_count": counts[outcome] for outcome in Outcome}


async def _agreed(session: Session, batch_id: UUID) -> dict[str, str]:
    """What the dry run showed, by line; broken and suggested lines were never agreed to."""
    statement = select(ImportRow.detail["place"].astext, ImportRow.detail["signature"].astext).where(
        col(ImportRow.batch_id) == batch_id,
        col(ImportRow.kind).not_in((ImportRowKind.BROKEN, ImportRowKind.SUGGESTED)),
    )
    return {row[0]: row[1] for row in await session.execute(statement)}


async def _broken(session: Session, batch_id: UUID) -> int:
    statement = select(func.count()).where(
        col(ImportRow.batch_id) == batch_id, col(ImportRow.kind) == ImportRowKind.BROKEN
    )
    return (await session.execute(statement)).scalar_one()


async def _report(session: Session, batch: Claimed, refused: Sequence[Entry]) -> None:
    """Put the lines that were kept out after all among the broken ones."""
    places = [entry.place for entry in refused]
    old = ImportRow.detail["place"].astext.in_(places)
    await session.execute(delete(ImportRow).where(col(ImportRow.batch_id) == batch.id, old))
    await insert_rows(session, ImportRow, [_row(batch, entry, -1, True) for entry in refused])
