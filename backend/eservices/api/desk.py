"""GraphQL of the office: its queue and its actions."""

from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, exists, or_
from sqlmodel import col
from strawberry.scalars import JSON

from backend.core.actor import Permission
from backend.core.graphql import Info, Problem, Ref, mutation, one_of, query, root
from backend.core.limits import Rate
from backend.enrolment.api import Student
from backend.eservices.actions import desk, desk_requests
from backend.eservices.api.dossiers import Dossier, DossierPayload, LocalName
from backend.eservices.api.procedures import Procedure
from backend.eservices.queries import desk as desk_queries
from backend.eservices.rules.states import DossierStatus
from backend.eservices.rules.urgency import Urgency
from backend.eservices.scopes import HANDLERS
from backend.identity.tables import RoleGrant
from backend.timetable.api import Person

strawberry.enum(Urgency)

PER_PERSON = Rate(600, 3600)
MOST_HANDLERS = 200


@strawberry.type
class QueueRow:
    """A line of the queue. `workingDaysLeft` is negative when it is late, null while no clock runs."""

    dossier: Dossier
    working_days_left: int | None
    urgency: Urgency
    procedure_name: LocalName
    step_name: LocalName | None


@strawberry.type
class QueueCount:
    status: DossierStatus
    count: int


@strawberry.type
class DossierQueue:
    rows: list[QueueRow] = strawberry.field(metadata={"usual": desk_queries.LARGEST_PAGE})
    next: str | None = strawberry.field(description="Pass it as `after` for the lines that follow")
    counts: list[QueueCount] = strawberry.field(
        description="By status, whatever statuses the filter names; 1000 stands for more too",
        metadata={"usual": len(DossierStatus)},
    )


@strawberry.input
class QueueFilter:
    school: UUID | None = None
    statuses: list[DossierStatus] | None = None
    procedure: str | None = strawberry.field(default=None, description="Its code")
    assigned_to_me: bool = False
    search: str | None = strawberry.field(
        default=None, description="In the code, or in the name of applicant or pupil, without diacritics"
    )


@strawberry.input
class DefectInput:
    target: str = strawberry.field(description='"field:<name>" or "document:<id>"')
    defect: str = strawberry.field(description="One of the definition's checks, or OTHER with a note")
    note: str = ""


@strawberry.type
class DeskQuery:
    handlers: list[Person] = root(
        Permission.DOSSIER_HANDLE,
        arguments={"school": UUID},
        where=lambda it, args, actor: and_(
            one_of(args.school, actor.schools_as(*HANDLERS)),
            exists().where(
                col(RoleGrant.user_id) == it.id,
                col(RoleGrant.school_id) == args.school,
                or_(*(col(RoleGrant.role) == role for role in sorted(HANDLERS))),
            ),
        ),
        order=lambda it: (it.sort_key,),
        cap=MOST_HANDLERS,
        description="To whom a dossier of the school may be handed over",
    )

    @query(Permission.DOSSIER_HANDLE)
    async def dossier_queue(
        self, info: Info, filter: QueueFilter, after: str | None = None, first: int = 50
    ) -> DossierQueue:
        """With the office, the most pressing first; then with the citizen; then finished. At most 100 lines a page."""
        wanted = desk_queries.Filter(
            filter.school,
            frozenset(filter.statuses or ()),
            filter.procedure,
            filter.assigned_to_me,
            filter.search,
        )
        async with info.context.read_session() as session:
            found = await desk_queries.queue(session, info.context.actor, wanted, after, first)
        counts = [QueueCount(status=status, count=found.counts.get(status, 0)) for status in DossierStatus]
        return DossierQueue(rows=[_row(row) for row in found.rows], next=found.next, counts=counts)


@strawberry.type
class DeskMutation:
    @mutation(Permission.DOSSIER_HANDLE)
    async def accept_dossier(self, info: Info, id: UUID, version: int, note: str = "") -> DossierPayload | Problem:
        return await _done(info, desk.accept, id, version, note)

    @mutation(Permission.DOSSIER_HANDLE)
    async def reject_dossier(self, info: Info, id: UUID, version: int, reason: str) -> DossierPayload | Problem:
        """Form 03."""
        return await _done(info, desk.reject, id, version, reason)

    @mutation(Permission.DOSSIER_HANDLE)
    async def request_supplement(
        self, info: Info, id: UUID, version: int, defects: list[DefectInput], note: str
    ) -> DossierPayload | Problem:
        """Form 02: everything at once. A second round is the headteacher's; there is no third."""
        listed = [desk_requests.Defect(each.target, each.defect, each.note) for each in defects]
        return await _done(info, desk_requests.request_supplement, id, version, listed, note)

    @mutation(Permission.DOSSIER_HANDLE)
    async def start_dossier(self, info: Info, id: UUID, version: int) -> DossierPayload | Problem:
        return await _done(info, desk.start, id, version)

    @mutation(Permission.DOSSIER_HANDLE)
    async def advance_dossier(
        self, info: Info, id: UUID, version: int, note: str, result_data: JSON | None = None
    ) -> DossierPayload | Problem:
        """To the next step. The note is the office's own."""
        return await _done(info, desk.advance, id, version, note, result_data)

    @mutation(Permission.DOSSIER_HANDLE)
    async def hand_over(self, info: Info, id: UUID, version: int, to: UUID, note: str) -> DossierPayload | Problem:
        return await _done(info, desk.hand_over, id, version, to, note)

    @mutation(Permission.DOSSIER_HANDLE)
    async def require_payment(
        self, info: Info, id: UUID, version: int, fee: int, note: str
    ) -> DossierPayload | Problem:
        return await _done(info, desk_requests.require_payment, id, version, fee, note)

    @mutation(Permission.DOSSIER_HANDLE)
    async def confirm_payment(self, info: Info, id: UUID, version: int, receipt: str) -> DossierPayload | Problem:
        return await _done(info, desk_requests.confirm_payment, id, version, receipt)

    @mutation(Permission.DOSSIER_LEAD)
    async def extend_dossier(
        self, info: Info, id: UUID, version: int, working_days: int, reason: str
    ) -> DossierPayload | Problem:
        """Form 04: once, before the deadline has passed."""
        return await _done(info, desk_requests.extend, id, version, working_days, reason)

    @mutation(Permission.DOSSIER_HANDLE)
    async def stop_dossier(self, info: Info, id: UUID, version: int, reason: str) -> DossierPayload | Problem:
        """Form 05."""
        return await _done(info, desk.stop, id, version, reason)

    @mutation(Permission.DOSSIER_HANDLE)
    async def complete_dossier(
        self, info: Info, id: UUID, version: int, result_note: str, result_data: JSON | None = None
    ) -> DossierPayload | Problem:
        """At the last step: does what the procedure does, and issues the result."""
        return await _done(info, desk.complete, id, version, result_note, result_data)

    @mutation(Permission.DOSSIER_HANDLE)
    async def return_dossier(self, info: Info, id: UUID, version: int) -> DossierPayload | Problem:
        return await _done(info, desk.give_back, id, version)

    @mutation(Permission.DOSSIER_LEAD)
    async def revoke_result(self, info: Info, id: UUID, version: int, reason: str) -> DossierPayload | Problem:
        """Whoever verifies the paper learns that it does not hold any more."""
        return await _done(info, desk.revoke_result, id, version, reason)

    @mutation(Permission.DOSSIER_HANDLE)
    async def add_note(self, info: Info, id: UUID, note: str) -> DossierPayload | Problem:
        """For the office only."""
        return await _done(info, desk.add_note, id, note)


async def _done(info: Info, action: Any, *given: Any) -> DossierPayload:
    await info.context.limit("desk", str(info.context.actor.user_id), PER_PERSON)
    return DossierPayload(dossier=Ref.of(Dossier, await info.context.write(action, *given)))


def _row(row: desk_queries.Queued) -> QueueRow:
    """With what the queue has read already, so that a line costs no statement of its own."""
    assignee = Ref.of(Person, row.assignee_id, id=row.assignee_id, full_name=row.assignee_name)
    student = Ref.of(Student, row.student_id, id=row.student_id, full_name=row.student_name)
    dossier = Ref.of(
        Dossier,
        row.id,
        id=row.id,
        code=row.code,
        status=row.status,
        step=row.step_id,
        channel=row.channel,
        applicant_name=row.applicant_name,
        filed_at=row.filed_at,
        received_at=row.received_at,
        due_on=row.due_on,
        overdue=row.urgency is Urgency.OVERDUE,
        extended_at=row.extended_at,
        supplement_rounds=row.supplement_rounds,
        version=row.version,
        procedure=Ref.of(Procedure, row.procedure_id, id=row.procedure_id, code=row.procedure_code),
        assignee=assignee if row.assignee_id else None,
        student=student if row.student_id and row.student_name else None,
    )
    return QueueRow(
        dossier=dossier,
        working_days_left=row.left,
        urgency=row.urgency,
        procedure_name=LocalName.of(row.name),
        step_name=LocalName.of(row.step) if row.step else None,
    )
