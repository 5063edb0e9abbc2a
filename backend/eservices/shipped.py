"""What every installation begins with: the procedures and the calendar of offices that come with the product.

Put in once and never again: what an administrator has changed, retired or removed since stays so.
"""

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid5

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Session
from backend.core.ids import new_id
from backend.core.journal import Journal
from backend.eservices.events import OfficeDayRemoved
from backend.eservices.tables import OfficeDay, Procedure, ProcedureKind, ProcedureVersion, VersionStatus

CODES: Final = (
    "TRUONG.01", "TRUONG.02", "TRUONG.03", "TRUONG.05", "TRUONG.04", "2.002854", "3.000465", "3.000466",
    "1.014336", "2.002770", "2.002857", "2.002855", "2.002856",
)  # fmt: skip
"""The procedures of the product, in the order in which people see them: what is asked for most comes first."""
_FOLDER: Final = Path(__file__).with_name("procedures")
_NAMESPACE: Final = UUID("5f2b5c0e-6d0e-5b0e-9a39-3d1d5a4e7c10")


def procedure_id(code: str) -> UUID:
    """The id of a shipped procedure, the same in every installation."""
    return uuid5(_NAMESPACE, code)


def version_id(code: str) -> UUID:
    """The id of its first version."""
    return uuid5(_NAMESPACE, f"{code}/1")


def kind_of(code: str) -> ProcedureKind:
    return ProcedureKind.SCHOOL if code.startswith("TRUONG.") else ProcedureKind.NATIONAL


@cache
def _text(name: str) -> str:
    return (_FOLDER / f"{name}.json").read_text(encoding="utf-8")


def definition(code: str) -> dict[str, Any]:
    """The definition that is shipped for a code; a fresh copy."""
    return json.loads(_text(code))


def new_definition() -> dict[str, Any]:
    """What a new procedure begins with: a small form, for an administrator to change."""
    return json.loads(_text("new"))


@cache
def office_days() -> tuple[tuple[date, bool, str], ...]:
    """(day, whether offices work, name) of every day that is not as usual. The file says where they are from."""
    found = json.loads(Path(__file__).with_name("office_days.json").read_text(encoding="utf-8"))
    return tuple((date.fromisoformat(row["day"]), row["works"], row["name"]) for row in found["days"])


async def install(session: Session) -> None:
    """Add the procedures and office days that were never there. Safe to repeat, and from two processes at once."""
    now = clock.now()
    rows = [
        {"id": procedure_id(code), "created_at": now, "code": code, "kind": kind_of(code), "position": position}
        for position, code in enumerate(CODES, 1)
    ]
    added = await session.execute(
        insert(Procedure).values(rows).on_conflict_do_nothing(index_elements=["code"]).returning(col(Procedure.code))
    )
    versions = [
        {
            "id": version_id(code),
            "created_at": now,
            "procedure_id": procedure_id(code),
            "number": 1,
            "status": VersionStatus.PUBLISHED,
            "definition": definition(code),
            "published_at": now,
            "version": 1,
        }
        for code in added.scalars()
    ]
    if versions:
        await session.execute(insert(ProcedureVersion).values(versions))
    await _install_days(session)


async def _install_days(session: Session) -> None:
    """The journal is asked only when a day is missing: at most starts none is."""
    known = set((await session.execute(select(col(OfficeDay.day)))).scalars())
    missing = [row for row in office_days() if row[0] not in known]
    if not missing:
        return
    removed = select(Journal.data["day"].astext).where(  # pyright: ignore
        col(Journal.kind) == OfficeDayRemoved.kind, col(Journal.school_id).is_(None)
    )
    gone = {date.fromisoformat(day) for day in (await session.execute(removed)).scalars()}
    rows = [
        {"id": new_id(), "created_at": clock.now(), "day": day, "works": works, "name": name}
        for day, works, name in missing
        if day not in gone
    ]
    if rows:
        await session.execute(insert(OfficeDay).values(rows).on_conflict_do_nothing(index_elements=["day"]))


async def install_into(dsn: str) -> None:
    """The same for a migrated database, as the system."""
    database = await Database.open(dsn, size=1)
    try:
        async with database.write(SYSTEM) as session:
            await install(session)
    finally:
        await database.close()
