"""Transfers between schools: the guardian's code and consent, and the move itself.

Online the guardian files the request and thereby agrees (`begin`). At the counter she shows a code; the receiving
school looks at what would move and proposes; nothing moves before she has answered on her own phone. The move is done
by `complete`, inside the transaction that completes the dossier, with both schools' rows in it.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from backend.core import clock, codes
from backend.core.actor import Actor, Permission
from backend.core.db import Session, elevate, elevated, take_turns
from backend.core.journal import record
from backend.core.problem import Invalid, NotAllowed, NotFound, Stale
from backend.core.settings import settings
from backend.enrolment.import_queries import GRADES
from backend.enrolment.transfers import Moved, move_pupil, place_for, stay_of
from backend.eservices import events
from backend.eservices.actions import placing
from backend.eservices.actions.moves import move
from backend.eservices.papers import words as say
from backend.eservices.queries import dossiers as dossier_queries
from backend.eservices.queries import drafts as draft_queries
from backend.eservices.queries import transfers as queries
from backend.eservices.queries.dossiers import dossier_for_update
from backend.eservices.queries.drafts import Live
from backend.eservices.queries.offices import holders
from backend.eservices.rules import prefill
from backend.eservices.rules.states import MOVES, DossierStatus
from backend.eservices.tables import Channel, Dossier, EntryAction, Transfer, TransferCode, TransferStatus
from backend.identity.sessions import users_changed
from backend.identity.tables import Student, StudentStatus, User
from backend.leave import moving as leave
from backend.records import actions as records

PROCEDURE: Final = "2.002854"
CODE_LIFE: Final = timedelta(minutes=15)
FINGERPRINT: Final = 16
"""Letters of a record's SHA-256 that its decision prints."""


@dataclass(frozen=True)
class Shown:
    """A fresh code, in the clear for this once."""

    code: str
    expires_at: datetime


async def show_code(session: Session, actor: Actor, student_id: UUID) -> Shown:
    """A code with which another school may look at one's child and propose to take her; an earlier one ends.

    Raises NotFound, NotAllowed("eservices.guardian_only"), Invalid("enrolment.pupil_left").
    """
    await _check_guardian(session, actor, student_id)
    async with elevated(session):
        await _studying(session, student_id)
        await session.execute(
            update(TransferCode)
            .where(
                col(TransferCode.user_id) == actor.user_id,
                col(TransferCode.student_id) == student_id,
                col(TransferCode.used_at).is_(None),
            )
            .values(used_at=clock.now())
            .execution_options(synchronize_session=False)
        )
    code, expires_at = codes.new_slip_code(), clock.now() + CODE_LIFE
    session.add(
        TransferCode(user_id=actor.person, student_id=student_id, code_hash=code_hash(code), expires_at=expires_at)
    )
    return Shown(code, expires_at)


async def look(session: Session, actor: Actor, code: str) -> dict[str, Any] | None:
    """What would move with the pupil of a code; None for a wrong, used or old one."""
    actor.require(Permission.DOSSIER_COUNTER)
    async with elevated(session):
        shown = await queries.live_code(session, code_hash(code))
        if shown is None:
            return None
        row = await queries.student(session, shown.student_id)
        stays = row.status is StudentStatus.STUDYING and await stay_of(session, row.id) is not None
        return await queries.moves_of(session, row) if stays else None


async def propose(session: Session, actor: Actor, code: str, school_id: UUID, class_group_id: UUID | None) -> UUID:
    """File the request for the guardian behind a code, and ask her. The code is used up.

    Raises NotAllowed: core.not_allowed, eservices.own_dossier; NotFound("eservices.transfer_code_invalid"); Invalid:
    enrolment.pupil_left, enrolment.same_school, enrolment.no_such_grade, eservices.transfer_open and those of
    `place_for`.
    """
    actor.require(Permission.DOSSIER_COUNTER, school_id)
    await elevate(session)  # the pupil is another school's; the guardian's code is the right to look
    shown = await queries.live_code(session, code_hash(code), lock=True)
    if shown is None or not await queries.is_guardian(session, shown.user_id, shown.student_id):
        raise NotFound("eservices.transfer_code_invalid", field="code")
    if shown.user_id == actor.user_id:
        raise NotAllowed("eservices.own_dossier")
    row, grade = await _may_leave(session, shown.student_id, school_id)
    if class_group_id is not None:
        await place_for(session, school_id, class_group_id, grade)
    shown.used_at = clock.now()
    dossier = await _place(session, actor, shown.user_id, row, school_id, grade)
    transfer = await _add(session, dossier, row, TransferStatus.PROPOSED)
    transfer.class_group_id, transfer.proposed_by = class_group_id, actor.user_id
    await session.flush()
    await _ask_guardians(session, actor, transfer, row)
    return transfer.id


async def begin(session: Session, actor: Actor, dossier: Dossier) -> Transfer:
    """The transfer of a request that has just been filed; agreed to when a guardian filed it herself.

    Raises Invalid: enrolment.pupil_left, enrolment.same_school, enrolment.no_such_grade, eservices.transfer_open.
    """
    assert dossier.student_id is not None
    async with elevated(session):
        row, _ = await _may_leave(session, dossier.student_id, dossier.school_id)
        consents = await queries.is_guardian(session, actor.user_id, row.id)
        transfer = await _add(session, dossier, row, TransferStatus.CONSENTED if consents else TransferStatus.PROPOSED)
        if consents:
            transfer.consented_by, transfer.consented_at = actor.user_id, clock.now()
        await session.flush()
        if not consents:
            await _ask_guardians(session, actor, transfer, row)
    return transfer


async def answer(session: Session, actor: Actor, transfer_id: UUID, version: int, consent: bool) -> UUID:
    """A guardian agrees that her child and what the school knows of her move, or refuses; then the request ends.

    The same answer a second time changes nothing. Raises NotFound, Stale, NotAllowed("eservices.guardian_only"),
    Invalid("eservices.transfer_closed").
    """
    row = await queries.transfer_for_update(session, transfer_id)
    await _check_guardian(session, actor, row.student_id)
    wanted = TransferStatus.CONSENTED if consent else TransferStatus.REFUSED
    if row.status is wanted:
        return row.id
    if row.status is not TransferStatus.PROPOSED:
        raise Invalid("eservices.transfer_closed")
    if row.version != version:
        raise Stale("core.stale")
    row.status, row.version = wanted, row.version + 1
    if consent:
        row.consented_by, row.consented_at = actor.user_id, clock.now()
    async with elevated(session):
        if row.dossier_id is not None and not consent:
            await _give_up(session, actor, row.dossier_id)
        told = await holders(session, row.school_id)
        said = await _said(session, row, told)
    record(session, actor, events.TransferAnswered(**said, consent=consent))
    return row.id


async def complete(session: Session, actor: Actor, dossier: Dossier, class_group_id: UUID | None) -> dict[str, Any]:
    """Move the pupil into the class, with her guardians and her record; the dossier is hers at the new school then.

    Returns what the decision says. A transfer that is done stays as it is. Whoever calls this holds the dossier's
    lock and has checked the right at the receiving school. Raises Invalid: eservices.transfer_no_consent,
    eservices.class_missing, and those of `move_pupil`.
    """
    async with elevated(session):
        row = await queries.transfer_of(session, dossier.id)
        if row is None:
            raise Invalid("eservices.transfer_no_consent")
        if row.status is TransferStatus.DONE:
            return {}
        agreed = row.status is TransferStatus.CONSENTED
        if not agreed or not await queries.is_guardian(session, row.consented_by, row.student_id):
            raise Invalid("eservices.transfer_no_consent")
        chosen = class_group_id or row.class_group_id
        if chosen is None:
            raise Invalid("eservices.class_missing", field="classGroup")
        await leave.end_ahead(session, actor, row.student_id)
        moved = await move_pupil(session, row.student_id, row.school_id, chosen)
        kept = await records.hand_over(session, actor, moved.old, moved.new)
        row.status, row.done_at, row.version = TransferStatus.DONE, clock.now(), row.version + 1
        row.new_student_id, row.class_group_id = moved.new.id, chosen
        dossier.student_id = moved.new.id
        await session.flush()
        await _tell_done(session, actor, row, moved)
        _, from_school = await queries.names_of(session, row)
    return {
        "child": moved.new.full_name,
        "birth_date": say.day(moved.new.birth_date),
        "code": moved.new.code,
        "from_school": from_school,
        "from_class": row.moves["className"],
        "class_name": moved.class_group.name,
        "done_on": say.day(clock.today()),
        "fingerprint": kept.sha256.hex()[:FINGERPRINT],
    }


async def _may_leave(session: Session, student_id: UUID, school_id: UUID) -> tuple[Student, int]:
    """The pupil and the grade she is in, if she can go to this school; two who begin at once wait for each other."""
    await take_turns(session, "transfer", student_id)
    row, grade = await _studying(session, student_id)
    if row.school_id == school_id:
        raise Invalid("enrolment.same_school", field="school")
    school = (await queries.schools_of(session, school_id))[school_id]
    if grade not in GRADES[school.level]:
        raise Invalid("enrolment.no_such_grade", field="school", grade=grade, school=school.name)
    if await queries.open_transfer(session, student_id) is not None:
        raise Invalid("eservices.transfer_open")
    return row, grade


async def _studying(session: Session, student_id: UUID) -> tuple[Student, int]:
    row = await queries.student(session, student_id)
    stay = await stay_of(session, student_id)
    if row.status is not StudentStatus.STUDYING or stay is None:
        raise Invalid("enrolment.pupil_left")
    return row, stay.class_group.grade


async def _add(session: Session, dossier: Dossier, row: Student, status: TransferStatus) -> Transfer:
    """All guardians follow it, whoever of them began."""
    guardians = await queries.guardians_of(session, row.id)
    transfer = Transfer(
        school_id=dossier.school_id,
        from_school_id=row.school_id,
        readers=list(dict.fromkeys([*dossier.readers, *guardians])),
        dossier_id=dossier.id,
        student_id=row.id,
        status=status,
        moves=await queries.moves_of(session, row),
    )
    session.add(transfer)
    return transfer


async def _place(
    session: Session, actor: Actor, guardian_id: UUID, row: Student, school_id: UUID, grade: int
) -> Dossier:
    """The dossier at the counter, in the guardian's name, with what is known in its form."""
    live = await draft_queries.live_version(session, PROCEDURE)
    office = await dossier_queries.office(session, school_id, live.procedure_id)
    guardian = await session.get(User, guardian_id)
    assert guardian is not None
    request = placing.Request(
        live=live,
        office=office,
        channel=Channel.COUNTER,
        applicant_name=guardian.full_name,
        applicant_phone=guardian.phone or "",
        answers=await _answers(session, live, guardian_id, row, school_id, grade),
        owner_id=guardian_id,
        student_id=row.id,
        child=row.full_name,
    )
    return await placing.place(session, actor, request)


async def _answers(
    session: Session, live: Live, guardian_id: UUID, row: Student, school_id: UUID, grade: int
) -> dict[str, Any]:
    facts = await draft_queries.facts(session, row.id, guardian_id)
    near = await queries.same_province(session, row.school_id, school_id)
    answers = {each.field: each.value for each in prefill.known(live.definition, facts)}
    answers |= {"place": "SAME_PROVINCE" if near else "OTHER_PROVINCE", "grade": str(grade), "records": "SYSTEM"}
    return {name: value for name, value in answers.items() if name in live.definition.fields}


async def _give_up(session: Session, actor: Actor, dossier_id: UUID) -> None:
    """A refusal takes the request back, wherever the rules let it; else the office stops it."""
    dossier = await dossier_for_update(session, dossier_id)
    if DossierStatus.WITHDRAWN in MOVES[dossier.status]:
        await move(session, actor, dossier, DossierStatus.WITHDRAWN, EntryAction.WITHDRAWN)


async def _ask_guardians(session: Session, actor: Actor, transfer: Transfer, row: Student) -> None:
    asked = [user for user in await queries.guardians_of(session, row.id) if user != actor.user_id]
    record(session, actor, events.TransferProposed(**await _said(session, transfer, asked)))


async def _tell_done(session: Session, actor: Actor, transfer: Transfer, moved: Moved) -> None:
    """The guardians, and the offices of both schools; and every process, that the family's children are others now."""
    guardians = await queries.guardians_of(session, moved.new.id)
    offices = await holders(session, transfer.school_id, transfer.from_school_id)
    name = moved.class_group.name
    record(session, actor, events.TransferDone(**await _said(session, transfer, guardians), class_name=name))
    record(session, actor, events.TransferClosed(**await _said(session, transfer, offices), class_name=name))
    users_changed(session, *guardians, *([moved.new.user_id] if moved.new.user_id else []))


async def _said(session: Session, transfer: Transfer, users: Sequence[UUID]) -> dict[str, Any]:
    """The part every event of a transfer has in common. The pupil is named by the row of the school she comes from."""
    school, from_school = await queries.names_of(session, transfer)
    return {
        "school_id": transfer.school_id,
        "from_school_id": transfer.from_school_id,
        "transfer_id": transfer.id,
        "dossier_id": transfer.dossier_id,
        "student_id": transfer.new_student_id or transfer.student_id,
        "child": transfer.moves["studentName"],
        "school_name": school,
        "from_school_name": from_school,
        "user_ids": tuple(users),
    }


async def _check_guardian(session: Session, actor: Actor, student_id: UUID) -> None:
    """Raises NotFound for anybody else's child, NotAllowed("eservices.guardian_only") for the pupil herself."""
    if student_id not in actor.students:
        raise NotFound("core.not_found")
    if not await queries.is_guardian(session, actor.user_id, student_id):
        raise NotAllowed("eservices.guardian_only")


def code_hash(code: str) -> bytes:
    """What is kept of a code. Case, spaces and dashes do not matter."""
    typed = "".join(char for char in code.upper() if char.isalnum())
    return hmac.digest(settings().secret(), b"transfer-code" + typed.encode(), "sha256")
