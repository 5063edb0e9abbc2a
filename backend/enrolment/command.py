"""`nhipcau import`: the same dry run and the same application as in the app, in this process, for an operator.

The operator has no account, so the import stands in the name of the school's academic clerk, or of its headteacher
when there is no clerk: the one whose role is oldest. Without `--apply` the batch is thrown away after the report.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import case, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Role
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.graphql.problems import words
from backend.core.problem import Invalid, NotFound, Problem
from backend.core.sheets import MAX_FILE_BYTES, MIB
from backend.enrolment import imports
from backend.enrolment.import_words import message_of, problem_message
from backend.enrolment.import_work import LEASE, Claimed, ImportWorker
from backend.enrolment.tables import ImportBatch, ImportRow, ImportRowKind, ImportStatus
from backend.identity.tables import RoleGrant
from backend.organisation.tables import School

LANGUAGE: Final = "en"  # as all of the command line
COUNTS: Final = ("new", "changed", "moved", "suggested", "unchanged", "broken")


@dataclass(frozen=True)
class Line:
    """One line of the files that is not as the school has it already."""

    kind: str
    cell: str
    title: str
    message: str


@dataclass(frozen=True)
class Report:
    """What the import found, or did."""

    school: str
    applied: bool
    counts: Mapping[str, int] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    problem: str | None = None

    @property
    def broken(self) -> int:
        """Lines that are out; 1 when the files as a whole were refused."""
        return 1 if self.problem else self.counts.get("broken", 0)

    def as_json(self) -> str:
        """For machines."""
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2).decode()

    def as_text(self) -> str:
        """For people: the counts, then what needs somebody."""
        if self.problem:
            return self.problem
        head = "applied" if self.applied else "would change"
        counts = ", ".join(f"{self.counts[name]} {name}" for name in COUNTS if self.counts.get(name))
        attention = (ImportRowKind.BROKEN, ImportRowKind.SUGGESTED)
        rows = [f"{line.cell}  {line.title}: {line.message}" for line in self.lines if line.kind in attention]
        return "\n".join([f"{self.school}, {head}: {counts or 'nothing'}", *rows])


async def import_files(dsn: str, files: Sequence[Path], *, school_code: str, apply: bool) -> Report:
    """Check the workbooks against a school, and with `apply` write what the check found. Never raises a Problem."""
    database = await Database.open(dsn, size=4)
    try:
        return await _import(database, [_read(path) for path in files], school_code, apply)
    except Problem as problem:
        return Report(school_code, False, problem=words(problem.code, LANGUAGE, **problem.params))
    finally:
        await database.close()


def _read(path: Path) -> imports.HandedIn:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Invalid("sheet.too_big", limit_mib=MAX_FILE_BYTES // MIB)
    return imports.HandedIn(path.name, path.read_bytes())


async def _import(database: Database, files: Sequence[imports.HandedIn], code: str, apply: bool) -> Report:
    school_id, clerk_id = await _in_whose_name(database, code)
    worker = ImportWorker(database, MemoryBus())
    actor = Actor(user_id=clerk_id, system=True)
    async with database.write(actor) as session:
        # Leased from the start, so that a server running on the same database leaves it to us.
        lease = clock.now() + LEASE
        batch_id = await imports.start_import(session, actor, school_id, files, leased_until=lease)
    await worker.work(Claimed(batch_id, school_id, clerk_id, ImportStatus.CHECKING))
    report = await _report(database, code, batch_id)
    if apply and not report.problem:
        async with database.write(actor) as session:
            version = (await session.get_one(ImportBatch, batch_id)).version
            await imports.apply_import(session, actor, batch_id, version, clock.now() + LEASE)
        await worker.work(Claimed(batch_id, school_id, clerk_id, ImportStatus.APPLYING))
        return await _report(database, code, batch_id)
    async with database.write(actor) as session:
        await imports.discard_import(session, actor, batch_id)
    return report


async def _in_whose_name(database: Database, code: str) -> tuple[UUID, UUID]:
    clerk_first = case((col(RoleGrant.role) == Role.ACADEMIC_CLERK, 0), else_=1)
    statement = (
        select(col(RoleGrant.user_id))
        .where(col(RoleGrant.role).in_((Role.ACADEMIC_CLERK, Role.HEADTEACHER)))
        .order_by(clerk_first, col(RoleGrant.created_at), col(RoleGrant.id))
    )
    async with database.write(SYSTEM) as session:
        school_id = (await session.execute(select(col(School.id)).where(col(School.code) == code))).scalar()
        if school_id is None:
            raise NotFound("import.school_unknown", school=code)
        clerk_id = (await session.execute(statement.where(col(RoleGrant.school_id) == school_id))).scalars().first()
    if clerk_id is None:
        raise Invalid("import.no_clerk")
    return school_id, clerk_id


async def _report(database: Database, school: str, batch_id: UUID) -> Report:
    async with database.write(SYSTEM) as session:
        batch = await session.get_one(ImportBatch, batch_id)
        rows = select(ImportRow).where(col(ImportRow.batch_id) == batch_id).order_by(col(ImportRow.position))
        lines = tuple(_line(row) for row in (await session.execute(rows)).scalars())
    counts: dict[str, Any] = {name: getattr(batch, f"{name}_count") for name in COUNTS}
    problem = problem_message(batch.problem, LANGUAGE)
    return Report(school, batch.status is ImportStatus.APPLIED, counts, lines, problem)


def _line(row: ImportRow) -> Line:
    return Line(row.kind.value, row.cell, row.title, message_of(row.detail, row.cell, LANGUAGE))
