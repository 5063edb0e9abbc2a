"""The leaders' view: how schools keep their deadlines. The department's of its schools, a headteacher's of her own."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Numeric,
    and_,
    cast,
    func,
    literal,
    select,
)
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor, Permission, Role
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.queries.days import check_span, day_of, instants
from backend.eservices.rules.states import OPEN, DossierStatus
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.tables import (
    Dossier,
    OfficeDay,
    Procedure,
    ProcedureVersion,
    Satisfaction,
)
from backend.identity.tables import User
from backend.organisation.tables import Level, School

MOST_OLDEST: Final = 5
"""Late dossiers shown of each school."""
_LONGEST_TERM: Final = timedelta(days=400)
_OVERSEERS: Final = (Role.HEADTEACHER, Role.PROVINCIAL_OFFICER)


@dataclass(frozen=True)
class Tally:
    """How one school does: what is open now, and what it finished in the time asked about.

    What its citizen took back is not counted as finished. `average_days` are working days from the last receipt.
    """

    school_id: UUID
    code: str
    name: str
    level: Level
    open: int
    overdue: int
    finished: int
    on_time: int
    average_days: float | None
    very_satisfied: int
    satisfied: int
    unsatisfied: int


async def tallies(session: Session, schools: Sequence[UUID], starts: date, ends: date, today: date) -> list[Tally]:
    """The schools that have dossiers, by name; one statement whatever their number. Needs the schools' fence."""
    begin, end = instants(starts, ends)
    finished = and_(
        col(Dossier.finished_at) >= begin,
        col(Dossier.finished_at) < end,
        col(Dossier.status) != DossierStatus.WITHDRAWN,
    )
    is_open = col(Dossier.status).in_(sorted(OPEN))
    late = and_(is_open, col(Dossier.due_on) < today)
    worked = _working_days(starts - _LONGEST_TERM, ends).cte("worked")
    received, done = worked.alias("received"), worked.alias("done")
    rows = await session.execute(
        select(
            col(School.id).label("school_id"),
            col(School.code),
            col(School.name),
            col(School.level),
            func.count().filter(is_open).label("open"),
            func.count().filter(late).label("overdue"),
            func.count().filter(finished).label("finished"),
            func.count().filter(finished, col(Dossier.on_time).is_(True)).label("on_time"),
            cast(func.avg(done.c.number - received.c.number).filter(finished), Numeric).label("average_days"),
            *(
                func.count().filter(finished, col(Dossier.satisfaction) == rating).label(rating.value.lower())
                for rating in Satisfaction
            ),
        )
        .join(School, col(School.id) == Dossier.school_id)
        .outerjoin(received, received.c.day == day_of(col(Dossier.received_at)))
        .outerjoin(done, done.c.day == day_of(col(Dossier.finished_at)))
        .where(one_of(col(Dossier.school_id), list(schools)))
        .group_by(col(School.id))
        .order_by(col(School.name), col(School.id))
    )
    return [
        Tally(**{**row._mapping, "average_days": None if row.average_days is None else float(row.average_days)})
        for row in rows
    ]


@dataclass(frozen=True)
class Late:
    """A dossier behind its day, and who has it."""

    id: UUID
    school_id: UUID
    code: str
    status: DossierStatus
    step_id: str
    due_on: date
    procedure_code: str
    name: Mapping[str, str]
    steps: Sequence[Mapping[str, Any]]
    holder_id: UUID | None
    holder: str | None


async def oldest_overdue(session: Session, schools: Sequence[UUID], today: date) -> list[Late]:
    """The dossiers that are latest, a few of every school, the latest first."""
    rank = func.row_number().over(partition_by=col(Dossier.school_id), order_by=(col(Dossier.due_on), col(Dossier.id)))
    late = (
        select(col(Dossier.id), rank.label("rank"))
        .where(one_of(col(Dossier.school_id), list(schools)), col(Dossier.due_on) < today)
        .subquery("late")
    )
    definition = col(ProcedureVersion.definition)
    rows = await session.execute(
        select(
            col(Dossier.id),
            col(Dossier.school_id),
            col(Dossier.code),
            col(Dossier.status),
            col(Dossier.step).label("step_id"),
            col(Dossier.due_on),
            col(Procedure.code).label("procedure_code"),
            definition["name"].label("name"),
            func.coalesce(definition["handling"]["steps"], func.jsonb_build_array()).label("steps"),
            col(Dossier.assignee_id).label("holder_id"),
            col(User.full_name).label("holder"),
        )
        .join(late, late.c.id == Dossier.id)
        .join(Procedure, col(Procedure.id) == Dossier.procedure_id)
        .join(ProcedureVersion, col(ProcedureVersion.id) == Dossier.procedure_version_id)
        .outerjoin(User, col(User.id) == Dossier.assignee_id)
        .where(late.c.rank <= MOST_OLDEST)
        .order_by(col(Dossier.due_on), col(Dossier.id))
    )
    return [Late(**row._mapping) for row in rows]


def _working_days(starts: date, ends: date) -> Any:
    """Every day with the number of working days up to and with it, so that two of them give a distance."""
    day = func.generate_series(literal(starts, DateTime()), literal(ends, DateTime()), timedelta(days=1))
    days = select(cast(day, Date).label("day")).subquery("days")
    usual = func.extract("isodow", days.c.day) < 6
    works = cast(func.coalesce(col(OfficeDay.works), usual), Integer)
    return select(days.c.day, func.sum(works).over(order_by=days.c.day).label("number")).outerjoin(
        OfficeDay, col(OfficeDay.day) == days.c.day
    )


@dataclass(frozen=True)
class Board:
    """How the schools do. `without` are those that have never had a dossier."""

    starts: date
    ends: date
    tallies: list[Tally]
    late: dict[UUID, list[Late]]
    without: int
    today: date
    days: WorkingDays


async def service_board(session: Session, actor: Actor, starts: date, ends: date) -> Board:
    """The schools below an officer's unit, and those the actor heads. Two statements besides the calendar.

    Her fence holds these schools and no others (`identity.queries`), so nothing has to be looked at behind it.
    Raises NotAllowed, Invalid("eservices.span", most).
    """
    actor.require(Permission.SERVICE_OVERSEE)
    check_span(starts, ends)
    schools, today = actor.schools_as(*_OVERSEERS), clock.today()
    units = await tallies(session, schools, starts, ends, today)
    late: defaultdict[UUID, list[Late]] = defaultdict(list)
    for row in await oldest_overdue(session, schools, today):
        late[row.school_id].append(row)
    days = await office_calendar(session)
    return Board(starts, ends, units, late, len(schools) - len(units), today, days)
