"""Who holds which office at a school."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.core.actor import Role
from backend.core.db import Session
from backend.enrolment.tables import Enrolment, Homeroom
from backend.eservices.scopes import HANDLERS
from backend.identity.tables import RoleGrant, User


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


async def holders(session: Session, school_id: UUID, *roles: Role) -> tuple[UUID, ...]:
    """Everybody with one of these roles at the school."""
    statement = (
        select(col(RoleGrant.user_id))
        .distinct()
        .where(col(RoleGrant.school_id) == school_id, col(RoleGrant.role).in_(roles))
    )
    return tuple((await session.execute(statement.order_by(col(RoleGrant.user_id)))).scalars())


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
