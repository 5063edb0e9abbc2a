"""Who an audience is, as one SELECT: used by the sender's preview, by announcements, and by the notification relay.

Guardians count while their guardianship is open and the pupil has an open enrolment; staff count by role grant. The
statement is not scoped by an actor: whoever calls it has checked that the actor may address this audience.
"""

from typing import Any

from sqlalchemy import Select, exists, literal, null, select, union
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.sql.elements import ColumnElement
from sqlmodel import col

from backend.core.audience import Audience, AudienceKind
from backend.core.graphql.binds import one_of
from backend.enrolment.tables import Enrolment, Homeroom, TeachingAssignment
from backend.identity.tables import Guardianship, RoleGrant, Student, User
from backend.organisation.tables import ClassGroup


def members(audience: Audience) -> Select[Any, Any]:
    """Rows (user_id, student_id): one per person and child; no student for staff and for users named outright."""
    parts: list[Select[Any, Any]] = []
    kinds = set(audience.kinds)
    if kinds & {AudienceKind.FAMILIES, AudienceKind.GUARDIANS}:
        parts.append(_guardians(audience))
    if kinds & {AudienceKind.FAMILIES, AudienceKind.STUDENTS}:
        parts.append(_students(audience))
    if AudienceKind.STAFF in kinds:
        parts.append(_staff(audience))
    if audience.users:
        parts.append(select(col(User.id), _no_student()).where(one_of(col(User.id), audience.users)))
    if not parts:
        parts.append(select(col(User.id), _no_student()).where(literal(False)))
    rows = union(*parts).subquery("members")
    live = select(rows.c[0].label("user_id"), rows.c[1].label("student_id")).join(User, col(User.id) == rows.c[0])
    return live.where(col(User.disabled_at).is_(None))


def pupils(audience: Audience) -> Select[Any]:
    """The pupils the audience is about, with or without somebody who can be reached."""
    return (
        select(col(Student.id))
        .join(Enrolment, (col(Enrolment.student_id) == Student.id) & col(Enrolment.ended_on).is_(None))
        .join(ClassGroup, col(ClassGroup.id) == Enrolment.class_group_id)
        .where(*_narrowed(audience))
    )


def _no_student() -> ColumnElement[Any]:
    return null().cast(PG_UUID(as_uuid=True)).label("student_id")


def _narrowed(audience: Audience) -> list[ColumnElement[bool]]:
    """Which enrolments the audience means."""
    rules = [col(Enrolment.school_id) == audience.school_id]
    if audience.students:
        rules.append(one_of(col(Enrolment.student_id), audience.students))
    elif audience.classes:
        rules.append(col(Enrolment.class_group_id).in_(audience.classes))
    elif audience.grades:
        rules.append(col(ClassGroup.grade).in_(audience.grades))
    return rules


def _guardians(audience: Audience) -> Select[Any, Any]:
    return (
        select(col(Guardianship.user_id), col(Guardianship.student_id))
        .join(Enrolment, (col(Enrolment.student_id) == Guardianship.student_id) & col(Enrolment.ended_on).is_(None))
        .join(ClassGroup, col(ClassGroup.id) == Enrolment.class_group_id)
        .where(*_narrowed(audience), col(Guardianship.ended_at).is_(None))
    )


def _students(audience: Audience) -> Select[Any, Any]:
    return (
        select(col(Student.user_id), col(Student.id))
        .join(Enrolment, (col(Enrolment.student_id) == Student.id) & col(Enrolment.ended_on).is_(None))
        .join(ClassGroup, col(ClassGroup.id) == Enrolment.class_group_id)
        .where(*_narrowed(audience), col(Student.user_id).is_not(None))
    )


def _staff(audience: Audience) -> Select[Any, Any]:
    """Everybody with a role at the school; narrowed to those who teach there when grades or classes are named."""
    rows = select(col(RoleGrant.user_id), _no_student()).where(col(RoleGrant.school_id) == audience.school_id)
    if not audience.classes and not audience.grades:
        return rows
    here = (
        col(ClassGroup.id).in_(audience.classes)
        if audience.classes
        else (col(ClassGroup.grade).in_(audience.grades) & (col(ClassGroup.school_id) == audience.school_id))
    )
    teaches = exists().where(
        col(TeachingAssignment.user_id) == RoleGrant.user_id,
        col(TeachingAssignment.class_group_id) == ClassGroup.id,
        here,
    )
    leads = exists().where(
        col(Homeroom.user_id) == RoleGrant.user_id, col(Homeroom.class_group_id) == ClassGroup.id, here
    )
    return rows.where(teaches | leads)
