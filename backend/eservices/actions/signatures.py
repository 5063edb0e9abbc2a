"""The second guardian's signature under a draft, with her own login: asked for, given, and gone with any change."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, elevated
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound, Stale
from backend.eservices import events
from backend.eservices.actions.drafts import mine, readers_of, unsign
from backend.eservices.queries import drafts as queries
from backend.eservices.queries.drafts import Live
from backend.eservices.rules import forms
from backend.eservices.rules.definition import Cosign
from backend.eservices.tables import Channel, DossierFile, Draft


async def ask(session: Session, actor: Actor, draft_id: UUID, cosigner_id: UUID) -> UUID:
    """Ask another guardian of the pupil to sign with one; she is told, and may read the draft from now on.

    Raises NotFound, Invalid: eservices.no_signature, eservices.not_guardian.
    """
    draft = await mine(session, actor, draft_id)
    live = await queries.version(session, draft.procedure_version_id)
    if live.definition.cosign is Cosign.NONE or draft.channel is Channel.COUNTER or draft.student_id is None:
        raise Invalid("eservices.no_signature")
    pupil = await queries.pupil(session, actor, draft.student_id)
    async with elevated(session):
        others = await queries.other_guardians(session, pupil.id, actor.user_id)
    if cosigner_id not in others:
        raise Invalid("eservices.not_guardian", field="cosigner")
    draft.cosigner_id = cosigner_id
    draft.signature_asked_at = clock.now()
    unsign(draft)
    draft.version += 1
    await session.flush()
    of_draft = col(DossierFile.draft_id) == draft.id
    await session.execute(update(DossierFile).where(of_draft).values(readers=readers_of(draft)))
    record(session, actor, events.SignatureAsked(**_said(draft, live, pupil.full_name), user_ids=(cosigner_id,)))
    return draft.id


async def sign(session: Session, actor: Actor, draft_id: UUID, version: int) -> UUID:
    """The second guardian agrees to what stands in the draft now; who asked is told. Raises NotFound, Stale."""
    draft = await queries.draft_to_sign(session, actor, draft_id)
    if draft.version != version:
        raise Stale("core.stale")
    if draft.student_id is None or draft.student_id not in actor.students:
        raise NotFound("core.not_found")
    if draft.signed_at is not None:
        return draft.id
    live = await queries.version(session, draft.procedure_version_id)
    pupil = await queries.pupil(session, actor, draft.student_id)
    if not pupil.is_guardian:
        raise NotFound("core.not_found")
    files = await queries.files_of(session, draft.id)
    draft.signed_at = clock.now()
    draft.signed_digest = queries.signed_digest(draft, forms.pruned(live.definition, draft.answers), files)
    draft.version += 1
    record(session, actor, events.DraftSigned(**_said(draft, live, pupil.full_name), user_ids=(draft.owner_id,)))
    return draft.id


async def cosigners(session: Session, actor: Actor, draft_id: UUID) -> list[UUID]:
    """The other live guardians of the pupil of one's draft; nobody without a pupil. Raises NotFound."""
    statement = select(col(Draft.student_id)).where(col(Draft.id) == draft_id, col(Draft.owner_id) == actor.user_id)
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise NotFound("core.not_found")
    student_id: UUID | None = found[0]
    if student_id is None:
        return []
    await queries.pupil(session, actor, student_id)  # still behind her own fence
    async with elevated(session):
        return await queries.other_guardians(session, student_id, actor.user_id)


def _said(draft: Draft, live: Live, child: str) -> dict[str, Any]:
    return {
        "school_id": draft.school_id,
        "draft_id": draft.id,
        "procedure_code": live.code,
        "procedure_name": live.name["vi"],
        "procedure_name_en": live.name["en"],
        "student_id": draft.student_id,
        "child": child,
    }
