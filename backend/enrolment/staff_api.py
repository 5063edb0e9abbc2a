"""GraphQL of a school's staff."""

from uuid import UUID

import strawberry
from sqlalchemy import and_, exists, select
from sqlmodel import col

from backend.core.actor import WHOLE_SCHOOL, Permission
from backend.core.graphql import Connection, Info, Problem, column, edge, mutation, one_of, root, source
from backend.core.limits import Rate
from backend.enrolment import staff as actions
from backend.enrolment import tables
from backend.identity import sessions
from backend.identity.tables import Credential, User

PASSWORDS = Rate(200, 3600)


@source(User)
class StaffUser:
    """The account of somebody who works here."""

    id: UUID = column()
    full_name: str = column()
    username: str | None = column()


_staff = select(
    col(tables.StaffMember.id).label("id"),
    col(tables.StaffMember.school_id).label("school_id"),
    col(tables.StaffMember.user_id).label("user_id"),
    col(tables.StaffMember.code).label("code"),
    col(tables.StaffMember.position).label("position"),
    col(User.sort_key).label("sort_key"),
).join(User, col(User.id) == tables.StaffMember.user_id)


@source(_staff)
class StaffMember:
    """Somebody who works at the school, by the school's own code."""

    id: UUID = column()
    code: str = column()
    position: str = column()
    user: StaffUser = edge(lambda me, it: it.id == me.user_id)
    has_password: bool = column(lambda me: exists().where(col(Credential.user_id) == me.user_id))


@strawberry.type
class IssueStaffPasswordPayload:
    """Shown once: only the hash is kept."""

    username: str
    password: str


@strawberry.type
class StaffQuery:
    staff_members: Connection[StaffMember] = root(
        Permission.STAFF_MANAGE,
        arguments={"school": UUID},
        where=lambda it, args, actor: and_(
            it.school_id == args.school,
            one_of(it.school_id, actor.schools_as(*WHOLE_SCHOOL)),
        ),
        order=lambda it: (it.sort_key,),
    )


@strawberry.type
class StaffMutation:
    @mutation(Permission.STAFF_MANAGE)
    async def issue_staff_password(self, info: Info, staff: UUID) -> IssueStaffPasswordPayload | Problem:
        """A new password for a colleague; every session of that account ends."""
        context = info.context
        await context.limit("staff-password", str(context.actor.user_id), PASSWORDS)
        issued = await context.write(actions.issue_staff_password, staff)
        await sessions.ended(context, issued.ended)
        return IssueStaffPasswordPayload(username=issued.username, password=issued.password)
