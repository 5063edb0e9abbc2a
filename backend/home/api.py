"""GraphQL of the first screens."""

from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, exists, func, select
from sqlmodel import col

from backend.announcements.api import Announcement, SentAnnouncement
from backend.core.actor import Permission
from backend.core.graphql import column, edge, one_of, root, source
from backend.enrolment import access
from backend.enrolment.api import MOST_CHILDREN, Student, TeachingAssignment
from backend.enrolment.tables import Enrolment
from backend.gradebook.api import PublishedScore, ScoreColumn
from backend.identity.tables import Guardianship
from backend.identity.tables import Student as StudentTable


@source(StudentTable)
class ChildCard:
    """What is new for one child."""

    id: UUID = column()
    student: Student = edge(lambda me, it: it.id == me.id)
    latest_scores: list[PublishedScore] = edge(
        lambda me, it: it.student_id == me.id,
        order=lambda it: (it.published_at.desc(),),
        arguments={"first": (int, 5)},
        cap=20,
    )


@source()
class FamilyHome:
    """A parent's or pupil's Hôm nay."""

    children: list[ChildCard] = edge(
        lambda it, actor: one_of(it.id, actor.students), order=lambda it: (it.sort_key,), cap=MOST_CHILDREN
    )
    announcements: list[Announcement] = edge(
        lambda it, actor: it.user_id == actor.user_id,
        order=lambda it: (it.published_at.desc(),),
        arguments={"first": (int, 3)},
    )
    waiting: list[Announcement] = edge(
        lambda it, actor: and_(it.user_id == actor.user_id, it.needs_acknowledgement, it.acknowledged_at.is_(None)),
        order=lambda it: (it.published_at.desc(),),
        arguments={"first": (int, 5)},
    )


@source()
class StaffHome:
    """A teacher's, clerk's or leader's Hôm nay: what waits to be done."""

    assignments: list[TeachingAssignment] = edge(lambda it, actor: it.user_id == actor.user_id, cap=60)
    unpublished: list[ScoreColumn] = edge(
        lambda it, actor: and_(it.published_at.is_(None), access.teaches(actor, it.class_group_id, it.subject_id)),
        arguments={"first": (int, 20)},
    )
    last_sent: list[SentAnnouncement] = edge(
        lambda it, actor: it.author_id == actor.user_id,
        order=lambda it: (it.published_at.desc(),),
        arguments={"first": (int, 3)},
    )
    announcements: list[Announcement] = edge(
        lambda it, actor: it.user_id == actor.user_id,
        order=lambda it: (it.published_at.desc(),),
        arguments={"first": (int, 3)},
    )
    student_count: int = column(lambda actor: _students(actor), description="Pupils the viewer is responsible for")
    linked_student_count: int = column(
        lambda actor: _students(actor, linked=True), description="Those of them whom some guardian has claimed"
    )


def _students(actor: Any, *, linked: bool = False) -> Any:
    rows = select(func.count(func.distinct(col(Enrolment.student_id)))).where(
        col(Enrolment.ended_on).is_(None),
        access.sees_student(actor, col(Enrolment.student_id), col(Enrolment.school_id)),
    )
    if linked:
        claimed = exists().where(
            col(Guardianship.student_id) == Enrolment.student_id, col(Guardianship.ended_at).is_(None)
        )
        rows = rows.where(claimed)
    return rows.scalar_subquery()


@strawberry.type
class HomeQuery:
    parent_home: FamilyHome = root(Permission.FAMILY_HOME)
    staff_home: StaffHome = root(Permission.STAFF_HOME)
