"""The leaders' view: the department's of its schools, a headteacher's of her own; and the register on paper."""

import io
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from sqlalchemy import select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import WHOLE_SCHOOL, Actor, Permission, Role
from backend.core.db import Session
from backend.core.graphql.problems import words
from backend.core.problem import Invalid, NotFound
from backend.eservices import board_queries, scopes
from backend.eservices import paper_words as say
from backend.eservices.board_queries import Late, RegisterRow, Tally
from backend.eservices.dossiers import office_calendar
from backend.eservices.paper_queries import Office, office_of
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.tables import Dossier

MOST_DAYS: Final = 366
MOST_ROWS: Final = 5000
_OVERSEERS: Final = (Role.HEADTEACHER, Role.PROVINCIAL_OFFICER)


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
    tallies = await board_queries.tallies(session, schools, starts, ends, today)
    late: defaultdict[UUID, list[Late]] = defaultdict(list)
    for row in await board_queries.oldest_overdue(session, schools, today):
        late[row.school_id].append(row)
    days = await office_calendar(session)
    return Board(starts, ends, tallies, late, len(schools) - len(tallies), today, days)


@dataclass(frozen=True)
class Register:
    """Form 07 of a school."""

    office: Office
    starts: date
    ends: date
    rows: list[RegisterRow]


async def register(session: Session, actor: Actor, school_id: UUID, starts: date, ends: date) -> Register:
    """What was filed at the school in these days, for its headteacher and clerks.

    Raises NotFound, Invalid: eservices.span(most), eservices.register_too_long(most).
    """
    if school_id not in actor.schools_as(*WHOLE_SCHOOL):
        raise NotFound("core.not_found")
    actor.require(Permission.DOSSIER_HANDLE, school_id)
    check_span(starts, ends)
    rows = await board_queries.registered(session, school_id, starts, ends, MOST_ROWS)
    if len(rows) > MOST_ROWS:
        raise Invalid("eservices.register_too_long", most=MOST_ROWS)
    return Register(await office_of(session, school_id), starts, ends, rows)


async def dossier_on_desk(session: Session, actor: Actor, dossier_id: UUID) -> Dossier:
    """The dossier, for somebody who may handle it. Raises NotFound."""
    mine = select(Dossier).where(col(Dossier.id) == dossier_id, scopes.may_handle(actor, Dossier))
    row = (await session.execute(mine)).scalar_one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return row


def check_span(starts: date, ends: date) -> None:
    """Raises Invalid("eservices.span", most) for days that end before they begin, or too many."""
    if not 0 <= (ends - starts).days < MOST_DAYS:
        raise Invalid("eservices.span", field="to", most=MOST_DAYS)


_COLUMNS: Final = (
    ("number", 6), ("code", 24), ("procedure", 44), ("applicant", 28), ("phone", 16), ("channel", 14), ("filed", 12),
    ("due", 12), ("finished", 12), ("returned", 12), ("status", 22), ("on_time", 12), ("holder", 26),
)  # fmt: skip


def register_workbook(found: Register) -> bytes:
    """Form 07 as .xlsx, in Vietnamese as the form is. Takes CPU for a while: call it in a thread."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _said("title")
    sheet.append([_said("heading")])
    sheet.append([found.office.name])
    sheet.append([words("eservices.register_span", "vi", starts=found.starts, ends=found.ends)])
    sheet.append([])
    sheet.append([_said(f"column_{name}") for name, _ in _COLUMNS])
    for number, row in enumerate(found.rows, start=1):
        for column, value in enumerate(register_line(number, row), start=1):
            cell = sheet.cell(number + 5, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a text that begins with "=" is no formula
            elif isinstance(value, date):
                cell.number_format = "dd/mm/yyyy"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in (*sheet[1], *sheet[5]):
        cell.font = Font(bold=True)
    for column, (_, width) in enumerate(_COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C6"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def register_line(number: int, row: RegisterRow) -> list[str | int | date | None]:
    """The cells of a line, in the order of the form."""
    kept = None if row.on_time is None else _said("on_time_yes" if row.on_time else "on_time_no")
    return [
        number, row.code, f"{row.procedure_code} {row.procedure_name}", row.applicant_name,
        say.phone(row.applicant_phone),
        _said(f"channel_{row.channel.value}"), row.filed_on, row.due_on, row.finished_on, row.returned_on,
        _said(f"status_{row.status.value}"), kept, row.holder,
    ]  # fmt: skip


def _said(name: str) -> str:
    return words(f"eservices.register_{name}", "vi")
