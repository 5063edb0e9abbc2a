"""The background work of attendance: silence about absent children, missing registers, the limit of absence."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlmodel import col

from backend.attendance import alert_events as events
from backend.attendance import reminders
from backend.attendance.alert_people import people_of, to_staff
from backend.attendance.rules import alerts as rules
from backend.attendance.tables import AbsenceAlert, AlertAcknowledgement, AlertStatus, AttendanceSetting
from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Session
from backend.core.jobs import Jobs
from backend.core.journal import record

ALERT_SECONDS: Final = 15.0
REGISTER_SECONDS: Final = 60.0
LIMIT_SECONDS: Final = 600.0
YEAR_SECONDS: Final = 86_400.0
BATCH: Final = 100
_SAFETY_MINUTES: Final = AttendanceSetting.model_fields["safety_minutes"].default


def register(jobs: Jobs, database: Database) -> None:
    """Have `jobs` watch the clocks of alerts, registers and the limit."""

    async def alerts() -> None:
        while await _told(jobs, database, escalate) == BATCH:
            pass

    async def registers() -> None:
        await _told(jobs, database, reminders.remind)

    async def limit_today() -> None:
        await _told(jobs, database, reminders.warn_today)

    async def limit_of_year() -> None:
        await _told(jobs, database, reminders.warn)

    jobs.lane("alerts", alerts, every=ALERT_SECONDS)
    jobs.lane("registers", registers, every=REGISTER_SECONDS)
    jobs.every("absence.limit", LIMIT_SECONDS, limit_today)
    jobs.every("absence.year", YEAR_SECONDS, limit_of_year)


async def _told(jobs: Jobs, database: Database, work: Any) -> int:
    """Run `work(session, now)` in a transaction of our own; whoever is told is told at once."""
    async with database.write(SYSTEM) as session:
        count: int = await work(session, clock.now())
        told = session.info.pop("wake", False)
    if told:
        await jobs.wake("relay")
    return count


async def escalate(session: Session, now: datetime) -> int:
    """Tell the school of alerts whose time has come, at most a hundred; how many were due."""
    acknowledged = (
        select(col(AlertAcknowledgement.id)).where(col(AlertAcknowledgement.alert_id) == AbsenceAlert.id).exists()
    )
    found = await session.execute(
        select(AbsenceAlert, acknowledged, col(AttendanceSetting.safety_minutes))
        .outerjoin(AttendanceSetting, col(AttendanceSetting.school_id) == AbsenceAlert.school_id)
        .where(col(AbsenceAlert.due_at) <= now)
        .order_by(col(AbsenceAlert.due_at))
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=AbsenceAlert)
    )
    due = list(found)
    people = await people_of(session, [alert.id for alert, _, _ in due])
    for alert, taken_on, minutes in due:
        step = rules.escalate(
            alert.status,
            alert.escalations,
            acknowledged=taken_on,
            now=now,
            safety_minutes=minutes or _SAFETY_MINUTES,
        )
        alert.status, alert.due_at, alert.escalations = AlertStatus(step.status), step.due_at, step.escalations
        alert.version += 1
        who = people[alert.id]
        if step.happening is rules.Happening.UNANSWERED:
            record(session, SYSTEM, events.AbsenceUnanswered(**to_staff(alert, who, who.responsible)))
        elif step.happening is rules.Happening.UNACKNOWLEDGED:
            record(session, SYSTEM, events.SafetyUnacknowledged(**to_staff(alert, who, who.headteachers)))
    return len(due)
