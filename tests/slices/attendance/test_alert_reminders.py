"""Missing registers, and pupils who come near the limit: who is reminded, when, once, and when no more."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import delete, insert, update
from sqlmodel import col

from backend.attendance.reminders import remind, warn, warn_today
from backend.attendance.tables import AttendanceMark, AttendanceSetting, AttendanceStatus
from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.bus import MemoryBus
from backend.core.db import Database, Row
from backend.identity.tables import RoleGrant
from backend.timetable.tables import ChangeKind, HalfDay, LessonChange, Period
from tests.actors import World
from tests.client import Client
from tests.slices.attendance.register import take, untouched
from tests.slices.attendance.telling import MORNING, Ears

SEVEN = MORNING - timedelta(minutes=20)
"""The first lesson of 7A (toan), of 7B (ngu_van) and of the neighbour begins; the last one ends at 08:35."""


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(SEVEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ears(database: Database, bus: MemoryBus, world: World) -> Ears:
    return Ears(database, bus, world)


async def look(database: Database, now: time_machine.Traveller, minutes: int) -> int:
    """The lane looks so many minutes after seven."""
    now.move_to(SEVEN + timedelta(minutes=minutes), tick=False)
    async with database.write(SYSTEM) as session:
        return await remind(session, clock.now())


async def add(database: Database, *rows: Row) -> None:
    async with database.write(SYSTEM) as session:
        for row in rows:
            await session.execute(insert(type(row)).values(**row.model_dump()))


async def test_first_the_teacher_of_the_first_lesson_then_the_leader_each_once(
    database: Database, world: World, ears: Ears, now: time_machine.Traveller
) -> None:
    assert await look(database, now, 14) == 0
    assert await look(database, now, 15) == 3
    assert await look(database, now, 16) == 0
    assert await ears.hear() == {"register_missing": ["literature_teacher", "math_teacher", "other_teacher"]}
    assert ears.titles["register_missing", "math_teacher"] == "7A: chưa điểm danh sáng thứ Hai 23/11"
    link = f"/attendance/{world['class_7a']}?day=2026-11-23&session=MORNING"
    assert ears.links["register_missing", "math_teacher"] == link
    await look(database, now, 30)
    await look(database, now, 31)
    assert await ears.hear() == {"registers_missing": ["headteacher"]}
    assert ears.titles["registers_missing", "headteacher"] == "2 lớp chưa điểm danh sáng thứ Hai 23/11"


async def test_a_register_that_was_taken_is_not_missing(
    client: Client, database: Database, world: World, ears: Ears, now: time_machine.Traveller
) -> None:
    await take(client, world, *untouched())
    await look(database, now, 20)
    assert await ears.hear() == {"register_missing": ["literature_teacher", "other_teacher"]}
    await look(database, now, 40)
    assert ears.titles.get(("registers_missing", "headteacher")) is None
    assert await ears.hear() == {"registers_missing": ["headteacher"]}
    assert ears.titles["registers_missing", "headteacher"].startswith("1 lớp")


async def test_the_register_of_a_period_does_not_stand_for_the_session(
    client: Client, database: Database, world: World, ears: Ears, now: time_machine.Traveller
) -> None:
    await take(client, world, *untouched(), period=1)
    await look(database, now, 20)
    assert "math_teacher" in (await ears.hear())["register_missing"]


async def test_whoever_gives_the_lesson_today_is_reminded(
    database: Database, world: World, ears: Ears, now: time_machine.Traveller
) -> None:
    await add(database, _change(world, 1, ChangeKind.SUBSTITUTED, "homeroom_teacher"))
    await look(database, now, 15)
    assert "homeroom_teacher" in (await ears.hear())["register_missing"]


async def test_a_cancelled_first_lesson_moves_the_beginning(
    database: Database, world: World, ears: Ears, now: time_machine.Traveller
) -> None:
    """The second begins at 07:50."""
    await add(database, _change(world, 1, ChangeKind.CANCELLED, "math_teacher"))
    await look(database, now, 20)
    assert "math_teacher" not in (await ears.hear())["register_missing"]
    assert await look(database, now, 64) == 2  # the leaders, of the two other classes
    await look(database, now, 65)
    assert (await ears.hear())["register_missing"] == ["literature_teacher"]


def _change(world: World, period: int, kind: ChangeKind, teacher: str) -> LessonChange:
    return LessonChange(
        school_id=world["school"],
        class_group_id=world["class_7a"],
        day=clock.today(),
        session=HalfDay.MORNING,
        period=period,
        kind=kind,
        subject_id=world["toan"],
        user_id=world[teacher],
        created_by=world["clerk"],
    )


async def test_nobody_is_reminded_of_what_is_long_over(
    database: Database, ears: Ears, now: time_machine.Traveller
) -> None:
    """7A's last lesson ends at 08:35, the others' at 07:45."""
    assert await look(database, now, 95 + 119) == 2
    assert await ears.hear() == {"register_missing": ["math_teacher"], "registers_missing": ["headteacher"]}
    assert await look(database, now, 95 + 120) == 0
    assert await look(database, now, 17 * 60 - 1) == 0


async def test_no_day_without_lessons_and_no_lesson_without_a_bell(
    database: Database, now: time_machine.Traveller
) -> None:
    async with database.write(SYSTEM) as session:
        await session.execute(delete(Period))
    assert await look(database, now, 30) == 0
    assert await look(database, now, 5 * 24 * 60 + 30) == 0  # Saturday


async def test_the_school_decides_how_long_to_wait(
    database: Database, world: World, ears: Ears, now: time_machine.Traveller
) -> None:
    await add(database, AttendanceSetting(school_id=world["school"], reminder_minutes=40))
    await look(database, now, 39)
    assert await ears.hear() == {"register_missing": ["other_teacher"]}
    await look(database, now, 40)
    assert await ears.hear() == {"register_missing": ["literature_teacher", "math_teacher"]}


async def test_a_school_without_a_leader_is_still_reminded(
    database: Database, world: World, ears: Ears, now: time_machine.Traveller
) -> None:
    async with database.write(SYSTEM) as session:
        await session.execute(delete(RoleGrant).where(col(RoleGrant.user_id) == world["headteacher"]))
    await look(database, now, 30)
    assert set(await ears.hear()) == {"register_missing"}


# -- the limit


async def away(database: Database, world: World, pupil: str, first: int, last: int) -> None:
    """Counted half-days of so many days ago, both included."""
    rows = [
        AttendanceMark(
            school_id=world["school"],
            class_group_id=world["class_7a"],
            student_id=world[pupil],
            day=clock.today() - timedelta(days=days),
            session=HalfDay.MORNING,
            status=AttendanceStatus.EXCUSED,
            counted=True,
        )
        for days in range(first, last + 1)
    ]
    await add(database, *rows)


async def test_family_and_homeroom_are_warned_once_at_each_threshold(
    database: Database, world: World, ears: Ears
) -> None:
    await away(database, world, "lan", 1, 28)
    await away(database, world, "minh", 0, 10)
    assert await _warn(database) == 0
    await away(database, world, "lan", 0, 0)
    assert await _warn(database) == 0  # 29
    await away(database, world, "lan", 29, 29)
    assert await _warn(database) == 1
    assert await _warn(database) == 0
    assert await ears.hear() == {"absence_limit": ["father", "homeroom_teacher", "mother"]}
    assert ears.titles["absence_limit", "mother"] == "Lan (7A): đã nghỉ 30 buổi trong năm học"
    assert ears.titles["absence_limit", "homeroom_teacher"].startswith("Nguyễn Thị Ngọc Lan (7A)")
    assert ears.links["absence_limit", "mother"] == f"/students/{world['lan']}/attendance"
    assert ears.links["absence_limit", "homeroom_teacher"] == "/attendance/patterns"
    await away(database, world, "lan", 30, 45)
    assert await _warn(database) == 1
    assert (await ears.hear())["absence_limit"] == ["father", "homeroom_teacher", "mother"]
    assert "46 buổi" in ears.titles["absence_limit", "mother"]


async def _warn(database: Database) -> int:
    async with database.write(SYSTEM) as session:
        return await warn_today(session, clock.now())


async def test_absences_of_past_days_are_found_by_the_look_at_the_year(
    database: Database, world: World, ears: Ears
) -> None:
    await away(database, world, "lan", 5, 40)
    assert await _warn(database) == 0
    async with database.write(SYSTEM) as session:
        assert await warn(session, clock.now()) == 1
    assert (await ears.hear())["absence_limit"] == ["father", "homeroom_teacher", "mother"]


async def test_absences_that_do_not_count_warn_nobody(database: Database, world: World) -> None:
    await away(database, world, "lan", 0, 40)
    async with database.write(SYSTEM) as session:
        await session.execute(update(AttendanceMark).values(counted=False))
    assert await _warn(database) == 0
