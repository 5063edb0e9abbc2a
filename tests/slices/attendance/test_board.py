"""Overviews: the school's day, counts, who stays away too much, and the settings."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from backend.attendance.tables import AttendanceMark, AttendanceStatus, Register
from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Row
from backend.core.ids import new_id
from backend.organisation.tables import SchoolYear
from backend.timetable.tables import HalfDay
from tests.actors import World
from tests.client import Answer, Client
from tests.slices.attendance.register import PUPILS, Tap, take, untouched

DAYS = """query($s: UUID!, $d: Date!) {
  classDays(school: $s, day: $d) {
    classGroup { name } session startsAt studentCount excused unexcused late register { takenBy { fullName } }
  }
}"""
COUNT = "query($s: UUID!) { attendanceCount(student: $s) { counted excused unexcused late } }"
PATTERNS = """query($s: UUID!) {
  absencePatterns(school: $s) { student { fullName } kind halfDays since counted lastDay }
}"""
SETTINGS = """query($s: UUID!) { attendanceSettings(school: $s) {
  id byPeriod answerMinutes safetyMinutes reminderMinutes homeroomLeaveDays holdRemarks } }"""
SET = """mutation($s: UUID!, $by: Boolean!,
  $answer: Int!, $safety: Int!, $reminder: Int!, $leave: Int!, $hold: Boolean!) {
  setAttendanceSettings(school: $s, byPeriod: $by, answerMinutes: $answer, safetyMinutes: $safety,
    reminderMinutes: $reminder, homeroomLeaveDays: $leave, holdRemarks: $hold) {
    __typename ... on AttendanceSettingsPayload { settings { answerMinutes byPeriod } }
    ... on Problem { code message fields { path } }
  }
}"""


async def add(database: Database, *rows: Row) -> None:
    async with database.write(SYSTEM) as session:
        for row in rows:
            await session.execute(insert(type(row)).values(**row.model_dump()))


def weekdays(count: int) -> list[date]:
    """The last days from Monday to Friday before today that were taught, in order."""
    off = clock.today() - timedelta(days=28)
    found = [clock.today() - timedelta(days=n) for n in range(1, 41)]
    return sorted(day for day in found if day.isoweekday() <= 5 and day != off)[-count:]


def register(world: World, day: date, half: HalfDay = HalfDay.MORNING) -> Row:
    return Register(
        school_id=world["school"], class_group_id=world["class_7a"], day=day, session=half,
        taken_by=world["math_teacher"], taken_at=clock.now(),
    )  # fmt: skip


def mark(world: World, pupil: str, day: date, status: str = "UNEXCUSED", half: HalfDay = HalfDay.MORNING) -> Row:
    return AttendanceMark(
        school_id=world["school"], class_group_id=world["class_7a"], student_id=world[pupil], day=day, session=half,
        status=AttendanceStatus(status), counted=status in ("EXCUSED", "UNEXCUSED") and half is HalfDay.MORNING,
        explicit=True, decided_at=clock.now(), operation_id=new_id(), recorded_by=world["math_teacher"],
    )  # fmt: skip


async def patterns(client: Client, world: World, who: str = "headteacher") -> list[dict[str, Any]]:
    return (await client(world.actor(who), PATTERNS, s=world["school"]))["absencePatterns"]


async def test_the_day_of_a_school(client: Client, world: World) -> None:
    await take(client, world, *untouched("minh"), Tap("lan", "UNEXCUSED"), Tap("anh", "LATE", 5))
    shown = await client(world.actor("headteacher"), DAYS, s=world["school"], d=clock.today())
    assert shown["classDays"] == [
        {
            "classGroup": {"name": "7A"}, "session": "MORNING", "startsAt": "07:00", "studentCount": 3, "excused": 0,
            "unexcused": 1, "late": 1, "register": {"takenBy": {"fullName": "Phạm Văn Toán"}},
        },
        {
            "classGroup": {"name": "7B"}, "session": "MORNING", "startsAt": "07:00", "studentCount": 1, "excused": 0,
            "unexcused": 0, "late": 0, "register": None,
        },
    ]  # fmt: skip
    off = clock.today() - timedelta(days=28)
    assert (await client(world.actor("headteacher"), DAYS, s=world["school"], d=off))["classDays"] == []


async def test_only_the_session_of_the_plan_counts(client: Client, world: World, database: Database) -> None:
    days = weekdays(4)
    await add(
        database,
        mark(world, "lan", days[0]),
        mark(world, "lan", days[1], "EXCUSED"),
        mark(world, "lan", days[1], "EXCUSED", HalfDay.AFTERNOON),
        mark(world, "lan", days[2], "LATE"),
        mark(world, "lan", days[3], "PRESENT"),
    )
    shown = await client(world.actor("mother"), COUNT, s=world["lan"])
    assert shown["attendanceCount"] == {"counted": 2, "excused": 2, "unexcused": 1, "late": 1}


async def test_absences_of_another_year_do_not_count(client: Client, world: World, database: Database) -> None:
    await add(database, mark(world, "lan", weekdays(20)[0]))
    async with database.write(SYSTEM) as session:
        await session.execute(
            update(SchoolYear)
            .where(col(SchoolYear.id) == world["school_year"])
            .values(starts_on=clock.today() - timedelta(days=7))
        )
    shown = await client(world.actor("mother"), COUNT, s=world["lan"])
    assert shown["attendanceCount"] == {"counted": 0, "excused": 0, "unexcused": 0, "late": 0}


async def test_three_in_a_row(client: Client, world: World, database: Database) -> None:
    days = weekdays(20)
    await add(database, *(register(world, day) for day in days), *(mark(world, "lan", day) for day in days[-3:]))
    await add(database, *(mark(world, "minh", day) for day in days[-4:-1]))  # he was back on the last day
    assert await patterns(client, world) == [
        {
            "student": {"fullName": "Nguyễn Thị Ngọc Lan"},
            "kind": "CONSECUTIVE",
            "halfDays": 3,
            "since": str(days[-3]),
            "counted": 3,
            "lastDay": str(days[-1]),
        }
    ]


async def test_often_away(client: Client, world: World, database: Database) -> None:
    days = weekdays(25)
    await add(database, *(register(world, day) for day in days), *(mark(world, "anh", day) for day in days[0:20:5]))
    [found] = await patterns(client, world)
    assert (found["kind"], found["halfDays"], found["since"], found["lastDay"]) == (
        "CHRONIC", 4, str(days[0]), str(days[15]),
    )  # fmt: skip


async def test_near_the_limit(client: Client, world: World, database: Database) -> None:
    days = [clock.today() - timedelta(days=n) for n in range(1, 33)]
    await add(database, *(mark(world, "minh", day, "EXCUSED") for day in days[:30]))
    await add(database, *(mark(world, "anh", day, "EXCUSED") for day in days[:29]))
    [found] = await patterns(client, world)
    assert (found["student"]["fullName"], found["kind"], found["halfDays"]) == ("Trần Văn Minh", "LIMIT", 30)


async def test_a_session_without_a_register_breaks_nothing(client: Client, world: World, database: Database) -> None:
    """Leave fills days ahead and days nobody looked at; only registers taken are looked back on."""
    days = weekdays(6)
    await add(database, *(register(world, day) for day in (*days[:3], days[5])))
    await add(database, *(mark(world, "lan", day, "EXCUSED") for day in (*days[1:3], days[5])))
    await add(database, mark(world, "lan", clock.today() + timedelta(days=1), "EXCUSED"))
    [found] = await patterns(client, world)
    assert (found["kind"], found["halfDays"], found["since"]) == ("CONSECUTIVE", 3, str(days[1]))


async def test_whose_pupils(client: Client, world: World, database: Database) -> None:
    days = weekdays(3)
    await add(database, *(register(world, day) for day in days), *(mark(world, "lan", day) for day in days))
    assert len(PUPILS) == 3
    assert len(await patterns(client, world, "homeroom_teacher")) == 1
    for who in ("math_teacher", "clerk", "mother", "other_teacher"):
        assert await patterns(client, world, who) == []


# -- settings

DEFAULTS = {
    "byPeriod": False, "answerMinutes": 15, "safetyMinutes": 5, "reminderMinutes": 15, "homeroomLeaveDays": 3,
    "holdRemarks": True,
}  # fmt: skip
CHOSEN = {"by": True, "answer": 30, "safety": 5, "reminder": 20, "leave": 2, "hold": False}


async def change(client: Client, world: World, who: str = "headteacher", **given: Any) -> Answer:
    return await client(world.actor(who), SET, s=world["school"], **{**CHOSEN, **given})


async def test_defaults_hold_until_something_is_decided(client: Client, world: World) -> None:
    shown = await client(world.actor("mother"), SETTINGS, s=world["school"])
    assert shown["attendanceSettings"] == {"id": str(world["school"]), **DEFAULTS}
    for _ in range(2):
        answer = await change(client, world)
        assert answer["setAttendanceSettings"]["settings"] == {"answerMinutes": 30, "byPeriod": True}
    shown = await client(world.actor("homeroom_teacher"), SETTINGS, s=world["school"])
    assert shown["attendanceSettings"]["homeroomLeaveDays"] == 2


async def test_settings_of_a_school_one_has_nothing_to_do_with(client: Client, world: World) -> None:
    assert (await client(world.actor("other_teacher"), SETTINGS, s=world["school"])).problem == "core.not_found"
    other = await client(world.actor("headteacher"), SET, s=world["other_school"], **CHOSEN)
    assert other.problem == "core.not_found"


@pytest.mark.parametrize(
    ("name", "value", "path"),
    [
        ("answer", 4, "answerMinutes"),
        ("answer", 121, "answerMinutes"),
        ("safety", 1, "safetyMinutes"),
        ("reminder", 4, "reminderMinutes"),
        ("leave", 31, "homeroomLeaveDays"),
        ("leave", -1, "homeroomLeaveDays"),
    ],
)
async def test_numbers_have_a_range(client: Client, world: World, name: str, value: int, path: str) -> None:
    wanted: dict[str, Any] = {name: value}
    answer = await change(client, world, **wanted)
    assert answer.problem == "attendance.setting_out_of_range"
    assert (answer.data or {})["setAttendanceSettings"]["fields"][0]["path"] == path
