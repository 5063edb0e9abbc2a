"""Actions of the office that ask something of the citizen: what is missing, a fee, more time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session
from backend.core.journal import record
from backend.core.problem import Invalid
from backend.eservices import events
from backend.eservices.actions import papers
from backend.eservices.actions.cases import opened
from backend.eservices.actions.moves import move, tell
from backend.eservices.actions.telling import cleaned, needed, tell_readers
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.rules import forms
from backend.eservices.rules.definition import OTHER_DEFECT, Definition
from backend.eservices.rules.states import DossierStatus
from backend.eservices.rules.urgency import resumed
from backend.eservices.tables import EntryAction, PaperKind, Supplement, SupplementItem

_S = DossierStatus
MOST_ROUNDS: Final = 2
"""The law wants everything asked at once; a second time only the headteacher may, a third time nobody."""
MOST_DEFECTS: Final = 60
LONGEST_SUPPLEMENT_NOTE: Final = 1000
LONGEST_DEFECT_NOTE: Final = 500
LONGEST_RECEIPT: Final = 60


@dataclass(frozen=True)
class Defect:
    """What is wrong with a field or document, by a reason of the definition or in the officer's own words."""

    target: str
    defect: str
    note: str


async def request_supplement(
    session: Session, actor: Actor, dossier_id: UUID, version: int, defects: Sequence[Defect], note: str
) -> UUID:
    """List everything that is wrong, at once (form 02). The clock stops, and begins anew with the answer.

    Raises NotAllowed("eservices.second_round"), Invalid: eservices.wrong_state, eservices.too_many_rounds,
    eservices.defects_missing, eservices.too_many_defects(most), eservices.defect_unknown,
    eservices.defect_note_missing.
    """
    case = await opened(session, actor, dossier_id, version)
    case.check_status(_S.SUBMITTED, _S.PROCESSING)
    case.check_works()
    row = case.dossier
    if row.supplement_rounds >= MOST_ROUNDS:
        raise Invalid("eservices.too_many_rounds")
    if row.supplement_rounds > 0:
        case.check_leads("eservices.second_round")
    items = checked(case.definition, row.answers, defects)
    days = await office_calendar(session)
    row.supplement_rounds += 1
    asked = Supplement(
        school_id=row.school_id,
        readers=row.readers,
        dossier_id=row.id,
        round=row.supplement_rounds,
        asked_by=actor.person,
        note=cleaned(note, LONGEST_SUPPLEMENT_NOTE),
        answer_by=days.add(clock.today(), case.definition.supplement_days),
    )
    session.add(asked)
    await session.flush()
    session.add_all(
        SupplementItem(
            school_id=row.school_id,
            readers=row.readers,
            supplement_id=asked.id,
            position=position,
            target=item.target,
            defect=item.defect,
            note=item.note,
        )
        for position, item in enumerate(items)
    )
    await move(session, actor, row, _S.SUPPLEMENT_REQUESTED, EntryAction.SUPPLEMENT_REQUESTED, note=asked.note)
    await papers.issue(session, actor, row, PaperKind.FORM_02)
    told = events.SupplementRequested(**case.about.facts(row, row.readers), items=len(items), answer_by=asked.answer_by)
    record(session, actor, told)
    return dossier_id


async def require_payment(session: Session, actor: Actor, dossier_id: UUID, version: int, fee: int, note: str) -> UUID:
    """Ask for a fee in dong; the clock stands until it is paid. What the citizen read when filing binds the office:
    a free procedure stays free, and no fee is higher than its definition allows.

    Raises Invalid: eservices.wrong_state, eservices.free_of_charge, eservices.fee_range(most).
    """
    case = await opened(session, actor, dossier_id, version)
    case.check_works()
    most = case.definition.most_fee
    if most == 0:
        raise Invalid("eservices.free_of_charge", field="fee")
    if not 0 < fee <= most:
        raise Invalid("eservices.fee_range", field="fee", most=most)
    await move(session, actor, case.dossier, _S.PAYMENT_REQUIRED, EntryAction.PAYMENT_REQUESTED, note=cleaned(note))
    case.dossier.fee, case.dossier.fee_receipt = fee, ""
    tell_readers(session, actor, case)
    return dossier_id


async def confirm_payment(session: Session, actor: Actor, dossier_id: UUID, version: int, receipt: str) -> UUID:
    """The fee was paid, by this receipt; the clock goes on with the working days that were left.

    Raises Invalid: eservices.wrong_state, eservices.receipt_missing.
    """
    case = await opened(session, actor, dossier_id, version)
    case.check_status(_S.PAYMENT_REQUIRED)
    if not case.in_office:
        case.check_works()
    number = cleaned(receipt, LONGEST_RECEIPT)
    if not number:
        raise Invalid("eservices.receipt_missing", field="receipt")
    row = case.dossier
    due_on = resumed(clock.today(), row.days_left, await office_calendar(session))
    await move(session, actor, row, _S.PROCESSING, EntryAction.PAID, due_on=due_on)
    row.fee_receipt = number
    tell_readers(session, actor, case)
    return dossier_id


async def extend(
    session: Session, actor: Actor, dossier_id: UUID, version: int, working_days: int, reason: str
) -> UUID:
    """Apologise and name a new day (form 04): before the deadline has passed, once, by the headteacher.

    Raises NotAllowed("eservices.headteacher_extends"), Invalid: eservices.wrong_state, eservices.extended_already,
    eservices.deadline_passed, eservices.extension_range(most), eservices.reason_missing.
    """
    case = await opened(session, actor, dossier_id, version)
    case.check_leads("eservices.headteacher_extends")
    row = case.dossier
    if row.due_on is None:
        raise Invalid("eservices.wrong_state")
    if row.extended_at is not None:
        raise Invalid("eservices.extended_already")
    if row.due_on < clock.today():
        raise Invalid("eservices.deadline_passed")
    most = case.definition.extension_days
    if not 1 <= working_days <= most:
        raise Invalid("eservices.extension_range", field="workingDays", most=most)
    text = needed(reason)
    row.due_on = (await office_calendar(session)).add(row.due_on, working_days)
    row.extended_at = clock.now()
    row.version += 1
    await tell(session, actor, row, EntryAction.EXTENDED, note=text)
    await papers.issue(session, actor, row, PaperKind.FORM_04)
    record(session, actor, events.DossierExtended(**case.about.facts(row, row.readers), due_on=row.due_on))
    return dossier_id


def checked(definition: Definition, answers: dict[str, Any], defects: Sequence[Defect]) -> list[Defect]:
    """The defects, each once, all of them about something that was asked, for a reason that the definition knows."""
    tidy = [
        Defect(each.target, each.defect, cleaned(each.note, LONGEST_DEFECT_NOTE, f"defects.{position}.note"))
        for position, each in enumerate(defects)
    ]
    items = list(dict.fromkeys(tidy))
    if not items:
        raise Invalid("eservices.defects_missing", field="defects")
    if len(items) > MOST_DEFECTS:
        raise Invalid("eservices.too_many_defects", field="defects", most=MOST_DEFECTS)
    asked = {f"field:{name}" for name in forms.visible(definition, answers)}
    asked |= {f"document:{paper.id}" for paper in forms.asked_documents(definition, answers)}
    for position, item in enumerate(items):
        known = definition.defects_of(item.target)
        if known is None or item.target not in asked or item.defect not in known:
            raise Invalid("eservices.defect_unknown", field=f"defects.{position}.target")
        if item.defect == OTHER_DEFECT and not item.note:
            raise Invalid("eservices.defect_note_missing", field=f"defects.{position}.note")
    return items
