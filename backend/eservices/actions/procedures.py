"""Writes of procedures: versions as drafts, publishing, the calendar of offices, windows of schools.

A published version is never changed: dossiers keep the one they began with.
"""

from collections.abc import Sequence
from copy import deepcopy
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from backend.core import clock
from backend.core.actor import Actor, Permission
from backend.core.db import Session, take_turns
from backend.core.ids import new_id
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound, Stale
from backend.core.text import squeeze
from backend.eservices import events, shipped
from backend.eservices.queries import procedures as queries
from backend.eservices.rules.agreement import CODES, MOST_BYTES
from backend.eservices.rules.checking import Mistake, fits
from backend.eservices.rules.definition import Definition, mistakes
from backend.eservices.rules.terms import least_window
from backend.eservices.tables import (
    OfficeDay,
    Procedure,
    ProcedureKind,
    ProcedureVersion,
    ServiceWindow,
    VersionStatus,
)

FIRST_YEAR: Final = 2020
LAST_YEAR: Final = 2100
DAY_NAME: Final = 80
LONGEST_WINDOW: Final = timedelta(days=120)
MOST_WINDOWS: Final = 40
"""Of a school for one procedure."""


async def create_procedure(session: Session, actor: Actor, code: str, kind: ProcedureKind) -> UUID:
    """A new procedure with a first draft. Raises Invalid: eservices.procedure_code, eservices.procedure_exists."""
    code = squeeze(code).upper()
    if not CODES[kind].fullmatch(code):
        raise Invalid("eservices.procedure_code", field="code")
    await take_turns(session, "procedure", _NEW)
    if await queries.code_exists(session, code):
        raise Invalid("eservices.procedure_exists", field="code", given=code)
    row = Procedure(id=new_id(), code=code, kind=kind, position=await queries.next_position(session))
    session.add(row)
    await session.flush()
    session.add(_draft(actor, row.id, 1, shipped.new_definition()))
    await session.flush()
    record(session, actor, events.ProcedureCreated(row.id, code))
    return row.id


_NEW: Final = UUID(int=0)  # new procedures wait for each other


async def start_version(session: Session, actor: Actor, procedure_id: UUID) -> UUID:
    """The draft of a procedure: the one there is, or a new one that begins as the newest version. Raises NotFound."""
    procedure = await queries.procedure_for_update(session, procedure_id)
    existing = await queries.version_with(session, procedure.id, VersionStatus.DRAFT)
    if existing is not None:
        return existing.id
    model = await queries.version_with(session, procedure.id, VersionStatus.PUBLISHED) or await queries.version_with(
        session, procedure.id, VersionStatus.RETIRED
    )
    json = deepcopy(model.definition) if model else shipped.new_definition()
    row = _draft(actor, procedure.id, await queries.next_number(session, procedure.id), json)
    session.add(row)
    await session.flush()
    return row.id


async def save_version(session: Session, actor: Actor, version_id: UUID, version: int, json: Any) -> list[Mistake]:
    """Keep a draft as it is, also with mistakes, which are returned.

    Raises NotFound, Stale, Invalid: eservices.version_published, eservices.definition_too_large(most) for what is no
    object or does not fit into the database.
    """
    procedure, row = await _draft_for_update(session, version_id, version)
    if not isinstance(json, dict) or not fits(json, MOST_BYTES):
        raise Invalid("eservices.definition_too_large", field="definition", most=MOST_BYTES // 1024)
    row.definition = json
    row.edited_by = actor.user_id
    row.version += 1
    return mistakes(json, procedure.kind, procedure.code)


async def publish_version(session: Session, actor: Actor, version_id: UUID, version: int) -> Sequence[Mistake]:
    """Let new dossiers begin with this draft; the version they began with until now is retired.

    Nothing happens while anything is wrong: the mistakes are returned. Raises NotFound, Stale, Invalid:
    eservices.version_published.
    """
    procedure, row = await _draft_for_update(session, version_id, version)
    found = mistakes(row.definition, procedure.kind, procedure.code)
    if found:
        return found
    live = await queries.version_with(session, procedure.id, VersionStatus.PUBLISHED)
    if live is not None:
        _retire(live)
        await session.flush()  # two published versions cannot stand next to each other, not even for a moment
    row.status = VersionStatus.PUBLISHED
    row.published_at = clock.now()
    row.version += 1
    record(session, actor, events.VersionPublished(procedure.id, row.id, procedure.code, row.number))
    return ()


async def retire_procedure(session: Session, actor: Actor, procedure_id: UUID) -> UUID:
    """Let nobody begin it any more. Raises NotFound, Invalid: eservices.procedure_not_live."""
    procedure = await queries.procedure_for_update(session, procedure_id)
    live = await queries.version_with(session, procedure.id, VersionStatus.PUBLISHED)
    if live is None:
        raise Invalid("eservices.procedure_not_live")
    _retire(live)
    record(session, actor, events.ProcedureRetired(procedure.id, procedure.code))
    return procedure.id


async def set_office_day(session: Session, actor: Actor, day: date, works: bool, name: str) -> UUID:
    """Say that offices do not work on a day, or that they do. Deadlines given before stay.

    Raises Invalid: eservices.office_day_far, eservices.office_day_name(most).
    """
    name = squeeze(name)
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid("eservices.office_day_far", field="day")
    if not 1 <= len(name) <= DAY_NAME:
        raise Invalid("eservices.office_day_name", field="name", most=DAY_NAME)
    await take_turns(session, "office_day", _NEW)
    row = await queries.office_day(session, day)
    if row is None:
        row = OfficeDay(day=day, works=works, name=name)
        session.add(row)
    row.works, row.name = works, name
    await session.flush()
    record(session, actor, events.OfficeDaySet(day, works, name))
    return row.id


async def remove_office_day(session: Session, actor: Actor, day: date) -> date:
    """Let the day be as every such weekday again. Raises NotFound."""
    row = await queries.office_day(session, day)
    if row is None:
        raise NotFound("core.not_found")
    await session.delete(row)
    record(session, actor, events.OfficeDayRemoved(day))
    return day


async def set_service_window(
    session: Session, actor: Actor, school_id: UUID, procedure_id: UUID, opens_on: date, closes_on: date
) -> UUID:
    """Announce when the school takes dossiers of a procedure; a window that begins the same day is changed.

    Raises NotAllowed, NotFound, Invalid: eservices.window_not_announced, eservices.window_short(days, day),
    eservices.window_long(most), eservices.window_past, eservices.window_overlaps(first, last),
    eservices.too_many_windows(most).
    """
    actor.require(Permission.DOSSIER_LEAD, school_id)
    procedure = await queries.procedure_for_update(session, procedure_id)
    live = await queries.version_with(session, procedure.id, VersionStatus.PUBLISHED)
    definition = Definition.of(live.definition) if live else None
    least = least_window(definition, opens_on) if definition else None
    if definition is None or definition.window is None or least is None:
        raise Invalid("eservices.window_not_announced", field="procedure")
    _check_window(opens_on, closes_on, least, definition.window.days)
    windows = await queries.windows_of(session, school_id, procedure_id)
    for other in windows:
        if other.opens_on != opens_on and other.opens_on <= closes_on and opens_on <= other.closes_on:
            raise Invalid("eservices.window_overlaps", field="opensOn", first=other.opens_on, last=other.closes_on)
    row = next((window for window in windows if window.opens_on == opens_on), None)
    if row is None:
        if len(windows) >= MOST_WINDOWS:
            raise Invalid("eservices.too_many_windows", most=MOST_WINDOWS)
        row = ServiceWindow(
            school_id=school_id,
            procedure_id=procedure_id,
            opens_on=opens_on,
            closes_on=closes_on,
            set_by=actor.person,
        )
        session.add(row)
    row.closes_on, row.set_by = closes_on, actor.person
    await session.flush()
    record(session, actor, events.ServiceWindowSet(school_id, procedure_id, opens_on, closes_on))
    return row.id


def _check_window(opens_on: date, closes_on: date, least: date, days: int) -> None:
    if closes_on < least:
        raise Invalid("eservices.window_short", field="closesOn", days=days, day=least)
    if closes_on > opens_on + LONGEST_WINDOW:
        raise Invalid("eservices.window_long", field="closesOn", most=LONGEST_WINDOW.days)
    if closes_on < clock.today():
        raise Invalid("eservices.window_past", field="closesOn")


def _draft(actor: Actor, procedure_id: UUID, number: int, json: dict[str, Any]) -> ProcedureVersion:
    return ProcedureVersion(procedure_id=procedure_id, number=number, definition=json, edited_by=actor.user_id)


async def _draft_for_update(session: Session, version_id: UUID, version: int) -> tuple[Procedure, ProcedureVersion]:
    procedure, row = await queries.version_for_update(session, version_id)
    if row.status is not VersionStatus.DRAFT:
        raise Invalid("eservices.version_published")
    if row.version != version:
        raise Stale("core.stale")
    return procedure, row


def _retire(row: ProcedureVersion) -> None:
    row.status = VersionStatus.RETIRED
    row.version += 1
