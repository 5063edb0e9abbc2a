"""Who may do what with a dossier on the desk: looked at with the row locked, before anything changes."""

from dataclasses import dataclass
from uuid import UUID

from backend.core.actor import WHOLE_SCHOOL, Actor, Permission, Role
from backend.core.db import Session
from backend.core.problem import Invalid, NotAllowed, NotFound, Stale
from backend.eservices.queries.dossiers import About, about, dossier_for_update
from backend.eservices.rules.definition import Definition, HandlingStep
from backend.eservices.rules.states import DossierStatus
from backend.eservices.scopes import HANDLERS
from backend.eservices.tables import Dossier


@dataclass(frozen=True)
class Case:
    """A dossier on the desk, locked, with what its procedure says and what the actor is to it."""

    dossier: Dossier
    about: About
    roles: frozenset[Role]
    """The actor's roles at the dossier's school."""
    user_id: UUID | None

    @property
    def definition(self) -> Definition:
        return self.about.live.definition

    @property
    def leads(self) -> bool:
        return Role.HEADTEACHER in self.roles

    @property
    def in_office(self) -> bool:
        """Whether the actor is of the school's office: clerk or headteacher."""
        return not self.roles.isdisjoint(WHOLE_SCHOOL)

    @property
    def step(self) -> HandlingStep:
        """The step the dossier is at; the first one before it has begun."""
        return self.definition.handling_step(self.dossier.step) or self.definition.handling_steps[0]

    @property
    def next_step(self) -> HandlingStep | None:
        """The step after it; None at the last one."""
        return self.definition.step_after(self.step.id)

    @property
    def holds_step(self) -> bool:
        """Whether the step is the actor's by role, or everything is."""
        return self.leads or Role(self.step.role) in self.roles

    @property
    def works_on_it(self) -> bool:
        """Reception is the office's; later it is whoever has it, or anybody with the step's role while nobody has."""
        if self.leads:
            return True
        if self.dossier.status in (DossierStatus.SUBMITTED, DossierStatus.ACCEPTED, DossierStatus.COMPLETED):
            return self.in_office
        if self.dossier.assignee_id is not None:
            return self.dossier.assignee_id == self.user_id
        return self.holds_step

    def check_works(self) -> None:
        """Raises NotAllowed("eservices.not_on_your_desk")."""
        if not self.works_on_it:
            raise NotAllowed("eservices.not_on_your_desk")

    def check_leads(self, code: str) -> None:
        """Raises NotAllowed(code) for everybody but the headteacher."""
        if not self.leads:
            raise NotAllowed(code)

    def check_status(self, *statuses: DossierStatus) -> None:
        """Raises Invalid("eservices.wrong_state")."""
        if self.dossier.status not in statuses:
            raise Invalid("eservices.wrong_state")


async def opened(session: Session, actor: Actor, dossier_id: UUID, version: int | None = None) -> Case:
    """The dossier, locked until the end of the transaction, for somebody on whose desk it may lie.

    Raises NotFound for everybody else, NotAllowed("eservices.own_dossier") for her who asked for it or signed, Stale
    when it is not in this version any more (None: whatever its version).
    """
    row = await dossier_for_update(session, dossier_id)
    whole = row.school_id in actor.schools_as(*WHOLE_SCHOOL)
    given = row.assignee_id == actor.user_id and row.school_id in actor.schools_as(*HANDLERS)
    if actor.user_id is None or not (whole or given):
        raise NotFound("core.not_found")
    actor.require(Permission.DOSSIER_HANDLE, row.school_id)
    if actor.user_id in (row.owner_id, row.cosigner_id):
        raise NotAllowed("eservices.own_dossier")
    if version is not None and row.version != version:
        raise Stale("core.stale")
    roles = frozenset(grant.role for grant in actor.grants if grant.school_id == row.school_id)
    return await case_of(session, row, actor.user_id, roles)


async def case_of(
    session: Session, row: Dossier, user_id: UUID | None = None, roles: frozenset[Role] = frozenset()
) -> Case:
    """The dossier with what its own version of the procedure says, for this person or for our own machinery."""
    return Case(row, await about(session, row), roles, user_id)
