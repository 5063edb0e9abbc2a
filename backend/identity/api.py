"""GraphQL of people and rights: who I am, signing in and out, my devices, my settings."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, func, literal, select, union_all
from sqlmodel import col

from backend.core.actor import NOBODY, SYSTEM, Permission, Role
from backend.core.codes import token_hash
from backend.core.graphql import Info, Problem, Ref, column, edge, mutation, now, root, source
from backend.core.limits import Rate
from backend.core.problem import Problem as Refusal
from backend.identity import actions, queries, sessions, tables
from backend.identity.rules import clean_phone
from backend.organisation.api import School

for _kind in (Role, tables.Language, tables.Theme, tables.TextSize, tables.Relation, tables.Sex):
    strawberry.enum(_kind)

# A school's Wi-Fi or a carrier's gateway is one address for many families; guessing is bounded by the narrower counts.
PER_ADDRESS = Rate(200, 600, closed=True)
PER_ACCOUNT = Rate(50, 3600, closed=True)
PER_PAIR = Rate(5, 900, closed=True)
PER_PHONE = Rate(3, 600, closed=True)


def _held_roles() -> Any:
    """Every role a user holds and where: granted by a school, or following from a child."""
    granted = select(
        col(tables.RoleGrant.id),
        col(tables.RoleGrant.user_id),
        col(tables.RoleGrant.role),
        col(tables.RoleGrant.school_id),
    )
    guardian = (
        select(
            col(tables.Guardianship.school_id).label("id"),
            col(tables.Guardianship.user_id),
            literal(Role.GUARDIAN.value).label("role"),
            col(tables.Guardianship.school_id),
        )
        .where(col(tables.Guardianship.ended_at).is_(None))
        .distinct()
    )
    pupil = select(
        col(tables.Student.id),
        col(tables.Student.user_id),
        literal(Role.STUDENT.value).label("role"),
        col(tables.Student.school_id),
    ).where(col(tables.Student.user_id).is_not(None))
    rows = union_all(granted, guardian, pupil).subquery("held")
    return select(*(rows.c[name].label(name) for name in ("id", "user_id", "role", "school_id")))


@source(_held_roles())
class GrantedRole:
    role: Role = column()
    school: School | None = edge(lambda me, it: it.id == me.school_id)


@source(tables.User)
class Viewer:
    id: UUID = column()
    full_name: str = column()
    phone: str | None = column()
    username: str | None = column()
    language: tables.Language = column()
    theme: tables.Theme = column()
    text_size: tables.TextSize = column()
    roles: list[GrantedRole] = edge(lambda me, it: it.user_id == me.id, order=lambda it: (it.role,), cap=20)


@source(tables.SignInSession)
class SignedInDevice:
    id: UUID = column()
    device_label: str = column()
    created_at: datetime = column()
    last_seen_at: datetime = column()
    current: bool = column(lambda me, actor: func.coalesce(me.id == actor.session_id, False))


@strawberry.type
class IdentityQuery:
    viewer: Viewer | None = root(
        Permission.PUBLIC, where=lambda it, actor: it.id == actor.user_id, description="Null when nobody is signed in"
    )
    my_sessions: list[SignedInDevice] = root(
        Permission.SIGNED_IN,
        where=lambda it, actor: and_(it.user_id == actor.user_id, it.revoked_at.is_(None), it.expires_at > now()),
        order=lambda it: (it.last_seen_at.desc(),),
        cap=50,
    )


@strawberry.type
class SignInPayload:
    viewer: Viewer


@strawberry.type
class SignInCodePayload:
    challenge: UUID
    expires_at: datetime


@strawberry.type
class SignOutPayload:
    ok: bool


@strawberry.type
class SettingsPayload:
    viewer: Viewer


@strawberry.type
class IdentityMutation:
    @mutation(Permission.PUBLIC)
    async def sign_in_with_password(self, info: Info, username: str, password: str) -> SignInPayload | Problem:
        """Staff. Five wrong passwords lock the account for this address; nobody can lock it for everybody."""
        context = info.context
        account = username[:60].strip().lower()  # what is counted is what is looked up
        await context.limit("sign-in.address", context.client, PER_ADDRESS)
        pair = f"{account} {context.client}"
        await context.limit("sign-in.pair", pair, PER_PAIR, "identity.locked")
        await context.limit("sign-in.account", account, PER_ACCOUNT)
        begun = await context.write(
            actions.sign_in_with_password, account, password[:200], sessions.device_label(context.headers),
            actor=SYSTEM,
        )  # fmt: skip
        await context.forgive("sign-in.pair", pair, PER_PAIR)
        return await _enter(info, begun)

    @mutation(Permission.PUBLIC)
    async def request_citizen_code(self, info: Info, phone: str) -> SignInCodePayload | Problem:
        """For services: a six-digit code to any Vietnamese phone; who has no account gets one without a role."""
        context = info.context
        await context.limit("sign-in.address", context.client, PER_ADDRESS)
        number = clean_phone(phone)
        await context.limit("sign-in.phone", number, PER_PHONE)
        challenge = await context.write(actions.request_citizen_code, number, actor=SYSTEM)
        return SignInCodePayload(challenge=challenge.id, expires_at=challenge.expires_at)

    @mutation(Permission.PUBLIC)
    async def sign_in_with_code(self, info: Info, challenge: UUID, code: str) -> SignInPayload | Problem:
        """Families: the six digits that came to the phone."""
        context = info.context
        await context.limit("sign-in.address", context.client, PER_ADDRESS)
        begun = await context.write(
            actions.sign_in_with_code, challenge, code[:12], sessions.device_label(context.headers), actor=SYSTEM
        )
        return await _enter(info, begun)

    @mutation(Permission.SIGNED_IN)
    async def sign_out(self, info: Info) -> SignOutPayload | Problem:
        await sessions.ended(info.context, await info.context.write(actions.sign_out))
        info.context.drop_cookie(sessions.COOKIE)
        return SignOutPayload(ok=True)

    @mutation(Permission.SIGNED_IN)
    async def sign_out_everywhere(self, info: Info) -> SignOutPayload | Problem:
        await sessions.ended(info.context, await info.context.write(actions.sign_out_everywhere))
        info.context.drop_cookie(sessions.COOKIE)
        return SignOutPayload(ok=True)

    @mutation(Permission.SIGNED_IN)
    async def revoke_session(self, info: Info, id: UUID) -> SignOutPayload | Problem:
        await sessions.ended(info.context, await info.context.write(actions.revoke_session, id))
        return SignOutPayload(ok=True)

    @mutation(Permission.SIGNED_IN)
    async def change_password(self, info: Info, current: str, new: str) -> SignOutPayload | Problem:
        context = info.context
        await context.limit("sign-in.pair", str(context.actor.user_id), PER_PAIR, "identity.locked")
        await context.write(actions.change_password, current[:200], new[:201])
        return SignOutPayload(ok=True)

    @mutation(Permission.SIGNED_IN)
    async def update_settings(
        self,
        info: Info,
        language: tables.Language | None = None,
        theme: tables.Theme | None = None,
        text_size: tables.TextSize | None = None,
        full_name: str | None = None,
    ) -> SettingsPayload | Problem:
        context = info.context
        await context.write(actions.update_settings, language, theme, text_size, full_name)
        await sessions.changed(context)
        assert context.actor.user_id is not None
        return SettingsPayload(viewer=Ref.of(Viewer, context.actor.user_id))


async def _enter(info: Info, begun: actions.NewSession | Refusal) -> SignInPayload:
    """Put the session's token into the cookie, and go on as the person it belongs to."""
    if isinstance(begun, Refusal):
        raise begun
    info.context.set_cookie(sessions.COOKIE, begun.token, sessions.cookie_seconds())
    found = await queries.actor_of(info.context.database, token_hash(begun.token))
    info.context.actor = found[0] if found else NOBODY
    return SignInPayload(viewer=Ref.of(Viewer, begun.user_id))
