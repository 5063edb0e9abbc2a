"""Filing: a draft becomes a dossier, whole or not at all.

What the applicant's device says is not believed: known values are read again, hidden answers dropped, everything is
checked with the version the draft was begun with. A repeat of the same filing answers the same dossier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor, Permission
from backend.core.db import Session, elevate, take_turns
from backend.core.problem import Invalid, NotFound, Stale, TooMany
from backend.eservices.actions import transfers
from backend.eservices.actions.placing import Request, place
from backend.eservices.queries import dossiers as queries
from backend.eservices.queries import drafts as draft_queries
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.queries.dossiers import Office, Standing
from backend.eservices.queries.drafts import Live, Pupil
from backend.eservices.rules import forms, prefill, terms
from backend.eservices.rules.definition import Applicant, Cosign, Definition, Effect, Subject
from backend.eservices.rules.forms import Wrong
from backend.eservices.tables import Channel, Dossier, DossierFile, Draft
from backend.identity.tables import User

MOST_OPEN: Final = 20
MOST_AN_HOUR: Final = 5
CORRECTION: Final = "TRUONG.04"
CORRECTED_BY: Final[Mapping[str, str]] = {
    "student.fullName": "rightFullName",
    "student.birthDate": "rightBirthDate",
    "student.sex": "rightSex",
    "student.nationalId": "rightNationalId",
}
"""Where a disputed value stands in the correction that a dispute begins."""


@dataclass(frozen=True)
class _Written:
    """A draft as it would be filed."""

    draft: Draft
    live: Live
    pupil: Pupil | None
    files: Sequence[DossierFile]
    known: prefill.Facts
    answers: dict[str, Any]
    claimed: dict[str, Any]
    name: str
    phone: str

    @property
    def definition(self) -> Definition:
        return self.live.definition

    @property
    def at_counter(self) -> bool:
        return self.draft.channel is Channel.COUNTER

    @property
    def is_signed(self) -> bool:
        """The second guardian has signed exactly this."""
        draft = self.draft
        if draft.signed_digest is None or draft.cosigner_id is None:
            return False
        answers = forms.pruned(self.definition, draft.answers)
        return draft.signed_digest == draft_queries.signed_digest(draft, answers, self.files)


async def file_draft(session: Session, actor: Actor, draft_id: UUID, version: int) -> UUID | list[Wrong]:
    """The dossier, or everything that is wrong with the draft; then nothing has been written.

    Raises NotFound, Stale, Invalid: eservices.window_closed, eservices.too_many_open(most); TooMany:
    eservices.filed_often.
    """
    draft = await draft_queries.own_draft(session, actor, draft_id)
    if draft is None:
        filed = await queries.filed_from(session, actor, draft_id)
        if filed is None:
            raise NotFound("core.not_found")
        return filed
    if draft.version != version:
        raise Stale("core.stale")
    written = await _read(session, actor, draft)
    if (wrong := _wrong(written, actor)) or draft.school_id is None:
        return wrong
    await elevate(session)  # what follows looks at the office and at others' accounts; the actor's rights are checked
    if not written.at_counter:
        await take_turns(session, "filing", actor.user_id)
    standing = await queries.standing(
        session,
        None if written.at_counter else actor.user_id,
        written.phone if written.at_counter else None,
        draft.student_id,
        written.live.procedure_id,
    )
    if _lacks_signature(written, standing):
        return [Wrong("applicant:signature", "eservices.signature_missing")]
    if not written.at_counter:
        check_often(standing)
    office = await queries.office(session, draft.school_id, written.live.procedure_id)
    days = await office_calendar(session)
    if not terms.accepts_on(written.definition, clock.today(), office.window(written.live, days)):
        raise Invalid("eservices.window_closed")
    dossier = await place(
        session, actor, _request(written, office, standing), files=[file.id for file in written.files], days=days
    )
    await _follow_up(session, actor, written, dossier)
    await session.execute(delete(Draft).where(col(Draft.id) == draft.id))
    return dossier.id


def check_often(standing: Standing) -> None:
    """Nobody floods an office. Raises Invalid: eservices.too_many_open(most); TooMany: eservices.filed_often."""
    if standing.open >= MOST_OPEN:
        raise Invalid("eservices.too_many_open", most=MOST_OPEN)
    if len(standing.lately) >= MOST_AN_HOUR:
        free_at = standing.lately[-MOST_AN_HOUR] + queries.HOUR
        wait = max(1, round((free_at - clock.now()).total_seconds()))
        raise TooMany("eservices.filed_often", retry_after=wait, most=MOST_AN_HOUR)


async def begin_transfer(session: Session, actor: Actor, dossier: Dossier, definition: Definition) -> None:
    """A guardian who asks for a transfer of her child online agrees to what moves with it."""
    online = dossier.channel is Channel.ONLINE and dossier.student_id is not None
    if online and definition.effect is Effect.TRANSFER:
        await transfers.begin(session, actor, dossier)


async def _read(session: Session, actor: Actor, draft: Draft) -> _Written:
    """Everything the draft says, with what the database knows in the place of what the client wrote."""
    live = await draft_queries.version(session, draft.procedure_version_id)
    at_counter = draft.channel is Channel.COUNTER
    pupil = await draft_queries.pupil(session, actor, draft.student_id) if draft.student_id else None
    if pupil is not None and not at_counter and pupil.id not in actor.students:
        raise NotFound("core.not_found")
    if at_counter:
        actor.require(Permission.DOSSIER_COUNTER, draft.school_id)
    known = await draft_queries.facts(session, draft.student_id, None if at_counter else actor.user_id)
    answers, claimed = prefill.merged(live.definition, draft.answers, draft.disputes, known)
    pruned = forms.pruned(live.definition, answers)
    user = None if at_counter else await session.get(User, actor.user_id)
    return _Written(
        draft,
        live,
        pupil,
        await draft_queries.files_of(session, draft.id),
        known,
        pruned,
        {name: pruned[name] for name in claimed if name in pruned},
        user.full_name if user else draft.applicant_name,
        (user.phone or "") if user else draft.applicant_phone,
    )


def _wrong(written: _Written, actor: Actor) -> list[Wrong]:
    """What the applicant has to put right before anybody is troubled with it."""
    found: list[Wrong] = []
    definition, draft = written.definition, written.draft
    if not written.name.strip():
        found.append(Wrong("applicant:name", "eservices.applicant_name"))
    if written.pupil is None:
        if definition.subject is Subject.STUDENT:
            found.append(Wrong("applicant:student", "eservices.student_missing"))
        elif not (written.at_counter or Applicant.CITIZEN in definition.applicants or actor.students):
            found.append(Wrong("applicant:student", "eservices.not_applicant"))
    if draft.school_id is None:
        found.append(Wrong("applicant:school", "eservices.school_missing"))
    elif definition.effect is Effect.TRANSFER and written.pupil and written.pupil.school_id == draft.school_id:
        found.append(Wrong("applicant:school", "eservices.same_school"))
    documents: dict[str, int] = {}
    for file in written.files:
        documents[file.document] = documents.get(file.document, 0) + 1
    return found + forms.wrong(definition, written.answers, documents)


def _lacks_signature(written: _Written, standing: Standing) -> bool:
    """At the counter both guardians sign on paper, or the officer sees that there is one."""
    needed = written.definition.cosign is Cosign.REQUIRED and standing.second_guardian and not written.at_counter
    return needed and not written.is_signed


def _request(written: _Written, office: Office, standing: Standing) -> Request:
    draft = written.draft
    answers = dict(written.answers)
    if written.claimed:
        answers[prefill.DISPUTED] = sorted(written.claimed)
    signed = written.is_signed and not written.at_counter
    return Request(
        live=written.live,
        office=office,
        channel=draft.channel,
        applicant_name=written.name,
        applicant_phone=written.phone,
        answers=answers,
        owner_id=standing.owner_id,
        cosigner_id=draft.cosigner_id if signed else None,
        student_id=draft.student_id,
        child=written.pupil.full_name if written.pupil else "",
        draft_id=draft.id,
        reopens_id=draft.reopens_id,
    )


async def _follow_up(session: Session, actor: Actor, written: _Written, dossier: Dossier) -> None:
    """What one filing brings along: a transfer the guardian agrees to, a correction of what she says is wrong."""
    await begin_transfer(session, actor, dossier, written.definition)
    claims = {
        CORRECTED_BY[source]: value
        for name, value in written.claimed.items()
        if (source := written.definition.fields[name].prefill) in CORRECTED_BY
    }
    if claims and written.pupil is not None and written.live.code != CORRECTION:
        await _correct(session, actor, written, written.pupil, dossier, claims)


async def _correct(
    session: Session,
    actor: Actor,
    written: _Written,
    pupil: Pupil,
    dossier: Dossier,
    claims: Mapping[str, Any],
) -> None:
    """File the correction at the pupil's own school, unless one that a dispute began still waits there.

    It comes without papers; the school asks for them as for any dossier.
    """
    try:
        live = await draft_queries.live_version(session, CORRECTION)
    except NotFound:  # a department may have taken the service back
        return
    if await queries.open_correction(session, live.procedure_id, pupil.id):
        return
    now, _ = prefill.merged(live.definition, claims, {}, written.known)
    request = Request(
        live=live,
        office=await queries.office(session, pupil.school_id, live.procedure_id),
        channel=written.draft.channel,
        applicant_name=written.name,
        applicant_phone=written.phone,
        answers=forms.pruned(live.definition, now),
        owner_id=dossier.owner_id,
        student_id=pupil.id,
        child=pupil.full_name,
        opened_by_id=dossier.id,
    )
    await place(session, actor, request)
