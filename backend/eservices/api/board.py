"""GraphQL of the leaders' view: how schools keep their deadlines."""

from datetime import date
from typing import Annotated
from uuid import UUID

import strawberry

from backend.core.actor import Permission
from backend.core.graphql import Info, Ref, query
from backend.eservices.api.dossiers import LocalName
from backend.eservices.queries import board
from backend.eservices.queries.board import MOST_OLDEST, Late, Tally
from backend.eservices.rules.states import DossierStatus
from backend.organisation.api import School
from backend.timetable.api import Person

USUAL_SCHOOLS = 60
"""Of a department that asks for its board; the statements behind it are the same for any number."""


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
class BoardQuery:
    @query(Permission.SERVICE_OVERSEE)
    async def service_board(
        self, info: Info, from_: Annotated[date, strawberry.argument(name="from")], to: date
    ) -> ServiceBoard:
        """For a headteacher her own schools, for an officer those below the unit; at most a year."""
        async with info.context.read_session() as session:
            return _board(await board.service_board(session, info.context.actor, from_, to))


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
        procedure_name=LocalName.of(late.name),
        status=late.status,
        step=late.step_id,
        step_name=LocalName.of(step) if step else None,
        assignee=Ref.of(Person, late.holder_id, id=late.holder_id, full_name=late.holder) if late.holder_id else None,
    )
