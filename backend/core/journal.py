"""The journal: "this happened". One row in the transaction of the action is audit, history and outbox at once."""

from collections.abc import Collection
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import Index, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.audience import Audience
from backend.core.db import INSTANT, Row, Session, elevated
from backend.core.ids import new_id


class Event(Protocol):
    """A frozen dataclass in the past tense (`<slice>/events.py`). `kind` is stable; fields are plain values."""

    kind: ClassVar[str]

    @property
    def school_id(self) -> UUID | None: ...

    def audience(self) -> Audience | None:
        """Who is told, if anybody."""
        ...


class Journal(Row, table=True):
    """One thing that happened: who, where, what. Only `relayed_at` and `withdrawn_at` change; nothing is deleted."""

    __table_args__ = (
        Index("ix_journal_waiting", "id", postgresql_where=text("audience is not null and relayed_at is null")),
        Index(
            "uq_journal_idempotency",
            "actor_user_id",
            "idempotency_key",
            unique=True,
            postgresql_where=text("idempotency_key is not null"),
        ),
        Index("ix_journal_school", "school_id", "id"),
    )

    school_id: UUID | None = Field(default=None, foreign_key="school.id")
    actor_user_id: UUID | None = Field(default=None, foreign_key="user.id")
    session_id: UUID | None = None
    kind: str = Field(max_length=60)
    data: dict[str, Any] = Field(sa_type=JSONB)
    audience: dict[str, Any] | None = Field(default=None, sa_type=JSONB(none_as_null=True))
    idempotency_key: UUID | None = None
    relayed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    withdrawn_at: datetime | None = Field(default=None, sa_type=INSTANT)
    """Since when it is known to be untrue: nobody is told of it any more."""


def record(
    session: Session, actor: Actor, event: Event, *, key: UUID | None = None, row_id: UUID | None = None
) -> UUID:
    """Add the event to the journal of this transaction; returns the row's id.

    `key` makes a write that a client may repeat safe: the same actor and key a second time violates a unique index.
    `row_id` is for a row that others already refer to.
    The relay is woken by the commit itself (see `Context.write`): an event with an audience marks the session.
    """
    if not is_dataclass(event):
        raise TypeError("an event is a frozen dataclass")
    audience = event.audience()
    row = Journal(
        id=row_id or new_id(),
        school_id=event.school_id,
        actor_user_id=actor.user_id,
        session_id=actor.session_id,
        kind=event.kind,
        data=_plain(asdict(event)),
        audience=audience.dump() if audience else None,
        idempotency_key=key,
    )
    session.add(row)
    if audience is not None:
        session.info["wake"] = True
    return row.id


async def withdraw(session: Session, ids: Collection[UUID]) -> set[UUID]:
    """What these rows say is not so: nobody is told of it any more. Returns those that somebody was told of already.

    Waits for a relay that is at one of them. The journal is nobody's to change, so the fence is open for this one
    statement; whoever calls it has checked that the rows are about what the actor has just changed.
    """
    if not ids:
        return set()
    await session.flush()
    async with elevated(session):
        rows = await session.execute(
            update(Journal)
            .where(col(Journal.id).in_(ids), col(Journal.withdrawn_at).is_(None))
            .values(withdrawn_at=clock.now())
            .returning(col(Journal.id), col(Journal.relayed_at)),
            execution_options={"synchronize_session": False},
        )
        return {row_id for row_id, relayed_at in rows if relayed_at is not None}


def _plain(value: Any) -> Any:
    """Plain JSON of a dataclass's values."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, UUID | date | datetime | Decimal):
        return str(value)
    return value
