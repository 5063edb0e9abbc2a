"""Leave over the register: filled ahead, laid over what was recorded, taken back; and weeks that are closed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from backend.attendance import actions, queries
from backend.attendance.tables import AbsenceReason
from backend.core import clock
from backend.core.db import Database
from backend.core.ids import new_id
from backend.core.problem import Invalid, NotFound
from backend.timetable.tables import HalfDay
from tests.actors import World
from tests.client import Client
from tests.slices.attendance.register import Tap, fetch, marks, take, untouched

MARKS = """query($s: UUID!, $f: Date!, $t: Date!) {
  attendanceMarks(student: $s, from: $f, to: $t) { day session status reason counted recordedBy { fullName } }
}"""


async def excuse(database: Database, world: World, *days: int, who: str = "homeroom_teacher") -> UUID:
    """Leave of Lan for the mornings of these days from today."""
    source = new_id()
    sessions = [(clock.today() + timedelta(days=day), HalfDay.MORNING) for day in days]
    async with database.write(world.actor(who)) as session:
        await actions.excuse(
            session, world.actor(who), world["school"], world["lan"], world["class_7a"], sessions, AbsenceReason.SICK,
            source,
        )  # fmt: skip
    return source


async def revoke(database: Database, world: World, source: UUID, who: str = "mother") -> None:
    async with database.write(world.actor(who)) as session:
        await actions.revoke_excuse(session, world.actor(who), source, clock.today())


async def seen(client: Client, world: World, who: str) -> list[dict[str, Any]]:
    first, last = clock.today() - timedelta(days=7), clock.today() + timedelta(days=14)
    return (await client(world.actor(who), MARKS, s=world["lan"], f=first, t=last))["attendanceMarks"]


async def test_leave_fills_the_register_ahead(client: Client, world: World, database: Database, dsn: str) -> None:
    await excuse(database, world, 0, 7)
    found = await seen(client, world, "mother")
    assert [(mark["status"], mark["reason"], mark["counted"], mark["recordedBy"]) for mark in found] == [
        ("EXCUSED", "SICK", True, None)
    ] * 2
    assert await fetch(dsn, "select from register") == []
    answer = await take(client, world, *untouched("minh", "anh"), *untouched("lan", status="EXCUSED"))
    assert answer["takeRegister"]["rows"] == []
    assert (await marks(dsn, world))["lan"] == ("EXCUSED", None, False)


async def test_a_default_from_before_the_leave_was_known(client: Client, world: World, database: Database) -> None:
    await excuse(database, world, 0)
    answer = await take(client, world, *untouched())
    [row] = answer["takeRegister"]["rows"]
    # The math teacher may know that she is excused, and not why.
    assert row["mark"] == {"status": "EXCUSED", "minutes": None, "reason": None}


async def test_a_child_who_came_all_the_same(client: Client, world: World, database: Database, dsn: str) -> None:
    await excuse(database, world, 0)
    await take(client, world, Tap("lan"))
    assert (await marks(dsn, world))["lan"] == ("PRESENT", None, True)


async def test_leave_approved_afterwards(client: Client, world: World, database: Database, dsn: str) -> None:
    await take(client, world, *untouched("minh", "anh"), Tap("lan", "UNEXCUSED"))
    await take(client, world, Tap("lan", "UNEXCUSED"), period=2)
    source = await excuse(database, world, 0)
    assert (await marks(dsn, world))["lan"] == ("EXCUSED", None, True)
    assert (await marks(dsn, world, period=2))["lan"] == ("EXCUSED", None, True)
    await revoke(database, world, source)
    assert (await marks(dsn, world))["lan"] == ("UNEXCUSED", None, True)
    assert (await marks(dsn, world, period=2))["lan"] == ("UNEXCUSED", None, True)


async def test_what_leave_alone_had_filled_disappears(database: Database, world: World, dsn: str) -> None:
    source = await excuse(database, world, -1, 0, 1)
    await revoke(database, world, source)
    left = await fetch(dsn, "select day from attendance_mark")
    assert [row["day"] for row in left] == [clock.today() - timedelta(days=1)]
    await revoke(database, world, source)  # nothing is left of it, so nothing happens
    assert len(await fetch(dsn, "select from journal where kind = 'attendance.excuse_revoked'")) == 1


async def test_after_a_revocation_the_fence_stands_again(database: Database, world: World) -> None:
    source = await excuse(database, world, 0)
    async with database.write(world.actor("mother")) as session:
        await actions.revoke_excuse(session, world.actor("mother"), source, clock.today())
        assert (await session.execute(text("select current_setting('app.system')"))).scalar_one() == "off"


@pytest.mark.parametrize(
    ("who", "reason"), [("mother", "SICK"), ("homeroom_teacher", "SICK"), ("headteacher", "SICK"), ("pupil", "SICK")]
)
async def test_who_may_know_the_reason(client: Client, world: World, database: Database, who: str, reason: str) -> None:
    await excuse(database, world, 0)
    assert [mark["reason"] for mark in await seen(client, world, who)] == [reason]


@pytest.mark.parametrize("who", ["other_mother", "math_teacher", "clerk", "other_teacher"])
async def test_who_sees_no_marks_at_all(client: Client, world: World, database: Database, who: str) -> None:
    await excuse(database, world, 0)
    assert await seen(client, world, who) == []


async def test_sessions_with_lessons(database: Database, world: World) -> None:
    today = clock.today()
    monday = today - timedelta(days=today.weekday() + 7)
    async with database.write(world.actor("mother")) as session:
        found = await queries.sessions_of(session, world["class_7a"], monday, monday + timedelta(days=6))
        assert found == [(monday + timedelta(days=n), HalfDay.MORNING) for n in range(5)]
        off = today - timedelta(days=28)
        assert await queries.sessions_of(session, world["class_7a"], off, off) == []


# -- weeks


async def close(database: Database, world: World, who: str, *, weeks_ago: int = 1, off: int = 0) -> None:
    monday = queries.monday(clock.today()) - timedelta(days=7 * weeks_ago - off)
    async with database.write(world.actor(who)) as session:
        await actions.close_week(session, world.actor(who), world["class_7a"], monday)


async def test_a_closed_week_keeps_what_it_holds(client: Client, world: World, database: Database) -> None:
    await close(database, world, "homeroom_teacher")
    await close(database, world, "homeroom_teacher")
    monday = queries.monday(clock.today()) - timedelta(days=7)
    assert (await take(client, world, *untouched(), day=monday)).problem == "attendance.week_closed"
    with pytest.raises(Invalid) as refusal:
        await excuse(database, world, (monday - clock.today()).days)
    assert refusal.value.code == "attendance.week_closed"
    async with database.write(world.actor("headteacher")) as session:
        assert await queries.week_closed(session, world["class_7a"], monday + timedelta(days=4))
        await actions.reopen_week(session, world.actor("headteacher"), world["class_7a"], monday)
        assert not await queries.week_closed(session, world["class_7a"], monday)
    assert (await take(client, world, *untouched(), day=monday)).problem is None


async def test_who_closes_and_who_opens(database: Database, world: World) -> None:
    for who in ("math_teacher", "headteacher", "mother"):
        with pytest.raises(NotFound):
            await close(database, world, who)
    await close(database, world, "homeroom_teacher")
    monday = queries.monday(clock.today()) - timedelta(days=7)
    async with database.write(world.actor("homeroom_teacher")) as session:
        with pytest.raises(NotFound):
            await actions.reopen_week(session, world.actor("homeroom_teacher"), world["class_7a"], monday)
    async with database.write(world.actor("headteacher")) as session:
        other = monday - timedelta(days=7)
        with pytest.raises(Invalid):
            await actions.reopen_week(session, world.actor("headteacher"), world["class_7a"], other)


@pytest.mark.parametrize(
    ("weeks_ago", "off", "code"), [(1, 1, "attendance.not_a_monday"), (-1, 0, "attendance.day_to_come")]
)
async def test_weeks_that_cannot_be_closed(
    database: Database, world: World, weeks_ago: int, off: int, code: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await close(database, world, "homeroom_teacher", weeks_ago=weeks_ago, off=off)
    assert refusal.value.code == code
