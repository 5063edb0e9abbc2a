"""The clock of dossiers: who is told that a deadline is near or has passed, once; and what was never answered ends.

Each level is one statement over all schools; what it returns is new, because the row that remembers it was just made.
Two processes that look at the same moment wait for each other there, and the second finds nothing new.
"""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.core.actor import SYSTEM, Role
from backend.core.clock import VIETNAM
from backend.core.db import INSTANT, Session
from backend.core.graphql.problems import words
from backend.core.journal import record
from backend.eservices import events
from backend.eservices.actions import papers
from backend.eservices.actions.cases import case_of
from backend.eservices.actions.moves import move
from backend.eservices.actions.telling import tell_readers
from backend.eservices.queries import offices
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.queries.procedures import Handling, handling_of
from backend.eservices.rules.states import RUNNING, DossierStatus
from backend.eservices.rules.urgency import escalated_until, last_day_left, office_hours
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.tables import (
    Dossier,
    DossierReminder,
    EntryAction,
    PaperKind,
    Procedure,
    ReminderLevel,
    Supplement,
)
from backend.identity.tables import Student

BATCH: Final = 200
"""Deadlines of one level in one transaction."""
STOP_BATCH: Final = 20
"""Dossiers ended in one transaction: each gets its form."""


_EVENTS: Final = {
    ReminderLevel.DUE_SOON: events.DeadlineNear,
    ReminderLevel.OVERDUE: events.DeadlinePassed,
    ReminderLevel.ESCALATED: events.DeadlineEscalated,
}


async def remind(session: Session, now: datetime) -> int:
    """Tell of deadlines that are near, have passed, or passed long ago; how many were new. At night nobody is told."""
    local = now.astimezone(VIETNAM)
    days = await office_calendar(session)
    if not office_hours(local, days):
        return 0
    count = 0
    for level in ReminderLevel:
        count += await _tell(session, now, level, _when(level, local.date(), days))
    return count


def _when(level: ReminderLevel, today: date, days: WorkingDays) -> ColumnElement[bool]:
    due_on = col(Dossier.due_on)
    if level is ReminderLevel.DUE_SOON:
        return due_on.between(today, last_day_left(today, days))
    return due_on < today if level is ReminderLevel.OVERDUE else due_on <= escalated_until(today, days)


async def _tell(session: Session, now: datetime, level: ReminderLevel, when: ColumnElement[bool]) -> int:
    found = await _remember(session, now, level, when)
    if not found:
        return 0
    schools = {row.school_id for row in found}
    handling = await handling_of(session, {row.procedure_version_id for row in found})
    staff = await offices.staff(session, schools)
    officers = await offices.officers(session, schools) if level is ReminderLevel.ESCALATED else {}
    for row in found:
        known = handling[row.procedure_version_id]
        leaders = staff.get((row.school_id, Role.HEADTEACHER), ())
        own = (row.owner_id, row.cosigner_id)
        if level is ReminderLevel.DUE_SOON:
            told = tuple(user for user in _workers(row, known, staff) if user not in own) or leaders
        elif level is ReminderLevel.OVERDUE:
            told = (*leaders, *((row.assignee_id,) if row.assignee_id else ()))
        else:
            told = officers.get(row.school_id, ())
        users = tuple(dict.fromkeys(user for user in told if user not in own))
        facts = events.facts(row, row.procedure_code, known.name, row.child, users)
        record(session, SYSTEM, _EVENTS[level](**facts, due_on=row.due_on))
    return len(found)


async def _remember(session: Session, now: datetime, level: ReminderLevel, when: ColumnElement[bool]) -> list[Any]:
    """The dossiers with the office whose deadline this level is about now, each once a deadline."""
    told = exists().where(
        col(DossierReminder.dossier_id) == Dossier.id,
        col(DossierReminder.level) == level,
        col(DossierReminder.due_on) == Dossier.due_on,
    )
    due = (
        select(
            func.gen_random_uuid(),
            literal(now, INSTANT),
            col(Dossier.school_id),
            col(Dossier.id),
            literal(level.value),
            col(Dossier.due_on),
        )
        .where(when, col(Dossier.status).in_(sorted(RUNNING)), ~told)
        .order_by(col(Dossier.due_on), col(Dossier.id))  # the same order everywhere: nobody waits in a circle
        .limit(BATCH)
    )
    added = (
        insert(DossierReminder)
        .from_select(["id", "created_at", "school_id", "dossier_id", "level", "due_on"], due)
        .on_conflict_do_nothing()
        .returning(col(DossierReminder.dossier_id))
        .cte("added")
    )
    found = await session.execute(
        select(
            col(Dossier.id),
            col(Dossier.school_id),
            col(Dossier.code),
            col(Dossier.status),
            col(Dossier.step),
            col(Dossier.assignee_id),
            col(Dossier.owner_id),
            col(Dossier.cosigner_id),
            col(Dossier.due_on),
            col(Dossier.procedure_version_id),
            col(Procedure.code).label("procedure_code"),
            col(Dossier.student_id),
            func.coalesce(col(Student.full_name), "").label("child"),
        )
        .join(added, added.c.dossier_id == Dossier.id)
        .join(Procedure, col(Procedure.id) == Dossier.procedure_id)
        .outerjoin(Student, col(Student.id) == Dossier.student_id)
        .order_by(col(Dossier.due_on), col(Dossier.id))
    )
    return list(found)


def _workers(row: Any, handling: Handling, staff: dict[tuple[UUID, Role], tuple[UUID, ...]]) -> tuple[UUID, ...]:
    """Who has it; else those with the step's role. A teacher's step that nobody has lies with the clerks."""
    if row.assignee_id is not None:
        return (row.assignee_id,)
    step = handling.steps.get(row.step) if row.status is DossierStatus.PROCESSING else None
    leads = step is not None and step["role"] == Role.HEADTEACHER
    holds = Role.HEADTEACHER if leads else Role.ACADEMIC_CLERK
    return staff.get((row.school_id, holds), ())


async def stop_unanswered(session: Session, now: datetime) -> int:
    """End the dossiers whose citizen let the day for her answer pass (form 05), at most a few; how many there were."""
    local = now.astimezone(VIETNAM)
    if not office_hours(local, await office_calendar(session)):
        return 0
    waited = exists().where(
        col(Supplement.dossier_id) == Dossier.id,
        col(Supplement.round) == Dossier.supplement_rounds,
        col(Supplement.answered_at).is_(None),
        col(Supplement.answer_by) < local.date(),
    )
    found = await session.scalars(
        select(Dossier)
        .where(col(Dossier.status) == DossierStatus.SUPPLEMENT_REQUESTED, waited)
        .order_by(col(Dossier.id))
        .limit(STOP_BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = list(found)
    reason = words("eservices.stopped_unanswered", "vi")  # it stands in the dossier and on the form, as all its lines
    for row in rows:
        await move(session, SYSTEM, row, DossierStatus.STOPPED, EntryAction.STOPPED, note=reason)
        await papers.issue(session, SYSTEM, row, PaperKind.FORM_05)
        tell_readers(session, SYSTEM, await case_of(session, row))
    return len(rows)
