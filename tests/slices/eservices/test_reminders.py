"""Deadlines: who is told, when, once; and dossiers whose citizen never answered."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.jobs import Jobs
from backend.eservices import tasks
from backend.eservices.actions import desk_requests
from backend.eservices.actions.reminders import BATCH, remind, stop_unanswered
from backend.eservices.rules.urgency import (
    Urgency,
    back,
    days_left,
    escalated_until,
    last_day_left,
    office_hours,
    resumed,
    urgency,
)
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.tables import DossierReminder
from tests.actors import World
from tests.slices.attendance.telling import Ears
from tests.slices.eservices.office import FRIDAY, HOLIDAY, MONDAY, MORNING, NEXT_MONDAY, THURSDAY, WEDNESDAY, Office, S

DAYS = WorkingDays.of([(HOLIDAY, False), (date(2026, 11, 28), True)])  # Saturday the 28th is worked
FORTNIGHT = [MONDAY + timedelta(days=days) for days in range(14)]


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture
async def office(database: Database, world: World) -> Office:
    made = Office(database, world)
    await made.open()
    return made


@pytest.fixture
def ears(database: Database, bus: MemoryBus, world: World) -> Ears:
    return Ears(database, bus, world)


async def look(database: Database) -> int:
    async with database.write(SYSTEM) as session:
        return await remind(session, clock.now())


async def _stop(database: Database) -> int:
    async with database.write(SYSTEM) as session:
        return await stop_unanswered(session, clock.now())


# -- the rules


@pytest.mark.parametrize(
    ("due_on", "today", "expected", "left"),
    [
        (FRIDAY, MONDAY, Urgency.CALM, 3),
        (THURSDAY, MONDAY, Urgency.SOON, 2),
        (WEDNESDAY, MONDAY, Urgency.SOON, 1),  # Tuesday is off
        (WEDNESDAY, HOLIDAY, Urgency.SOON, 1),
        (MONDAY, MONDAY, Urgency.TODAY, 0),
        (MONDAY, HOLIDAY, Urgency.OVERDUE, 0),  # late, though no working day has passed
        (MONDAY, WEDNESDAY, Urgency.OVERDUE, -1),
        (NEXT_MONDAY, FRIDAY, Urgency.SOON, 2),  # the Saturday between is worked
    ],
)
def test_how_pressing(due_on: date, today: date, expected: Urgency, left: int) -> None:
    assert urgency(S.PROCESSING, due_on, today, DAYS) is expected
    assert days_left(due_on, today, DAYS) == left


def test_what_waits_and_what_is_done_does_not_press() -> None:
    assert urgency(S.SUPPLEMENT_REQUESTED, None, MONDAY, DAYS) is Urgency.WAITING
    assert urgency(S.PAYMENT_REQUIRED, None, MONDAY, DAYS) is Urgency.WAITING
    assert urgency(S.RETURNED, None, MONDAY, DAYS) is Urgency.DONE
    assert urgency(S.ACCEPTED, None, MONDAY, DAYS) is Urgency.CALM


@pytest.mark.parametrize("today", [day for day in FORTNIGHT if DAYS.works(day)])
def test_levels_agree_with_counted_days(today: date) -> None:
    """The statement compares days; these are the days with which it says what counting would say."""
    for offset in range(-20, 20):
        due_on = today + timedelta(days=offset)
        assert (today <= due_on <= last_day_left(today, DAYS)) == (due_on >= today and DAYS.between(today, due_on) <= 1)
        assert (due_on <= escalated_until(today, DAYS)) == (DAYS.between(due_on, today) >= 2)


def test_a_clock_goes_on_with_what_was_left() -> None:
    assert resumed(MONDAY, 3, DAYS) == FRIDAY
    assert resumed(MONDAY, 0, DAYS) == MONDAY
    assert resumed(HOLIDAY, None, DAYS) == WEDNESDAY
    assert DAYS.between(resumed(FRIDAY, -2, DAYS), FRIDAY) == 2
    for count in range(1, 8):
        assert DAYS.between(back(FRIDAY, count, DAYS), FRIDAY) == count


@pytest.mark.parametrize(
    ("hour", "day", "is_open"),
    [(0, 23, True), (10, 23, True), (11, 23, False), (23, 22, False), (3, 24, False), (3, 28, True), (3, 29, False)],
)
def test_office_hours_are_vietnamese(hour: int, day: int, is_open: bool) -> None:
    """Seven in the morning is midnight in UTC. 23:00 UTC is six in the morning."""
    local = datetime(2026, 11, day, hour, tzinfo=UTC).astimezone(clock.VIETNAM)
    assert office_hours(local, DAYS) is is_open


# -- who is told


async def test_near_to_those_who_work_on_it_each_deadline_once(
    office: Office, database: Database, ears: Ears, now: time_machine.Traveller
) -> None:
    dossier = await office.file(S.PROCESSING, due_on=WEDNESDAY)
    await office.file(S.PROCESSING, due_on=WEDNESDAY, step="decide")
    await office.file(S.PROCESSING, due_on=WEDNESDAY, assignee="math_teacher")
    await office.file(S.PROCESSING, due_on=WEDNESDAY, procedure="LOP.02", step="decide")  # nobody has it yet
    await office.file(S.SUBMITTED, due_on=MONDAY)
    await office.file(S.PROCESSING, due_on=THURSDAY)  # two working days
    await office.file(S.PROCESSING, due_on=None)
    await office.file(S.COMPLETED)
    assert await look(database) == 5
    assert await look(database) == 0
    assert await ears.hear() == {"deadline_near": ["clerk", "clerk", "clerk", "headteacher", "math_teacher"]}
    assert ears.links["deadline_near", "math_teacher"].startswith("/desk/")
    assert ears.titles["deadline_near", "headteacher"] == "24010001-261123-0002: sắp đến hạn"
    assert await office.act("headteacher", desk_requests.extend, dossier, 1, 2, "Xin lỗi") == ""
    assert await look(database) == 0  # Friday now
    now.move_to(MORNING + timedelta(days=3))
    await look(database)
    again = [row for row in await office.rows(DossierReminder, dossier_id=dossier) if row.level.value == "DUE_SOON"]
    assert [row.due_on for row in again] == [WEDNESDAY, FRIDAY]


async def test_late_to_the_headteacher_then_to_the_department(
    office: Office, database: Database, ears: Ears, now: time_machine.Traveller
) -> None:
    await office.file(S.PROCESSING, due_on=MONDAY, assignee="math_teacher")
    await look(database)
    assert await ears.hear() == {"deadline_near": ["math_teacher"]}
    now.move_to(MORNING + timedelta(days=1))
    assert await look(database) == 0  # a holiday: nobody is told, though the day has passed
    now.move_to(MORNING + timedelta(days=2))
    assert await look(database) == 1
    assert await ears.hear() == {"deadline_passed": ["headteacher", "math_teacher"]}
    now.move_to(MORNING + timedelta(days=3) - timedelta(hours=2))
    assert await look(database) == 0  # six in the morning
    now.move_to(MORNING + timedelta(days=3))
    assert await look(database) == 1
    assert await ears.hear() == {"deadline_escalated": ["officer"]}
    assert ears.links["deadline_escalated", "officer"] == "/desk/board"
    assert "Lan" not in ears.titles["deadline_escalated", "officer"]
    assert await look(database) == 0


async def test_a_clock_that_stands_tells_nobody(office: Office, database: Database) -> None:
    for status in (S.SUPPLEMENT_REQUESTED, S.PAYMENT_REQUIRED, S.WITHDRAWN, S.RETURNED, S.REJECTED, S.STOPPED):
        await office.file(status)
    assert await look(database) == 0


async def test_nobody_is_reminded_of_her_own_request(office: Office, database: Database, ears: Ears) -> None:
    await office.file(S.PROCESSING, due_on=FRIDAY - timedelta(days=7), owner="headteacher")
    await office.file(S.PROCESSING, due_on=MONDAY, owner="clerk")
    assert await look(database) == 2
    assert await ears.hear() == {"deadline_near": ["headteacher"]}


async def test_two_workers_at_once_tell_once(office: Office, database: Database, ears: Ears) -> None:
    for _ in range(6):
        await office.file(S.PROCESSING, due_on=FRIDAY - timedelta(days=7))
    counts = await asyncio.gather(*(look(database) for _ in range(3)))
    assert sum(counts) == 6
    heard = await ears.hear()
    assert sorted(heard) == ["deadline_passed"] and len(heard["deadline_passed"]) == 6


async def test_many_at_once_come_in_batches(office: Office, database: Database) -> None:
    for _ in range(BATCH + 5):
        await office.file(S.PROCESSING, due_on=MONDAY, owner=None, student=None)
    assert await look(database) == BATCH
    assert await look(database) == 5


# -- supplements that never came


async def test_what_is_not_answered_in_time_ends_with_form_05(
    office: Office, database: Database, ears: Ears, now: time_machine.Traveller
) -> None:
    waiting = await office.file(S.SUPPLEMENT_REQUESTED)
    await office.supplement(waiting, 1, MONDAY)
    answered = await office.file(S.SUBMITTED)
    await office.supplement(answered, 1, MONDAY - timedelta(days=5), answered=True)
    second = await office.file(S.SUPPLEMENT_REQUESTED)
    await office.supplement(second, 1, MONDAY - timedelta(days=9), answered=True)
    await office.supplement(second, 2, FRIDAY)
    assert await _stop(database) == 0  # the day itself still counts
    now.move_to(MORNING + timedelta(days=2))
    counts = await asyncio.gather(_stop(database), _stop(database))
    assert sorted(counts) == [0, 1]
    row = await office.look(waiting)
    assert (row.status, row.on_time, row.assignee_id) == (S.STOPPED, True, None)
    last = (await office.entries(waiting))[-1]
    assert last.actor_id is None and last.note.startswith("Quá thời hạn bổ sung")
    assert await office.papers(waiting) == ["FORM_05"]
    assert await ears.hear() == {"dossier_moved": ["mother"]}
    assert ears.titles["dossier_moved", "mother"] == "Xin chuyển lớp (Lan): đã dừng giải quyết"
    assert (await office.look(second)).status is S.SUPPLEMENT_REQUESTED


async def test_the_lane_does_all_of_it(office: Office, database: Database) -> None:
    await office.file(S.PROCESSING, due_on=MONDAY)
    waiting = await office.file(S.SUPPLEMENT_REQUESTED)
    await office.supplement(waiting, 1, MONDAY - timedelta(days=3))
    async with Jobs(None) as jobs:
        tasks.register(jobs, database)
        await tasks.look(jobs, database)
    assert (await office.look(waiting)).status is S.STOPPED
    assert len(await office.rows(DossierReminder)) == 1
