"""Writing a request: begin, save, papers. Signing is in `signatures.py`, filing in `filing.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor, Permission
from backend.core.db import Session
from backend.core.problem import Invalid, NotAllowed, NotFound, Stale
from backend.eservices.queries import drafts as queries
from backend.eservices.queries.drafts import Live
from backend.eservices.rules import forms, prefill
from backend.eservices.rules.definition import Applicant, Document, Office, Subject
from backend.eservices.tables import Channel, DossierFile, Draft, VersionStatus
from backend.files import actions as files
from backend.files.tables import FileKind, StoredFile
from backend.identity.rules import clean_name, clean_phone
from backend.identity.tables import User

MOST_DRAFTS: Final = 30
MOST_DRAFTS_AT_COUNTER: Final = 200
DRAFT_LIFE: Final = timedelta(days=30)
_ACCEPTED: Final[Mapping[FileKind, str]] = {FileKind.JPEG: "image", FileKind.PDF: "pdf"}


@dataclass(frozen=True)
class Visitor:
    """Who stands at the counter, as the officer wrote it down."""

    name: str
    phone: str


@dataclass(frozen=True)
class _Place:
    """Whom a draft is about and which office will have it."""

    school_id: UUID | None
    student_id: UUID | None


async def start(
    session: Session,
    actor: Actor,
    version_id: UUID,
    school_id: UUID | None,
    student_id: UUID | None,
    visitor: Visitor | None,
) -> UUID:
    """Begin a request; with a visitor, at the counter of a school where the actor receives dossiers.

    Raises NotFound, NotAllowed: eservices.not_applicant, Invalid: eservices.procedure_not_live, eservices.own_screens,
    eservices.school_unknown, eservices.too_many_drafts(most), identity.phone_invalid, identity.name_invalid.
    """
    live = await queries.version(session, version_id)
    if live.status is not VersionStatus.PUBLISHED:
        raise Invalid("eservices.procedure_not_live")
    if live.definition.opens is not None:
        raise Invalid("eservices.own_screens")
    most = MOST_DRAFTS if visitor is None else MOST_DRAFTS_AT_COUNTER
    if await queries.count_drafts(session, actor) >= most:
        raise Invalid("eservices.too_many_drafts", most=most)
    draft = Draft(
        owner_id=actor.person,
        procedure_version_id=live.version_id,
        channel=Channel.ONLINE if visitor is None else Channel.COUNTER,
        changed_at=clock.now(),
    )
    if visitor is not None:
        draft.applicant_name, draft.applicant_phone = clean_visitor(visitor)
    else:
        draft.applicant_name, draft.applicant_phone = await _account(session, actor)
    await _settle(session, actor, draft, live, _Place(school_id, student_id))
    session.add(draft)
    await session.flush()
    return draft.id


async def save(
    session: Session,
    actor: Actor,
    draft_id: UUID,
    version: int,
    answers: Any,
    disputes: Any,
    place: tuple[UUID | None, UUID | None],
) -> UUID:
    """Keep what has been written so far, complete or not. A signature does not outlive a change.

    Raises NotFound, Stale, Invalid: eservices.answers_invalid, eservices.answers_too_large(most), and as `start`.
    """
    forms.check_size(answers)
    forms.check_size(disputes)
    draft = await mine(session, actor, draft_id)
    if draft.version != version:
        raise Stale("core.stale")
    live = await queries.version(session, draft.procedure_version_id)
    before = (draft.answers, draft.disputes, draft.school_id, draft.student_id)
    draft.answers = {name: value for name, value in answers.items() if name in live.definition.fields}
    draft.disputes = {name: value for name, value in disputes.items() if name in live.definition.fields}
    school_id, student_id = place
    await _settle(session, actor, draft, live, _Place(school_id or draft.school_id, student_id or draft.student_id))
    if before != (draft.answers, draft.disputes, draft.school_id, draft.student_id):
        unsign(draft)
    draft.version += 1
    draft.changed_at = clock.now()
    await session.flush()
    return draft.id


async def discard(session: Session, actor: Actor, draft_id: UUID) -> UUID:
    """Forget a draft and what was attached to it. Raises NotFound."""
    draft = await mine(session, actor, draft_id)
    await session.execute(delete(DossierFile).where(col(DossierFile.draft_id) == draft.id))
    await session.delete(draft)
    return draft_id


async def attach(session: Session, actor: Actor, draft_id: UUID, document: str, file_id: UUID) -> UUID:
    """Put a file the actor has handed in under one of the procedure's documents. The same file again is one file.

    Raises NotFound, Invalid: files.upload_unfinished, eservices.document_unknown, eservices.document_kind,
    eservices.document_too_many(most).
    """
    draft = await mine(session, actor, draft_id)
    live = await queries.version(session, draft.procedure_version_id)
    stored = await files.taken(session, actor, file_id)
    asked = check_document(live.definition.documents, document, stored)
    attached = [file for file in await queries.files_of(session, draft.id) if file.document == document]
    same = next((file for file in attached if file.stored_file_id == stored.id), None)
    if same is not None:
        return same.id
    if len(attached) >= asked.most:
        raise Invalid("eservices.document_too_many", field=f"document:{document}", most=asked.most)
    row = file_row(stored, document, readers_of(draft))
    row.draft_id = draft.id
    session.add(row)
    _touch(draft)
    await session.flush()
    return row.id


async def detach(session: Session, actor: Actor, file_id: UUID) -> tuple[UUID, UUID]:
    """Take a file off one's draft; returns its id and the draft's. Raises NotFound."""
    where = select(col(DossierFile.draft_id)).where(col(DossierFile.id) == file_id)
    draft_id = (await session.execute(where)).scalar_one_or_none()
    if draft_id is None:
        raise NotFound("core.not_found")
    draft = await mine(session, actor, draft_id)
    await session.execute(delete(DossierFile).where(col(DossierFile.id) == file_id))
    _touch(draft)
    return file_id, draft_id


async def sweep(session: Session) -> int:
    """Forget drafts nobody has changed for 30 days; returns how many. For the system."""
    old = select(col(Draft.id)).where(col(Draft.changed_at) < clock.now() - DRAFT_LIFE)
    await session.execute(delete(DossierFile).where(col(DossierFile.draft_id).in_(old)))
    gone = await session.execute(
        delete(Draft).where(col(Draft.changed_at) < clock.now() - DRAFT_LIFE).returning(col(Draft.id))
    )
    return len(gone.scalars().all())


async def prefilled(session: Session, actor: Actor, version_id: UUID, student_id: UUID | None) -> list[prefill.Known]:
    """What a form of this version knows already. Raises NotFound for a pupil who is not the actor's to write about.

    An officer's own account says nothing about who stands at her counter.
    """
    live = await queries.version(session, version_id)
    own = student_id is None or student_id in actor.students
    if student_id is not None and live.definition.subject is Subject.PERSON:
        student_id = None
    if student_id is not None:
        pupil = await queries.pupil(session, actor, student_id)
        if not own and not _receives(actor, pupil.school_id):
            raise NotFound("core.not_found")
    facts = await queries.facts(session, student_id, actor.user_id if own else None)
    return list(prefill.known(live.definition, facts))


def check_document(documents: Mapping[str, Document], document: str, stored: StoredFile) -> Document:
    """The document of this name, when it may be a file of this kind.

    Raises Invalid: eservices.document_unknown, eservices.document_kind.
    """
    asked = documents.get(document)
    if asked is None:
        raise Invalid("eservices.document_unknown", field=f"document:{document}"[:100])
    if _ACCEPTED.get(stored.kind) not in asked.accepts:
        raise Invalid("eservices.document_kind", field=f"document:{document}")
    return asked


def file_row(stored: StoredFile, document: str, readers: list[UUID]) -> DossierFile:
    """A row for a stored file, not yet of a draft or dossier."""
    return DossierFile(
        readers=readers,
        document=document,
        stored_file_id=stored.id,
        name=stored.name,
        kind=stored.kind.value,
        size=stored.size,
        pages=stored.pages,
        has_thumbnail=stored.has_thumbnail,
    )


def clean_visitor(visitor: Visitor) -> tuple[str, str]:
    """Name and phone in the form they are kept; problems name "applicant:name" and "applicant:phone"."""
    try:
        name = clean_name(visitor.name[:200])
    except Invalid as refused:
        raise Invalid(refused.code, field="applicant:name") from None
    try:
        return name, clean_phone(visitor.phone)
    except Invalid as refused:
        raise Invalid(refused.code, field="applicant:phone") from None


async def _settle(session: Session, actor: Actor, draft: Draft, live: Live, place: _Place) -> None:
    """Check and set whom the draft is about and which office will have it.

    A family writes about its own child, an officer about a pupil of the school at whose counter she sits.
    """
    definition = live.definition
    student_id = place.student_id if definition.subject is not Subject.PERSON else None
    pupil = await queries.pupil(session, actor, student_id) if student_id is not None else None
    if draft.channel is Channel.COUNTER:
        draft.school_id = _counter(actor, place.school_id or (pupil.school_id if pupil else None))
        if pupil is not None and pupil.school_id != draft.school_id:
            raise NotFound("core.not_found")
        draft.student_id = student_id
        return
    if pupil is not None and pupil.id not in actor.students:
        raise NotFound("core.not_found")
    allowed = definition.applicants
    if pupil is not None and not (
        (pupil.is_guardian and Applicant.GUARDIAN in allowed) or (pupil.is_self and Applicant.STUDENT in allowed)
    ):
        raise NotAllowed("eservices.not_applicant")
    draft.student_id = student_id
    if definition.office is Office.STUDENT_SCHOOL:
        draft.school_id = pupil.school_id if pupil else place.school_id
    else:
        draft.school_id = place.school_id
    if draft.school_id is not None and (pupil is None or draft.school_id != pupil.school_id):
        await queries.school_exists(session, draft.school_id)


def _counter(actor: Actor, school_id: UUID | None) -> UUID:
    """The school at whose counter the actor sits. Raises NotAllowed, Invalid: eservices.school_missing."""
    if school_id is None:
        here = [s for s in actor.staff_schools if _receives(actor, s)]
        if len(here) != 1:
            actor.require(Permission.DOSSIER_COUNTER)
            raise Invalid("eservices.school_missing", field="applicant:school")
        return here[0]
    actor.require(Permission.DOSSIER_COUNTER, school_id)
    return school_id


def _receives(actor: Actor, school_id: UUID) -> bool:
    try:
        actor.require(Permission.DOSSIER_COUNTER, school_id)
    except NotAllowed:
        return False
    return True


async def _account(session: Session, actor: Actor) -> tuple[str, str]:
    user = await session.get(User, actor.user_id)
    return (user.full_name, user.phone or "") if user is not None else ("", "")


async def mine(session: Session, actor: Actor, draft_id: UUID) -> Draft:
    draft = await queries.own_draft(session, actor, draft_id)
    if draft is None:
        raise NotFound("core.not_found")
    return draft


def unsign(draft: Draft) -> None:
    draft.signed_at = None
    draft.signed_digest = None


def _touch(draft: Draft) -> None:
    """A file came or went. Who is asked to sign must have seen it, so her version is not the newest any more."""
    unsign(draft)
    draft.changed_at = clock.now()
    if draft.signature_asked_at is not None:
        draft.version += 1


def readers_of(draft: Draft) -> list[UUID]:
    return [draft.owner_id, *([draft.cosigner_id] if draft.cosigner_id else [])]
