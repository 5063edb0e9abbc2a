"""Who holds which office at a school."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlmodel import col

from backend.core.actor import WHOLE_SCHOOL, Role
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.enrolment.tables import Enrolment, Homeroom
from backend.eservices.scopes import HANDLERS
from backend.identity.tables import RoleGrant, User
from backend.organisation.tables import School, Unit


async def roles_at(session: Session, user_id: UUID, school_id: UUID) -> frozenset[Role]:
    """What somebody with an open account may be called upon for at the school; empty for a stranger."""
    statement = (
        select(col(RoleGrant.role))
        .join(User, col(User.id) == RoleGrant.user_id)
        .where(
            col(RoleGrant.user_id) == user_id, col(RoleGrant.school_id) == school_id, col(User.disabled_at).is_(None)
        )
    )
    return frozenset((await session.execute(statement)).scalars()) & HANDLERS


async def staff(
    session: Session, schools: Collection[UUID], roles: Collection[Role] = WHOLE_SCHOOL
) -> dict[tuple[UUID, Role], tuple[UUID, ...]]:
    """Who holds these roles, by school and role; by default clerks and headteachers."""
    rows = await session.execute(
        select(col(RoleGrant.school_id), col(RoleGrant.role), func.array_agg(col(RoleGrant.user_id)))
        .join(User, col(User.id) == RoleGrant.user_id)
        .where(
            one_of(col(RoleGrant.school_id), list(schools)),
            col(RoleGrant.role).in_(roles),
            col(User.disabled_at).is_(None),
        )
        .group_by(col(RoleGrant.school_id), col(RoleGrant.role))
    )
    return {(school, role): tuple(sorted(users)) for school, role, users in rows if school is not None}


async def holders(session: Session, *schools: UUID, roles: Collection[Role] = WHOLE_SCHOOL) -> tuple[UUID, ...]:
    """The same people without where and what, each once."""
    found = await staff(session, schools, roles)
    return tuple(sorted({user for users in found.values() for user in users}))


async def officers(session: Session, schools: Collection[UUID]) -> dict[UUID, tuple[UUID, ...]]:
    """The officers of the unit a school belongs to, and of the unit above it."""
    rows = await session.execute(
        select(col(School.id), func.array_agg(col(RoleGrant.user_id).distinct()))
        .join(Unit, col(Unit.id) == School.unit_id)
        .join(
            RoleGrant,
            and_(
                col(RoleGrant.role) == Role.PROVINCIAL_OFFICER,
                or_(col(RoleGrant.unit_id) == Unit.id, col(RoleGrant.unit_id) == Unit.parent_id),
            ),
        )
        .where(one_of(col(School.id), list(schools)))
        .group_by(col(School.id))
    )
    return {school: tuple(sorted(users)) for school, users in rows}


async def homeroom_of(session: Session, student_id: UUID | None) -> UUID | None:
    """The homeroom teacher of the pupil's class now."""
    if student_id is None:
        return None
    statement = (
        select(col(Homeroom.user_id))
        .join(Enrolment, col(Enrolment.class_group_id) == Homeroom.class_group_id)
        .where(col(Enrolment.student_id) == student_id, col(Enrolment.ended_on).is_(None))
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()
