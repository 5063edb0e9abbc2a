"""What people do with an absence alert: guardians answer, the school takes a search on and says how it ended.

Each of them locks the alert, asks `rules/alerts.py` what becomes of it, and tells those it concerns.
"""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.attendance import alert_events as events
from backend.attendance import queries
from backend.attendance.alert_people import guards, handles, people_of, to_staff
from backend.attendance.alerts import follow
from backend.attendance.marks import Cell, hold, settle
from backend.attendance.rules import alerts as rules
from backend.attendance.settings import settings_of
from backend.attendance.tables import (
    AbsenceAlert,
    AbsenceAnswer,
    AbsenceNote,
    AbsenceReason,
    AlertAcknowledgement,
    AlertOutcome,
    AlertStatus,
)
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, elevate
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound
from backend.core.text import squeeze

LONGEST_NOTE: Final = 300


async def answer_absence(session: Session, actor: Actor, alert_id: UUID, said: AbsenceAnswer) -> UUID:
    """A guardian says why her child is not there, or that the child must be there, which starts a search.

    The same answer again changes nothing; of two different ones the first counts, but a search always begins. Raises
    NotFound, and Invalid("alert.closed") or Invalid("alert.cancelled") when it is over.
    """
    alert = await _locked(session, alert_id, guards(actor, col(AbsenceAlert.student_id)))
    given = alert.answer.value if alert.answer else None
    if said == given:
        return alert.id
    settings = await settings_of(session, alert.school_id)
    now = clock.now()
    minutes = settings.safety_minutes
    step = rules.answer(alert.status, given, said, escalations=alert.escalations, now=now, safety_minutes=minutes)
    if step is None:
        return alert.id
    alert.status, alert.due_at, alert.escalations = AlertStatus(step.status), step.due_at, step.escalations
    alert.answer, alert.answered_by, alert.answered_at = said, actor.user_id, now
    alert.version += 1
    await session.flush()
    # The alert is her own child's; whom the school tells is not hers to see.
    await elevate(session)
    people = (await people_of(session, [alert.id]))[alert.id]
    if step.happening is rules.Happening.SEARCH:
        record(session, actor, events.SafetyRaised(**to_staff(alert, people, people.responsible)))
        record(session, actor, events.SearchAsked(**to_staff(alert, people, people.others)))
    else:
        record(session, actor, events.AbsenceAnswered(**to_staff(alert, people, people.nearest)))
    return alert.id


async def acknowledge_safety(session: Session, actor: Actor, alert_id: UUID) -> UUID:
    """Somebody responsible takes a search on; the family and the colleagues are told who. A second time is nothing.

    Raises NotFound, Invalid("alert.no_search") and as `answer_absence`.
    """
    alert = await _locked(
        session, alert_id, handles(actor, col(AbsenceAlert.class_group_id), col(AbsenceAlert.school_id))
    )
    rules.check_acknowledge(alert.status)
    assert actor.user_id is not None
    row = AlertAcknowledgement(school_id=alert.school_id, alert_id=alert.id, user_id=actor.user_id)
    added = await session.execute(
        insert(AlertAcknowledgement)
        .values(**row.model_dump())
        .on_conflict_do_nothing()
        .returning(col(AlertAcknowledgement.id))
    )
    if added.scalar_one_or_none() is None:
        return alert.id
    alert.due_at = None
    alert.version += 1
    people = (await people_of(session, [alert.id]))[alert.id]
    told = to_staff(alert, people, people.responsible)
    record(session, actor, events.SafetyAcknowledged(**told, person=actor.full_name))
    return alert.id


async def close_alert(session: Session, actor: Actor, alert_id: UUID, outcome: AlertOutcome, note: str) -> UUID:
    """The school says how it ended. EXCUSED lays permission over the session's marks.

    Only the homeroom teacher of the class or a headteacher of the school. Raises NotFound, as `rules.check_close`, and
    Invalid("attendance.week_closed") when the marks cannot change any more.
    """
    scope = _handled_by(actor)
    if outcome is AlertOutcome.EXCUSED:
        await _hold_marks(session, alert_id, scope)
    alert = await _locked(session, alert_id, scope)
    if alert.status is AlertStatus.CLOSED and alert.outcome is outcome:
        return alert.id
    rules.check_close(alert.status, outcome)
    searched, leaders_know = alert.status is AlertStatus.SAFETY, alert.escalations > 0
    alert.status, alert.due_at = AlertStatus.CLOSED, None
    alert.outcome, alert.outcome_note = outcome, squeeze(note)[:LONGEST_NOTE]
    alert.closed_by, alert.closed_at = actor.user_id, clock.now()
    alert.version += 1
    await session.flush()
    people = (await people_of(session, [alert.id]))[alert.id]
    if searched:
        told = to_staff(alert, people, people.responsible)
        record(session, actor, events.SafetyClosed(**told, outcome=outcome.value))
        record(session, actor, events.SearchEnded(**to_staff(alert, people, people.others)))
        return alert.id
    told = to_staff(alert, people, people.responsible if leaders_know else people.nearest)
    record(session, actor, events.AbsenceClosed(**told, outcome=outcome.value))
    if outcome is AlertOutcome.EXCUSED:
        await _excuse(session, actor, alert)
    return alert.id


async def _hold_marks(session: Session, alert_id: UUID, scope: Any) -> None:
    """Take the register's turn before the alert is locked, as a register does: else the two wait for each other."""
    alert = (await session.execute(_alert(alert_id, scope))).scalar_one_or_none()
    if alert is not None:
        await hold(session, [Cell(alert.student_id, alert.class_group_id, alert.day, alert.session)])
        session.expunge(alert)


async def _excuse(session: Session, actor: Actor, alert: AbsenceAlert) -> None:
    """A note for the session, with the reason the family gave, and its marks anew."""
    if closed := await queries.closed_weeks(session, alert.class_group_id, [alert.day]):
        raise Invalid("attendance.week_closed", day=min(closed))
    assert actor.user_id is not None
    reason = AbsenceReason(alert.answer.value) if alert.answer else AbsenceReason.OTHER
    session.add(
        AbsenceNote(
            school_id=alert.school_id,
            student_id=alert.student_id,
            day=alert.day,
            session=alert.session,
            reason=reason,
            source_id=alert.id,
            created_by=actor.user_id,
        )
    )
    await session.flush()
    single = await queries.periods_marked(session, alert.student_id, [(alert.day, alert.session)])
    cells = [Cell(alert.student_id, alert.class_group_id, alert.day, alert.session)]
    cells += [Cell(alert.student_id, alert.class_group_id, *place) for place in single]
    await follow(session, actor, await settle(session, alert.school_id, cells))


async def _locked(session: Session, alert_id: UUID, scope: Any) -> AbsenceAlert:
    """The alert, held until the transaction ends, for somebody whose it is. Raises NotFound."""
    alert = (await session.execute(_alert(alert_id, scope).with_for_update())).scalar_one_or_none()
    if alert is None:
        raise NotFound("core.not_found")
    return alert


def _alert(alert_id: UUID, scope: Any) -> Select[AbsenceAlert]:
    return select(AbsenceAlert).where(col(AbsenceAlert.id) == alert_id, scope)


def _handled_by(actor: Actor) -> Any:
    return handles(actor, col(AbsenceAlert.class_group_id), col(AbsenceAlert.school_id))
