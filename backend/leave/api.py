"""GraphQL of leave. Photos come and go in `routes.py`."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from sqlalchemy import Text, and_, cast, func, literal_column, select
from sqlmodel import col

from backend.attendance.tables import AbsenceReason
from backend.core.actor import Permission
from backend.core.graphql import (
    Connection,
    Info,
    Problem,
    Ref,
    column,
    edge,
    mutation,
    one_of,
    root,
    root_value,
    source,
)
from backend.core.limits import Rate
from backend.enrolment.api import Student
from backend.leave import actions, rules, scopes, tables
from backend.organisation.api import ClassGroup
from backend.timetable.api import Person
from backend.timetable.tables import HalfDay

for _kind in (tables.LeaveStatus, tables.Decider):
    strawberry.enum(_kind)

PER_PERSON = Rate(30, 3600)
MOST_WAITING = 100
_Photo = tables.LeavePhoto


# Without the picture itself: a read of a request must not carry it along.
@source(
    select(
        col(_Photo.id).label("id"),
        col(_Photo.created_at).label("created_at"),
        col(_Photo.leave_request_id).label("leave_request_id"),
        col(_Photo.width).label("width"),
        col(_Photo.height).label("height"),
    )
)
class LeavePhoto:
    id: UUID = column()
    width: int = column()
    height: int = column()
    path: str = column(
        lambda me: func.concat(literal_column("'/leave/photos/'"), cast(me.id, Text), type_=Text()),
        description="Where the JPEG is",
    )


@source(tables.LeaveRequest)
class LeaveRequest:
    id: UUID = column()
    student: Student = edge(lambda me, it: it.id == me.student_id)
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    requested_by: Person = edge(lambda me, it: it.id == me.requested_by)
    starts_on: date = column()
    starts_session: HalfDay = column()
    ends_on: date = column()
    ends_session: HalfDay = column()
    half_days: int = column(description="The sessions with lessons")
    reason: AbsenceReason = column()
    detail: str = column()
    status: tables.LeaveStatus = column()
    decider: tables.Decider = column()
    decided_by: Person | None = edge(lambda me, it: it.id == me.decided_by)
    decided_at: datetime | None = column()
    decision_note: str = column()
    created_at: datetime = column()
    version: int = column()
    photos: list[LeavePhoto] = edge(
        lambda me, it: it.leave_request_id == me.id, order=lambda it: (it.created_at,), cap=rules.MOST_PHOTOS
    )
    may_decide: bool = column(lambda me, actor: scopes.may_decide(actor, me))
    may_withdraw: bool = column(lambda me, actor: scopes.may_withdraw(actor, me))


@strawberry.type
class LeaveQuery:
    leave_requests: Connection[LeaveRequest] = root(
        Permission.LEAVE_REQUEST,
        arguments={"student": UUID},
        where=lambda it, args, actor: and_(it.student_id == args.student, one_of(it.student_id, actor.students)),
        order=lambda it: (it.created_at.desc(),),
        description="Of one's child, newest first",
    )
    leave_request: LeaveRequest | None = root(
        Permission.ATTENDANCE_READ,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.id == args.id, scopes.may_read(actor, it)),
    )
    leave_to_decide: list[LeaveRequest] = root(
        Permission.LEAVE_DECIDE,
        where=lambda it, actor: scopes.may_decide(actor, it),
        order=lambda it: (it.created_at,),
        cap=MOST_WAITING,
        description="What waits for the viewer, oldest first",
    )
    decided_leave: Connection[LeaveRequest] = root(
        Permission.LEAVE_DECIDE,
        where=lambda it, actor: and_(it.decided_at.is_not(None), scopes.is_responsible(actor, it)),
        order=lambda it: (func.coalesce(it.decided_at, it.created_at).desc(),),
        description="Of the viewer's class or school, newest decision first",
    )
    may_send_leave: bool = root_value(
        Permission.LEAVE_REQUEST,
        lambda args, actor: scopes.may_send(actor, args.student),
        arguments={"student": UUID},
        description="Guardians may, and pupils of full age for themselves",
    )


@strawberry.type
class LeaveRequestPayload:
    request: LeaveRequest


@strawberry.type
class LeaveMutation:
    @mutation(Permission.LEAVE_REQUEST)
    async def request_leave(
        self,
        info: Info,
        student: UUID,
        starts_on: date,
        starts_session: HalfDay,
        ends_on: date,
        ends_session: HalfDay,
        reason: AbsenceReason,
        detail: str = "",
        photos: list[UUID] = [],  # noqa: B006  a default of the schema; nobody changes it
    ) -> LeaveRequestPayload | Problem:
        context = info.context
        await context.limit("leave.request", str(context.actor.user_id), PER_PERSON)
        asked = actions.Asked(student, starts_on, starts_session, ends_on, ends_session, reason, detail, tuple(photos))
        return _payload(await context.write(actions.request_leave, asked))

    @mutation(Permission.LEAVE_DECIDE)
    async def decide_leave(
        self, info: Info, request: UUID, version: int, approve: bool, note: str = ""
    ) -> LeaveRequestPayload | Problem:
        return _payload(await info.context.write(actions.decide_leave, request, version, approve, note))

    @mutation(Permission.LEAVE_REQUEST)
    async def withdraw_leave(self, info: Info, request: UUID, version: int) -> LeaveRequestPayload | Problem:
        """Before the decision, or granted leave that has not begun; of one that has begun, what is still to come."""
        return _payload(await info.context.write(actions.withdraw_leave, request, version))


def _payload(id_: UUID) -> LeaveRequestPayload:
    return LeaveRequestPayload(request=Ref.of(LeaveRequest, id_))
