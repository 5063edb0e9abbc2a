"""GraphQL of absence alerts: the family answers them, the homeroom teacher and the headteacher handle them."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import ColumnElement, Text, and_, case, cast, false, null, or_

from backend.attendance import alert_answers, tables
from backend.attendance.alert_people import guards, handles
from backend.attendance.tables import AbsenceAnswer, AlertOutcome, AlertStatus
from backend.core.actor import Permission, Role
from backend.core.graphql import Info, Problem, Ref, column, edge, mutation, root, source
from backend.core.graphql.binds import today
from backend.core.limits import Rate
from backend.enrolment.access import TEACHERS, Asker
from backend.enrolment.api import Student
from backend.organisation.api import ClassGroup
from backend.timetable.api import Person
from backend.timetable.tables import HalfDay

for _kind in (AbsenceAnswer, AlertStatus, AlertOutcome):
    strawberry.enum(_kind)
ANSWERING = Rate(60, 3600)
MOST_ALERTS = 100


@source(tables.AlertAcknowledgement)
class AlertAcknowledgement:
    """Somebody of the school who has taken a search on, and when."""

    id: UUID = column()
    person: Person = edge(lambda me, it: it.id == me.user_id)
    created_at: datetime = column()


@source(tables.AbsenceAlert)
class AbsenceAlert:
    """A child is not where she should be. Seen by her guardians, her homeroom teacher and the headteacher."""

    id: UUID = column()
    student: Student = edge(lambda me, it: it.id == me.student_id)
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    day: date = column()
    session: HalfDay = column()
    period: int = column(description="0: the whole session.")
    status: AlertStatus = column()
    created_at: datetime = column()
    due_at: datetime | None = column(description="When silence has its next consequence.")
    escalations: int = column()
    answer: AbsenceAnswer | None = column()
    answered_by: Person | None = edge(lambda me, it: it.id == me.answered_by)
    answered_at: datetime | None = column()
    acknowledgements: list[AlertAcknowledgement] = edge(
        lambda me, it: it.alert_id == me.id, order=lambda it: (it.created_at,), cap=10
    )
    outcome: AlertOutcome | None = column()
    outcome_note: str = column()
    closed_by: Person | None = edge(lambda me, it: it.id == me.closed_by)
    closed_at: datetime | None = column()
    version: int = column()
    recorded_by: Person = edge(lambda me, it: it.id == me.raised_by)
    school_phone: str | None = column(lambda: cast(null(), Text))


def sees_alert(it: Any, actor: Asker) -> ColumnElement[bool]:
    """The child's guardians, the homeroom teacher of the class, the headteachers of the school."""
    doors: list[ColumnElement[bool]] = [false()]
    if Role.GUARDIAN in actor.roles:
        doors.append(guards(actor, it.student_id))
    if actor.roles & (TEACHERS | {Role.HEADTEACHER}):
        doors.append(handles(actor, it.class_group_id, it.school_id))
    return or_(*doors)


def _rank(it: Any) -> ColumnElement[int]:
    return case((it.status == "SAFETY", 0), (it.status == "OPEN", 1), else_=2)


@strawberry.type
class AlertQuery:
    absence_alert: AbsenceAlert | None = root(
        Permission.ATTENDANCE_READ,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.id == args.id, sees_alert(it, actor)),
    )
    absence_alerts: list[AbsenceAlert] = root(
        Permission.ATTENDANCE_READ,
        arguments={"first": (int, 50)},
        where=lambda it, actor: and_(or_(it.day == today(), it.status == "SAFETY"), sees_alert(it, actor)),
        order=lambda it: (_rank(it), it.created_at.desc()),
        cap=MOST_ALERTS,
        description="Of today, and searches that are not over: searches first, then unanswered ones, newest first.",
    )


@strawberry.type
class AbsenceAlertPayload:
    alert: AbsenceAlert


@strawberry.type
class AlertMutation:
    @mutation(Permission.ABSENCE_ANSWER)
    async def answer_absence(self, info: Info, alert: UUID, answer: AbsenceAnswer) -> AbsenceAlertPayload | Problem:
        await info.context.limit("absence.answer", str(info.context.actor.user_id), ANSWERING)
        return _payload(await info.context.write(alert_answers.answer_absence, alert, answer))

    @mutation(Permission.SAFETY_HANDLE)
    async def acknowledge_safety(self, info: Info, alert: UUID) -> AbsenceAlertPayload | Problem:
        return _payload(await info.context.write(alert_answers.acknowledge_safety, alert))

    @mutation(Permission.SAFETY_HANDLE)
    async def close_alert(
        self, info: Info, alert: UUID, outcome: AlertOutcome, note: str = ""
    ) -> AbsenceAlertPayload | Problem:
        return _payload(await info.context.write(alert_answers.close_alert, alert, outcome, note))


def _payload(alert_id: UUID) -> AbsenceAlertPayload:
    return AbsenceAlertPayload(alert=Ref.of(AbsenceAlert, alert_id))
