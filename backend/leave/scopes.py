"""Who reads leave, who decides it, who takes it back: said once, for compiled reads and for actions."""

from typing import Any

from sqlalchemy import ColumnElement, DateTime, and_, cast, exists, extract, false, func, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.core.actor import FAMILY, Role
from backend.core.graphql.binds import one_of, today
from backend.enrolment import access
from backend.enrolment.access import Asker
from backend.enrolment.tables import Enrolment
from backend.identity.tables import Guardianship, Student
from backend.leave.rules import FULL_AGE
from backend.leave.tables import Decider, LeaveStatus


def may_read(actor: Asker, it: Any) -> ColumnElement[bool]:
    """The family, the homeroom teacher of the child's class now, the headteacher. Nobody else knows why."""
    return access.sees_marks(actor, it.student_id, it.school_id)


def guards(actor: Asker, student_id: Any) -> ColumnElement[bool]:
    """The actor is a guardian of this pupil now."""
    return exists().where(
        col(Guardianship.student_id) == student_id,
        col(Guardianship.user_id) == actor.user_id,
        col(Guardianship.ended_at).is_(None),
    )


def may_send(actor: Asker, student_id: Any) -> ColumnElement[bool]:
    """A guardian of the pupil, or the pupil herself of full age (`rules.is_of_age`)."""
    age = extract("year", func.age(cast(today(), DateTime), cast(col(Student.birth_date), DateTime)))
    herself = and_(col(Student.user_id) == actor.user_id, age >= FULL_AGE)
    return exists().where(
        col(Student.id) == student_id, one_of(col(Student.id), actor.students), or_(guards(actor, student_id), herself)
    )


def leads_child(actor: Asker, student_id: Any) -> ColumnElement[bool]:
    """The actor is the homeroom teacher of the class the pupil is in now."""
    now = aliased(Enrolment)  # a statement around this one may read enrolments too
    return exists().where(
        col(now.student_id) == student_id, col(now.ended_on).is_(None), access.leads(actor, col(now.class_group_id))
    )


def is_responsible(actor: Asker, it: Any) -> ColumnElement[bool]:
    """The headteacher of the school or the homeroom teacher of the child: those whose desk the request lies on."""
    doors: list[ColumnElement[bool]] = [false()]
    if Role.HEADTEACHER in actor.roles:
        doors.append(one_of(it.school_id, actor.schools_as(Role.HEADTEACHER)))
    if Role.HOMEROOM_TEACHER in actor.roles:
        doors.append(leads_child(actor, it.student_id))
    return or_(*doors)


def may_decide(actor: Asker, it: Any) -> ColumnElement[bool]:
    """A waiting request: the headteacher any, the homeroom teacher a short one that is not her own child's."""
    doors: list[ColumnElement[bool]] = [false()]
    if Role.HEADTEACHER in actor.roles:
        doors.append(one_of(it.school_id, actor.schools_as(Role.HEADTEACHER)))
    if Role.HOMEROOM_TEACHER in actor.roles:
        short = it.decider == Decider.HOMEROOM
        doors.append(and_(short, leads_child(actor, it.student_id), not_(guards(actor, it.student_id))))
    return and_(it.status == LeaveStatus.PENDING, or_(*doors))


def may_withdraw(actor: Asker, it: Any) -> ColumnElement[bool]:
    """Who asked, or another guardian: before the decision, and after it while some of the leave is still to come."""
    if actor.roles.isdisjoint(FAMILY):
        return false()
    mine = or_(it.requested_by == actor.user_id, guards(actor, it.student_id))
    to_come = or_(it.status == LeaveStatus.PENDING, and_(it.status == LeaveStatus.APPROVED, it.ends_on >= today()))
    return and_(one_of(it.student_id, actor.students), mine, to_come)
