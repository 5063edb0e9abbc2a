"""What an office's action tells and to whom: those who follow from outside, and those who work on it next."""

from typing import Final
from uuid import UUID

from backend.core.actor import WHOLE_SCHOOL, Actor, Role
from backend.core.db import Session
from backend.core.journal import record
from backend.core.problem import Invalid
from backend.core.text import visible
from backend.eservices import events
from backend.eservices.actions.cases import Case
from backend.eservices.queries.offices import holders, homeroom_of, roles_at
from backend.eservices.rules.states import DossierStatus

LONGEST_NOTE: Final = 2000


async def give_to_step(session: Session, actor: Actor, case: Case) -> None:
    """A new step has begun: whoever has the dossier keeps it if the step is hers too; otherwise it lies with those
    who hold the step, or with the pupil's homeroom teacher. They are told."""
    row, role = case.dossier, Role(case.step.role)
    if row.assignee_id is not None and role not in await roles_at(session, row.assignee_id, row.school_id):
        row.assignee_id = None
    if row.assignee_id is None and role is Role.HOMEROOM_TEACHER:
        homeroom = await homeroom_of(session, row.student_id)
        row.assignee_id = homeroom if homeroom not in (row.owner_id, row.cosigner_id) else None
    await session.flush()
    told = await concerned(session, case)
    others = tuple(user for user in told if user != actor.user_id)
    if others:
        record(session, actor, events.DossierHandedOver(**case.about.facts(row, others)))


async def concerned(session: Session, case: Case) -> tuple[UUID, ...]:
    """Who is to work on it now: who has it, or those with the step's role; of teachers, only one to whom it is
    given can see it, so until then the clerks, who give it."""
    row = case.dossier
    if row.assignee_id is not None:
        return (row.assignee_id,)
    role = Role(case.step.role) if row.status is DossierStatus.PROCESSING else Role.ACADEMIC_CLERK
    told = await holders(session, row.school_id, roles=(role if role in WHOLE_SCHOOL else Role.ACADEMIC_CLERK,))
    return tuple(user for user in told if user not in (row.owner_id, row.cosigner_id))


def tell_readers(session: Session, actor: Actor, case: Case) -> None:
    row = case.dossier
    facts = case.about.facts(row, row.readers)
    record(session, actor, events.DossierMoved(**facts, status=row.status, due_on=row.due_on))


def cleaned(text: str, most: int = LONGEST_NOTE, field: str = "note") -> str:
    """Text as it is kept, lines and all; raises Invalid("eservices.text_too_long", most)."""
    kept = "\n".join(visible(line).rstrip() for line in text.splitlines()).strip()
    if len(kept) > most:
        raise Invalid("eservices.text_too_long", field=field, most=most)
    return kept


def needed(reason: str) -> str:
    if not (text := cleaned(reason, field="reason")):
        raise Invalid("eservices.reason_missing", field="reason")
    return text
