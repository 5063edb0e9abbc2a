"""Signing in and out, and one's own settings.

A wrong code has to be counted although the answer is a refusal. So `sign_in_with_code` *returns* the problem instead of
raising it: the count is committed, and `api.py` raises what it was given.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import update
from sqlmodel import col

from backend.core import clock, codes
from backend.core.actor import Actor
from backend.core.db import Session, elevate, take_turns
from backend.core.ids import new_id
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound, Problem
from backend.core.settings import settings
from backend.core.text import name_sort_key
from backend.identity import events, passwords, queries, rules
from backend.identity.tables import Language, SignInChallenge, SignInSession, TextSize, Theme, User

DEVICE_LABEL: Final = 80


@dataclass(frozen=True)
class NewSession:
    """A session just begun: the token goes into the cookie and nowhere else."""

    token: str
    user_id: UUID
    session_id: UUID


async def sign_in_with_password(
    session: Session, actor: Actor, username: str, password: str, device: str
) -> NewSession:
    """Staff: user name (in small letters) and password.

    Raises Invalid("identity.password_wrong") alike, and as late, for a wrong password and an unknown name.
    """
    found = await queries.user_by_username(session, username)
    if not await passwords.matches(found[1].password_hash if found else None, password) or found is None:
        raise Invalid("identity.password_wrong", field="password")
    return await _begin(session, found[0], device)


async def request_sign_in_code(session: Session, actor: Actor, number: str, *, claiming: bool) -> SignInChallenge:
    """Families: a six-digit code to the phone. The answer is the same whether or not anybody has this phone.

    `number` as `rules.clean_phone` gives it. `claiming` says that a valid claim slip was shown, so an unknown phone may
    become a user.
    """
    user = await queries.user_by_phone(session, number)
    known = user is not None and user.disabled_at is None
    challenge = SignInChallenge(
        phone=number,
        deliver=known or (claiming and user is None),
        expires_at=clock.now() + timedelta(minutes=settings().code_minutes),
    )
    session.add(challenge)
    record(session, actor, events.SignInCodeRequested(challenge_id=challenge.id))
    return challenge


async def request_citizen_code(session: Session, actor: Actor, number: str) -> SignInChallenge:
    """Anybody who needs a service: a six-digit code to the phone, also when nobody has it yet.

    Signing in with it makes an account without a role. The answer is the same as for families.
    """
    user = await queries.user_by_phone(session, number)
    challenge = SignInChallenge(
        phone=number,
        deliver=user is None or user.disabled_at is None,
        expires_at=clock.now() + timedelta(minutes=settings().code_minutes),
    )
    session.add(challenge)
    record(session, actor, events.SignInCodeRequested(challenge_id=challenge.id))
    return challenge


async def sign_in_with_code(
    session: Session, actor: Actor, challenge_id: UUID, code: str, device: str
) -> NewSession | Problem:
    """The code from the phone opens a session; a phone seen for the first time becomes a user.

    Five tries per challenge, each counted even though it is refused.
    """
    challenge = await queries.challenge_for_update(session, challenge_id)
    facts = challenge and rules.Challenge(challenge.expires_at, challenge.used_at, challenge.attempts)
    expected = codes.one_time_code(settings().secret(), challenge_id)
    problem = rules.judge_code(facts, code.strip(), expected, clock.now())
    if challenge is None or problem is not None:
        if challenge is not None:
            challenge.attempts += 1
        return problem or Invalid("identity.code_wrong", field="code")
    if not challenge.deliver:
        return Invalid("identity.code_wrong", field="code")
    challenge.used_at = clock.now()
    await take_turns(session, "phone", challenge.phone)
    user = await queries.user_by_phone(session, challenge.phone)
    if user is None:
        user = User(full_name="", sort_key="", phone=challenge.phone)
        session.add(user)
        await session.flush()
    return await _begin(session, user, device)


async def _begin(session: Session, user: User, device: str) -> NewSession:
    token, now = secrets.token_urlsafe(32), clock.now()
    row = SignInSession(
        id=new_id(),
        user_id=user.id,
        token_hash=codes.token_hash(token),
        last_seen_at=now,
        expires_at=now + timedelta(days=settings().session_days),
        device_label=device[:DEVICE_LABEL],
    )
    session.add(row)
    await session.flush()
    owner = Actor(user_id=user.id, session_id=row.id)
    await elevate(session)
    record(session, owner, events.SignedIn(user.id, row.id, row.device_label))
    return NewSession(token, user.id, row.id)


async def sign_out(session: Session, actor: Actor) -> list[bytes]:
    """End this session; returns the token hashes that are worth nothing from now on."""
    assert actor.session_id is not None
    return await _end(session, actor, [actor.session_id], everywhere=False)


async def sign_out_everywhere(session: Session, actor: Actor) -> list[bytes]:
    """End every session of this user, this one included."""
    assert actor.user_id is not None
    rows = await queries.live_sessions(session, actor.user_id)
    return await _end(session, actor, [row.id for row in rows], everywhere=True)


async def revoke_session(session: Session, actor: Actor, session_id: UUID) -> list[bytes]:
    """End one of this user's sessions; NotFound for anybody else's."""
    ended = await _end(session, actor, [session_id], everywhere=False)
    if not ended:
        raise NotFound("core.not_found")
    return ended


async def _end(session: Session, actor: Actor, ids: list[UUID], *, everywhere: bool) -> list[bytes]:
    assert actor.user_id is not None
    statement = (
        update(SignInSession)
        .where(
            col(SignInSession.id).in_(ids),
            col(SignInSession.user_id) == actor.user_id,
            col(SignInSession.revoked_at).is_(None),
        )
        .values(revoked_at=clock.now())
        .returning(col(SignInSession.token_hash))
    )
    hashes = list((await session.execute(statement)).scalars())
    if hashes:
        record(session, actor, events.SessionsEnded(actor.user_id, everywhere))
    return hashes


async def change_password(session: Session, actor: Actor, current: str, new: str) -> None:
    """A new password for oneself. Raises Invalid for a wrong current one, and for a new one that is too weak."""
    user = await session.get(User, actor.user_id)
    found = await queries.user_by_username(session, user.username) if user and user.username else None
    if found is None:
        raise NotFound("core.not_found")
    credential = found[1]
    if not await passwords.matches(credential.password_hash, current):
        raise Invalid("identity.password_wrong", field="current")
    rules.check_password(new, found[0].username or "")
    credential.password_hash = await passwords.hash_password(new)
    record(session, actor, events.PasswordChanged(found[0].id))


async def update_settings(
    session: Session,
    actor: Actor,
    language: Language | None,
    theme: Theme | None,
    text_size: TextSize | None,
    full_name: str | None,
) -> None:
    """Language, theme, text size and one's own name; what is None stays as it is."""
    user = await session.get(User, actor.user_id)
    if user is None:
        raise NotFound("core.not_found")
    given = {"language": language, "theme": theme, "text_size": text_size}
    for name, value in given.items():
        if value is not None:
            setattr(user, name, value)
    if full_name is not None and user.username is None:  # the school names its staff
        user.full_name = rules.clean_name(full_name)
        user.sort_key = name_sort_key(user.full_name)
    changes = {name: str(value) for name, value in given.items() if value is not None}
    record(session, actor, events.SettingsChanged(user.id, changes))
