"""What offices do: bells, rooms, timetables and entries, publishing; refusals name what is in the way."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.core.journal import Journal
from backend.timetable.tables import ClassSession, SchoolDay, TimetableEntry
from tests.actors import World
from tests.client import Answer, Client

PERIODS = """mutation($s: UUID!, $p: [PeriodInput!]!) { setPeriods(school: $s, periods: $p) {
  __typename ... on SetPeriodsPayload { periods { session number startsAt endsAt } } ... on Problem { code } } }"""
ROOM = """mutation($s: UUID!, $n: String!) { addRoom(school: $s, name: $n) {
  __typename ... on AddRoomPayload { room { name } } ... on Problem { code message } } }"""
CREATE = """mutation($s: UUID!, $n: String!, $d: Date!, $c: UUID) {
  createTimetable(school: $s, name: $n, startsOn: $d, copyFrom: $c) { __typename
  ... on TimetablePayload { timetable { id name startsOn publishedAt version entryCount } }
  ... on Problem { code message } } }"""
SET = """mutation($t: UUID!, $e: EntryInput!) { setEntry(timetable: $t, entry: $e) { __typename
  ... on EntryPayload { entry { id weekday session period parity subject { code } teacher { fullName } room { name } }
    timetable { version entryCount } }
  ... on Problem { code message fields { path } } } }"""
REMOVE = """mutation($id: UUID!) { removeEntry(id: $id) { __typename
  ... on RemoveEntryPayload { id timetable { version entryCount } } ... on Problem { code } } }"""
PUBLISH = """mutation($id: UUID!, $v: Int!) { publishTimetable(id: $id, version: $v) { __typename
  ... on TimetablePayload { timetable { publishedAt version } } ... on Problem { code message } } }"""
DELETE = """mutation($id: UUID!) { deleteTimetable(id: $id) { __typename
  ... on DeleteTimetablePayload { id } ... on Problem { code } } }"""
ENTRIES = """query($t: UUID!, $c: UUID!) { timetableEntries(timetable: $t, classGroup: $c) {
  id weekday period parity subject { code } } }"""


def entry(world: World, **more: Any) -> dict[str, Any]:
    """Maths in 7B on Tuesday, second period of the morning; what is named differs."""
    given = {"class_group": "class_7b", "subject": "toan", "teacher": "math_teacher", **more}
    ids = {name: world[given.pop(name)] for name in ("class_group", "subject", "teacher", "room") if name in given}
    ids["classGroup"] = ids.pop("class_group")
    return {"weekday": 2, "session": "MORNING", "period": 2, **ids, **given}


async def put(client: Client, world: World, timetable: str = "timetable", **more: Any) -> Answer:
    return await client(world.actor("clerk"), SET, t=world[timetable], e=entry(world, **more))


async def draft(client: Client, world: World, copy: bool = True, **more: Any) -> dict[str, Any]:
    """A new timetable from tomorrow on, with the lessons of the first one."""
    given: dict[str, Any] = {"s": world["school"], "n": "Học kì II", "d": clock.today() + timedelta(days=1)}
    if copy:
        given["c"] = world["timetable"]
    made = (await client(world.actor("clerk"), CREATE, **{**given, **more}))["createTimetable"]["timetable"]
    world.ids["draft"] = made["id"]
    return made


async def test_bells_are_set_all_at_once(client: Client, world: World) -> None:
    given = [
        {"session": "MORNING", "number": 1, "startsAt": "07:15", "endsAt": "08:00"},
        {"session": "AFTERNOON", "number": 1, "startsAt": "13:00", "endsAt": "13:45"},
    ]
    answer = await client(world.actor("headteacher"), PERIODS, s=world["school"], p=given)
    assert answer["setPeriods"]["periods"] == given
    again = await client(
        world.actor("mother"), "query($s: UUID!) { periods(school: $s) { startsAt } }", s=world["school"]
    )
    assert [bell["startsAt"] for bell in again["periods"]] == ["07:15", "13:00"]
    bad = await client(world.actor("clerk"), PERIODS, s=world["school"], p=[{**given[0], "endsAt": "8 giờ"}])
    assert bad.problem == "timetable.clock_invalid"


async def test_rooms_have_one_name_each(client: Client, world: World) -> None:
    answer = await client(world.actor("clerk"), ROOM, s=world["school"], n="  Phòng   Tin ")
    assert answer["addRoom"]["room"] == {"name": "Phòng Tin"}
    again = await client(world.actor("clerk"), ROOM, s=world["school"], n="P.201")
    assert again.problem == "timetable.room_exists"
    assert again.data and again.data["addRoom"]["message"] == "Trường đã có phòng P.201."


async def test_an_entry_replaces_what_the_class_had_there(client: Client, world: World) -> None:
    made = (await put(client, world))["setEntry"]
    assert made["entry"]["subject"]["code"] == "toan" and made["timetable"]["version"] == 2
    again = (await put(client, world, subject="giao_duc_the_chat", teacher="homeroom_teacher"))["setEntry"]
    assert again["timetable"] == {"version": 3, "entryCount": made["timetable"]["entryCount"]}
    assert again["entry"]["teacher"] == {"fullName": "Đỗ Thị Chủ Nhiệm"}
    gone = (await client(world.actor("clerk"), REMOVE, id=again["entry"]["id"]))["removeEntry"]
    assert gone["timetable"]["entryCount"] == made["timetable"]["entryCount"] - 1


async def test_odd_weeks_take_only_the_odd_weeks(client: Client, world: World) -> None:
    await put(client, world)
    await put(client, world, subject="giao_duc_the_chat", parity="ODD")
    found = await client(world.actor("clerk"), ENTRIES, t=world["timetable"], c=world["class_7b"])
    slot = [
        (x["parity"], x["subject"]["code"]) for x in found["timetableEntries"] if (x["weekday"], x["period"]) == (2, 2)
    ]
    assert slot == [("EVEN", "toan"), ("ODD", "giao_duc_the_chat")]
    await put(client, world, subject="ngu_van")
    found = await client(world.actor("clerk"), ENTRIES, t=world["timetable"], c=world["class_7b"])
    slot = [
        (x["parity"], x["subject"]["code"]) for x in found["timetableEntries"] if (x["weekday"], x["period"]) == (2, 2)
    ]
    assert slot == [("EVERY", "ngu_van")]


@pytest.mark.parametrize(
    ("more", "code", "message"),
    [
        (
            {"period": 1, "subject": "toan"},
            "timetable.teacher_busy",
            "Phạm Văn Toán đã dạy Toán lớp 7A vào sáng thứ Ba, tiết 1.",
        ),
        (
            {"period": 1, "teacher": "homeroom_teacher", "room": "room"},
            "timetable.room_busy",
            "Phòng P.201 đã có lớp 7A học Toán (Phạm Văn Toán) vào sáng thứ Ba, tiết 1.",
        ),
        ({"period": 1, "parity": "ODD"}, "timetable.teacher_busy", None),
        ({"class_group": "other_class"}, "timetable.class_unknown", None),
        ({"teacher": "other_teacher"}, "timetable.teacher_unknown", None),
        ({"teacher": "mother"}, "timetable.teacher_unknown", None),
        ({"room": "other_room"}, "timetable.room_unknown", None),
        ({"subject": "school"}, "timetable.subject_unknown", None),
        ({"weekday": 0}, "timetable.slot_invalid", None),
        ({"weekday": 8}, "timetable.slot_invalid", None),
        ({"period": 8}, "timetable.slot_invalid", None),
    ],
)
async def test_entries_refused(
    more: dict[str, Any], code: str, message: str | None, client: Client, world: World
) -> None:
    answer = await put(client, world, **more)
    assert answer.problem == code
    if message and answer.data:
        assert answer.data["setEntry"]["message"] == message


async def test_refusals_speak_english_too(client: Client, world: World) -> None:
    clerk = replace(world.actor("clerk"), language="en")
    answer = await client(clerk, SET, t=world["timetable"], e=entry(world, period=1))
    assert answer.data
    assert answer.data["setEntry"]["message"] == (
        "Phạm Văn Toán already teaches Mathematics in class 7A on Tuesday morning, period 1."
    )


@pytest.mark.parametrize("name", ["other_clerk", "officer", "math_teacher", "mother"])
async def test_the_timetable_belongs_to_the_office_of_its_school(name: str, client: Client, world: World) -> None:
    answer = await client(world.actor(name), SET, t=world["timetable"], e=entry(world))
    assert answer.problem in ("core.not_found", "core.not_allowed")


async def test_a_draft_is_copied_published_and_applies_from_its_day(
    client: Client, database: Database, world: World
) -> None:
    made = await draft(client, world)
    assert made["publishedAt"] is None and made["entryCount"] == 15
    world.ids["draft"] = made["id"]
    await put(client, world, "draft", weekday=6, period=4)  # Saturday becomes a day of lessons
    stale = await client(world.actor("clerk"), PUBLISH, id=made["id"], v=1)
    assert stale.problem == "timetable.stale"
    async with database.write(SYSTEM) as session:
        await session.execute(delete(ClassSession))
    done = (await client(world.actor("clerk"), PUBLISH, id=made["id"], v=2))["publishTimetable"]
    assert done["timetable"]["publishedAt"] and done["timetable"]["version"] == 3
    async with database.write(SYSTEM) as session:
        days = (await session.execute(select(SchoolDay).where(col(SchoolDay.school_id) == world["school"]))).scalars()
        for day in days:
            new = day.day > clock.today()
            assert str(day.timetable_id) == (made["id"] if new else str(world["timetable"]))
            if day.day.isoweekday() == 6 and day.day != clock.today() and not day.holiday:
                assert day.teaches == new
        sessions = (await session.execute(select(ClassSession))).scalars().all()
        kinds = (await session.execute(select(col(Journal.kind), col(Journal.audience)))).all()
    assert {(s.class_group_id, s.session.value) for s in sessions} == {
        (world["class_7a"], "MORNING"),
        (world["class_7b"], "MORNING"),
    }
    assert ("timetable.timetable_published", None) in [tuple(kind) for kind in kinds]
    again = await client(world.actor("clerk"), PUBLISH, id=made["id"], v=3)
    assert again.problem == "timetable.already_published"
    assert (await client(world.actor("clerk"), DELETE, id=made["id"])).problem == "timetable.published_stays"


async def test_publishing_refuses_clashes_and_emptiness(client: Client, database: Database, world: World) -> None:
    made = await draft(client, world)
    async with database.write(SYSTEM) as session:  # as a hand in the database might leave it
        mine = col(TimetableEntry.timetable_id) == made["id"]
        await session.execute(update(TimetableEntry).where(mine).values(user_id=world["math_teacher"]))
    answer = await client(world.actor("clerk"), PUBLISH, id=made["id"], v=1)
    assert answer.problem == "timetable.teacher_busy"
    async with database.write(SYSTEM) as session:
        await session.execute(delete(TimetableEntry).where(mine))
    assert (await client(world.actor("clerk"), PUBLISH, id=made["id"], v=1)).problem == "timetable.empty"
    assert (await client(world.actor("clerk"), DELETE, id=made["id"]))["deleteTimetable"]["id"] == made["id"]


async def test_publishing_late_is_refused(client: Client, world: World) -> None:
    made = await draft(client, world, d=clock.today() - timedelta(days=8))
    assert (await client(world.actor("clerk"), PUBLISH, id=made["id"], v=1)).problem == "timetable.begun_long_ago"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"n": "Học kì I"}, "timetable.name_taken"),
        ({"n": " "}, "timetable.name_length"),
        ({"n": "x" * 61}, "timetable.name_length"),
        ({"d": "2031-09-05"}, "timetable.outside_year"),
        ({"c": "other_timetable"}, "core.not_found"),
        ({"s": "other_school"}, "core.not_found"),
    ],
)
async def test_drafts_refused(more: dict[str, Any], code: str, client: Client, world: World) -> None:
    given = {"s": world["school"], "n": "Mới", "d": clock.today(), **more}
    given = {key: world.ids.get(value, value) if isinstance(value, str) else value for key, value in given.items()}
    assert (await client(world.actor("clerk"), CREATE, **given)).problem == code


async def test_a_published_entry_changes_which_days_teach(client: Client, database: Database, world: World) -> None:
    made = (await put(client, world, weekday=7, period=1))["setEntry"]
    sunday = clock.today() + timedelta(days=7 - clock.today().isoweekday() or 7)

    async def teaches() -> bool:
        statement = select(col(SchoolDay.teaches)).where(
            col(SchoolDay.school_id) == world["school"], col(SchoolDay.day) == sunday
        )
        async with database.write(SYSTEM) as session:
            return (await session.execute(statement)).scalar_one()

    assert await teaches()
    await client(world.actor("clerk"), REMOVE, id=made["entry"]["id"])
    assert not await teaches()


async def test_timetables_of_the_school_newest_first(client: Client, world: World) -> None:
    await draft(client, world, copy=False)
    document = "query($s: UUID!) { timetables(school: $s) { name entryCount } }"
    found = await client(world.actor("headteacher"), document, s=world["school"])
    assert found["timetables"] == [{"name": "Học kì II", "entryCount": 0}, {"name": "Học kì I", "entryCount": 15}]
