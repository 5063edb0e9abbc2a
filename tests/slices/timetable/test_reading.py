"""Reading the timetable: whose lessons, which days, in which order."""

from datetime import timedelta

import pytest

from backend.core import clock
from tests.actors import World
from tests.client import Client

LESSON = """{ id day week session period startsAt endsAt classGroup { name } subject { code } teacher { fullName }
  room { name } regularTeacher { fullName } regularRoom { name } change note }"""
CLASS = f"""query($c: UUID!, $from: Date!, $to: Date!) {{
  classLessons(classGroup: $c, from: $from, to: $to) {LESSON} }}"""
MINE = f"query($from: Date!, $to: Date!) {{ myLessons(from: $from, to: $to) {LESSON} }}"


def today(**more: object) -> dict[str, object]:
    day = clock.today().isoformat()
    return {"from": day, "to": day, **more}


async def test_a_mother_reads_the_day_of_her_childs_class(client: Client, world: World) -> None:
    lessons = (await client(world.actor("mother"), CLASS, c=world["class_7a"], **today()))["classLessons"]
    assert [(x["period"], x["subject"]["code"], x["teacher"]["fullName"]) for x in lessons] == [
        (1, "toan", "Phạm Văn Toán"),
        (2, "ngu_van", "Vũ Thị Văn"),
    ]
    assert lessons[0]["startsAt"] == "07:00" and lessons[0]["endsAt"] == "07:45"
    assert lessons[0]["room"] == {"name": "P.201"} and lessons[0]["change"] is None and lessons[0]["note"] == ""


@pytest.mark.parametrize("name", ["other_mother", "pupil", "math_teacher", "homeroom_teacher", "clerk"])
async def test_everybody_of_the_class_reads_it(name: str, client: Client, world: World) -> None:
    answer = await client(world.actor(name), CLASS, c=world["class_7a"], **today())
    assert len(answer["classLessons"]) == 2


@pytest.mark.parametrize("name", ["father", "other_mother", "pupil", "math_teacher", "other_clerk"])
async def test_nobody_else_reads_another_class(name: str, client: Client, world: World) -> None:
    answer = await client(world.actor(name), CLASS, c=world["class_7b"], **today())
    assert answer["classLessons"] == []


async def test_a_teacher_reads_her_own_lessons_of_all_classes(client: Client, world: World) -> None:
    lessons = (await client(world.actor("literature_teacher"), MINE, **today()))["myLessons"]
    assert [(x["period"], x["classGroup"]["name"]) for x in lessons] == [(1, "7B"), (2, "7A")]


async def test_a_read_covers_at_most_sixty_two_days_and_holidays_have_no_lessons(client: Client, world: World) -> None:
    start = clock.today() - timedelta(days=40)
    span = {"from": start.isoformat(), "to": (start + timedelta(days=80)).isoformat()}
    lessons = (await client(world.actor("mother"), CLASS, c=world["class_7a"], **span))["classLessons"]
    days = {lesson["day"] for lesson in lessons}
    assert max(days) <= (start + timedelta(days=61)).isoformat()
    assert (clock.today() - timedelta(days=28)).isoformat() not in days
    order = [(x["day"], x["session"] != "MORNING", x["period"]) for x in lessons]
    assert order == sorted(order)


async def test_the_rest_of_what_is_read(client: Client, world: World) -> None:
    school, span = world["school"], today()
    document = """query($s: UUID!, $r: UUID!, $t: UUID!, $c: UUID!, $from: Date!, $to: Date!, $end: Date!) {
      teacherLessons(school: $s, teacher: $t, from: $from, to: $to) { period }
      roomLessons(room: $r, from: $from, to: $to) { period }
      schoolDays(school: $s, from: $from, to: $to) { day teaches weekday week odd holiday }
      periods(school: $s) { session number startsAt }
      rooms(school: $s) { name }
      calendarEvents(classGroup: $c, from: $from, to: $end) { kind title mine classGroup { name } subject { code } }
      holidays(school: $s) { kind name startsOn endsOn asWeekday inherited }
    }"""
    given = {"s": school, "r": world["room"], "t": world["math_teacher"], "c": world["class_7a"], **span}
    given["end"] = (clock.today() + timedelta(days=7)).isoformat()
    found = await client(world.actor("homeroom_teacher"), document, **given)
    assert found["teacherLessons"] == [{"period": 1}]
    assert found["roomLessons"] == [{"period": 1}, {"period": 2}]
    assert found["schoolDays"][0]["teaches"] is True
    assert [p["startsAt"] for p in found["periods"]][:2] == ["07:00", "07:50"] and len(found["periods"]) == 10
    assert found["rooms"] == [{"name": "P.201"}]
    assert found["calendarEvents"] == [
        {
            "kind": "TEST",
            "title": "Kiểm tra 15 phút",
            "mine": False,
            "classGroup": {"name": "7A"},
            "subject": {"code": "toan"},
        }
    ]
    assert {"Nghỉ lễ", "Hội thao"} <= {h["name"] for h in found["holidays"]}
