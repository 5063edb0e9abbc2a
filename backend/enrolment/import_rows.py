"""Many rows at once, in one statement each."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, update
from sqlalchemy.dialects.postgresql import insert

from backend.core import clock
from backend.core.db import Row, Session
from backend.core.ids import new_id


def new_row(**values: Any) -> dict[str, Any]:
    """A new row's values, every column named; its id and the moment of creation are added.

    A dictionary, because making thousands of model objects takes longer than writing them.
    """
    return {"id": new_id(), "created_at": clock.now(), **values}


async def insert_rows(
    session: Session, table: type[Row], rows: Sequence[dict[str, Any]], *, new_only: bool = False
) -> None:
    """Insert rows of one table; with `new_only` those that are there already are passed over."""
    if not rows:
        return
    statement = insert(table.metadata.tables[str(table.__tablename__)])
    connection = await session.connection()
    await connection.execute(statement.on_conflict_do_nothing() if new_only else statement, list(rows))


async def update_rows(session: Session, table: type[Row], rows: Sequence[dict[str, Any]]) -> None:
    """Give the rows named by `row_id` the other values of each dictionary; all dictionaries name the same columns."""
    if not rows:
        return
    core = table.metadata.tables[str(table.__tablename__)]
    names = [name for name in rows[0] if name != "row_id"]
    statement = update(core).where(core.c.id == bindparam("row_id"))
    connection = await session.connection()
    await connection.execute(statement.values({name: bindparam(name) for name in names}), list(rows))
