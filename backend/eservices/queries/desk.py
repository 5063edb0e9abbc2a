"""Reads of the desk: the queue of an office, sorted by what presses, and who may be given a dossier."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Numeric,
    SQLColumnExpression,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.core import clock
from backend.core.actor import WHOLE_SCHOOL, Actor
from backend.core.db import INSTANT, Session
from backend.core.graphql.connection import page_size, read_cursor, write_cursor
from backend.core.problem import Invalid
from backend.core.text import search_key
from backend.eservices import scopes
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.queries.procedures import handling_of
from backend.eservices.rules.states import OPEN, RUNNING, WAITING, DossierStatus
from backend.eservices.rules.urgency import Urgency, days_left, urgency
from backend.eservices.scopes import HANDLERS
from backend.eservices.tables import Channel, Dossier, Procedure
from backend.identity.tables import Student, User

LARGEST_PAGE: Final = 100
LONGEST_SEARCH: Final = 100
MOST_COUNTED: Final = 1000
"""A status with more dossiers counts as so many."""
_GROUPS: Final = (RUNNING, WAITING, frozenset(DossierStatus) - OPEN)
"""The queue's three parts: with the office, with the citizen, finished."""
_NEVER: Final = date(9000, 1, 1)


@dataclass(frozen=True)
class Filter:
    """What to show. `statuses` empty: all."""

    school_id: UUID | None = None
    statuses: frozenset[DossierStatus] = frozenset()
    procedure: str | None = None
    mine: bool = False
    search: str | None = None


@dataclass(frozen=True)
class Behind:
    """The last line of the page before: its part of the queue, what it is sorted by there, and its id."""

    part: int
    place: str
    id: UUID

    @classmethod
    def read(cls, cursor: str) -> "Behind":
        """Raises Invalid("core.cursor_invalid")."""
        part, place, id_ = read_cursor(cursor, 3)
        try:
            (date if part == "0" else datetime).fromisoformat(place)
            return cls(range(len(_GROUPS)).index(int(part)), place, UUID(id_))
        except ValueError:
            raise Invalid("core.cursor_invalid", field="after") from None

    def write(self) -> str:
        return write_cursor([str(self.part), self.place, str(self.id)])


@dataclass(frozen=True)
class Queued:
    """A line of the queue. `left` are working days, negative when late; `step` is its name in both languages."""

    id: UUID
    code: str
    status: DossierStatus
    step_id: str
    channel: Channel
    applicant_name: str
    filed_at: datetime
    received_at: datetime
    due_on: date | None
    extended_at: datetime | None
    supplement_rounds: int
    version: int
    procedure_id: UUID
    procedure_code: str
    procedure_version_id: UUID
    assignee_id: UUID | None
    assignee_name: str | None
    student_id: UUID | None
    student_name: str | None
    left: int | None
    urgency: Urgency
    name: Mapping[str, str]
    step: Mapping[str, str] | None


@dataclass(frozen=True)
class Queue:
    rows: list[Queued]
    next: str | None
    counts: dict[DossierStatus, int]


async def queue(session: Session, actor: Actor, wanted: Filter, after: str | None, first: int) -> Queue:
    """A page of the dossiers the actor may handle, and how many there are by status (at most MOST_COUNTED)
    whatever `statuses` are wanted.

    With the office: by deadline, the latest ones first. Then with the citizen, then finished, newest first.
    Raises Invalid: core.page_size, core.cursor_invalid.
    """
    page_size(first, LARGEST_PAGE)
    behind = Behind.read(after) if after is not None else None
    scope = _scope(actor, wanted)
    statuses = wanted.statuses or frozenset(DossierStatus)
    found: list[Any] = list((await session.execute(_page(scope, statuses, behind, first + 1))).all())
    counted: Any = await session.execute(_counts(scope))
    days, today = await office_calendar(session), clock.today()
    handling = await handling_of(session, {row.procedure_version_id for row in found})
    rows: list[Queued] = []
    for row in found[:first]:
        said = handling[row.procedure_version_id]
        step = said.steps.get(row.step_id)
        left, pressing = days_left(row.due_on, today, days), urgency(row.status, row.due_on, today, days)
        rows.append(Queued(**_line(row), left=left, urgency=pressing, name=said.name, step=step and step["name"]))
    last = found[first - 1] if 0 < first < len(found) else None
    cursor = Behind(last.part, last.place, last.id).write() if last else None
    return Queue(rows, cursor, {DossierStatus(status): count for status, count in counted.all()})


def _line(row: Any) -> dict[str, Any]:
    return {name: value for name, value in row._mapping.items() if name not in ("part", "place")}


def _counts(scope: list[ColumnElement[bool]]) -> Any:
    """How many of each status, up to MOST_COUNTED: the finished ones of many years are not gone through."""
    parts = []
    for status in DossierStatus:
        some = select(literal(1)).where(col(Dossier.status) == status, *scope).limit(MOST_COUNTED).subquery()
        parts.append(select(literal(status.value).label("status"), func.count().label("count")).select_from(some))
    return union_all(*parts)


def _scope(actor: Actor, wanted: Filter) -> list[ColumnElement[bool]]:
    """Whose dossiers, of which procedure, found by which words; the status is another matter."""
    schools = set(actor.schools_as(*WHOLE_SCHOOL)) | set(actor.schools_as(*HANDLERS))
    if wanted.school_id is not None:
        schools &= {wanted.school_id}
    # One school is the rule: an equality lets an index bring the rows in order.
    one = next(iter(schools)) if len(schools) == 1 else None
    at = col(Dossier.school_id) == one if one else col(Dossier.school_id).in_(sorted(schools))
    scope = [at, scopes.may_handle(actor, Dossier)]
    if wanted.procedure is not None:
        named = select(col(Procedure.id)).where(col(Procedure.code) == wanted.procedure)
        scope.append(col(Dossier.procedure_id) == named.scalar_subquery())
    if wanted.mine:
        scope.append(col(Dossier.assignee_id) == actor.user_id)
    if wanted.search is not None and (words := search_key(wanted.search[:LONGEST_SEARCH])):
        scope.append(_found(words, schools))
    return scope


def _found(words: str, schools: set[UUID]) -> ColumnElement[bool]:
    """By code, or by the name of applicant or pupil without diacritics. Pupils are gone through once, not by line."""
    named = func.strpos(col(Student.search_key), words) > 0
    pupils = select(col(Student.id)).where(col(Student.school_id).in_(sorted(schools)), named)
    return or_(
        func.strpos(func.lower(col(Dossier.code)), words) > 0,
        func.strpos(_bare(col(Dossier.applicant_name)), words) > 0,
        col(Dossier.student_id).in_(pupils),
    )


def _bare(text: SQLColumnExpression[str]) -> ColumnElement[str]:
    """As `search_key` does it, in SQL."""
    letters, plain = _alphabet()
    return func.translate(func.lower(text), letters, plain)


@cache
def _alphabet() -> tuple[str, str]:
    """Every small letter of Vietnamese with a mark, and in the same order what it is without."""
    marked = [chr(code) for code in (*range(0xE0, 0x1B1), *range(0x1EA0, 0x1EFA)) if chr(code).islower()]
    pairs = [(letter, bare) for letter in marked if len(bare := search_key(letter)) == 1 and bare.isascii()]
    return "".join(letter for letter, _ in pairs), "".join(bare for _, bare in pairs)


def _page(
    scope: list[ColumnElement[bool]], statuses: frozenset[DossierStatus], behind: Behind | None, limit: int
) -> Any:
    """The three parts one after the other, each limited by itself, so that no part is sorted as a whole."""
    parts = [
        select(_part(number, group & statuses, scope, behind, limit).subquery(f"part_{number}"))
        for number, group in enumerate(_GROUPS)
        if group & statuses and (behind is None or behind.part <= number)
    ]
    nothing = select(_part(0, RUNNING, [literal(False)], None, limit).subquery("part_0"))
    page = union_all(*(parts or [nothing])).subquery("page")
    row, holder = aliased(Dossier, name="row"), aliased(User, name="holder")
    return (
        select(
            col(row.id), col(row.code), col(row.status), col(row.step).label("step_id"), col(row.channel),
            col(row.applicant_name),
            col(row.filed_at), col(row.received_at), col(row.due_on), col(row.extended_at),
            col(row.supplement_rounds), col(row.version), col(row.procedure_id),
            col(Procedure.code).label("procedure_code"), col(row.procedure_version_id), col(row.assignee_id),
            col(holder.full_name).label("assignee_name"), col(row.student_id),
            col(Student.full_name).label("student_name"), page.c.part, page.c.place,
        )
        .select_from(page)
        .join(row, col(row.id) == page.c.id)
        .join(Procedure, col(Procedure.id) == row.procedure_id)
        .outerjoin(holder, col(holder.id) == row.assignee_id)
        .outerjoin(Student, col(Student.id) == row.student_id)
        .order_by(page.c.part, page.c.sorted_by, page.c.id)
        .limit(limit)
    )  # fmt: skip


def _part(
    number: int,
    statuses: frozenset[DossierStatus],
    scope: list[ColumnElement[bool]],
    behind: Behind | None,
    limit: int,
) -> Any:
    """Ids of one part in order: the first by deadline, the others newest first (an index has them in that order)."""
    of_part = [col(Dossier.status).in_(sorted(statuses)), *scope]
    due = func.coalesce(col(Dossier.due_on), literal(_NEVER))
    place, sorted_by = (due, due - literal(date(2000, 1, 1))) if number == 0 else (
        col(Dossier.filed_at), -func.extract("epoch", col(Dossier.filed_at)),
    )  # fmt: skip
    if behind is not None and behind.part == number:
        of_part.append(_further(number, place, behind))
    return (
        select(
            col(Dossier.id).label("id"),
            literal(number).label("part"),
            cast(place, Text).label("place"),
            cast(sorted_by, Numeric).label("sorted_by"),
        )
        .where(*of_part)
        .order_by(place.asc() if number == 0 else place.desc(), col(Dossier.id))
        .limit(limit)
    )


def _further(number: int, place: SQLColumnExpression[Any], behind: Behind) -> ColumnElement[bool]:
    """After the last line of the page before, within its part."""
    if number == 0:
        day = literal(date.fromisoformat(behind.place))
        return and_(place >= day, or_(place > day, col(Dossier.id) > behind.id))
    moment = literal(datetime.fromisoformat(behind.place), INSTANT)
    return and_(place <= moment, or_(place < moment, col(Dossier.id) > behind.id))
