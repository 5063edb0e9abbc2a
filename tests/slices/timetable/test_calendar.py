"""Holidays, frames of a year and calendar events: who sets them, and what follows from it."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.organisation.tables import SchoolYear
from backend.timetable.tables import Holiday, SchoolDay
from tests.actors import World
from tests.client import Answer, Client

ADD = """mutation($s: UUID, $k: HolidayKind!, $n: String!, $a: Date!, $b: Date!, $w: Int) {
  addHoliday(school: $s, kind: $k, name: $n, startsOn: $a, endsOn: $b, asWeekday: $w) { __typename
  ... on HolidayPayload { holiday { id name inherited asWeekday } } ... on Problem { code message } } }"""
REMOVE = """mutation($id: UUID!) { removeHoliday(id: $id) { __typename
  ... on RemoveHolidayPayload { id } ... on Problem { code } } }"""
FRAME = """mutation($n: String!, $a: Date!, $b: Date!, $c: Date!) {
  setYearFrame(name: $n, startsOn: $a, secondSemesterOn: $b, endsOn: $c) { __typename
  ... on YearFramePayload { schoolCount yearFrame { name startsOn endsOn } } ... on Problem { code } } }"""
EVENT = """mutation($c: UUID, $s: UUID, $k: EventKind!, $d: Date!, $t: String!, $sub: UUID, $half: HalfDay, $p: Int) {
  addCalendarEvent(classGroup: $c, school: $s, kind: $k, day: $d, title: $t, subject: $sub, session: $half, period: $p)
  { __typename ... on CalendarEventPayload { event { id kind title mine classGroup { name } } }
    ... on Problem { code } } }"""
FORGET = """mutation($id: UUID!) { removeCalendarEvent(id: $id) { __typename
  ... on RemoveCalendarEventPayload { id } ... on Problem { code } } }"""


def workday(after: int = 1) -> date:
    """A Monday to Friday, that many days from today or a little later."""
    return next(d for n in range(after, after + 4) if (d := clock.today() + timedelta(days=n)).isoweekday() <= 5)


async def holiday(client: Client, world: World, who: str, school: str | None, **more: Any) -> Answer:
    given = {"k": "HOLIDAY", "n": "Bão số 5", "a": workday(), "b": workday(), **more}
    return await client(world.actor(who), ADD, s=world[school] if school else None, **given)


async def day_of(database: Database, world: World, school: str, day: date) -> tuple[bool, int, str | None]:
    statement = select(SchoolDay).where(col(SchoolDay.school_id) == world[school], col(SchoolDay.day) == day)
    async with database.write(SYSTEM) as session:
        row = (await session.execute(statement)).scalar_one()
    return row.teaches, row.weekday, row.holiday


async def test_the_department_sets_a_holiday_once_for_every_school(
    client: Client, database: Database, world: World
) -> None:
    made = (await holiday(client, world, "officer", None))["addHoliday"]["holiday"]
    assert made["inherited"] is True
    day = workday()
    for school in ("school", "other_school"):
        assert await day_of(database, world, school, day) == (False, day.isoweekday(), "Bão số 5")
    lessons = "query($c: UUID!, $d: Date!) { classLessons(classGroup: $c, from: $d, to: $d) { id } }"
    assert (await client(world.actor("mother"), lessons, c=world["class_7a"], d=day))["classLessons"] == []
    listed = "query($s: UUID!) { holidays(school: $s) { name inherited } }"
    found = (await client(world.actor("mother"), listed, s=world["school"]))["holidays"]
    assert {"name": "Bão số 5", "inherited": True} in found
    own = (await client(world.actor("officer"), "{ unitHolidays { name } }"))["unitHolidays"]
    assert own == [{"name": "Bão số 5"}]
    refused = await client(world.actor("clerk"), REMOVE, id=made["id"])
    assert refused.problem == "timetable.holiday_inherited"
    await client(world.actor("officer"), REMOVE, id=made["id"])
    assert await day_of(database, world, "school", day) == (True, day.isoweekday(), None)


async def test_a_school_sets_its_own_holiday_and_makes_it_up(client: Client, database: Database, world: World) -> None:
    await holiday(client, world, "clerk", "school")
    day = workday()
    assert (await day_of(database, world, "school", day))[0] is False
    assert (await day_of(database, world, "other_school", day))[0] is True
    sunday = next(d for n in range(1, 8) if (d := clock.today() + timedelta(days=n)).isoweekday() == 7)
    made_up = {"k": "MAKE_UP", "n": "Học bù", "a": sunday, "b": sunday, "w": 3}
    await holiday(client, world, "headteacher", "school", **made_up)
    assert await day_of(database, world, "school", sunday) == (True, 3, "Học bù")
    await holiday(client, world, "officer", None, n="Tết", a=sunday, b=sunday + timedelta(days=2))
    assert (await day_of(database, world, "school", sunday))[0] is True  # a make-up day wins over the holiday
    assert (await day_of(database, world, "other_school", sunday)) == (False, 7, "Tết")


@pytest.mark.parametrize(
    ("who", "school", "more", "code"),
    [
        ("clerk", "other_school", {}, "core.not_found"),
        ("clerk", None, {}, "core.not_found"),
        ("officer", "school", {}, "core.not_found"),
        ("math_teacher", "school", {}, "core.not_allowed"),
        ("mother", "school", {}, "core.not_allowed"),
        ("clerk", "school", {"n": " "}, "timetable.name_length"),
        ("clerk", "school", {"b": clock.today() + timedelta(days=80)}, "timetable.break_too_long"),
        ("clerk", "school", {"b": clock.today() - timedelta(days=1)}, "timetable.days_reversed"),
        ("clerk", "school", {"k": "MAKE_UP"}, "timetable.make_up_weekday"),
        ("clerk", "school", {"a": date(1999, 1, 1), "b": date(1999, 1, 1)}, "timetable.break_far"),
    ],
)
async def test_holidays_refused(
    who: str, school: str | None, more: dict[str, Any], code: str, client: Client, database: Database, world: World
) -> None:
    async with database.write(SYSTEM) as session:
        before = len((await session.execute(select(Holiday))).all())
    assert (await holiday(client, world, who, school, **more)).problem == code
    async with database.write(SYSTEM) as session:
        assert len((await session.execute(select(Holiday))).all()) == before


def frame() -> dict[str, date]:
    """36 weeks, begun in the last September."""
    year = clock.today().year if clock.today().month >= 9 else clock.today().year - 1
    first = date(year, 9, 7)
    return {"a": first, "b": date(year + 1, 1, 18), "c": first + timedelta(days=36 * 7 - 1)}


async def test_a_frame_sets_the_year_of_every_school_of_that_name(
    client: Client, database: Database, world: World
) -> None:
    given = frame()
    async with database.write(SYSTEM) as session:
        year = (await session.execute(select(SchoolYear))).scalars().all()
        for one in year:
            one.name = f"{given['a'].year}-{given['a'].year + 1}"
        other = next(one for one in year if one.school_id == world["other_school"])
        other.name = "2001-2002"
    name = f"{given['a'].year}-{given['a'].year + 1}"
    done = (await client(world.actor("officer"), FRAME, n=name, **given))["setYearFrame"]
    assert done["schoolCount"] == 1 and done["yearFrame"]["endsOn"] == given["c"].isoformat()
    async with database.write(SYSTEM) as session:
        years = {one.school_id: one for one in (await session.execute(select(SchoolYear))).scalars()}
        days = select(col(SchoolDay.day)).where(col(SchoolDay.school_id) == world["school"])
        found = sorted((await session.execute(days)).scalars())
    assert years[world["school"]].second_semester_on == given["b"]
    assert years[world["other_school"]].ends_on != given["c"]
    assert (found[0], found[-1], len(found)) == (given["a"], given["c"], 36 * 7)
    later = {**given, "c": given["c"] + timedelta(days=7)}
    assert (await client(world.actor("officer"), FRAME, n=name, **later))["setYearFrame"]["schoolCount"] == 1
    frames = (await client(world.actor("officer"), "{ yearFrames { name endsOn } }"))["yearFrames"]
    assert frames == [{"name": name, "endsOn": later["c"].isoformat()}]


@pytest.mark.parametrize("name", ["clerk", "headteacher", "math_teacher", "mother"])
async def test_frames_are_the_departments(name: str, client: Client, world: World) -> None:
    answer = await client(world.actor(name), FRAME, n="2026-2027", **frame())
    assert answer.problem in ("core.not_found", "core.not_allowed")


async def event(client: Client, world: World, who: str, **more: Any) -> Answer:
    given: dict[str, Any] = {"c": "class_7a", "k": "DUE", "d": workday(2), "t": "Nộp bài vẽ", **more}
    ids = {key: world[given[key]] for key in ("c", "s", "sub") if given.get(key)}
    return await client(world.actor(who), EVENT, **{**given, **ids})


@pytest.mark.parametrize("who", ["math_teacher", "homeroom_teacher", "headteacher", "clerk"])
async def test_a_date_of_a_class_is_read_by_its_families(who: str, client: Client, world: World) -> None:
    made = (await event(client, world, who, sub="toan", half="MORNING", p=1))["addCalendarEvent"]["event"]
    assert made["mine"] is True and made["classGroup"] == {"name": "7A"}
    document = "query($c: UUID!, $a: Date!, $b: Date!) { calendarEvents(classGroup: $c, from: $a, to: $b) { title } }"
    span = {"a": clock.today(), "b": clock.today() + timedelta(days=7)}
    found = (await client(world.actor("other_mother"), document, c=world["class_7a"], **span))["calendarEvents"]
    assert {"title": "Nộp bài vẽ"} in found
    assert (await client(world.actor("other_mother"), document, c=world["class_7b"], **span))["calendarEvents"] == []


async def test_a_date_of_the_school_is_read_in_every_class(client: Client, world: World) -> None:
    made = (await event(client, world, "clerk", c=None, s="school", k="EVENT", t="Hội khỏe"))["addCalendarEvent"]
    assert made["event"]["classGroup"] is None
    document = "query($c: UUID!, $a: Date!, $b: Date!) { calendarEvents(classGroup: $c, from: $a, to: $b) { title } }"
    span = {"a": clock.today(), "b": clock.today() + timedelta(days=7)}
    found = (await client(world.actor("mother"), document, c=world["class_7b"], **span))["calendarEvents"]
    assert found == [{"title": "Hội khỏe"}]


@pytest.mark.parametrize(
    ("who", "more", "code"),
    [
        ("math_teacher", {"c": "class_7b"}, "core.not_found"),
        ("math_teacher", {"c": None, "s": "school"}, "core.not_found"),
        ("homeroom_teacher", {"c": "class_7b"}, "core.not_found"),
        ("other_clerk", {}, "core.not_found"),
        ("mother", {}, "core.not_allowed"),
        ("clerk", {"c": None}, "timetable.class_or_school"),
        ("clerk", {"s": "school"}, "timetable.class_or_school"),
        ("clerk", {"t": ""}, "timetable.name_length"),
        ("clerk", {"t": "x" * 121}, "timetable.name_length"),
        ("clerk", {"d": date(2040, 1, 1)}, "timetable.outside_year"),
        ("clerk", {"d": clock.today() - timedelta(days=31)}, "timetable.event_long_ago"),
        ("clerk", {"p": 1}, "timetable.event_time"),
        ("clerk", {"half": "MORNING", "p": 8}, "timetable.event_time"),
        ("clerk", {"sub": "school"}, "timetable.subject_unknown"),
    ],
)
async def test_dates_refused(who: str, more: dict[str, Any], code: str, client: Client, world: World) -> None:
    assert (await event(client, world, who, **more)).problem == code


async def test_a_day_takes_twenty_dates_of_a_class(client: Client, world: World) -> None:
    for _ in range(20):
        assert not (await event(client, world, "clerk")).problem
    assert (await event(client, world, "clerk")).problem == "timetable.too_many_events"


@pytest.mark.parametrize(
    ("who", "gone"), [("math_teacher", True), ("headteacher", True), ("clerk", False), ("homeroom_teacher", False)]
)
async def test_its_author_or_the_headteacher_removes_it(who: str, gone: bool, client: Client, world: World) -> None:
    answer = await client(world.actor(who), FORGET, id=world["event"])
    assert answer.problem == (None if gone else "core.not_found")
