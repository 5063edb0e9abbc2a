"""Substitutions, other rooms, cancelled and added lessons of one day: who may, what is refused, who is told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.audience import Audience
from backend.core.db import Database
from backend.core.journal import Journal
from backend.enrolment.audience import members
from backend.timetable.tables import LessonChange, TimetableEntry
from tests.actors import World
from tests.client import Answer, Client

CHANGE = """mutation($c: LessonChangeInput!) { changeLesson(change: $c) { __typename
  ... on ChangeLessonPayload { lessons { period change note subject { code } teacher { fullName } room { name }
    regularTeacher { fullName } regularRoom { name } } }
  ... on Problem { code message } } }"""
UNDO = """mutation($c: UUID!, $d: Date!, $p: Int!) {
  undoLessonChange(classGroup: $c, day: $d, session: MORNING, period: $p) { __typename
  ... on UndoLessonChangePayload { ok lessons { period change } } ... on Problem { code } } }"""
DAY = """query($c: UUID!, $d: Date!) { classLessons(classGroup: $c, from: $d, to: $d) {
  period change teacher { fullName } } }"""


async def change(client: Client, world: World, kind: str, who: str = "clerk", **more: Any) -> Answer:
    """Change the first lesson of 7A today; what is named differs."""
    given: dict[str, Any] = {"classGroup": "class_7a", "day": clock.today(), "session": "MORNING", "period": 1, **more}
    ids = {name: world[given[name]] for name in ("classGroup", "subject", "teacher", "room") if name in given}
    return await client(world.actor(who), CHANGE, c={**given, **ids, "kind": kind})


async def undo(client: Client, world: World, group: str = "class_7a", period: int = 1) -> Answer:
    return await client(world.actor("clerk"), UNDO, c=world[group], d=clock.today(), p=period)


async def told(database: Database, kind: str) -> tuple[set[Any], dict[str, Any]]:
    """The users whom the only event of this kind is for, and its facts."""
    async with database.write(SYSTEM) as session:
        row = (await session.execute(select(Journal).where(col(Journal.kind) == kind))).scalar_one()
        assert row.audience is not None
        rows = (await session.execute(members(Audience.load(row.audience)))).all()
    return {row.user_id for row in rows}, row.data


async def test_a_substitution_reaches_the_class_and_both_teachers(
    client: Client, database: Database, world: World
) -> None:
    answer = await change(client, world, "SUBSTITUTED", teacher="homeroom_teacher", note="Thầy Toán đi tập huấn")
    assert answer["changeLesson"]["lessons"] == [
        {
            "period": 1,
            "change": "SUBSTITUTED",
            "note": "Thầy Toán đi tập huấn",
            "subject": {"code": "toan"},
            "teacher": {"fullName": "Đỗ Thị Chủ Nhiệm"},
            "room": {"name": "P.201"},
            "regularTeacher": {"fullName": "Phạm Văn Toán"},
            "regularRoom": {"name": "P.201"},
        }
    ]
    users, facts = await told(database, "timetable.lesson_changed")
    assert users == {
        world[name] for name in ("mother", "father", "pupil", "other_mother", "math_teacher", "homeroom_teacher")
    }
    assert facts["today"] is True and facts["day"] == clock.today().isoformat() and facts["class_name"] == "7A"
    assert facts["teacher_name"] == "Đỗ Thị Chủ Nhiệm" and facts["old_teacher_name"] == "Phạm Văn Toán"
    assert "note" not in facts
    day = (await client(world.actor("mother"), DAY, c=world["class_7a"], d=clock.today()))["classLessons"]
    assert [(x["period"], x["change"]) for x in day] == [(1, "SUBSTITUTED"), (2, None)]
    document = "query($d: Date!) { myLessons(from: $d, to: $d) { change teacher { fullName } } }"
    for name in ("homeroom_teacher", "math_teacher"):  # she gives it; it was taken from him
        mine = (await client(world.actor(name), document, d=clock.today()))["myLessons"]
        assert mine == [{"change": "SUBSTITUTED", "teacher": {"fullName": "Đỗ Thị Chủ Nhiệm"}}]


async def test_a_change_takes_the_place_of_the_one_before(client: Client, database: Database, world: World) -> None:
    await change(client, world, "SUBSTITUTED", teacher="homeroom_teacher")
    answer = await change(client, world, "CANCELLED")
    assert [x["change"] for x in answer["changeLesson"]["lessons"]] == ["CANCELLED"]
    async with database.write(SYSTEM) as session:
        assert len((await session.execute(select(LessonChange))).all()) == 1
        rows = (await session.execute(select(col(Journal.data)).order_by(col(Journal.id)))).scalars().all()
    assert str(world["homeroom_teacher"]) in rows[-1]["user_ids"]  # she was told to come, and is told not to
    assert rows[-1]["old_teacher_name"] == "Đỗ Thị Chủ Nhiệm"


async def test_undoing_tells_the_same_people(client: Client, database: Database, world: World) -> None:
    await change(client, world, "SUBSTITUTED", teacher="homeroom_teacher")
    answer = await undo(client, world)
    assert answer["undoLessonChange"] == {
        "__typename": "UndoLessonChangePayload",
        "ok": True,
        "lessons": [{"period": 1, "change": None}],
    }
    before, _ = await told(database, "timetable.lesson_changed")
    after, facts = await told(database, "timetable.lesson_change_undone")
    assert before == after and facts["teacher_name"] == "Phạm Văn Toán"
    assert (await undo(client, world)).problem == "timetable.no_change"


async def test_a_lesson_is_added_and_taken_back(client: Client, world: World) -> None:
    more = {"period": 4, "subject": "giao_duc_the_chat", "teacher": "homeroom_teacher"}
    added = (await change(client, world, "ADDED", **more))["changeLesson"]["lessons"]
    assert [(x["period"], x["change"], x["subject"]["code"]) for x in added] == [(4, "ADDED", "giao_duc_the_chat")]
    assert (await undo(client, world, period=4))["undoLessonChange"]["lessons"] == []


async def test_another_room(client: Client, database: Database, world: World) -> None:
    made = await client(
        world.actor("clerk"),
        'mutation($s: UUID!) { addRoom(school: $s, name: "Tin 1") { ... on AddRoomPayload { room { id } } } }',
        s=world["school"],
    )
    world.ids["new_room"] = made["addRoom"]["room"]["id"]
    lesson = (await change(client, world, "ROOM_CHANGED", room="new_room"))["changeLesson"]["lessons"][0]
    assert lesson["room"] == {"name": "Tin 1"} and lesson["regularRoom"] == {"name": "P.201"}
    _, facts = await told(database, "timetable.lesson_changed")
    assert (facts["old_room_name"], facts["room_name"]) == ("P.201", "Tin 1")
    moved = "query($r: UUID!, $d: Date!) { roomLessons(room: $r, from: $d, to: $d) { period room { name } } }"
    old = (await client(world.actor("clerk"), moved, r=world["room"], d=clock.today()))["roomLessons"]
    assert old == [{"period": 1, "room": {"name": "Tin 1"}}, {"period": 2, "room": {"name": "P.201"}}]


TODAY_7B = "Vũ Thị Văn đã dạy Ngữ văn lớp 7B vào "


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        ("SUBSTITUTED", {"teacher": "literature_teacher"}, "timetable.teacher_busy_that_day"),
        ("SUBSTITUTED", {}, "timetable.change_nothing"),
        ("SUBSTITUTED", {"teacher": "math_teacher"}, "timetable.change_nothing"),
        ("SUBSTITUTED", {"teacher": "other_teacher"}, "timetable.teacher_unknown"),
        ("SUBSTITUTED", {"period": 3, "teacher": "homeroom_teacher"}, "timetable.no_lesson"),
        ("ROOM_CHANGED", {}, "timetable.change_nothing"),
        ("ROOM_CHANGED", {"room": "other_room"}, "timetable.room_unknown"),
        ("CANCELLED", {"period": 5}, "timetable.no_lesson"),
        ("CANCELLED", {"period": 9}, "timetable.slot_invalid"),
        ("CANCELLED", {"note": "x" * 201}, "timetable.note_length"),
        ("ADDED", {}, "timetable.subject_and_teacher"),
        ("ADDED", {"subject": "toan", "teacher": "homeroom_teacher"}, "timetable.class_busy_that_day"),
        ("CANCELLED", {"day": clock.today() - timedelta(days=1)}, "timetable.day_past"),
        ("CANCELLED", {"day": clock.today() + timedelta(days=61)}, "timetable.day_far"),
        ("CANCELLED", {"day": clock.today() + timedelta(days=28)}, "timetable.holiday"),
        ("CANCELLED", {"classGroup": "other_class"}, "core.not_found"),
    ],
)
async def test_changes_refused(kind: str, more: dict[str, Any], code: str, client: Client, world: World) -> None:
    answer = await change(client, world, kind, **more)
    assert answer.problem == code


async def test_refusals_name_the_other_lesson_and_the_holiday(client: Client, world: World) -> None:
    busy = await change(client, world, "SUBSTITUTED", teacher="literature_teacher")
    assert busy.data
    message = busy.data["changeLesson"]["message"]
    assert message.startswith(TODAY_7B) and f"{clock.today():%d/%m/%Y}, tiết 1." in message
    day = clock.today() + timedelta(days=28)
    off = await change(client, world, "CANCELLED", day=day)
    assert off.data and off.data["changeLesson"]["message"] == f"Ngày {day:%d/%m/%Y} nghỉ: Nghỉ lễ."


async def test_weekends_have_no_lessons_to_change(client: Client, world: World) -> None:
    day = next(d for n in range(1, 8) if (d := clock.today() + timedelta(days=n)).isoweekday() == 7)
    assert (await change(client, world, "CANCELLED", day=day)).problem == "timetable.not_taught"


async def test_a_teacher_whose_lesson_is_cancelled_is_free(client: Client, world: World) -> None:
    await change(client, world, "CANCELLED", classGroup="class_7b")
    assert not (await change(client, world, "SUBSTITUTED", teacher="literature_teacher")).problem
    assert (await undo(client, world, "class_7b")).problem == "timetable.teacher_busy_that_day"


async def test_a_teacher_who_substitutes_is_busy(client: Client, world: World) -> None:
    await change(client, world, "SUBSTITUTED", teacher="homeroom_teacher")
    answer = await change(client, world, "SUBSTITUTED", classGroup="class_7b", teacher="homeroom_teacher")
    assert answer.problem == "timetable.teacher_busy_that_day"


async def test_only_the_weeks_lesson_is_there(client: Client, database: Database, world: World) -> None:
    """A lesson of the other kind of week can be neither changed nor in the way."""
    document = "query($s: UUID!, $d: Date!) { schoolDays(school: $s, from: $d, to: $d) { odd } }"
    days = (await client(world.actor("clerk"), document, s=world["school"], d=clock.today()))["schoolDays"]
    async with database.write(SYSTEM) as session:
        other = "EVEN" if days[0]["odd"] else "ODD"
        mine = col(TimetableEntry.class_group_id) == world["class_7b"]
        await session.execute(update(TimetableEntry).where(mine).values(parity=other))
    assert (await change(client, world, "CANCELLED", classGroup="class_7b")).problem == "timetable.no_lesson"
    assert not (await change(client, world, "SUBSTITUTED", teacher="literature_teacher")).problem


@pytest.mark.parametrize("name", ["math_teacher", "homeroom_teacher", "other_clerk", "officer", "mother"])
async def test_offices_only(name: str, client: Client, world: World) -> None:
    answer = await change(client, world, "CANCELLED", who=name)
    assert answer.problem in ("core.not_allowed", "core.not_found")
