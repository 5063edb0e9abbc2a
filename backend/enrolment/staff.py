"""People who work at a school: giving one of them a password."""

import secrets
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.core import clock
from backend.core.actor import WHOLE_SCHOOL, Actor, Permission, Role
from backend.core.db import Session, elevate
from backend.core.ids import new_id
from backend.core.journal import record
from backend.core.problem import Invalid, NotAllowed, NotFound
from backend.enrolment.events import StaffPasswordIssued
from backend.enrolment.tables import StaffMember
from backend.identity import passwords
from backend.identity.tables import Credential, Guardianship, RoleGrant, SignInSession, User

LEADERS: Final = frozenset(WHOLE_SCHOOL)
# Read out over a desk and typed on a phone: no letter looks or sounds like another. 60 ** 8 is 47 bits, and five wrong
# tries lock an account.
_CONSONANTS: Final = "bcdghklmnrtv"
_VOWELS: Final = "aeiou"
SYLLABLES: Final = 8


@dataclass(frozen=True)
class IssuedPassword:
    """Shown once. `ended` are the token hashes of the sessions that are worth nothing from now on."""

    user_id: UUID
    username: str
    password: str
    ended: list[bytes]


def new_password() -> str:
    """A password like "kavo-mitu-rane-suda": 19 characters."""
    syllables = [secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS) for _ in range(SYLLABLES)]
    return "-".join(syllables[n] + syllables[n + 1] for n in range(0, SYLLABLES, 2))


async def issue_staff_password(session: Session, actor: Actor, staff_id: UUID) -> IssuedPassword:
    """A new password for a colleague, whose sessions end.

    Raises NotFound for another school's staff, NotAllowed("enrolment.password_of_oneself"),
    NotAllowed("enrolment.password_of_leader") unless a headteacher asks, and
    NotAllowed("enrolment.password_elsewhere") when the account opens doors outside this school.
    """
    found = (
        await session.execute(
            select(StaffMember, User)
            .join(User, col(User.id) == StaffMember.user_id)
            .where(col(StaffMember.id) == staff_id, col(StaffMember.school_id).in_(actor.staff_schools))
        )
    ).first()
    if found is None:
        raise NotFound("core.not_found")
    member, user = found
    actor.require(Permission.STAFF_MANAGE, member.school_id)
    if user.id == actor.user_id:
        raise NotAllowed("enrolment.password_of_oneself")
    await elevate(session)
    await _check_reach(session, actor, user.id, member.school_id)
    if user.username is None:
        raise Invalid("enrolment.password_elsewhere")
    password = new_password()
    await _store(session, user.id, await passwords.hash_password(password))
    ended = await _end_sessions(session, user.id)
    record(session, actor, StaffPasswordIssued(member.school_id, user.id))
    return IssuedPassword(user.id, user.username, password, ended)


async def _check_reach(session: Session, actor: Actor, user_id: UUID, school_id: UUID) -> None:
    """Who sets a password can open the account. So the account must not reach further than the one who sets it."""
    grants = (await session.execute(select(RoleGrant).where(col(RoleGrant.user_id) == user_id))).scalars().all()
    child_elsewhere = select(col(Guardianship.id)).where(
        col(Guardianship.user_id) == user_id,
        col(Guardianship.ended_at).is_(None),
        col(Guardianship.school_id) != school_id,
    )
    elsewhere = (await session.execute(child_elsewhere.limit(1))).first() is not None
    if elsewhere or any(grant.school_id != school_id for grant in grants):
        raise NotAllowed("enrolment.password_elsewhere")
    leads = any(grant.role in LEADERS for grant in grants)
    if leads and school_id not in actor.schools_as(Role.HEADTEACHER):
        raise NotAllowed("enrolment.password_of_leader")


async def _store(session: Session, user_id: UUID, password_hash: str) -> None:
    fresh = {"password_hash": password_hash}
    statement = insert(Credential).values(id=new_id(), created_at=clock.now(), user_id=user_id, **fresh)
    await session.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=fresh))


async def _end_sessions(session: Session, user_id: UUID) -> list[bytes]:
    statement = (
        update(SignInSession)
        .where(col(SignInSession.user_id) == user_id, col(SignInSession.revoked_at).is_(None))
        .values(revoked_at=clock.now())
        .returning(col(SignInSession.token_hash))
    )
    return list((await session.execute(statement)).scalars())
