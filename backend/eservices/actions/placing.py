"""Puts one request on an office's desk: its code, its deadline, its first line of history, and news of it.

For whoever files: the citizen, an officer at the counter, a dispute, a reopening, a school that proposes a transfer.
Rights and forms have been checked before. Everything here needs the open fence (`core.db.elevate`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, elevated
from backend.core.ids import new_id
from backend.core.journal import record
from backend.eservices import events
from backend.eservices.actions.moves import entry_of
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.queries.dossiers import About, Office
from backend.eservices.queries.drafts import Live
from backend.eservices.rules import terms
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.tables import Channel, Dossier, DossierCounter, DossierFile, EntryAction


@dataclass(frozen=True)
class Request:
    """What is asked for and by whom. `child` is the pupil's name, empty without one.

    `answers` are pruned; the deadline is worked out from them.
    """

    live: Live
    office: Office
    channel: Channel
    applicant_name: str
    applicant_phone: str
    answers: Mapping[str, Any]
    owner_id: UUID | None = None
    cosigner_id: UUID | None = None
    student_id: UUID | None = None
    child: str = ""
    draft_id: UUID | None = None
    reopens_id: UUID | None = None
    opened_by_id: UUID | None = None
    note: str = ""

    @property
    def readers(self) -> list[UUID]:
        return [user for user in (self.owner_id, self.cosigner_id) if user is not None]


async def place(
    session: Session,
    actor: Actor,
    request: Request,
    *,
    files: Sequence[UUID] = (),
    days: WorkingDays | None = None,
) -> Dossier:
    """File the request; the clerks of the office are told, and those who follow it unless they file it themselves.

    `files` are rows of `dossier_file` that become the dossier's. `days` spares reading the office's calendar again.
    """
    days = days or await office_calendar(session)
    now = clock.now()
    window = request.office.window(request.live, days)
    dossier = Dossier(
        school_id=request.office.school_id,
        procedure_id=request.live.procedure_id,
        procedure_version_id=request.live.version_id,
        draft_id=request.draft_id,
        code=await _next_code(session, request.office.school_id, request.office.code),
        channel=request.channel,
        owner_id=request.owner_id,
        cosigner_id=request.cosigner_id,
        readers=request.readers,
        filed_by=actor.person,
        applicant_name=request.applicant_name,
        applicant_phone=request.applicant_phone,
        student_id=request.student_id,
        answers=dict(request.answers),
        filed_at=now,
        received_at=now,
        due_on=terms.due(request.live.definition, request.answers, now, days, window[1] if window else None),
        reopens_id=request.reopens_id,
        opened_by_id=request.opened_by_id,
    )
    session.add(dossier)
    await session.flush()
    session.add(entry_of(actor, dossier, EntryAction.FILED, 1, note=request.note))
    if files:
        await session.execute(
            update(DossierFile)
            .where(col(DossierFile.id).in_(files))
            .values(draft_id=None, dossier_id=dossier.id, school_id=dossier.school_id, readers=dossier.readers),
            execution_options={"synchronize_session": False},
        )
    _tell(session, actor, dossier, request)
    await session.flush()
    return dossier


async def _next_code(session: Session, school_id: UUID, school_code: str) -> str:
    """The next code of the school today, `SCHOOLCODE-yymmdd-0001`.

    Numbers come from a counter row, which filings at the same moment wait for: none is given twice. A filing that
    fails afterwards leaves a gap in neither, because the counter goes back with it. Call it last.
    """
    day = clock.today()
    row = insert(DossierCounter).values(id=new_id(), created_at=clock.now(), school_id=school_id, day=day, last=1)
    counted = row.on_conflict_do_update(
        index_elements=["school_id", "day"],
        set_={"last": DossierCounter.__table__.c.last + 1},  # pyright: ignore
    ).returning(col(DossierCounter.last))
    async with elevated(session):
        last = (await session.execute(counted)).scalar_one()
    return f"{school_code}-{day:%y%m%d}-{last:04d}"


def _tell(session: Session, actor: Actor, dossier: Dossier, request: Request) -> None:
    clerks = [clerk for clerk in request.office.clerks if clerk != actor.user_id]
    about = About(request.live, request.child)
    said = about.facts(dossier, clerks)
    record(session, actor, events.DossierFiled(**said, due_on=dossier.due_on))
    others = [reader for reader in dossier.readers if reader != actor.user_id]
    if others:
        said = about.facts(dossier, others)
        record(session, actor, events.DossierMoved(**said, status=dossier.status.value, due_on=dossier.due_on))
