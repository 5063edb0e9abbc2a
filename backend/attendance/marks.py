"""Marks anew: what the operations and the live notes of cells come to, for a whole class in two statements.

A mark is never edited: it is worked out from history (`rules.merge`) and put in place of the one before, so that two
devices, leave and corrections end in the same marks in whatever order they arrive.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.attendance.rules.half_days import counts
from backend.attendance.rules.merge import Operation, Outcome, merge, resolve
from backend.attendance.tables import AttendanceStatus
from backend.core import clock
from backend.core.db import Session
from backend.core.ids import new_id
from backend.timetable.tables import HalfDay


@dataclass(frozen=True)
class Cell:
    """One pupil in one session (`period` 0) or period of a day."""

    student_id: UUID
    class_group_id: UUID
    day: date
    session: HalfDay
    period: int = 0


@dataclass(frozen=True)
class MarkChange:
    """A mark became another. `before` None: there was none; `after` None: nothing holds any more."""

    school_id: UUID
    class_group_id: UUID
    student_id: UUID
    day: date
    session: HalfDay
    period: int
    before: AttendanceStatus | None
    after: AttendanceStatus | None
    minutes: int | None


@dataclass
class Settlement:
    """What cells came to: those whose mark changed, and what holds now for every cell that was asked about."""

    changes: list[MarkChange]
    outcomes: dict[Cell, Outcome | None]


async def hold(session: Session, cells: Sequence[Cell]) -> None:
    """Wait until nobody else is settling these classes' sessions, and keep others waiting until the end.

    Always in the same order, so that two who want several sessions cannot wait for each other.
    """
    names = sorted({register_turn(cell.class_group_id, cell.day, cell.session) for cell in cells})
    await session.execute(_HOLD, {"names": names})


def register_turn(class_group_id: UUID, day: date, session: HalfDay) -> str:
    """The name of the turn that everybody takes who settles marks of a class in a session."""
    return f"register/{class_group_id}/{day}/{session.value}"


async def settle(session: Session, school_id: UUID, cells: Sequence[Cell]) -> list[MarkChange]:
    """Work the marks of these cells out anew from operations and live notes, and return those that changed.

    Two statements whatever the number of cells (a third when marks disappear). The caller holds the turns (`hold`) and
    sees the operations: a family must be elevated first.
    """
    return (await settle_fully(session, school_id, cells)).changes


async def settle_fully(session: Session, school_id: UUID, cells: Sequence[Cell]) -> Settlement:
    """As `settle`, and also what holds now for the cells that did not change."""
    cells = list(dict.fromkeys(cells))
    done = Settlement([], {})
    if not cells:
        return done
    written: list[_Settled] = []
    gone: list[UUID] = []
    for cell, known in zip(cells, await _facts(session, cells), strict=True):
        outcome = done.outcomes[cell] = resolve(merge(known.operations), known.note, cell.period)
        if outcome is not None:
            counted = counts(outcome.status, cell.session, cell.period, known.plan)
            settled = _Settled(cell, outcome, counted, known.recorders)
            if settled.shown() == known.stored:
                continue
            written.append(settled)
        elif known.mark_id is not None:
            gone.append(known.mark_id)
        if outcome is None or (outcome.status, outcome.minutes) != known.stored[1:3]:
            done.changes += _changed(school_id, cell, known.stored[1], outcome)
    await _write(session, school_id, written)
    if gone:
        await session.execute(_DELETE, {"ids": gone})
    return done


def _changed(school_id: UUID, cell: Cell, before: str | None, outcome: Outcome | None) -> list[MarkChange]:
    """One change; none where there was nothing and is nothing."""
    if before is None and outcome is None:
        return []
    change = MarkChange(
        school_id=school_id,
        class_group_id=cell.class_group_id,
        student_id=cell.student_id,
        day=cell.day,
        session=cell.session,
        period=cell.period,
        before=AttendanceStatus(before) if before else None,
        after=AttendanceStatus(outcome.status) if outcome else None,
        minutes=outcome.minutes if outcome else None,
    )
    return [change]


@dataclass(slots=True)
class _Facts:
    """What is known of a cell: the mark as it stands, the reason of live leave, the plan's session, all operations.

    `stored`: class, status, minutes, reason, counted and operation of the mark.
    """

    mark_id: UUID | None
    stored: tuple[UUID | None, str | None, int | None, str | None, bool | None, UUID | None]
    note: str | None
    plan: str | None
    operations: list[Operation]
    recorders: dict[UUID, UUID]


@dataclass(frozen=True, slots=True)
class _Settled:
    """What is to be written for a cell."""

    cell: Cell
    outcome: Outcome
    counted: bool
    recorders: dict[UUID, UUID]

    def shown(self) -> tuple[Any, ...]:
        outcome = self.outcome
        operation = outcome.winner.id if outcome.winner else None
        return self.cell.class_group_id, outcome.status, outcome.minutes, outcome.reason, self.counted, operation


# Laterals with a limit or an offset stay index probes: a plan made while the tables were small must not turn into a
# scan of a year's history.
_FACTS: Final = text(
    """
    select c.place, m.id, m.class_group_id, m.status, m.minutes, m.reason, m.counted, m.operation_id,
        n.reason, p.session, o.id, o.status, o.minutes, o.explicit, o.decided_at, o.recorded_by
    from unnest(
        cast(:students as uuid[]), cast(:classes as uuid[]), cast(:days as date[]),
        cast(:sessions as text[]), cast(:periods as integer[])
    ) with ordinality as c(student_id, class_group_id, day, session, period, place)
    left join lateral (
        select id, class_group_id, status, minutes, reason, counted, operation_id from attendance_mark
        where student_id = c.student_id and day = c.day and session = c.session and period = c.period
        limit 1
    ) m on true
    left join lateral (
        select reason from absence_note
        where student_id = c.student_id and day = c.day and session = c.session and revoked_at is null
        order by created_at, id limit 1
    ) n on true
    left join lateral (select session from class_session where class_group_id = c.class_group_id limit 1) p on true
    left join lateral (
        select id, status, minutes, explicit, decided_at, recorded_by from attendance_operation
        where student_id = c.student_id and day = c.day and session = c.session and period = c.period
        offset 0
    ) o on true
    order by c.place
    """
)
_WRITE: Final = text(
    """
    insert into attendance_mark (id, created_at, school_id, class_group_id, student_id, day, session, period,
        status, minutes, reason, counted, explicit, decided_at, operation_id, recorded_by)
    select m.id, :now, :school, m.class_group_id, m.student_id, m.day, m.session, m.period,
        m.status, m.minutes, m.reason, m.counted, m.explicit, m.decided_at, m.operation_id, m.recorded_by
    from unnest(
        cast(:ids as uuid[]), cast(:classes as uuid[]), cast(:students as uuid[]), cast(:days as date[]),
        cast(:sessions as text[]), cast(:periods as integer[]), cast(:statuses as text[]), cast(:minutes as integer[]),
        cast(:reasons as text[]), cast(:counted as boolean[]), cast(:explicit as boolean[]),
        cast(:decided as timestamptz[]), cast(:operations as uuid[]), cast(:recorders as uuid[])
    ) as m(id, class_group_id, student_id, day, session, period, status, minutes, reason, counted, explicit, decided_at,
        operation_id, recorded_by)
    on conflict (student_id, day, session, period) do update set
        class_group_id = excluded.class_group_id, status = excluded.status, minutes = excluded.minutes,
        reason = excluded.reason, counted = excluded.counted, explicit = excluded.explicit,
        decided_at = excluded.decided_at, operation_id = excluded.operation_id, recorded_by = excluded.recorded_by
    """
)
_HOLD: Final = text(
    "select pg_advisory_xact_lock(hashtextextended(t.name, 0))"
    " from (select name from unnest(cast(:names as text[])) as n(name) order by name) t"
)
_DELETE: Final = text("delete from attendance_mark where id = any(cast(:ids as uuid[]))")


def places(cells: Sequence[Cell]) -> dict[str, list[Any]]:
    """Cells as the arrays of a statement."""
    return {
        "students": [cell.student_id for cell in cells],
        "classes": [cell.class_group_id for cell in cells],
        "days": [cell.day for cell in cells],
        "sessions": [cell.session.value for cell in cells],
        "periods": [cell.period for cell in cells],
    }


async def _facts(session: Session, cells: Sequence[Cell]) -> list[_Facts]:
    """In the order of the cells; a cell has a line per operation, or one without."""
    found: list[_Facts] = []
    for place, mark_id, *row in (await session.execute(_FACTS, places(cells))).all():
        if place > len(found):
            found.append(_Facts(mark_id, tuple(row[:6]), row[6], row[7], [], {}))
        id_, status, minutes, explicit, decided_at, recorder = row[8:]
        if id_ is not None:
            found[-1].operations.append(Operation(id_, status, minutes, explicit, decided_at))
            found[-1].recorders[id_] = recorder
    return found


async def _write(session: Session, school_id: UUID, written: Sequence[_Settled]) -> None:
    if not written:
        return
    outcomes = [settled.outcome for settled in written]
    winners = [outcome.winner for outcome in outcomes]
    await session.execute(
        _WRITE,
        {
            **places([settled.cell for settled in written]),
            "now": clock.now(),
            "school": school_id,
            "ids": [new_id() for _ in written],
            "statuses": [str(outcome.status) for outcome in outcomes],
            "minutes": [outcome.minutes for outcome in outcomes],
            "reasons": [outcome.reason for outcome in outcomes],
            "counted": [settled.counted for settled in written],
            "explicit": [winner is not None and winner.explicit for winner in winners],
            "decided": [winner.decided_at if winner else None for winner in winners],
            "operations": [winner.id if winner else None for winner in winners],
            "recorders": [
                settled.recorders[winner.id] if winner else None
                for settled, winner in zip(written, winners, strict=True)
            ],
        },
    )
