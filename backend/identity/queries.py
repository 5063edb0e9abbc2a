"""Reads that sign-in and the door of every request need."""

import json
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.core.actor import Actor, Grant, Role
from backend.core.db import Database, Session
from backend.identity.tables import Credential, SignInChallenge, SignInSession, User

# One statement: who it is, with which grants and children. It looks behind the fence because there is no actor yet; the
# fence row is joined first, and the sub-selects run only after it.
_FENCE_SQL: Final = "with fence as materialized (select set_config('app.system', 'on', true) as a)"
_PERSON_SQL: Final = """
    'user_id', u.id, 'full_name', u.full_name, 'language', u.language,
    'grants', (select coalesce(json_agg(json_build_array(g.role, coalesce(g.school_id, c.id))), '[]')
        from role_grant g left join school c on g.school_id is null and c.unit_id in (
            select id from unit where id = g.unit_id or parent_id = g.unit_id)
        where g.user_id = u.id),
    'children', (select coalesce(json_agg(json_build_array(k.student_id, k.school_id)), '[]')
        from guardianship k where k.user_id = u.id and k.ended_at is null),
    'self', (select coalesce(json_agg(json_build_array(t.id, t.school_id)), '[]')
        from student t where t.user_id = u.id)
"""
_ACTOR_SQL: Final = f"""
{_FENCE_SQL}
select json_build_object(
    'session_id', s.id, 'last_seen_at', s.last_seen_at, 'expires_at', s.expires_at, {_PERSON_SQL})::text
from fence, session s join "user" u on u.id = s.user_id
where fence.a is not null and s.token_hash = $1 and s.revoked_at is null and s.expires_at > now()
  and u.disabled_at is null
"""  # noqa: S608 - put together from constants
_USER_SQL: Final = f"""
{_FENCE_SQL}
select json_build_object('session_id', null, {_PERSON_SQL})::text
from fence, "user" u
where fence.a is not null and u.id = $1 and u.disabled_at is null
"""  # noqa: S608 - put together from constants


async def actor_of(database: Database, token_hash: bytes) -> tuple[Actor, datetime, datetime] | None:
    """The actor of a live session with its last sight and expiry, or None."""
    text = await database.read(_ACTOR_SQL, (token_hash,))
    if text is None:
        return None
    found = json.loads(text)
    seen, expires = (datetime.fromisoformat(found[name]) for name in ("last_seen_at", "expires_at"))
    return _actor(found), seen, expires


async def actor_of_user(database: Database, user_id: UUID) -> Actor | None:
    """Somebody with the rights of this moment but without a session, for what is read in her name while she is away;
    None for an account that is closed.
    """
    text = await database.read(_USER_SQL, (user_id,))
    return _actor(json.loads(text)) if text else None


def _actor(found: dict[str, Any]) -> Actor:
    grants = {Grant(Role(role), UUID(school) if school else None) for role, school in found["grants"]}
    grants |= {Grant(Role.GUARDIAN, UUID(school)) for _, school in found["children"]}
    grants |= {Grant(Role.STUDENT, UUID(school)) for _, school in found["self"]}
    return Actor(
        user_id=UUID(found["user_id"]),
        session_id=UUID(found["session_id"]) if found["session_id"] else None,
        full_name=found["full_name"],
        language=found["language"],
        grants=tuple(sorted(grants, key=lambda g: (g.role, str(g.school_id)))),
        students=tuple(sorted({UUID(student) for student, _ in (*found["children"], *found["self"])})),
    )


async def user_by_username(session: Session, username: str) -> tuple[User, Credential] | None:
    """A user with a password."""
    statement = (
        select(User, Credential)
        .join(Credential, col(Credential.user_id) == User.id)
        .where(col(User.username) == username, col(User.disabled_at).is_(None))
    )
    row = (await session.execute(statement)).first()
    return (row[0], row[1]) if row else None


async def user_by_phone(session: Session, phone: str) -> User | None:
    return (await session.execute(select(User).where(col(User.phone) == phone))).scalar_one_or_none()


async def challenge_for_update(session: Session, challenge_id: UUID) -> SignInChallenge | None:
    statement = select(SignInChallenge).where(col(SignInChallenge.id) == challenge_id).with_for_update()
    return (await session.execute(statement)).scalar_one_or_none()


async def live_sessions(session: Session, user_id: UUID) -> list[SignInSession]:
    statement = select(SignInSession).where(
        col(SignInSession.user_id) == user_id, col(SignInSession.revoked_at).is_(None)
    )
    return list((await session.execute(statement)).scalars())
