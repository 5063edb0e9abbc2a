"""Taking a register: what is recorded, who may, and what is refused in words."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlmodel import col

from backend.attendance import actions
from backend.attendance.tables import AttendanceStatus, ClosedWeek
from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Row
from backend.core.ids import new_id
from backend.enrolment.tables import Enrolment
from backend.timetable.tables import ChangeKind, HalfDay, LessonChange
from tests.actors import World
from tests.client import Answer, Client
from tests.slices.attendance.register import PUPILS, Tap, fetch, marks, take, untouched

ROWS = """query($c: UUID!, $d: Date!) {
  registerRows(classGroup: $c) {
    student { fullName }
    excused(day: $d, session: MORNING)
    mark(day: $d, session: MORNING) { status minutes explicit recordedBy { fullName } }
    history(day: $d, session: MORNING) { status explicit recordedBy { fullName } }
  }
}"""
REGISTER = """query($c: UUID!, $d: Date!) {
  register(classGroup: $c, day: $d, session: MORNING) { takenBy { fullName } }
}"""
TASKS = """query($d: Date!) {
  registerTasks(day: $d) {
    classGroup { name } session period subject { code } startsAt endsAt mine studentCount absentCount
    register { takenBy { fullName } }
  }
}"""


async def add(database: Database, *rows: Row) -> None:
    async with database.write(SYSTEM) as session:
        for row in rows:
            await session.execute(insert(type(row)).values(**row.model_dump()))


def a_day(weekdays: range, before: int = 1) -> date:
    """The latest day of these weekdays at least `before` days ago."""
    today = clock.today()
    return next(day for n in range(before, before + 8) if (day := today - timedelta(days=n)).isoweekday() in weekdays)


async def rows(client: Client, world: World, who: str = "math_teacher") -> list[dict[str, Any]]:
    answer = await client(world.actor(who), ROWS, c=world["class_7a"], d=clock.today())
    return answer["registerRows"]


# -- recording


async def test_a_register_is_taken_whole(client: Client, world: World, dsn: str) -> None:
    answer = await take(client, world, *untouched("minh", "anh"), Tap("lan", "LATE", 10))
    taken = answer["takeRegister"]
    assert len(taken["received"]) == 3 and taken["refused"] == [] and taken["rows"] == []
    assert taken["register"]["takenBy"]["fullName"] == "Phạm Văn Toán"
    assert await marks(dsn, world) == {
        "lan": ("LATE", 10, True),
        "minh": ("PRESENT", None, False),
        "anh": ("PRESENT", None, False),
    }


async def test_nothing_is_recorded_before_the_register_is_taken(client: Client, world: World, dsn: str) -> None:
    assert [row["mark"] for row in await rows(client, world)] == [None, None, None]
    assert (await client(world.actor("math_teacher"), REGISTER, c=world["class_7a"], d=clock.today()))[
        "register"
    ] is None
    assert await fetch(dsn, "select from attendance_mark") == []


async def test_reopening_shows_what_is_saved(client: Client, world: World) -> None:
    await take(client, world, *untouched("minh"), Tap("lan", "UNEXCUSED"), Tap("anh", "LEFT_EARLY", 45))
    await take(client, world, Tap("lan", "LATE", 20), who="homeroom_teacher")
    shown = {row["student"]["fullName"]: row for row in await rows(client, world)}
    assert shown["Nguyễn Thị Ngọc Lan"]["mark"] == {
        "status": "LATE",
        "minutes": 20,
        "explicit": True,
        "recordedBy": {"fullName": "Đỗ Thị Chủ Nhiệm"},
    }
    assert [said["status"] for said in shown["Nguyễn Thị Ngọc Lan"]["history"]] == ["LATE", "UNEXCUSED"]
    assert shown["Lê Hoàng Ánh"]["mark"]["minutes"] == 45
    assert shown["Trần Văn Minh"]["mark"]["explicit"] is False


async def test_a_repeated_request_changes_nothing(client: Client, world: World, dsn: str) -> None:
    taps = [*untouched("minh", "anh"), Tap("lan", "UNEXCUSED")]
    first = (await take(client, world, *taps))["takeRegister"]
    before = await fetch(dsn, "select * from attendance_mark order by id")
    second = (await take(client, world, *taps, device_time=clock.now() + timedelta(hours=3)))["takeRegister"]
    assert second == first
    assert await fetch(dsn, "select * from attendance_mark order by id") == before
    assert len(await fetch(dsn, "select from attendance_operation")) == 3
    assert len(await fetch(dsn, "select from journal where kind = 'attendance.register_taken'")) == 1


async def test_an_earlier_tap_that_arrives_late_does_not_win(client: Client, world: World, dsn: str) -> None:
    await take(client, world, Tap("lan", "LATE", 5, ago=60))
    answer = await take(client, world, Tap("lan", "UNEXCUSED", ago=600), *untouched("minh"))
    assert [row["studentId"] for row in answer["takeRegister"]["rows"]] == [str(world["lan"])]
    assert answer["takeRegister"]["rows"][0]["mark"] == {"status": "LATE", "minutes": 5, "reason": None}
    assert (await marks(dsn, world))["lan"] == ("LATE", 5, True)
    assert len(await fetch(dsn, "select from attendance_operation")) == 3


async def test_a_default_never_undoes_a_tap(client: Client, world: World, dsn: str) -> None:
    await take(client, world, Tap("lan", "UNEXCUSED", ago=3600))
    answer = await take(client, world, *untouched(), who="literature_teacher")
    assert [row["studentId"] for row in answer["takeRegister"]["rows"]] == [str(world["lan"])]
    assert (await marks(dsn, world))["lan"] == ("UNEXCUSED", None, True)


async def test_two_taps_for_one_pupil_in_one_request(client: Client, world: World, dsn: str) -> None:
    answer = await take(client, world, Tap("lan", "UNEXCUSED", ago=5), Tap("lan", "LATE", 3, ago=1))
    assert len(answer["takeRegister"]["received"]) == 2
    assert (await marks(dsn, world))["lan"] == ("LATE", 3, True)


@pytest.mark.parametrize("year", [1, 1970, 2019, 2099, 9999])
async def test_a_phone_with_a_wrong_clock(client: Client, world: World, dsn: str, year: int) -> None:
    """A wrong clock neither wins nor loses: only the time since the tap matters."""
    wrong = clock.now().replace(year=year, month=6, day=15)
    await take(client, world, Tap("lan", "LATE", 7, ago=100), Tap("minh", "LATE", 7, ago=300))
    await take(client, world, Tap("lan", "UNEXCUSED", ago=200), Tap("minh", ago=200), device_time=wrong)
    found = await marks(dsn, world)
    assert found["lan"] == ("LATE", 7, True) and found["minh"] == ("PRESENT", None, True)


async def test_a_tap_after_the_device_time_is_now(client: Client, world: World, dsn: str) -> None:
    await take(client, world, Tap("lan", "LATE", 7, ago=-9_000_000))
    row = (await fetch(dsn, "select decided_at from attendance_operation"))[0]
    assert timedelta(0) <= clock.now() - row["decided_at"] < timedelta(minutes=1)


async def test_a_single_period_stands_beside_the_session(client: Client, world: World, dsn: str) -> None:
    await take(client, world, *untouched())
    await take(client, world, Tap("lan", "LATE", 5), who="literature_teacher", period=2)
    assert (await marks(dsn, world))["lan"] == ("PRESENT", None, False)
    assert await marks(dsn, world, period=2) == {"lan": ("LATE", 5, True)}
    assert [row["counted"] for row in await fetch(dsn, "select counted from attendance_mark")] == [False] * 4


# -- refused one by one


async def refusals(answer: Answer) -> list[str]:
    return [refused["problem"]["code"] for refused in answer["takeRegister"]["refused"]]


async def test_an_id_used_for_something_else(client: Client, world: World, dsn: str) -> None:
    tap = Tap("lan", "LATE", 5)
    await take(client, world, tap)
    answer = await take(client, world, Tap("minh", "UNEXCUSED", id=tap.id), *untouched("anh"))
    assert await refusals(answer) == ["attendance.operation_reused"]
    twice = new_id()
    answer = await take(client, world, Tap("anh", "LATE", 1, id=twice), Tap("anh", "LATE", 2, id=twice))
    assert await refusals(answer) == ["attendance.operation_reused"]
    assert await marks(dsn, world) == {"lan": ("LATE", 5, True), "anh": ("LATE", 1, True)}


async def test_an_id_of_another_school(client: Client, world: World) -> None:
    """Row-level security hides the other operation; its id is taken all the same."""
    tap = Tap("khac", "PRESENT")
    assert (await take(client, world, tap, who="other_teacher", class_group="other_class")).problem is None
    answer = await take(client, world, Tap("lan", "LATE", 5, id=tap.id), *untouched("minh"))
    assert await refusals(answer) == ["attendance.operation_reused"]


async def test_pupils_who_are_not_in_the_class(client: Client, world: World, dsn: str) -> None:
    answer = await take(client, world, *untouched("lan"), Tap("dung", "UNEXCUSED"), Tap("khac", "UNEXCUSED"))
    assert await refusals(answer) == ["attendance.not_in_class"] * 2
    assert len(answer["takeRegister"]["received"]) == 1 and set(await marks(dsn, world)) == {"lan"}
    assert (await take(client, world, Tap("dung"))).problem == "attendance.not_in_class"


async def test_a_pupil_who_moved(client: Client, world: World, database: Database, dsn: str) -> None:
    """From the day of the move she is in the new class; the queue of the old one still holds for the days before."""
    moved_on = clock.today()
    async with database.write(SYSTEM) as session:
        await session.execute(
            update(Enrolment).where(col(Enrolment.student_id) == world["lan"]).values(ended_on=moved_on)
        )
    await add(
        database,
        Enrolment(
            school_id=world["school"],
            student_id=world["lan"],
            class_group_id=world["class_7b"],
            school_year_id=world["school_year"],
            started_on=moved_on,
        ),
    )
    late = await take(client, world, Tap("lan", "UNEXCUSED"), *untouched("minh"))
    assert await refusals(late) == ["attendance.not_in_class"]
    before = await take(client, world, Tap("lan", "LATE", 5), *untouched("minh"), day=a_day(range(1, 6)))
    assert await refusals(before) == []
    new = await take(client, world, Tap("lan"), class_group="class_7b", who="literature_teacher")
    assert new.problem is None and (await marks(dsn, world))["lan"] == ("PRESENT", None, True)


async def test_minutes_without_sense(client: Client, world: World) -> None:
    answer = await take(
        client, world, Tap("lan", "LATE", 301), Tap("minh", "PRESENT", 5), Tap("anh", "UNEXCUSED", explicit=False),
        Tap("anh"),
    )  # fmt: skip
    assert await refusals(answer) == [
        "attendance.minutes_out_of_range",
        "attendance.minutes_not_here",
        "attendance.default_not_present",
    ]


# -- refused whole


@pytest.mark.parametrize(
    ("who", "class_group", "code"),
    [
        ("mother", "class_7a", "core.not_allowed"),
        ("clerk", "class_7a", "core.not_allowed"),
        ("nobody", "class_7a", "core.sign_in_required"),
        ("math_teacher", "class_7b", "core.not_found"),
        ("homeroom_teacher", "class_7b", "core.not_found"),
        ("other_teacher", "class_7a", "core.not_found"),
        ("math_teacher", "other_class", "core.not_found"),
    ],
)
async def test_a_class_that_is_not_mine(
    client: Client, world: World, dsn: str, who: str, class_group: str, code: str
) -> None:
    assert (await take(client, world, *untouched("lan"), who=who, class_group=class_group)).problem == code
    assert await fetch(dsn, "select from attendance_operation") == []


@pytest.mark.parametrize("who", ["math_teacher", "literature_teacher", "homeroom_teacher", "headteacher"])
async def test_whose_register_it_is(client: Client, world: World, who: str) -> None:
    assert (await take(client, world, *untouched(), who=who)).problem is None


async def test_a_substitute_takes_it_on_her_day(client: Client, world: World, database: Database) -> None:
    change = LessonChange(
        school_id=world["school"],
        class_group_id=world["class_7b"],
        day=clock.today(),
        session=HalfDay.MORNING,
        period=1,
        kind=ChangeKind.SUBSTITUTED,
        subject_id=world["toan"],
        user_id=world["math_teacher"],
        created_by=world["headteacher"],
    )
    await add(database, change)
    assert (await take(client, world, *untouched("dung"), class_group="class_7b")).problem is None
    before = await take(client, world, *untouched("dung"), class_group="class_7b", day=a_day(range(1, 6)))
    assert before.problem == "core.not_found"
    task = (await client(world.actor("math_teacher"), TASKS, d=clock.today()))["registerTasks"]
    assert [(each["classGroup"]["name"], each["mine"]) for each in task] == [("7A", True), ("7B", True)]
    seen = await client(world.actor("math_teacher"), ROWS, c=world["class_7b"], d=clock.today())
    assert [row["mark"]["status"] for row in seen["registerRows"]] == ["PRESENT"]


async def test_days_without_a_register(client: Client, world: World, database: Database) -> None:
    today = clock.today()
    cases: list[tuple[str, dict[str, Any]]] = [
        ("attendance.day_to_come", {"day": today + timedelta(days=1)}),
        ("attendance.day_too_old", {"day": today - timedelta(days=61)}),
        ("attendance.holiday", {"day": today - timedelta(days=28)}),
        ("attendance.no_lessons_that_day", {"day": a_day(range(6, 8))}),
        ("attendance.no_lessons_that_day", {"day": today - timedelta(days=60)}),
        ("attendance.no_lessons_in_session", {"session": "AFTERNOON"}),
        ("attendance.no_lesson_in_period", {"period": 3}),
        ("attendance.period_unknown", {"period": 8}),
    ]
    for code, given in cases:
        assert (await take(client, world, *untouched(), **given)).problem == code, given
    holiday = await take(client, world, *untouched(), day=today - timedelta(days=28))
    assert "Hội thao" in (holiday.data or {})["takeRegister"]["message"]


async def test_a_session_whose_lessons_were_all_cancelled(client: Client, world: World, database: Database) -> None:
    for period, subject, teacher in ((1, "toan", "math_teacher"), (2, "ngu_van", "literature_teacher")):
        change = LessonChange(
            school_id=world["school"],
            class_group_id=world["class_7a"],
            day=clock.today(),
            session=HalfDay.MORNING,
            period=period,
            kind=ChangeKind.CANCELLED,
            subject_id=world[subject],
            user_id=world[teacher],
            created_by=world["headteacher"],
        )
        await add(database, change)
    assert (await take(client, world, *untouched())).problem == "attendance.no_lessons_that_day"


async def test_a_closed_week(client: Client, world: World, database: Database) -> None:
    today = clock.today()
    await add(
        database,
        ClosedWeek(
            school_id=world["school"],
            class_group_id=world["class_7a"],
            starts_on=today - timedelta(days=today.weekday()),
            closed_by=world["homeroom_teacher"],
        ),
    )
    assert (await take(client, world, *untouched())).problem == "attendance.week_closed"
    assert (
        await take(client, world, *untouched("dung"), class_group="class_7b", who="literature_teacher")
    ).problem is None


async def test_too_many_and_none_at_all(client: Client, world: World) -> None:
    many = [Tap("lan") for _ in range(101)]
    assert (await take(client, world, *many)).problem == "attendance.too_many_operations"
    assert (await take(client, world, *many[:100])).problem is None
    assert (await take(client, world)).problem == "attendance.nothing_sent"


# -- tasks


async def test_tasks_of_a_teacher(client: Client, world: World) -> None:
    await take(client, world, *untouched("minh"), Tap("lan", "UNEXCUSED"))
    tasks = (await client(world.actor("literature_teacher"), TASKS, d=clock.today()))["registerTasks"]
    assert tasks == [
        {
            "classGroup": {"name": "7A"}, "session": "MORNING", "period": 0, "subject": None, "startsAt": "07:00",
            "endsAt": "08:35", "mine": False, "studentCount": 3, "absentCount": 1,
            "register": {"takenBy": {"fullName": "Phạm Văn Toán"}},
        },
        {
            "classGroup": {"name": "7B"}, "session": "MORNING", "period": 0, "subject": None, "startsAt": "07:00",
            "endsAt": "07:45", "mine": True, "studentCount": 1, "absentCount": 0, "register": None,
        },
    ]  # fmt: skip
    led = (await client(world.actor("homeroom_teacher"), TASKS, d=clock.today()))["registerTasks"]
    assert [(task["classGroup"]["name"], task["mine"]) for task in led] == [("7A", False)]
    assert (await client(world.actor("headteacher"), TASKS, d=clock.today()))["registerTasks"] == []


async def test_tasks_by_period(client: Client, world: World) -> None:
    change = """mutation($s: UUID!) { setAttendanceSettings(school: $s, byPeriod: true, answerMinutes: 15,
      safetyMinutes: 5, reminderMinutes: 15, homeroomLeaveDays: 3, holdRemarks: true) { __typename } }"""
    await client(world.actor("headteacher"), change, s=world["school"])
    shown: dict[str, list[tuple[str, int, str | None]]] = {}
    for who in ("math_teacher", "literature_teacher", "homeroom_teacher"):
        tasks = (await client(world.actor(who), TASKS, d=clock.today()))["registerTasks"]
        shown[who] = [
            (task["classGroup"]["name"], task["period"], (task["subject"] or {}).get("code")) for task in tasks
        ]
    assert shown == {
        "math_teacher": [("7A", 0, None), ("7A", 1, "toan")],
        "literature_teacher": [("7B", 0, None), ("7B", 1, "ngu_van"), ("7A", 2, "ngu_van")],
        "homeroom_teacher": [("7A", 0, None)],
    }


# -- the morning of two thousand registers


async def test_statements_do_not_grow_with_the_class(world: World, database: Database) -> None:
    """Fence, place, operations, facts, marks, journal: nothing per pupil. A repetition ends at the facts."""
    counts: list[int] = []
    morning = [untouched("lan"), untouched(*PUPILS)]
    for taps in (*morning, morning[-1]):
        now = clock.now()
        sent = [
            actions.Sent(tap.id, world[tap.pupil], AttendanceStatus(tap.status), None, tap.explicit, now)
            for tap in taps
        ]
        with database.count_statements() as statements:
            async with database.write(world.actor("math_teacher")) as session:
                teacher, place = world.actor("math_teacher"), (world["class_7a"], clock.today(), HalfDay.MORNING, 0)
                await actions.take_register(session, teacher, *place, now, sent)
        counts.append(len(statements))
    assert counts == [6, 6, 4]
