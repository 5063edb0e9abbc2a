"""Whose an alert is: who may answer it, who handles it, and who of the school is told."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, bindparam, exists, func, select
from sqlmodel import col

from backend.attendance.tables import AbsenceAlert
from backend.core.actor import Role
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.enrolment import access
from backend.enrolment.tables import Homeroom
from backend.identity.tables import Guardianship, RoleGrant, Student
from backend.organisation.tables import ClassGroup
from backend.timetable.lessons import LESSONS
from backend.timetable.tables import ChangeKind


def guards(actor: access.Asker, student_id: Any) -> ColumnElement[bool]:
    """The actor answers for this child today: not the pupil herself, and no former guardian."""
    return exists().where(
        col(Guardianship.student_id) == student_id,
        col(Guardianship.user_id) == actor.user_id,
        col(Guardianship.ended_at).is_(None),
    )


def handles(actor: access.Asker, class_group_id: Any, school_id: Any) -> ColumnElement[bool]:
    """The homeroom teacher of the class, and the headteachers of the school."""
    led = access.leads(actor, class_group_id)
    if Role.HEADTEACHER not in actor.roles:
        return led
    return led | one_of(school_id, actor.schools_as(Role.HEADTEACHER))


@dataclass(frozen=True)
class People:
    """The child as the school knows her, and who of the school is told of her alert."""

    child: str
    class_name: str
    homeroom: UUID | None
    headteachers: tuple[UUID, ...]
    teachers: tuple[UUID, ...]
    """Who gives a lesson of that session to the class, whoever else they are."""

    @property
    def responsible(self) -> tuple[UUID, ...]:
        """The homeroom teacher and the headteachers."""
        return tuple(dict.fromkeys((*((self.homeroom,) if self.homeroom else ()), *self.headteachers)))

    @property
    def others(self) -> tuple[UUID, ...]:
        """Those who teach the class in that session and are not responsible."""
        return tuple(user for user in self.teachers if user not in self.responsible)

    @property
    def nearest(self) -> tuple[UUID, ...]:
        """The homeroom teacher; the headteachers of a class that has none."""
        return (self.homeroom,) if self.homeroom else self.headteachers


async def people_of(session: Session, alert_ids: Collection[UUID]) -> dict[UUID, People]:
    """The people of several alerts in one statement; a guardian's fence hides them (`elevate`)."""
    if not alert_ids:
        return {}
    lessons = LESSONS.subquery("lessons")
    heads = (
        select(func.array_agg(col(RoleGrant.user_id)))
        .where(col(RoleGrant.school_id) == AbsenceAlert.school_id, col(RoleGrant.role) == Role.HEADTEACHER)
        .scalar_subquery()
    )
    giving = (
        select(func.array_agg(lessons.c.user_id.distinct()))
        .where(
            lessons.c.school_id == AbsenceAlert.school_id,
            lessons.c.class_group_id == AbsenceAlert.class_group_id,
            lessons.c.day == AbsenceAlert.day,
            lessons.c.session == AbsenceAlert.session,
            lessons.c.change.is_distinct_from(ChangeKind.CANCELLED),
        )
        .scalar_subquery()
    )
    rows = await session.execute(
        select(
            col(AbsenceAlert.id),
            col(Student.full_name),
            col(ClassGroup.name),
            col(Homeroom.user_id),
            func.coalesce(heads, _no_ids()),
            func.coalesce(giving, _no_ids()),
        )
        .join(Student, col(Student.id) == AbsenceAlert.student_id)
        .join(ClassGroup, col(ClassGroup.id) == AbsenceAlert.class_group_id)
        .outerjoin(Homeroom, col(Homeroom.class_group_id) == AbsenceAlert.class_group_id)
        .where(one_of(col(AbsenceAlert.id), list(alert_ids)))
    )
    return {
        row_id: People(child, class_name, homeroom, tuple(sorted(heads)), tuple(sorted(teachers)))
        for row_id, child, class_name, homeroom, heads, teachers in rows
    }


def _no_ids() -> Any:
    return bindparam(None, [], type_=ARRAY(Uuid()))


def facts_of(alert: AbsenceAlert) -> dict[str, Any]:
    """What every event about an alert says."""
    return {
        "school_id": alert.school_id,
        "alert_id": alert.id,
        "student_id": alert.student_id,
        "class_group_id": alert.class_group_id,
        "day": alert.day,
        "session": alert.session.value,
        "period": alert.period,
    }


def to_staff(alert: AbsenceAlert, people: People, user_ids: tuple[UUID, ...]) -> dict[str, Any]:
    """The same, with the names staff read."""
    return {**facts_of(alert), "child": people.child, "class_name": people.class_name, "user_ids": user_ids}
