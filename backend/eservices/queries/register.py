"""The register of what came in (form 07)."""

from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.core.actor import WHOLE_SCHOOL, Actor, Permission
from backend.core.db import Session
from backend.core.problem import Invalid, NotFound
from backend.eservices.queries.days import check_span, day_of, instants
from backend.eservices.queries.papers import Office, office_of
from backend.eservices.rules.states import DossierStatus
from backend.eservices.tables import Channel, Dossier, DossierEntry, EntryAction, Procedure, ProcedureVersion
from backend.identity.tables import User

MOST_ROWS: Final = 5000


@dataclass(slots=True)
class RegisterRow:
    """A line of form 07. `due_on` is the last deadline that was named; days are Vietnamese days."""

    code: str
    procedure_code: str
    procedure_name: str
    applicant_name: str
    applicant_phone: str
    channel: Channel
    filed_on: date
    due_on: date | None
    finished_on: date | None
    returned_on: date | None
    status: DossierStatus
    on_time: bool | None
    holder: str


async def registered(session: Session, school_id: UUID, starts: date, ends: date, most: int) -> list[RegisterRow]:
    """The dossiers filed at the school in these days, in order of their codes; at most one more than `most`."""
    begin, end = instants(starts, ends)
    entry, given = aliased(DossierEntry), aliased(DossierEntry)
    due = (
        select(col(entry.due_on))
        .where(col(entry.dossier_id) == Dossier.id, col(entry.due_on).is_not(None))
        .order_by(col(entry.position).desc())
        .limit(1)
        .scalar_subquery()
    )
    returned = (
        select(func.max(col(given.created_at)))
        .where(col(given.dossier_id) == Dossier.id, col(given.action) == EntryAction.RETURNED)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(
            col(Dossier.code),
            col(Procedure.code).label("procedure_code"),
            col(ProcedureVersion.definition)["name"]["vi"].astext.label("procedure_name"),
            col(Dossier.applicant_name),
            col(Dossier.applicant_phone),
            col(Dossier.channel),
            day_of(col(Dossier.filed_at)).label("filed_on"),
            due.label("due_on"),
            day_of(col(Dossier.finished_at)).label("finished_on"),
            day_of(returned).label("returned_on"),
            col(Dossier.status),
            col(Dossier.on_time),
            func.coalesce(col(User.full_name), "").label("holder"),
        )
        .join(Procedure, col(Procedure.id) == Dossier.procedure_id)
        .join(ProcedureVersion, col(ProcedureVersion.id) == Dossier.procedure_version_id)
        .outerjoin(User, col(User.id) == Dossier.assignee_id)
        .where(col(Dossier.school_id) == school_id, col(Dossier.filed_at) >= begin, col(Dossier.filed_at) < end)
        .order_by(col(Dossier.filed_at), col(Dossier.code))
        .limit(most + 1)
    )
    return [RegisterRow(**row._mapping) for row in rows]


@dataclass(frozen=True)
class Register:
    """Form 07 of a school."""

    office: Office
    starts: date
    ends: date
    rows: list[RegisterRow]


async def register(session: Session, actor: Actor, school_id: UUID, starts: date, ends: date) -> Register:
    """What was filed at the school in these days, for its headteacher and clerks.

    Raises NotFound, Invalid: eservices.span(most), eservices.register_too_long(most).
    """
    if school_id not in actor.schools_as(*WHOLE_SCHOOL):
        raise NotFound("core.not_found")
    actor.require(Permission.DOSSIER_HANDLE, school_id)
    check_span(starts, ends)
    rows = await registered(session, school_id, starts, ends, MOST_ROWS)
    if len(rows) > MOST_ROWS:
        raise Invalid("eservices.register_too_long", most=MOST_ROWS)
    return Register(await office_of(session, school_id), starts, ends, rows)
