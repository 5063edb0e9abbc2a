"""Reads over many dossiers: how schools keep their deadlines, and the register of what came in (form 07)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Date,
    DateTime,
    Integer,
    Numeric,
    SQLColumnExpression,
    and_,
    cast,
    func,
    literal,
    select,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.core.clock import VIETNAM
from backend.core.db import INSTANT, Session
from backend.core.graphql.binds import one_of
from backend.eservices.rules.states import OPEN, DossierStatus
from backend.eservices.tables import (
    Channel,
    Dossier,
    DossierEntry,
    EntryAction,
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
_ZONE: Final = "Asia/Ho_Chi_Minh"


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
    begin, end = _instants(starts, ends)
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
        .outerjoin(received, received.c.day == _day(col(Dossier.received_at)))
        .outerjoin(done, done.c.day == _day(col(Dossier.finished_at)))
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


@dataclass(slots=True)
class RegisterRow:
    """A line of form 07. `due_on` is the last deadline that was named; days are Vietnamese days."""

    code: str
    procedure_code: str
    procedure_name: str
    applicant_name: str
    applicant_phone: str
    channel: Channel
    filed_on: date
    due_on: date | None
    finished_on: date | None
    returned_on: date | None
    status: DossierStatus
    on_time: bool | None
    holder: str


async def registered(session: Session, school_id: UUID, starts: date, ends: date, most: int) -> list[RegisterRow]:
    """The dossiers filed at the school in these days, in order of their codes; at most one more than `most`."""
    begin, end = _instants(starts, ends)
    entry, given = aliased(DossierEntry), aliased(DossierEntry)
    due = (
        select(col(entry.due_on))
        .where(col(entry.dossier_id) == Dossier.id, col(entry.due_on).is_not(None))
        .order_by(col(entry.position).desc())
        .limit(1)
        .scalar_subquery()
    )
    returned = (
        select(func.max(col(given.created_at)))
        .where(col(given.dossier_id) == Dossier.id, col(given.action) == EntryAction.RETURNED)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(
            col(Dossier.code),
            col(Procedure.code).label("procedure_code"),
            col(ProcedureVersion.definition)["name"]["vi"].astext.label("procedure_name"),
            col(Dossier.applicant_name),
            col(Dossier.applicant_phone),
            col(Dossier.channel),
            _day(col(Dossier.filed_at)).label("filed_on"),
            due.label("due_on"),
            _day(col(Dossier.finished_at)).label("finished_on"),
            _day(returned).label("returned_on"),
            col(Dossier.status),
            col(Dossier.on_time),
            func.coalesce(col(User.full_name), "").label("holder"),
        )
        .join(Procedure, col(Procedure.id) == Dossier.procedure_id)
        .join(ProcedureVersion, col(ProcedureVersion.id) == Dossier.procedure_version_id)
        .outerjoin(User, col(User.id) == Dossier.assignee_id)
        .where(col(Dossier.school_id) == school_id, col(Dossier.filed_at) >= begin, col(Dossier.filed_at) < end)
        .order_by(col(Dossier.filed_at), col(Dossier.code))
        .limit(most + 1)
    )
    return [RegisterRow(**row._mapping) for row in rows]


def _instants(starts: date, ends: date) -> tuple[Any, Any]:
    """From midnight to midnight in Vietnam, the last day included."""
    begin, end = (datetime.combine(day, time(), VIETNAM) for day in (starts, ends + timedelta(days=1)))
    return literal(begin, INSTANT), literal(end, INSTANT)


def _day(moment: SQLColumnExpression[Any]) -> SQLColumnExpression[date]:
    return cast(func.timezone(_ZONE, moment, type_=DateTime()), Date)


def _working_days(starts: date, ends: date) -> Any:
    """Every day with the number of working days up to and with it, so that two of them give a distance."""
    day = func.generate_series(literal(starts, DateTime()), literal(ends, DateTime()), timedelta(days=1))
    days = select(cast(day, Date).label("day")).subquery("days")
    usual = func.extract("isodow", days.c.day) < 6
    works = cast(func.coalesce(col(OfficeDay.works), usual), Integer)
    return select(days.c.day, func.sum(works).over(order_by=days.c.day).label("number")).outerjoin(
        OfficeDay, col(OfficeDay.day) == days.c.day
    )
