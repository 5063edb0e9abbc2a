"""Actions of the office: receiving, passing on, deciding, giving back. What it asks for is in `desk_requests.py`.

Each takes the id and the version the officer saw, locks the dossier, checks who acts (`desk_rights`), brings it on
(`dossiers.move`), issues the form the law wants, and tells those who follow.
"""

import json
from typing import Any, Final
from uuid import UUID

from backend.core.actor import WHOLE_SCHOOL, Actor
from backend.core.db import Session
from backend.core.journal import record
from backend.core.problem import Invalid, NotAllowed
from backend.eservices import events
from backend.eservices.actions import effects, papers
from backend.eservices.actions.cases import opened
from backend.eservices.actions.moves import move, tell
from backend.eservices.actions.telling import cleaned, give_to_step, needed, tell_readers
from backend.eservices.queries.offices import roles_at
from backend.eservices.rules.states import OPEN, DossierStatus
from backend.eservices.tables import EntryAction, PaperKind

_S = DossierStatus
LONGEST_RESULT: Final = 4000
MOST_DATA: Final = 16 * 1024
"""Bytes of what a result needs, as JSON."""


async def accept(session: Session, actor: Actor, dossier_id: UUID, version: int, note: str) -> UUID:
    """Take the dossier on. Raises Invalid("eservices.wrong_state") and what `opened` and `check_works` raise."""
    case = await opened(session, actor, dossier_id, version)
    case.check_works()
    await move(session, actor, case.dossier, _S.ACCEPTED, EntryAction.ACCEPTED, note=cleaned(note))
    tell_readers(session, actor, case)
    return dossier_id


async def reject(session: Session, actor: Actor, dossier_id: UUID, version: int, reason: str) -> UUID:
    """Do not take it on, and say why (form 03). Raises Invalid: eservices.wrong_state, eservices.reason_missing."""
    case = await opened(session, actor, dossier_id, version)
    case.check_works()
    await move(session, actor, case.dossier, _S.REJECTED, EntryAction.REJECTED, note=cleaned(reason))
    await papers.issue(session, actor, case.dossier, PaperKind.FORM_03)
    tell_readers(session, actor, case)
    return dossier_id


async def start(session: Session, actor: Actor, dossier_id: UUID, version: int) -> UUID:
    """Begin with the first step of handling; those who hold it are told. Raises Invalid("eservices.wrong_state")."""
    case = await opened(session, actor, dossier_id, version)
    case.check_status(_S.ACCEPTED)
    case.check_works()
    first = case.definition.handling_steps[0]
    await move(session, actor, case.dossier, _S.PROCESSING, EntryAction.STARTED, step=first.id)
    await give_to_step(session, actor, case)
    tell_readers(session, actor, case)
    return dossier_id


async def advance(
    session: Session, actor: Actor, dossier_id: UUID, version: int, note: str, result_data: dict[str, Any] | None
) -> UUID:
    """On to the next step. What was found for the result so far is kept; the note is the office's own.

    Raises Invalid: eservices.wrong_state, eservices.last_step.
    """
    case = await opened(session, actor, dossier_id, version)
    case.check_status(_S.PROCESSING)
    case.check_works()
    following = case.next_step
    if following is None:
        raise Invalid("eservices.last_step")
    row = case.dossier
    row.result_data = _joined(row.result_data, result_data)
    row.step = following.id
    row.version += 1
    await tell(session, actor, row, EntryAction.HANDED_OVER)
    if note.strip():
        await tell(session, actor, row, EntryAction.NOTED, note=cleaned(note), internal=True)
    await give_to_step(session, actor, case)
    return dossier_id


async def hand_over(session: Session, actor: Actor, dossier_id: UUID, version: int, to: UUID, note: str) -> UUID:
    """Put it on a colleague's desk. Whoever works on it may, and while nobody has it every clerk.

    Raises Invalid: eservices.wrong_state, eservices.not_a_handler (she is not of the school, or reception is not
    hers), eservices.colleague_own_dossier.
    """
    case = await opened(session, actor, dossier_id, version)
    row = case.dossier
    case.check_status(*OPEN)
    if not (case.works_on_it or (row.assignee_id is None and case.in_office)):
        raise NotAllowed("eservices.not_on_your_desk")
    roles = await roles_at(session, to, row.school_id)
    if row.status in (_S.SUBMITTED, _S.ACCEPTED):
        roles &= frozenset(WHOLE_SCHOOL)
    if not roles:
        raise Invalid("eservices.not_a_handler", field="to")
    if to in (row.owner_id, row.cosigner_id):
        raise Invalid("eservices.colleague_own_dossier", field="to")
    row.assignee_id = to
    row.version += 1
    await tell(session, actor, row, EntryAction.HANDED_OVER, note=cleaned(note), to_user=to, internal=True)
    record(session, actor, events.DossierHandedOver(**case.about.facts(row, (to,))))
    return dossier_id


async def stop(session: Session, actor: Actor, dossier_id: UUID, version: int, reason: str) -> UUID:
    """End it without a result, and say why (form 05). A dossier that waits for its citizen is stopped by the clock.

    Raises Invalid: eservices.wrong_state, eservices.reason_missing.
    """
    case = await opened(session, actor, dossier_id, version)
    case.check_status(_S.PROCESSING)
    case.check_works()
    await move(session, actor, case.dossier, _S.STOPPED, EntryAction.STOPPED, note=cleaned(reason))
    await papers.issue(session, actor, case.dossier, PaperKind.FORM_05)
    tell_readers(session, actor, case)
    return dossier_id


async def complete(
    session: Session, actor: Actor, dossier_id: UUID, version: int, note: str, result_data: dict[str, Any] | None
) -> UUID:
    """Decide: what the procedure does to the registers is done, and the result is issued. At the last step only.

    Raises NotAllowed("eservices.not_your_step"), Invalid: eservices.wrong_state, eservices.not_last_step, and what
    the effect refuses.
    """
    case = await opened(session, actor, dossier_id, version)
    case.check_status(_S.PROCESSING)
    case.check_works()
    if case.next_step is not None:
        raise Invalid("eservices.not_last_step")
    if not case.holds_step:
        raise NotAllowed("eservices.not_your_step")
    row = case.dossier
    row.result_note = cleaned(note, LONGEST_RESULT)
    row.result_data = _joined(row.result_data, result_data)
    await effects.run(session, actor, row, case.definition)
    await move(session, actor, row, _S.COMPLETED, EntryAction.COMPLETED)
    if case.definition.result is not None:
        await papers.issue(session, actor, row, PaperKind.RESULT)
    tell_readers(session, actor, case)
    return dossier_id


async def give_back(session: Session, actor: Actor, dossier_id: UUID, version: int) -> UUID:
    """The citizen has the result in her hand. Raises Invalid("eservices.wrong_state")."""
    case = await opened(session, actor, dossier_id, version)
    if not case.in_office:
        case.check_works()
    await move(session, actor, case.dossier, _S.RETURNED, EntryAction.RETURNED)
    tell_readers(session, actor, case)
    return dossier_id


async def revoke_result(session: Session, actor: Actor, dossier_id: UUID, version: int, reason: str) -> UUID:
    """Declare that the result that was issued does not hold; those who follow the dossier are told, and may reopen it.

    What the decision did to the registers stays: a paper is taken back, not a transfer or a correction. Raises
    NotAllowed("eservices.headteacher_revokes"), Invalid: eservices.reason_missing, eservices.nothing_to_revoke.
    """
    case = await opened(session, actor, dossier_id, version)
    case.check_leads("eservices.headteacher_revokes")
    text, row = needed(reason), case.dossier
    if not await papers.revoke(session, row, PaperKind.RESULT):
        raise Invalid("eservices.nothing_to_revoke")
    row.version += 1
    await tell(session, actor, row, EntryAction.REVOKED, note=text)
    record(session, actor, events.ResultRevoked(**case.about.facts(row, row.readers)))
    return dossier_id


async def add_note(session: Session, actor: Actor, dossier_id: UUID, note: str) -> UUID:
    """A line that only the office reads, in any state. Raises Invalid("eservices.note_missing")."""
    case = await opened(session, actor, dossier_id)
    text = cleaned(note)
    if not text:
        raise Invalid("eservices.note_missing", field="note")
    await tell(session, actor, case.dossier, EntryAction.NOTED, note=text, internal=True)
    return dossier_id


def _joined(known: dict[str, Any], given: Any) -> dict[str, Any]:
    """What the result needs, with what is new; raises Invalid("eservices.result_data")."""
    if given is None:
        return known
    joined = {**known, **given} if isinstance(given, dict) else None
    if joined is None or len(json.dumps(joined)) > MOST_DATA:
        raise Invalid("eservices.result_data", field="resultData")
    return joined
