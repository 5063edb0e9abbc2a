"""The one door to other people's data: which pupils, classes and subjects an actor may see or work on.

Each function returns an SQL condition; it serves compiled reads (where ids are bind parameters) and actions (where
they are values) alike. Row-level security stands behind it as the second lock: it knows schools and children only.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, exists, false, or_, true
from sqlmodel import col

from backend.core.actor import FAMILY, WHOLE_SCHOOL, Actor, Role
from backend.core.graphql.binds import ActorBinds, one_of
from backend.enrolment.tables import Enrolment, Homeroom, TeachingAssignment

TEACHERS: Final = frozenset({Role.SUBJECT_TEACHER, Role.HOMEROOM_TEACHER})


# An actor, or the twin whose ids are bind parameters.
Asker = Actor | ActorBinds


def sees_student(actor: Asker, student_id: Any, school_id: Any) -> ColumnElement[bool]:
    """Own children (or oneself); every pupil of one's school for leaders and clerks; those one teaches for teachers."""
    doors = [_whole_school(actor, school_id)]
    if actor.roles & FAMILY:
        doors.append(one_of(student_id, actor.students))
    if actor.roles & TEACHERS:
        doors.append(
            exists().where(
                col(Enrolment.student_id) == student_id,
                col(Enrolment.ended_on).is_(None),
                _works_in(actor, col(Enrolment.class_group_id)),
            )
        )
    return or_(*doors)


def sees_marks(actor: Asker, student_id: Any, school_id: Any) -> ColumnElement[bool]:
    """Published marks of all subjects: one's own child's (or one's own), a headteacher's school, a homeroom's class.

    Narrower than `sees_student`: a subject teacher or a clerk who is also a parent gains nothing by that.
    """
    doors: list[ColumnElement[bool]] = [false()]
    if actor.system:
        doors.append(true())
    if actor.roles & FAMILY:
        doors.append(one_of(student_id, actor.students))
    if Role.HEADTEACHER in actor.roles:
        doors.append(one_of(school_id, actor.schools_as(Role.HEADTEACHER)))
    if actor.roles & TEACHERS:
        doors.append(
            exists().where(
                col(Enrolment.student_id) == student_id,
                col(Enrolment.ended_on).is_(None),
                leads(actor, col(Enrolment.class_group_id)),
            )
        )
    return or_(*doors)


def sees_class(actor: Asker, class_group_id: Any, school_id: Any) -> ColumnElement[bool]:
    """Leaders and clerks see every class of their school, teachers the classes they teach or lead. No family role."""
    doors = [_whole_school(actor, school_id)]
    if actor.roles & TEACHERS:
        doors.append(_works_in(actor, class_group_id))
    return or_(*doors)


def studies_in(actor: Asker, class_group_id: Any) -> ColumnElement[bool]:
    """One's own child, or oneself, is in this class now. No staff role."""
    if actor.roles.isdisjoint(FAMILY):
        return false()
    return exists().where(
        col(Enrolment.class_group_id) == class_group_id,
        col(Enrolment.ended_on).is_(None),
        one_of(col(Enrolment.student_id), actor.students),
    )


def sees_sheet(actor: Asker, class_group_id: Any, subject_id: Any, school_id: Any) -> ColumnElement[bool]:
    """A score sheet: its subject teacher, the class's homeroom teacher, and the headteacher."""
    doors: list[ColumnElement[bool]] = [false()]
    if actor.system:
        doors.append(true())
    if Role.HEADTEACHER in actor.roles:
        doors.append(one_of(school_id, actor.schools_as(Role.HEADTEACHER)))
    if actor.roles & TEACHERS:
        doors += [teaches(actor, class_group_id, subject_id), leads(actor, class_group_id)]
    return or_(*doors)


def teaches(actor: Asker, class_group_id: Any, subject_id: Any) -> ColumnElement[bool]:
    """The actor gives this subject in this class: the only one who may enter and publish its marks."""
    return exists().where(
        col(TeachingAssignment.user_id) == actor.user_id,
        col(TeachingAssignment.class_group_id) == class_group_id,
        col(TeachingAssignment.subject_id) == subject_id,
    )


def leads(actor: Asker, class_group_id: Any) -> ColumnElement[bool]:
    """The actor is the homeroom teacher of this class."""
    return exists().where(col(Homeroom.user_id) == actor.user_id, col(Homeroom.class_group_id) == class_group_id)


def _works_in(actor: Asker, class_group_id: Any) -> ColumnElement[bool]:
    gives = exists().where(
        col(TeachingAssignment.user_id) == actor.user_id, col(TeachingAssignment.class_group_id) == class_group_id
    )
    return or_(gives, leads(actor, class_group_id))


def _whole_school(actor: Asker, school_id: Any) -> ColumnElement[bool]:
    if actor.system:
        return true()
    if actor.roles.isdisjoint(WHOLE_SCHOOL):
        return false()
    return one_of(school_id, actor.schools_as(*WHOLE_SCHOOL))
