"""Who follows a dossier from outside, who works on it, who writes a draft: said once, for reads and for actions."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Uuid, and_, false, literal, not_, or_, true
from sqlmodel import col

from backend.core.actor import RIGHTS, WHOLE_SCHOOL, Actor, Permission, Role
from backend.core.graphql.binds import one_of
from backend.enrolment.access import TEACHERS, Asker
from backend.eservices.tables import Draft

HANDLERS: Final = frozenset(role for role in Role if Permission.DOSSIER_HANDLE in RIGHTS[role])
"""The roles that may have a dossier on their desk."""


def me(actor: Asker) -> ColumnElement[Any]:
    """The actor's id as SQL; never null for somebody who is signed in."""
    return literal(actor.user_id, Uuid()) if isinstance(actor, Actor) else actor.user_id


def may_follow(actor: Asker, it: Any) -> ColumnElement[bool]:
    """Whose request it is, and who signed it with her (`readers`, by the two columns that have an index)."""
    if actor.system:
        return true()
    return or_(it.owner_id == me(actor), it.cosigner_id == me(actor))


def is_own(actor: Asker, it: Any) -> ColumnElement[bool]:
    """The actor asked for it or signed it: whatever her office, she does not handle it."""
    if actor.system:
        return false()
    return or_(it.owner_id.is_not_distinct_from(me(actor)), it.cosigner_id.is_not_distinct_from(me(actor)))


def works_at(actor: Asker, it: Any) -> ColumnElement[bool]:
    """Leaders and clerks: every dossier of their school. Teachers: what was handed to them."""
    doors: list[ColumnElement[bool]] = [false()]
    if actor.system:
        doors.append(true())
    if not actor.roles.isdisjoint(WHOLE_SCHOOL):
        doors.append(one_of(it.school_id, actor.schools_as(*WHOLE_SCHOOL)))
    if not actor.roles.isdisjoint(TEACHERS):
        doors.append(and_(it.assignee_id == me(actor), one_of(it.school_id, actor.schools_as(*TEACHERS))))
    return or_(*doors)


def may_handle(actor: Asker, it: Any) -> ColumnElement[bool]:
    """What the actor may work on: `works_at`, but never her own request."""
    return and_(works_at(actor, it), not_(is_own(actor, it)))


def may_see(actor: Asker, it: Any) -> ColumnElement[bool]:
    """One's own dossiers, and those one handles. Everything else does not exist."""
    return or_(may_follow(actor, it), may_handle(actor, it))


def writes(actor: Asker, it: Any) -> ColumnElement[bool]:
    """The draft is the actor's own."""
    return it.owner_id == me(actor)


def may_read_draft(actor: Asker, it: Any) -> ColumnElement[bool]:
    """One's own drafts, and those one is asked to sign."""
    return or_(writes(actor, it), and_(it.cosigner_id == me(actor), it.signature_asked_at.is_not(None)))


def of_draft(actor: Asker, draft_id: Any) -> ColumnElement[bool]:
    """`may_read_draft` for an action that holds an id only."""
    return and_(col(Draft.id) == draft_id, may_read_draft(actor, Draft))
