"""Writes of leave: ask, decide, take back; and the photos of papers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import col

from backend.attendance import actions as attendance
from backend.attendance import queries as attendance_queries
from backend.attendance.tables import AbsenceReason
from backend.core import clock
from backend.core.actor import Actor, Permission, Role
from backend.core.db import Session, elevate, take_turns
from backend.core.graphql.binds import one_of
from backend.core.ids import new_id
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound, Stale
from backend.files.images import Drawn
from backend.leave import events, queries, rules
from backend.leave.tables import Decider, LeavePhoto, LeaveRequest, LeaveStatus
from backend.timetable.tables import HalfDay

PHOTO_LIFE: Final = timedelta(days=1)
"""How long a photo may wait for the request it belongs to."""


@dataclass(frozen=True)
class Asked:
    """What a family asks for."""

    student_id: UUID
    starts_on: date
    starts_session: HalfDay
    ends_on: date
    ends_session: HalfDay
    reason: AbsenceReason
    detail: str
    photos: tuple[UUID, ...] = ()

    @property
    def span(self) -> rules.Span:
        return rules.Span(self.starts_on, self.starts_session, self.ends_on, self.ends_session)


async def may_send(session: Session, actor: Actor, student_id: UUID) -> queries.Pupil:
    """The pupil, for whom the actor may ask for leave. Raises NotFound, NotAllowed("leave.guardian_asks")."""
    if student_id not in actor.students:
        raise NotFound("core.not_found")
    pupil = await queries.pupil(session, actor, student_id)
    rules.check_may_request(
        is_guardian=pupil.is_guardian,
        is_pupil=pupil.user_id == actor.user_id,
        birth_date=pupil.birth_date,
        today=clock.today(),
    )
    return pupil


async def request_leave(session: Session, actor: Actor, asked: Asked) -> UUID:
    """Ask for leave; those who decide are told. Two guardians who ask at the same moment wait for each other.

    Raises what `may_send` and the rules raise, Invalid: leave.no_lessons, leave.not_enrolled, leave.photo_unknown,
    leave.too_many_photos.
    """
    pupil = await may_send(session, actor, asked.student_id)
    if pupil.class_group_id is None or pupil.year_ends_on is None:
        raise Invalid("leave.not_enrolled")
    detail = rules.clean_detail(asked.detail)
    rules.check_span(asked.span, clock.today(), pupil.year_ends_on)
    await take_turns(session, "leave", pupil.id)
    rules.check_free(asked.span, await queries.live_spans(session, pupil.id, asked.span))
    sessions = await _missed(session, pupil.class_group_id, asked.span)
    if not sessions:
        raise Invalid("leave.no_lessons", field="startsOn")
    photos = await _photos(session, actor, asked)
    await elevate(session)  # who decides is not the family's to read, and from here on everything has been checked
    deciders = await queries.deciders(session, pupil.id, pupil.school_id, pupil.class_group_id)
    days = rules.school_days(sessions)
    decider = Decider(rules.decider(days, deciders.homeroom_days, homeroom_may=deciders.homeroom is not None))
    row = LeaveRequest(
        school_id=pupil.school_id,
        student_id=pupil.id,
        class_group_id=pupil.class_group_id,
        requested_by=actor.person,
        starts_on=asked.starts_on,
        starts_session=asked.starts_session,
        ends_on=asked.ends_on,
        ends_session=asked.ends_session,
        half_days=len(sessions),
        reason=asked.reason,
        detail=detail,
        decider=decider,
    )
    session.add(row)
    await session.flush()
    if photos:
        await session.execute(
            update(LeavePhoto).where(one_of(col(LeavePhoto.id), photos)).values(leave_request_id=row.id)
        )
    record(session, actor, events.LeaveRequested(**_said(row, pupil), user_ids=deciders.told(decider)))
    return row.id


async def decide_leave(
    session: Session, actor: Actor, request_id: UUID, version: int, approve: bool, note: str
) -> UUID:
    """Grant or refuse. Granted leave fills the register, also of days that are over, and cancels alerts.

    Raises NotFound, NotAllowed: leave.headteacher_decides, leave.own_child; Stale; Invalid: leave.closed,
    leave.note_missing, attendance.week_closed(day).
    """
    row = await queries.request_for_update(session, request_id)
    pupil = await queries.pupil(session, actor, row.student_id)
    heads = row.school_id in actor.schools_as(Role.HEADTEACHER)
    if not (heads or pupil.leads):
        raise NotFound("core.not_found")
    actor.require(Permission.LEAVE_DECIDE, row.school_id)
    rules.check_may_decide(
        heads=heads, decided_by_headteacher=row.decider is Decider.HEADTEACHER, own_child=pupil.is_guardian
    )
    _check_open(row, version, LeaveStatus.PENDING)
    row.decision_note = rules.clean_note(note, approve=approve)
    row.status = LeaveStatus.APPROVED if approve else LeaveStatus.REFUSED
    row.decided_by, row.decided_at = actor.user_id, clock.now()
    row.class_group_id = pupil.class_group_id or row.class_group_id
    row.version += 1
    if approve:
        await _excuse(session, actor, row)
    record(
        session,
        actor,
        events.LeaveDecided(**_said(row, pupil), approved=approve, by_pupil=row.requested_by == pupil.user_id),
    )
    return row.id


async def withdraw_leave(session: Session, actor: Actor, request_id: UUID, version: int) -> UUID:
    """Take a request back, or what is still to come of granted leave.

    What a register has recorded stays: leave that has begun becomes shorter instead. Raises NotFound,
    NotAllowed("leave.guardian_asks"), Stale, Invalid: leave.closed, leave.over.
    """
    row = await queries.request_for_update(session, request_id)
    if row.student_id not in actor.students:
        raise NotFound("core.not_found")
    if row.requested_by != actor.user_id:
        await may_send(session, actor, row.student_id)
    _check_open(row, version, LeaveStatus.PENDING, LeaveStatus.APPROVED)
    from_day = await _take_back(session, actor, row) if row.status is LeaveStatus.APPROVED else None
    if from_day is None or row.half_days == 0:
        row.status = LeaveStatus.WITHDRAWN
    row.version += 1
    record(session, actor, events.LeaveWithdrawn(row.school_id, row.id, row.student_id, from_day))
    return row.id


async def add_photo(session: Session, actor: Actor, student_id: UUID, drawn: Drawn) -> UUID:
    """Keep a redrawn photo until the request it belongs to is sent."""
    pupil = await may_send(session, actor, student_id)
    row = LeavePhoto(
        id=new_id(),
        school_id=pupil.school_id,
        student_id=pupil.id,
        uploaded_by=actor.person,
        width=drawn.width,
        height=drawn.height,
        content=drawn.content,
    )
    session.add(row)
    await session.flush()
    return row.id


async def sweep_photos(session: Session) -> None:
    """Forget photos that no request took up within a day."""
    await session.execute(
        delete(LeavePhoto).where(
            col(LeavePhoto.leave_request_id).is_(None), col(LeavePhoto.created_at) < clock.now() - PHOTO_LIFE
        )
    )


async def _missed(session: Session, class_group_id: UUID, span: rules.Span) -> list[tuple[date, HalfDay]]:
    """The sessions with lessons that the class has in the span, by the timetable as it is now."""
    lessons = await attendance_queries.sessions_of(session, class_group_id, span.starts_on, span.ends_on)
    return [(day, HalfDay(half_day)) for day, half_day in rules.missed(span, lessons)]


async def _photos(session: Session, actor: Actor, asked: Asked) -> Sequence[UUID]:
    """The photos of the request, each once, made by the actor for this child and not sent before."""
    photos = tuple(dict.fromkeys(asked.photos))
    if len(photos) > rules.MOST_PHOTOS:
        raise Invalid("leave.too_many_photos", field="photos", most=rules.MOST_PHOTOS)
    if photos and await queries.unused_photos(session, actor, asked.student_id, photos) != len(photos):
        raise Invalid("leave.photo_unknown", field="photos")
    return photos


def _check_open(row: LeaveRequest, version: int, *statuses: LeaveStatus) -> None:
    if row.version != version:
        raise Stale("core.stale")
    if row.status not in statuses:
        raise Invalid("leave.closed")


async def _excuse(session: Session, actor: Actor, row: LeaveRequest) -> None:
    """Fill the register with the granted leave: every session with lessons, past ones of open weeks included."""
    sessions = await _missed(session, row.class_group_id, _span(row))
    row.half_days = len(sessions)
    await attendance.excuse(
        session, actor, row.school_id, row.student_id, row.class_group_id, sessions, row.reason, row.id
    )


async def _take_back(session: Session, actor: Actor, row: LeaveRequest) -> date:
    """End granted leave before the first day that no register has recorded yet; returns that day.

    Leave of which nothing is left keeps its dates and has no half-days any more.
    """
    await elevate(session)  # registers are the staff's; the family's right to this request has been checked
    today, span = clock.today(), _span(row)
    taken = await queries.registered_sessions(session, row.class_group_id, today)
    recorded = any(span.covers((today, half_day)) for half_day in taken)
    from_day = max(today + timedelta(days=1) if recorded else today, row.starts_on)
    if from_day > row.ends_on:
        raise Invalid("leave.over")
    await attendance.revoke_excuse(session, actor, row.id, from_day)
    left = [each for each in await _missed(session, row.class_group_id, span) if each[0] < from_day]
    row.half_days = len(left)
    if left:
        row.ends_on, row.ends_session = left[-1]
    return from_day


def _span(row: LeaveRequest) -> rules.Span:
    return rules.Span(row.starts_on, row.starts_session, row.ends_on, row.ends_session)


def _said(row: LeaveRequest, pupil: queries.Pupil) -> dict[str, Any]:
    """What the events tell: who, when and how long."""
    return {
        "school_id": row.school_id,
        "leave_request_id": row.id,
        "student_id": row.student_id,
        "child": pupil.full_name,
        "class_name": pupil.class_name,
        "starts_on": row.starts_on,
        "starts_session": row.starts_session.value,
        "ends_on": row.ends_on,
        "ends_session": row.ends_session.value,
        "half_days": row.half_days,
    }
