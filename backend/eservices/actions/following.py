"""What an applicant does with a filed dossier: take it back, say how it went, take it up again."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, elevate, take_turns
from backend.core.ids import new_id
from backend.core.journal import record
from backend.core.problem import Invalid
from backend.core.text import squeeze, visible
from backend.eservices import events
from backend.eservices.actions import filing
from backend.eservices.actions.moves import move
from backend.eservices.actions.placing import Request, place
from backend.eservices.queries import dossiers as queries
from backend.eservices.queries import reopening
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.rules.states import DossierStatus
from backend.eservices.tables import Dossier, DossierFile, EntryAction, Satisfaction

MOST_REASON: Final = 1000
MOST_NOTE: Final = 500
MOST_CODE: Final = 40
WITHDRAWABLE: Final = frozenset({DossierStatus.SUBMITTED, DossierStatus.PROCESSING})
RATED: Final = frozenset({DossierStatus.COMPLETED, DossierStatus.RETURNED})


def typed_code(code: str) -> str:
    """A dossier's code as people type it, in the form it is kept; what is counted is what is looked up."""
    return "".join(squeeze(code[: 2 * MOST_CODE]).upper().split())[:MOST_CODE]


async def withdraw(session: Session, actor: Actor, dossier_id: UUID, version: int, reason: str) -> UUID:
    """Take a request back while the office has not decided. Those who work on it and the co-signer are told.

    Raises NotFound, Stale, Invalid: eservices.wrong_state, eservices.text_too_long(most).
    """
    said = _text(reason, MOST_REASON, "reason")
    dossier = await queries.own_dossier(session, actor, dossier_id, version)
    if dossier.status not in WITHDRAWABLE:
        raise Invalid("eservices.wrong_state")
    await move(session, actor, dossier, DossierStatus.WITHDRAWN, EntryAction.WITHDRAWN, note=said)
    await tell_office(session, actor, dossier, EntryAction.WITHDRAWN)
    return dossier.id


async def rate(session: Session, actor: Actor, dossier_id: UUID, satisfaction: Satisfaction, note: str) -> UUID:
    """Say once how it went, within the definition's days after the end.

    Raises NotFound, Invalid: eservices.not_finished, eservices.rated, eservices.rating_over(most),
    eservices.text_too_long(most).
    """
    said = _text(note, MOST_NOTE, "note")
    dossier = await queries.own_dossier(session, actor, dossier_id)
    if dossier.status not in RATED or dossier.finished_at is None:
        raise Invalid("eservices.not_finished")
    if dossier.satisfaction is not None:
        raise Invalid("eservices.rated")
    about = await queries.about(session, dossier)
    most = about.live.definition.rate_days
    if clock.now() > dossier.finished_at + timedelta(days=most):
        raise Invalid("eservices.rating_over", most=most)
    dossier.satisfaction, dossier.satisfaction_note, dossier.rated_at = satisfaction, said, clock.now()
    facts = about.facts(dossier, ())
    record(session, actor, events.DossierRated(**facts, satisfaction=satisfaction.value))
    await session.flush()
    return dossier.id


async def reopen(session: Session, actor: Actor, dossier_id: UUID, reason: str) -> UUID:
    """File the same request anew, with its answers and files, linked to the finished one; once.

    Raises NotFound, Invalid: eservices.reason_missing, eservices.not_finished, eservices.reopening_over,
    eservices.reopened, eservices.too_many_open(most); TooMany: eservices.filed_often.
    """
    said = _text(reason, MOST_REASON, "reason")
    if not said:
        raise Invalid("eservices.reason_missing", field="reason")
    old = await queries.own_dossier(session, actor, dossier_id)
    about = await queries.about(session, old)
    days = await office_calendar(session)
    last = reopening.last_day(old, days, about.live.definition.reopen_days)
    if old.status not in reopening.REOPENED:
        raise Invalid("eservices.not_finished")
    if last is None or clock.today() > last:
        raise Invalid("eservices.reopening_over")
    if await queries.was_reopened(session, old.id):
        raise Invalid("eservices.reopened")
    files = await _copies(session, old)
    await elevate(session)  # the office's clerks are not the family's to read; her right to this dossier is checked
    await take_turns(session, "filing", actor.user_id)
    filing.check_often(await queries.standing(session, actor.user_id, None, old.student_id, old.procedure_id))
    request = Request(
        live=about.live,
        office=await queries.office(session, old.school_id, old.procedure_id),
        channel=old.channel,
        applicant_name=old.applicant_name,
        applicant_phone=old.applicant_phone,
        answers=old.answers,
        owner_id=old.owner_id,
        cosigner_id=old.cosigner_id,
        student_id=old.student_id,
        child=about.child,
        reopens_id=old.id,
        note=said,
    )
    dossier = await place(session, actor, request, files=files, days=days)
    await filing.begin_transfer(session, actor, dossier, about.live.definition)
    return dossier.id


async def tell_office(session: Session, actor: Actor, dossier: Dossier, action: EntryAction) -> None:
    """News of what the applicant did: to whoever works on the dossier, else the clerks; and to the co-signer."""
    about = await queries.about(session, dossier)
    await elevate(session)  # whom the office has is not the family's to read
    clerks = (await queries.office(session, dossier.school_id, dossier.procedure_id)).clerks
    workers = (dossier.assignee_id,) if dossier.assignee_id else clerks
    said = about.facts(dossier, [user for user in workers if user != actor.user_id])
    record(session, actor, events.DossierAnswered(**said, action=action.value))
    others = [reader for reader in dossier.readers if reader != actor.user_id]
    if others:
        said = about.facts(dossier, others)
        record(session, actor, events.DossierMoved(**said, status=dossier.status.value, due_on=dossier.due_on))


async def _copies(session: Session, old: Dossier) -> list[UUID]:
    """Rows for the same stored files, which become the new dossier's."""
    made: list[UUID] = []
    for file in await queries.live_files(session, old.id):
        values = file.model_dump(exclude={"id", "created_at", "dossier_id", "draft_id", "replaced_at"})
        copy = DossierFile(id=new_id(), **values, dossier_id=old.id)
        session.add(copy)
        made.append(copy.id)
    await session.flush()
    return made


def _text(text: str, most: int, field: str) -> str:
    """Free text as it is kept; raises Invalid: eservices.text_too_long(most)."""
    said = visible(text).strip()
    if len(said) > most:
        raise Invalid("eservices.text_too_long", field=field, most=most)
    return said
