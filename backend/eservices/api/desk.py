"""GraphQL of the office: its queue, its actions, and how schools keep their deadlines."""

from datetime import date
from typing import Annotated, Any
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
from backend.eservices.queries import board
from backend.eservices.queries import desk as desk_queries
from backend.eservices.queries.board import MOST_OLDEST, Late, Tally
from backend.eservices.rules.states import DossierStatus
from backend.eservices.rules.urgency import Urgency
from backend.eservices.scopes import HANDLERS
from backend.identity.tables import RoleGrant
from backend.organisation.api import School
from backend.timetable.api import Person

strawberry.enum(Urgency)

PER_PERSON = Rate(600, 3600)
MOST_HANDLERS = 200
USUAL_SCHOOLS = 60
"""Of a department that asks for its board; the statements behind it are the same for any number."""


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
class LateDossier:
    """What the department may know of a dossier that is late: no names of citizens, no answers."""

    id: UUID
    code: str
    due_on: date
    working_days_late: int
    procedure_code: str
    procedure_name: LocalName
    status: DossierStatus
    step: str
    step_name: LocalName | None
    assignee: Person | None


@strawberry.type
class BoardUnit:
    school: School
    open: int = strawberry.field(description="Now")
    overdue: int = strawberry.field(description="Now")
    finished: int = strawberry.field(description="In the time asked about; not what its citizen took back")
    on_time: int
    average_working_days: float | None = strawberry.field(description="From the last receipt to the end")
    very_satisfied: int
    satisfied: int
    unsatisfied: int
    oldest_overdue: list[LateDossier] = strawberry.field(metadata={"usual": MOST_OLDEST})


@strawberry.type
class ServiceBoard:
    from_: date = strawberry.field(name="from")
    to: date
    open: int
    overdue: int
    finished: int
    on_time_rate: float | None = strawberry.field(description="Of what was finished; null when nothing was")
    satisfaction_rate: float | None = strawberry.field(description="Satisfied or very, of what was rated")
    units: list[BoardUnit] = strawberry.field(
        description="The schools that have dossiers", metadata={"usual": USUAL_SCHOOLS}
    )
    schools_without: int = strawberry.field(description="The schools that never had one")


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

    @query(Permission.SERVICE_OVERSEE)
    async def service_board(
        self, info: Info, from_: Annotated[date, strawberry.argument(name="from")], to: date
    ) -> ServiceBoard:
        """For a headteacher her own schools, for an officer those below the unit; at most a year."""
        async with info.context.read_session() as session:
            return _board(await board.service_board(session, info.context.actor, from_, to))


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
        procedure_name=LocalName(vi=row.name["vi"], en=row.name["en"]),
        step_name=LocalName(vi=row.step["vi"], en=row.step["en"]) if row.step else None,
    )


def _board(found: board.Board) -> ServiceBoard:
    units = found.tallies
    finished, rated = sum(each.finished for each in units), sum(_rated(each) for each in units)
    pleased = sum(each.very_satisfied + each.satisfied for each in units)
    return ServiceBoard(
        from_=found.starts,
        to=found.ends,
        open=sum(each.open for each in units),
        overdue=sum(each.overdue for each in units),
        finished=finished,
        on_time_rate=sum(each.on_time for each in units) / finished if finished else None,
        satisfaction_rate=pleased / rated if rated else None,
        units=[_unit(each, found) for each in units],
        schools_without=found.without,
    )


def _rated(tally: Tally) -> int:
    return tally.very_satisfied + tally.satisfied + tally.unsatisfied


def _unit(tally: Tally, found: board.Board) -> BoardUnit:
    return BoardUnit(
        school=Ref.of(School, tally.school_id, id=tally.school_id, code=tally.code, name=tally.name, level=tally.level),
        open=tally.open,
        overdue=tally.overdue,
        finished=tally.finished,
        on_time=tally.on_time,
        average_working_days=tally.average_days,
        very_satisfied=tally.very_satisfied,
        satisfied=tally.satisfied,
        unsatisfied=tally.unsatisfied,
        oldest_overdue=[_late(each, found) for each in found.late.get(tally.school_id, ())],
    )


def _late(late: Late, found: board.Board) -> LateDossier:
    step = next((each["name"] for each in late.steps if each["id"] == late.step_id), None)
    return LateDossier(
        id=late.id,
        code=late.code,
        due_on=late.due_on,
        working_days_late=found.days.between(late.due_on, found.today),
        procedure_code=late.procedure_code,
        procedure_name=LocalName(vi=late.name["vi"], en=late.name["en"]),
        status=late.status,
        step=late.step_id,
        step_name=LocalName(vi=step["vi"], en=step["en"]) if step else None,
        assignee=Ref.of(Person, late.holder_id, id=late.holder_id, full_name=late.holder) if late.holder_id else None,
    )
