"""The clock of a dossier: it runs with the office, stands with the citizen, and is read once at the end."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.core.ids import new_id
from backend.eservices import shipped
from backend.eservices.actions.moves import move
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.rules.states import MOVES, NEEDS_REASON, RUNNING, WAITING, DossierStatus
from backend.eservices.tables import Channel, Dossier, DossierEntry, EntryAction
from tests.actors import World

S = DossierStatus
FRIDAY = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def friday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


def dossier(world: World, number: int = 1) -> Dossier:
    """As filed today, with five working days."""
    return Dossier(
        id=new_id(),
        school_id=world["school"],
        procedure_id=shipped.procedure_id("2.002854"),
        procedure_version_id=shipped.version_id("2.002854"),
        code=f"24010001-261120-{number:04d}",
        channel=Channel.ONLINE,
        readers=[world["mother"]],
        filed_by=world["mother"],
        applicant_name="Trần Thị Hoa",
        applicant_phone="+84912000001",
        answers={},
        filed_at=clock.now(),
        received_at=clock.now(),
        due_on=datetime(2026, 11, 30).date(),
    )


async def test_random_lives_never_stick_and_the_clock_never_runs_while_it_stands(
    database: Database, world: World, friday: time_machine.Traveller
) -> None:
    chance = random.Random(20261120)
    ends = set[DossierStatus]()
    async with database.write(SYSTEM) as session:
        days = await office_calendar(session)
        for number in range(1, 41):
            friday.move_to(FRIDAY)
            row = dossier(world, number)
            session.add(row)
            await session.flush()
            entries: list[DossierEntry] = []
            while ahead := sorted(MOVES[row.status]):
                friday.shift(timedelta(days=chance.randint(0, 6)))
                before = (row.status, row.due_on, row.days_left, row.version)
                to = chance.choice(ahead)
                restarts = before[0] in WAITING and to in RUNNING
                due = days.add(clock.today(), 5 if before[2] is None else max(before[2], 0)) if restarts else None
                note = "lý do" if to in NEEDS_REASON else ""
                entries.append(await move(session, SYSTEM, row, to, EntryAction.NOTED, note=note, due_on=due))
                assert row.status is to
                assert row.version == before[3] + 1
                assert (row.due_on is not None) is (to in RUNNING)
                assert row.days_left is None or to is S.PAYMENT_REQUIRED
                if to in RUNNING:
                    assert row.due_on == (due or before[1])
                if to is S.PAYMENT_REQUIRED:
                    assert before[1] is not None
                    assert row.days_left == days.between(clock.today(), before[1])
                assert (row.finished_at is None) is (to in RUNNING | WAITING)
                if before[0] in RUNNING and to not in RUNNING | WAITING:
                    assert before[1] is not None
                    assert row.on_time is (clock.today() <= before[1])
                if len(entries) > 60:
                    break
            ends.add(row.status)
            assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
            assert [entry.status for entry in entries][-1] is row.status
    assert ends <= {S.REJECTED, S.WITHDRAWN, S.STOPPED, S.RETURNED}
    assert len(ends) >= 3


async def test_what_is_left_while_payment_is_awaited_is_left_afterwards(
    database: Database, world: World, friday: time_machine.Traveller
) -> None:
    async with database.write(SYSTEM) as session:
        days = await office_calendar(session)
        row = dossier(world)
        session.add(row)
        await session.flush()
        for to in (S.ACCEPTED, S.PROCESSING, S.PAYMENT_REQUIRED):
            await move(session, SYSTEM, row, to, EntryAction.NOTED)
        assert (row.due_on, row.days_left) == (None, 5)
        friday.shift(timedelta(days=30))
        assert row.days_left is not None
        await move(session, SYSTEM, row, S.PROCESSING, EntryAction.PAID, due_on=days.add(clock.today(), row.days_left))
        assert days.between(clock.today(), row.due_on or clock.today()) == 5
        await move(session, SYSTEM, row, S.COMPLETED, EntryAction.COMPLETED)
        assert (row.due_on, row.on_time) == (None, True)
        finished = row.finished_at
        friday.shift(timedelta(days=30))
        await move(session, SYSTEM, row, S.RETURNED, EntryAction.RETURNED)
        assert (row.finished_at, row.on_time) == (finished, True)
