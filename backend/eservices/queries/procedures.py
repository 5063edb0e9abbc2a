"""Reads that the actions of procedures need."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.core.problem import NotFound
from backend.eservices.tables import OfficeDay, Procedure, ProcedureVersion, ServiceWindow, VersionStatus


async def procedure_for_update(session: Session, procedure_id: UUID) -> Procedure:
    """The procedure, locked: versions of it are made and published one at a time. Raises NotFound."""
    statement = select(Procedure).where(col(Procedure.id) == procedure_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return row


async def version_for_update(session: Session, version_id: UUID) -> tuple[Procedure, ProcedureVersion]:
    """A version and its procedure, both locked. Raises NotFound."""
    owner = select(col(ProcedureVersion.procedure_id)).where(col(ProcedureVersion.id) == version_id)
    found = (await session.execute(owner)).scalar_one_or_none()
    if found is None:
        raise NotFound("core.not_found")
    procedure = await procedure_for_update(session, found)
    statement = select(ProcedureVersion).where(col(ProcedureVersion.id) == version_id).with_for_update()
    return procedure, (await session.execute(statement)).scalar_one()


async def version_with(session: Session, procedure_id: UUID, status: VersionStatus) -> ProcedureVersion | None:
    """The newest version in that state; of published ones and drafts there is one at most."""
    statement = (
        select(ProcedureVersion)
        .where(col(ProcedureVersion.procedure_id) == procedure_id, col(ProcedureVersion.status) == status)
        .order_by(col(ProcedureVersion.number).desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def next_number(session: Session, procedure_id: UUID) -> int:
    last = select(func.coalesce(func.max(col(ProcedureVersion.number)), 0)).where(
        col(ProcedureVersion.procedure_id) == procedure_id
    )
    return (await session.execute(last)).scalar_one() + 1


async def next_position(session: Session) -> int:
    return (await session.execute(select(func.coalesce(func.max(col(Procedure.position)), 0)))).scalar_one() + 1


async def code_exists(session: Session, code: str) -> bool:
    return (await session.execute(select(col(Procedure.id)).where(col(Procedure.code) == code))).first() is not None


async def office_day(session: Session, day: date) -> OfficeDay | None:
    statement = select(OfficeDay).where(col(OfficeDay.day) == day).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def windows_of(session: Session, school_id: UUID, procedure_id: UUID) -> list[ServiceWindow]:
    """All windows of a school for a procedure, the oldest first."""
    statement = (
        select(ServiceWindow)
        .where(col(ServiceWindow.school_id) == school_id, col(ServiceWindow.procedure_id) == procedure_id)
        .order_by(col(ServiceWindow.opens_on))
    )
    return list((await session.execute(statement)).scalars())


@dataclass(frozen=True)
class Handling:
    """What a version of a procedure is called in both languages, and its steps by id: each has a name and a role."""

    name: Mapping[str, str]
    steps: Mapping[str, Mapping[str, Any]]


async def handling_of(session: Session, versions: Collection[UUID]) -> dict[UUID, Handling]:
    """By version, for lists of dossiers: one statement, and nothing else of long definitions."""
    definition = col(ProcedureVersion.definition)
    wanted = one_of(col(ProcedureVersion.id), list(versions))
    rows = await session.execute(
        select(col(ProcedureVersion.id), definition["name"], definition["handling"]["steps"]).where(wanted)
    )
    return {id_: Handling(name, {step["id"]: step for step in steps or ()}) for id_, name, steps in rows}
