"""Reads that announcement actions and the sender's preview need."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ScalarSelect, func, select
from sqlmodel import col

from backend.announcements.tables import Announcement, AnnouncementRecipient
from backend.core.actor import WHOLE_SCHOOL, Actor
from backend.core.audience import Audience, AudienceKind
from backend.core.db import Session
from backend.core.problem import NotFound
from backend.enrolment import access
from backend.enrolment.audience import members, pupils
from backend.identity.tables import Student, User
from backend.organisation.tables import ClassGroup, School

SAMPLE = 3


@dataclass(frozen=True)
class Sample:
    """One real recipient, as the sender sees her before sending."""

    full_name: str
    student_names: list[str]


@dataclass(frozen=True)
class Preview:
    """An audience in words and numbers. `unreached_student_count`: pupils with nobody who can be told."""

    school_name: str
    class_names: list[str]
    recipient_count: int
    guardian_count: int
    student_count: int
    staff_count: int
    unreached_student_count: int
    sample: list[Sample]


async def own_classes(session: Session, actor: Actor, school_id: UUID | None) -> set[UUID]:
    """The classes at the school that the actor teaches, leads or oversees."""
    statement = select(col(ClassGroup.id)).where(
        col(ClassGroup.school_id) == school_id,
        access.sees_class(actor, col(ClassGroup.id), col(ClassGroup.school_id)),
    )
    return set((await session.execute(statement)).scalars())


async def preview(session: Session, audience: Audience) -> Preview:
    """Who would be told. Counts persons, not messages: a mother of two counts once."""
    families = _only(audience, AudienceKind.GUARDIANS, AudienceKind.FAMILIES, becomes=AudienceKind.GUARDIANS)
    students = _only(audience, AudienceKind.STUDENTS, AudienceKind.FAMILIES, becomes=AudienceKind.STUDENTS)
    staff = _only(audience, AudienceKind.STAFF, becomes=AudienceKind.STAFF)
    everybody = members(audience).subquery()
    counts = (
        await session.execute(
            select(
                _persons(audience), _persons(families), _persons(students), _persons(staff),
                select(func.count())
                .select_from(pupils(audience).where(col(Student.id).not_in(
                    select(everybody.c.student_id).where(everybody.c.student_id.is_not(None))
                )).subquery())
                .scalar_subquery(),
                select(col(School.name)).where(col(School.id) == audience.school_id).scalar_subquery(),
            )
        )
    ).one()  # fmt: skip
    names = select(col(ClassGroup.name)).where(col(ClassGroup.id).in_(audience.classes))
    class_names = (await session.execute(names.order_by(col(ClassGroup.sort_key)))).scalars()
    reaches_families = any(kind is not AudienceKind.STAFF for kind in audience.kinds)
    return Preview(
        school_name=counts[5],
        class_names=list(class_names),
        recipient_count=counts[0],
        guardian_count=counts[1],
        student_count=counts[2],
        staff_count=counts[3],
        unreached_student_count=counts[4] if reaches_families else 0,
        sample=await _sample(session, audience),
    )


def _only(audience: Audience, *kinds: AudienceKind, becomes: AudienceKind) -> Audience:
    """The same audience, but of one kind; of nobody when that kind is not in it."""
    wanted = (becomes,) if set(kinds) & set(audience.kinds) else ()
    return Audience(audience.school_id, wanted, audience.grades, audience.classes, audience.students)


def _persons(audience: Audience) -> ScalarSelect[int]:
    rows = members(audience).subquery()
    return select(func.count(func.distinct(rows.c.user_id))).scalar_subquery()


async def _sample(session: Session, audience: Audience) -> list[Sample]:
    rows = members(audience).subquery()
    chosen = select(rows.c.user_id).distinct().limit(SAMPLE).subquery()
    statement = (
        select(col(User.full_name), func.array_remove(func.array_agg(col(Student.full_name)), None))
        .select_from(chosen)
        .join(User, col(User.id) == chosen.c.user_id)
        .join(rows, rows.c.user_id == chosen.c.user_id)
        .outerjoin(Student, col(Student.id) == rows.c.student_id)
        .group_by(col(User.id), col(User.full_name), col(User.sort_key))
        .order_by(col(User.sort_key))
    )
    return [Sample(name, list(students)) for name, students in await session.execute(statement)]


async def sent_for_update(session: Session, actor: Actor, announcement_id: UUID) -> Announcement:
    """An announcement of this author (or of the school, for its leaders), locked; NotFound otherwise."""
    row = (
        await session.execute(select(Announcement).where(col(Announcement.id) == announcement_id).with_for_update())
    ).scalar_one_or_none()
    if row is None or not (row.author_id == actor.user_id or row.school_id in actor.schools_as(*WHOLE_SCHOOL)):
        raise NotFound("core.not_found")
    return row


async def waiting_users(session: Session, announcement: Announcement) -> list[UUID]:
    """Recipients who have not done what was asked: acknowledged, or else opened."""
    missing = (
        col(AnnouncementRecipient.acknowledged_at)
        if announcement.needs_acknowledgement
        else col(AnnouncementRecipient.read_at)
    )
    statement = select(col(AnnouncementRecipient.user_id)).where(
        col(AnnouncementRecipient.announcement_id) == announcement.id, missing.is_(None)
    )
    return list((await session.execute(statement)).scalars())


async def own_copy_for_update(session: Session, actor: Actor, announcement_id: UUID) -> AnnouncementRecipient:
    """The actor's own line in the list of recipients, locked; NotFound when she was not told."""
    statement = (
        select(AnnouncementRecipient)
        .where(
            col(AnnouncementRecipient.announcement_id) == announcement_id,
            col(AnnouncementRecipient.user_id) == actor.user_id,
        )
        .with_for_update()
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return row
