"""Reads that leave's actions and routes need."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import exists, func, select
from sqlmodel import col

from backend.attendance.tables import AttendanceSetting, Register
from backend.core.actor import Actor, Role
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.core.problem import NotFound
from backend.enrolment.tables import Enrolment, Homeroom
from backend.identity.tables import Guardianship, RoleGrant, Student
from backend.leave import scopes
from backend.leave.rules import HOMEROOM_DAYS, Span
from backend.leave.tables import Decider, LeavePhoto, LeaveRequest, LeaveStatus
from backend.organisation.tables import ClassGroup, SchoolYear
from backend.timetable.tables import HalfDay


@dataclass(frozen=True)
class Pupil:
    """The pupil a request is about, where she is now, and what the actor is to her."""

    id: UUID
    school_id: UUID
    full_name: str
    birth_date: date | None
    user_id: UUID | None
    class_group_id: UUID | None
    class_name: str
    year_ends_on: date | None
    is_guardian: bool
    leads: bool


async def pupil(session: Session, actor: Actor, student_id: UUID) -> Pupil:
    """The pupil behind the actor's fence; NotFound when there is none. The class is null for one who has left."""
    statement = (
        select(
            col(Student.id),
            col(Student.school_id),
            col(Student.full_name),
            col(Student.birth_date),
            col(Student.user_id),
            col(ClassGroup.id),
            func.coalesce(col(ClassGroup.name), ""),
            col(SchoolYear.ends_on),
            scopes.guards(actor, col(Student.id)),
            scopes.leads_child(actor, col(Student.id)),
        )
        .outerjoin(Enrolment, (col(Enrolment.student_id) == Student.id) & col(Enrolment.ended_on).is_(None))
        .outerjoin(ClassGroup, col(ClassGroup.id) == Enrolment.class_group_id)
        .outerjoin(SchoolYear, col(SchoolYear.id) == Enrolment.school_year_id)
        .where(col(Student.id) == student_id)
        .order_by(col(Enrolment.started_on).desc().nulls_last())
        .limit(1)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return Pupil(*row)


async def live_spans(session: Session, student_id: UUID, span: Span) -> list[Span]:
    """Leave of the pupil that is asked for or granted and touches the days of the span."""
    statement = (
        select(
            col(LeaveRequest.starts_on),
            col(LeaveRequest.starts_session),
            col(LeaveRequest.ends_on),
            col(LeaveRequest.ends_session),
        )
        .where(
            col(LeaveRequest.student_id) == student_id,
            col(LeaveRequest.status).in_([LeaveStatus.PENDING, LeaveStatus.APPROVED]),
            col(LeaveRequest.starts_on) <= span.ends_on,
            col(LeaveRequest.ends_on) >= span.starts_on,
        )
        .order_by(col(LeaveRequest.starts_on))
    )
    return [Span(*row) for row in await session.execute(statement)]


@dataclass(frozen=True)
class Deciders:
    """Who may decide on a pupil's leave. `homeroom` is None without one, and when it is her own child."""

    homeroom: UUID | None
    homeroom_days: int
    headteachers: Sequence[UUID]

    def told(self, decider: Decider) -> tuple[UUID, ...]:
        """Who is told of a request that waits for this decider."""
        return (self.homeroom,) if decider is Decider.HOMEROOM and self.homeroom else tuple(self.headteachers)


async def deciders(session: Session, student_id: UUID, school_id: UUID, class_group_id: UUID) -> Deciders:
    """Looks at staff, whom a family's fence hides: call it in an elevated transaction."""
    own_child = exists().where(
        col(Guardianship.student_id) == student_id,
        col(Guardianship.user_id) == Homeroom.user_id,
        col(Guardianship.ended_at).is_(None),
    )
    homeroom = select(col(Homeroom.user_id)).where(col(Homeroom.class_group_id) == class_group_id, ~own_child)
    days = select(col(AttendanceSetting.homeroom_leave_days)).where(col(AttendanceSetting.school_id) == school_id)
    heads = select(func.array_agg(col(RoleGrant.user_id))).where(
        col(RoleGrant.school_id) == school_id, col(RoleGrant.role) == Role.HEADTEACHER
    )
    statement = select(homeroom.scalar_subquery(), days.scalar_subquery(), heads.scalar_subquery())
    found, limit, leaders = (await session.execute(statement)).one()
    return Deciders(found, HOMEROOM_DAYS if limit is None else limit, leaders or ())


async def request_for_update(session: Session, request_id: UUID) -> LeaveRequest:
    """The request behind the actor's fence, locked; NotFound when there is none."""
    statement = select(LeaveRequest).where(col(LeaveRequest.id) == request_id).with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return row


async def live_after(session: Session, student_id: UUID, day: date) -> Sequence[LeaveRequest]:
    """Leave of the pupil that is asked for or granted beyond this day, locked."""
    statement = (
        select(LeaveRequest)
        .where(
            col(LeaveRequest.student_id) == student_id,
            col(LeaveRequest.status).in_([LeaveStatus.PENDING, LeaveStatus.APPROVED]),
            col(LeaveRequest.ends_on) > day,
        )
        .order_by(col(LeaveRequest.id))
        .with_for_update()
    )
    return (await session.execute(statement.execution_options(populate_existing=True))).scalars().all()


async def registered_sessions(session: Session, class_group_id: UUID, day: date) -> set[HalfDay]:
    """Of which sessions of the day a register has been taken. Registers are the staff's: needs their fence."""
    statement = select(col(Register.session)).where(
        col(Register.class_group_id) == class_group_id, col(Register.day) == day
    )
    return set((await session.execute(statement)).scalars())


@dataclass(frozen=True)
class Photo:
    content: bytes
    width: int
    height: int


async def photo(session: Session, actor: Actor, photo_id: UUID) -> Photo:
    """A photo for those who may read the request it belongs to; before it is sent, for who made it. Else NotFound."""
    mine = col(LeavePhoto.leave_request_id).is_not(None) | (col(LeavePhoto.uploaded_by) == actor.user_id)
    statement = select(col(LeavePhoto.content), col(LeavePhoto.width), col(LeavePhoto.height)).where(
        col(LeavePhoto.id) == photo_id, scopes.may_read(actor, LeavePhoto), mine
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return Photo(*row)


async def unused_photos(session: Session, actor: Actor, student_id: UUID, ids: Sequence[UUID]) -> int:
    """How many of these photos the actor made for this pupil and has not sent with a request yet."""
    statement = select(func.count()).where(
        one_of(col(LeavePhoto.id), ids),
        col(LeavePhoto.student_id) == student_id,
        col(LeavePhoto.uploaded_by) == actor.user_id,
        col(LeavePhoto.leave_request_id).is_(None),
    )
    return (await session.execute(statement)).scalar_one()
