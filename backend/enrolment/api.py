"""GraphQL of who is where: pupils, rosters, teaching assignments, and claiming a child. Imports: `import_api.py`."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, exists, func, select
from sqlmodel import col

from backend.core.actor import Actor, Permission
from backend.core.db import Session
from backend.core.graphql import Info, Problem, Ref, column, edge, mutation, one_of, root, source
from backend.core.limits import Rate
from backend.enrolment import access, claims, tables
from backend.identity import actions as identity_actions
from backend.identity import sessions
from backend.identity.api import PER_ADDRESS, PER_PHONE, SignInCodePayload
from backend.identity.rules import clean_phone
from backend.identity.tables import Guardianship, Relation, Sex, SignInChallenge, User
from backend.identity.tables import Student as StudentTable
from backend.organisation.api import ClassGroup, School, Subject
from backend.organisation.tables import ClassGroup as ClassTable
from backend.organisation.tables import SchoolYear
from backend.organisation.tables import Subject as SubjectTable

SLIP_TRIES = Rate(10, 3600, closed=True)
MOST_CHILDREN = 12
LARGEST_CLASS = 100


@source(StudentTable)
class Student:
    id: UUID = column()
    code: str = column()
    full_name: str = column()
    given_name: str = column(lambda me: func.coalesce(func.substring(me.full_name, r"\S+$"), ""))
    birth_date: date | None = column()
    sex: Sex = column()
    school: School = edge(lambda me, it: it.id == me.school_id)
    class_group: ClassGroup | None = edge(
        lambda me, it: it.id.in_(
            select(col(tables.Enrolment.class_group_id)).where(
                col(tables.Enrolment.student_id) == me.id, col(tables.Enrolment.ended_on).is_(None)
            )
        )
    )


@source(tables.GuardianContact)
class GuardianContact:
    """A phone the school holds; no right follows from it."""

    id: UUID = column()
    name: str = column()
    phone: str = column()
    relation: Relation = column()


@source(Guardianship)
class LinkedGuardian:
    """Somebody who has claimed the pupil."""

    id: UUID = column()
    full_name: str = column(lambda me: select(col(User.full_name)).where(col(User.id) == me.user_id).scalar_subquery())
    relation: Relation = column()
    created_at: datetime = column()


_roster = (
    select(
        col(tables.Enrolment.id).label("id"),
        col(tables.Enrolment.student_id).label("student_id"),
        col(tables.Enrolment.class_group_id).label("class_group_id"),
        col(tables.Enrolment.school_id).label("school_id"),
        col(StudentTable.sort_key).label("sort_key"),
    )
    .join(StudentTable, col(StudentTable.id) == tables.Enrolment.student_id)
    .where(col(tables.Enrolment.ended_on).is_(None))
)


@source(_roster)
class RosterEntry:
    """A pupil's line in the class list."""

    id: UUID = column()
    student: Student = edge(lambda me, it: it.id == me.student_id)
    contacts: list[GuardianContact] = edge(
        lambda me, it: it.student_id == me.student_id, order=lambda it: (it.relation,), cap=6
    )
    guardians: list[LinkedGuardian] = edge(
        lambda me, it: and_(it.student_id == me.student_id, it.ended_at.is_(None)),
        order=lambda it: (it.created_at,),
        cap=claims.MOST_GUARDIANS,
    )


@source(tables.TeachingAssignment)
class TeachingAssignment:
    id: UUID = column()
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    subject: Subject = edge(lambda me, it: it.id == me.subject_id)
    teacher_name: str = column(
        lambda me: select(col(User.full_name)).where(col(User.id) == me.user_id).scalar_subquery()
    )


@strawberry.type
class EnrolmentQuery:
    my_students: list[Student] = root(
        Permission.FAMILY_HOME,
        where=lambda it, actor: and_(one_of(it.id, actor.students), it.moved_to_id.is_(None)),
        order=lambda it: (it.sort_key,),
        cap=MOST_CHILDREN,
        description="One's children, or oneself; who has moved to another school of the system, once",
    )
    student: Student | None = root(
        Permission.STUDENT_READ,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.id == args.id, access.sees_student(actor, it.id, it.school_id)),
    )
    class_groups: list[ClassGroup] = root(
        Permission.CLASS_READ,
        arguments={"school": UUID},
        where=lambda it, args, actor: and_(
            it.school_id == args.school,
            access.sees_class(actor, it.id, it.school_id),
            it.school_year_id.in_(_current_years()),
        ),
        order=lambda it: (it.sort_key,),
    )
    class_group: ClassGroup | None = root(
        Permission.CLASS_READ,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.id == args.id, access.sees_class(actor, it.id, it.school_id)),
    )
    roster: list[RosterEntry] = root(
        Permission.CLASS_READ,
        arguments={"class_group": UUID},
        where=lambda it, args, actor: and_(
            it.class_group_id == args.class_group, access.sees_class(actor, it.class_group_id, it.school_id)
        ),
        order=lambda it: (it.sort_key,),
        cap=LARGEST_CLASS,
    )
    class_assignments: list[TeachingAssignment] = root(
        Permission.CLASS_READ,
        arguments={"class_group": UUID},
        where=lambda it, args, actor: and_(
            it.class_group_id == args.class_group, access.sees_class(actor, it.class_group_id, it.school_id)
        ),
        order=lambda it: (_subject_position(it),),
        cap=60,
        description="Who teaches what in a class",
    )
    teaching_assignments: list[TeachingAssignment] = root(
        Permission.STAFF_HOME,
        where=lambda it, actor: and_(it.user_id == actor.user_id, _is_current(it)),
        order=lambda it: (_class_key(it),),
        cap=60,
        description="What the viewer teaches this year",
    )


def _current_years() -> Any:
    return select(col(SchoolYear.id)).where(col(SchoolYear.is_current))


def _is_current(it: Any) -> Any:
    return exists().where(col(ClassTable.id) == it.class_group_id, col(ClassTable.school_year_id).in_(_current_years()))


def _subject_position(it: Any) -> Any:
    return select(col(SubjectTable.position)).where(col(SubjectTable.id) == it.subject_id).scalar_subquery()


def _class_key(it: Any) -> Any:
    return select(col(ClassTable.sort_key)).where(col(ClassTable.id) == it.class_group_id).scalar_subquery()


@strawberry.type
class ClaimedStudent:
    """The pupil a slip names, for the guardian to confirm."""

    full_name: str
    class_name: str
    school_name: str


@strawberry.type
class PreviewClaimPayload:
    student: ClaimedStudent


@strawberry.type
class ClaimStudentPayload:
    student: Student


@strawberry.type
class EnrolmentMutation:
    @mutation(Permission.PUBLIC)
    async def request_sign_in_code(
        self, info: Info, phone: str, claim_code: str | None = None
    ) -> SignInCodePayload | Problem:
        """A six-digit code to the phone. The answer does not tell whether anybody has this phone.

        With a valid slip's code an unknown phone may become an account.
        """
        context = info.context
        await context.limit("sign-in.address", context.client, PER_ADDRESS)
        number = clean_phone(phone)  # or another way of writing it would be another phone to the count
        await context.limit("sign-in.phone", number, PER_PHONE)
        challenge = await context.write(_request_code, number, (claim_code or "")[:30])
        return SignInCodePayload(challenge=challenge.id, expires_at=challenge.expires_at)

    @mutation(Permission.SIGNED_IN)
    async def preview_claim(self, info: Info, code: str) -> PreviewClaimPayload | Problem:
        """Whom the slip is about. Ten tries an hour and person."""
        context = info.context
        await context.limit("claim", str(context.actor.user_id), SLIP_TRIES)
        found = await context.write(claims.preview_claim, code[:30])
        student = ClaimedStudent(
            full_name=found.student.full_name, class_name=found.class_name, school_name=found.school_name
        )
        return PreviewClaimPayload(student=student)

    @mutation(Permission.SIGNED_IN)
    async def claim_student(
        self, info: Info, code: str, relation: Relation, full_name: str | None = None
    ) -> ClaimStudentPayload | Problem:
        """Become a guardian of the pupil on the slip."""
        context = info.context
        await context.limit("claim", str(context.actor.user_id), SLIP_TRIES)
        student = await context.write(claims.claim_student, code[:30], relation, full_name)
        context.actor = context.actor.with_student(student.id, student.school_id)
        await sessions.changed(context)
        return ClaimStudentPayload(student=Ref.of(Student, student.id))


async def _request_code(session: Session, actor: Actor, number: str, claim_code: str) -> SignInChallenge:
    """Both halves in one transaction: is the slip in force, and the challenge."""
    claiming = bool(claim_code) and await claims.slip_is_valid(session, claim_code)
    return await identity_actions.request_sign_in_code(session, actor, number, claiming=claiming)
