"""The spine of every dossier: its code, its moves, its clock and its history. Rights are checked by whoever calls."""

from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, elevated
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.rules.states import OPEN, RUNNING, DossierStatus, check_move
from backend.eservices.tables import Dossier, DossierEntry, EntryAction


async def move(
    session: Session,
    actor: Actor,
    dossier: Dossier,
    to: DossierStatus,
    action: EntryAction,
    *,
    note: str = "",
    step: str | None = None,
    to_user: UUID | None = None,
    due_on: date | None = None,
) -> DossierEntry:
    """Bring the dossier into another state, with its clock, and write the line of its history.

    `due_on` is the new deadline when the clock begins anew (supplemented, paid); otherwise it stays while the office
    has the dossier. Raises Invalid: eservices.wrong_state, eservices.reason_missing.
    """
    check_move(dossier.status, to, note)
    if to in RUNNING:
        dossier.due_on = due_on or dossier.due_on
        dossier.days_left = None
    else:
        await _stop_clock(session, dossier, to)
    dossier.status = to
    if step is not None:
        dossier.step = step
    dossier.version += 1
    return await tell(session, actor, dossier, action, note=note, to_user=to_user)


async def tell(
    session: Session,
    actor: Actor,
    dossier: Dossier,
    action: EntryAction,
    *,
    note: str = "",
    to_user: UUID | None = None,
    internal: bool = False,
) -> DossierEntry:
    """Write a line of the history, for what happened without a change of state too. The dossier's row is locked."""
    last = select(func.coalesce(func.max(col(DossierEntry.position)), 0)).where(
        col(DossierEntry.dossier_id) == dossier.id
    )
    async with elevated(session):  # the office's own lines count too
        position = (await session.execute(last)).scalar_one() + 1
    entry = entry_of(actor, dossier, action, position, note=note, to_user=to_user, internal=internal)
    session.add(entry)
    await session.flush()
    return entry


def entry_of(
    actor: Actor,
    dossier: Dossier,
    action: EntryAction,
    position: int,
    *,
    note: str = "",
    to_user: UUID | None = None,
    internal: bool = False,
) -> DossierEntry:
    """A line of the history, of the dossier as it is now."""
    return DossierEntry(
        school_id=dossier.school_id,
        readers=dossier.readers,
        dossier_id=dossier.id,
        position=position,
        action=action,
        status=dossier.status,
        step=dossier.step,
        actor_id=actor.user_id,
        to_user_id=to_user,
        note=note.strip(),
        due_on=dossier.due_on,
        internal=internal,
    )


async def _stop_clock(session: Session, dossier: Dossier, to: DossierStatus) -> None:
    """With the citizen the clock stands; at the end it is read: on time, or not."""
    today = clock.today()
    if to in OPEN:
        left = to is DossierStatus.PAYMENT_REQUIRED and dossier.due_on is not None
        days = await office_calendar(session) if left else None
        dossier.days_left = days.between(today, dossier.due_on) if days and dossier.due_on else None
    elif to is not DossierStatus.RETURNED:
        dossier.finished_at = clock.now()
        dossier.on_time = dossier.due_on is None or today <= dossier.due_on
        dossier.days_left = None
    dossier.due_on = None
