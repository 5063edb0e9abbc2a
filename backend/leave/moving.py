"""What becomes of leave when a pupil goes to another school.

Today is a day of the school she leaves: leave up to today stays on its desk, also when it still waits for a decision.
What lies ahead is no longer that school's to grant; the family hears of it and asks the new school.
"""

from datetime import date, timedelta
from uuid import UUID

from backend.attendance import actions as attendance
from backend.attendance import queries as attendance_queries
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session
from backend.core.journal import record
from backend.leave import events, queries, rules
from backend.leave.tables import LeaveRequest, LeaveStatus
from backend.timetable.tables import HalfDay

_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


async def end_ahead(session: Session, actor: Actor, student_id: UUID) -> None:
    """End the pupil's leave after today: shorten what has begun, withdraw the rest, and take permissions back.

    Call it before she moves, behind the open fence, with the right to move her checked.
    """
    pupil = await queries.pupil(session, actor, student_id)
    for row in await queries.live_after(session, student_id, clock.today()):
        from_day = await _first_day(session, row)
        if from_day > row.ends_on:
            continue
        ended = await _end(session, actor, row, from_day)
        record(
            session,
            actor,
            events.LeaveEnded(
                school_id=row.school_id,
                leave_request_id=row.id,
                student_id=row.student_id,
                child=pupil.full_name,
                class_name=pupil.class_name,
                starts_on=ended.starts_on,
                starts_session=ended.starts_session,
                ends_on=ended.ends_on,
                ends_session=ended.ends_session,
                half_days=len(rules.missed(ended, await _lessons(session, row, ended))),
            ),
        )


async def _first_day(session: Session, row: LeaveRequest) -> date:
    """The day from which on it ends: tomorrow, or after the weeks that the homeroom teacher has closed already."""
    day = max(clock.today() + _DAY, row.starts_on)
    if row.status is LeaveStatus.APPROVED:
        while closed := await attendance_queries.closed_weeks(session, row.class_group_id, [day]):
            day = max(closed) + _WEEK
    return day


async def _end(session: Session, actor: Actor, row: LeaveRequest, from_day: date) -> rules.Span:
    """End it from that day on; the part that ends."""
    whole = rules.Span(row.starts_on, row.starts_session, row.ends_on, row.ends_session)
    first = row.starts_session if from_day == row.starts_on else HalfDay.MORNING
    if row.status is LeaveStatus.APPROVED:
        await attendance.revoke_excuse(session, actor, row.id, from_day)
    left = [each for each in rules.missed(whole, await _lessons(session, row, whole)) if each[0] < from_day]
    row.half_days = len(left)
    if left:
        row.ends_on, row.ends_session = left[-1][0], HalfDay(left[-1][1])
    else:
        row.status = LeaveStatus.WITHDRAWN
    row.version += 1
    return rules.Span(from_day, first, whole.ends_on, whole.ends_session)


async def _lessons(session: Session, row: LeaveRequest, span: rules.Span) -> list[rules.Session]:
    return list(await attendance_queries.sessions_of(session, row.class_group_id, span.starts_on, span.ends_on))
