"""GraphQL of the first screens."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import strawberry
from sqlalchemy import and_, case, exists, func, or_, select
from sqlmodel import col

from backend.announcements.api import Announcement, SentAnnouncement
from backend.attendance.alert_api import AbsenceAlert
from backend.attendance.api import AttendanceMark
from backend.core.actor import Permission
from backend.core.graphql import column, edge, now, one_of, root, source, today
from backend.enrolment import access
from backend.enrolment.api import MOST_CHILDREN, Student, TeachingAssignment
from backend.enrolment.tables import Enrolment
from backend.eservices import scopes
from backend.eservices.api.dossiers import Dossier
from backend.eservices.api.drafts import Draft
from backend.eservices.api.transfers import Transfer
from backend.eservices.rules.states import OPEN, DossierStatus
from backend.eservices.tables import Dossier as DossierTable
from backend.eservices.tables import TransferStatus
from backend.gradebook.api import PublishedScore, ScoreColumn
from backend.identity.tables import Guardianship
from backend.identity.tables import Student as StudentTable
from backend.leave.api import LeaveRequest
from backend.timetable.api import CalendarEvent, Lesson, SchoolDay, in_order
from backend.timetable.tables import SchoolDay as SchoolDayTable

MOST_LESSONS: Final = 15
USUAL_LESSONS: Final = 6
USUAL_CHILDREN: Final = 3
DAYS_AHEAD: Final = 7
ASK_DAYS: Final = 7
"""So long after a result its reader is asked on the first screen how it went."""
_RESULT: Final = (DossierStatus.COMPLETED, DossierStatus.RETURNED)


@source(StudentTable)
class ChildCard:
    """One child's day: was she there, what is left of it, what comes next, what needs a tap; and what is new."""

    id: UUID = column()
    student: Student = edge(lambda me, it: it.id == me.id)
    marks_today: list[AttendanceMark] = edge(
        lambda me, it: and_(it.student_id == me.id, it.day == today()),
        order=lambda it: (it.session.desc(), it.period),
        cap=MOST_LESSONS,
        usual=2,
    )
    lessons_today: list[Lesson] = edge(
        lambda me, it: _learns(me, it, today()), order=lambda it: in_order(it), cap=MOST_LESSONS, usual=USUAL_LESSONS
    )
    next_day: SchoolDay | None = edge(
        lambda me, it: and_(it.school_id == me.school_id, it.day == _next_day(me)),
        description="The next day with lessons after today",
    )
    lessons_next: list[Lesson] = edge(
        lambda me, it: _learns(me, it, _next_day(me)),
        order=lambda it: in_order(it),
        cap=MOST_LESSONS,
        usual=USUAL_LESSONS,
    )
    events: list[CalendarEvent] = edge(
        lambda me, it: and_(_concerns(me, it), it.day >= today(), it.day <= today() + DAYS_AHEAD),
        order=lambda it: (it.day,),
        arguments={"first": (int, 6)},
        cap=20,
        description="Tests, work due and school events of the next seven days",
    )
    alert: AbsenceAlert | None = edge(
        lambda me, it: and_(
            it.student_id == me.id,
            or_(and_(it.day == today(), it.status != "CANCELLED"), it.status == "SAFETY"),
        ),
        order=lambda it: (it.created_at.desc(),),
        description="Today's absence, or a search that is not over",
    )
    leave: list[LeaveRequest] = edge(
        lambda me, it: and_(
            it.student_id == me.id, it.ends_on >= today(), or_(it.status == "PENDING", it.status == "APPROVED")
        ),
        order=lambda it: (it.starts_on,),
        arguments={"first": (int, 3)},
        cap=10,
    )
    latest_scores: list[PublishedScore] = edge(
        lambda me, it: it.student_id == me.id,
        order=lambda it: (it.published_at.desc(),),
        arguments={"first": (int, 5)},
        cap=20,
    )


def _class_of(me: Any) -> Any:
    return (
        select(col(Enrolment.class_group_id))
        .where(col(Enrolment.student_id) == me.id, col(Enrolment.ended_on).is_(None))
        .scalar_subquery()
    )


def _learns(me: Any, it: Any, day: Any) -> Any:
    return and_(it.school_id == me.school_id, it.class_group_id == _class_of(me), it.day == day)


def _next_day(me: Any) -> Any:
    return (
        select(func.min(col(SchoolDayTable.day)))
        .where(
            col(SchoolDayTable.school_id) == me.school_id,
            col(SchoolDayTable.day) > today(),
            col(SchoolDayTable.teaches),
        )
        .scalar_subquery()
    )


def _concerns(me: Any, it: Any) -> Any:
    of_school = and_(it.class_group_id.is_(None), it.school_id == me.school_id)
    return or_(it.class_group_id == _class_of(me), of_school)


@source()
class FamilyHome:
    """A parent's or pupil's Hôm nay."""

    children: list[ChildCard] = edge(
        # A pupil who has moved is a child of the new school; what the old one recorded is still the family's to read.
        lambda it, actor: and_(one_of(it.id, actor.students), it.moved_to_id.is_(None)),
        order=lambda it: (it.sort_key,),
        cap=MOST_CHILDREN,
        usual=USUAL_CHILDREN,
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
    dossiers: list[Dossier] = edge(
        lambda it, actor: and_(it.owner_id == actor.user_id, _goes_on(it)),
        order=lambda it: (
            case((it.status == DossierStatus.SUPPLEMENT_REQUESTED.value, 0), else_=1),
            it.filed_at.desc(),
        ),
        arguments={"first": (int, 3)},
        cap=10,
        description="One's own requests that an office has, or that wait for an answer or a word about the result",
    )
    signatures: list[Draft] = edge(
        lambda it, actor: and_(
            it.cosigner_id == actor.user_id, it.signature_asked_at.is_not(None), it.signed_at.is_(None)
        ),
        order=lambda it: (it.changed_at.desc(),),
        cap=5,
        usual=1,
        description="Requests the other guardian wants signed",
    )
    transfers: list[Transfer] = edge(
        lambda it, actor: and_(one_of(it.student_id, actor.students), it.status == TransferStatus.PROPOSED.value),
        order=lambda it: (it.created_at,),
        cap=5,
        usual=1,
        description="Moves to another school that wait for a guardian's consent",
    )


def _goes_on(it: Any) -> Any:
    """Not over, or over so lately that the applicant may still say how it went."""
    lately = and_(it.finished_at > now() - timedelta(days=ASK_DAYS), it.rated_at.is_(None))
    return or_(_among(it.status, OPEN), and_(_among(it.status, _RESULT), lately))


def _among(column: Any, statuses: Collection[DossierStatus]) -> Any:
    return or_(*(column == status.value for status in sorted(statuses)))


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
    dossiers: list[Dossier] = edge(
        lambda it, actor: and_(it.assignee_id == actor.user_id, _among(it.status, OPEN)),
        order=lambda it: (it.filed_at,),
        arguments={"first": (int, 5)},
        cap=20,
        description="Handed to the viewer",
    )
    open_dossier_count: int = column(lambda actor: _dossiers(actor), description="On the desks of the viewer's schools")
    overdue_dossier_count: int = column(lambda actor: _dossiers(actor, overdue=True))
    student_count: int = column(lambda actor: _students(actor), description="Pupils the viewer is responsible for")
    linked_student_count: int = column(
        lambda actor: _students(actor, linked=True), description="Those of them whom some guardian has claimed"
    )


def _dossiers(actor: Any, *, overdue: bool = False) -> Any:
    rows = select(func.count()).where(scopes.may_handle(actor, DossierTable), col(DossierTable.due_on).is_not(None))
    if overdue:
        rows = rows.where(col(DossierTable.due_on) < today())
    return rows.scalar_subquery()


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
