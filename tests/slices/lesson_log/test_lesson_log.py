"""The class register: signing lessons, remarks on pupils and who sees them, closing the week."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import insert, select, update
from sqlmodel import col

from backend.attendance.tables import (
    AttendanceMark,
    AttendanceSetting,
    AttendanceStatus,
    ClosedWeek,
    Register,
)
from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Row
from backend.core.journal import Journal
from backend.enrolment.tables import Enrolment
from backend.timetable.tables import ChangeKind, HalfDay, LessonChange
from tests.actors import World
from tests.client import Answer, Client

WEDNESDAY = date(2026, 11, 18)
MONDAY = WEDNESDAY - timedelta(days=2)
FIRST_LESSON = datetime(2026, 11, 18, 0, 20, tzinfo=UTC)  # 07:20 in Vietnam: the first lesson is on

SIGN = """mutation($class: UUID!, $day: Date!, $period: Int!, $content: String!, $number: Int, $remark: String! = "",
    $rating: LessonRating, $remarks: [RemarkInput!]! = [], $version: Int! = 0) {
  signLesson(classGroup: $class, day: $day, session: MORNING, period: $period, content: $content,
    syllabusNumber: $number, remark: $remark, rating: $rating, remarks: $remarks, version: $version) {
    __typename
    ... on SignLessonPayload { log {
      id day session period content syllabusNumber remark rating late version subject { code } teacher { fullName }
      remarks { id student { id } kind text held author { fullName } day subject { code } }
    } }
    ... on Problem { code message fields { path } }
  }
}"""
LOGS = """query($class: UUID!, $from: Date!, $to: Date!) { lessonLogs(classGroup: $class, from: $from, to: $to) {
  day period content classGroup { name } absent { studentId status period } } }"""
TO_LOG = """query($from: Date!, $to: Date!) { lessonsToLog(from: $from, to: $to) {
  day session period classGroup { id } } }"""
HELD = "{ heldRemarks { id text student { id } } }"
REMARKS = """query($student: UUID!) { remarks(student: $student) { nodes {
  id text kind held day subject { code } author { fullName } } } }"""
RELEASE = """mutation($id: UUID!) { releaseRemark(id: $id) { __typename
  ... on RemarkPayload { remark { id held releasedAt } } ... on Problem { code } } }"""
DROP = """mutation($id: UUID!) { dropRemark(id: $id) { __typename
  ... on DropRemarkPayload { id } ... on Problem { code } } }"""
CLOSE = """mutation($class: UUID!, $monday: Date!) { closeWeek(classGroup: $class, startsOn: $monday) { __typename
  ... on CloseWeekPayload { ok } ... on Problem { code message } } }"""
REOPEN = """mutation($class: UUID!, $monday: Date!) { reopenWeek(classGroup: $class, startsOn: $monday) { __typename
  ... on ReopenWeekPayload { ok } ... on Problem { code message } } }"""
CLOSED = """query($class: UUID!, $monday: Date!) { closedWeek(classGroup: $class, startsOn: $monday) {
  startsOn closedAt closedBy { fullName } } }"""


@pytest.fixture(autouse=True)
def wednesday() -> Iterator[None]:
    with time_machine.travel(FIRST_LESSON, tick=True):
        yield


@dataclass
class Desk:
    """Who writes in the class register, and what else happens at the school."""

    database: Database
    world: World
    client: Client

    async def sign(self, who: str = "math_teacher", **more: Any) -> Answer:
        given = {"class": self.world["class_7a"], "day": WEDNESDAY, "period": 1, "content": "Phép cộng", **more}
        return await self.client(self.world.actor(who), SIGN, **given)

    async def ask(self, who: str, document: str, **variables: Any) -> Answer:
        return await self.client(self.world.actor(who), document, **variables)

    async def close(self, who: str = "homeroom_teacher", monday: date = MONDAY, document: str = CLOSE) -> Answer:
        return await self.ask(who, document, **{"class": self.world["class_7a"], "monday": monday})

    async def add(self, *rows: Row) -> None:
        async with self.database.write(SYSTEM) as session:
            for row in rows:
                await session.execute(insert(type(row)).values(**row.model_dump()))

    async def change(self, kind: ChangeKind, teacher: str) -> None:
        """What became of today's first lesson of 7A."""
        world = self.world
        await self.add(
            LessonChange(
                school_id=world["school"],
                class_group_id=world["class_7a"],
                day=WEDNESDAY,
                session=HalfDay.MORNING,
                period=1,
                kind=kind,
                subject_id=world["toan"],
                user_id=world[teacher],
                created_by=world["clerk"],
            )
        )

    async def took_register(self, day: date) -> None:
        world = self.world
        await self.add(
            Register(
                school_id=world["school"],
                class_group_id=world["class_7a"],
                day=day,
                session=HalfDay.MORNING,
                taken_by=world["math_teacher"],
                taken_at=clock.now(),
            )
        )

    async def mark(self, student: str, status: AttendanceStatus, period: int = 0) -> None:
        world = self.world
        await self.add(
            AttendanceMark(
                school_id=world["school"],
                class_group_id=world["class_7a"],
                student_id=world[student],
                day=WEDNESDAY,
                session=HalfDay.MORNING,
                period=period,
                status=status,
                recorded_by=world["math_teacher"],
            )
        )

    async def told(self, kind: str) -> list[Journal]:
        async with self.database.write(SYSTEM) as session:
            return list((await session.execute(select(Journal).where(col(Journal.kind) == kind))).scalars())


@pytest.fixture
async def desk(database: Database, world: World, client: Client) -> Desk:
    return Desk(database, world, client)


def says(world: World, student: str, text: str, kind: str = "PRAISE") -> dict[str, Any]:
    return {"student": world[student], "kind": kind, "text": text}


async def test_a_teacher_signs_her_lesson(desk: Desk) -> None:
    answer = await desk.sign(number=12, remark="Lớp sôi nổi", rating="A")
    log = answer["signLesson"]["log"]
    assert log | {"id": None} == {
        "id": None, "day": "2026-11-18", "session": "MORNING", "period": 1, "content": "Phép cộng",
        "syllabusNumber": 12, "remark": "Lớp sôi nổi", "rating": "A", "late": False, "version": 1,
        "subject": {"code": "toan"}, "teacher": {"fullName": "Phạm Văn Toán"}, "remarks": [],
    }  # fmt: skip
    assert [row.audience for row in await desk.told("lesson_log.lesson_signed")] == [None]


@pytest.mark.parametrize(
    ("who", "more", "problem"),
    [
        ("homeroom_teacher", {}, None),
        ("literature_teacher", {}, "lesson_log.not_yours"),
        ("literature_teacher", {"period": 2}, "lesson_log.not_yet"),
        ("other_teacher", {}, "core.not_found"),
        ("clerk", {}, "core.not_allowed"),
        ("mother", {}, "core.not_allowed"),
        ("math_teacher", {"period": 3}, "lesson_log.no_lesson"),
        ("math_teacher", {"period": 99}, "lesson_log.no_lesson"),
        ("other_teacher", {"period": 3}, "core.not_found"),
        ("math_teacher", {"day": WEDNESDAY + timedelta(days=1)}, "lesson_log.not_yet"),
        ("math_teacher", {"day": WEDNESDAY - timedelta(days=1)}, None),
        ("math_teacher", {"day": WEDNESDAY - timedelta(days=14)}, None),
        ("math_teacher", {"day": WEDNESDAY - timedelta(days=15)}, "lesson_log.too_old"),
        ("math_teacher", {"day": WEDNESDAY - timedelta(days=28)}, "lesson_log.no_lesson"),
        ("math_teacher", {"day": WEDNESDAY - timedelta(days=4)}, "lesson_log.no_lesson"),
        ("math_teacher", {"content": "  "}, "lesson_log.content_length"),
        ("math_teacher", {"number": 500}, "lesson_log.syllabus_number"),
        ("math_teacher", {"version": 3}, "lesson_log.stale"),
    ],
)
async def test_who_signs_and_when(desk: Desk, who: str, more: dict[str, Any], problem: str | None) -> None:
    answer = await desk.sign(who, **more)
    assert answer.problem == problem, answer.data
    if problem is None and "day" in more:
        assert answer["signLesson"]["log"]["late"] is True


async def test_a_substitute_signs_and_the_regular_teacher_does_not(desk: Desk) -> None:
    await desk.change(ChangeKind.SUBSTITUTED, "literature_teacher")
    assert (await desk.sign("math_teacher")).problem == "lesson_log.not_yours"
    log = (await desk.sign("literature_teacher"))["signLesson"]["log"]
    assert log["teacher"] == {"fullName": "Vũ Thị Văn"}


async def test_a_cancelled_lesson_is_not_signed(desk: Desk) -> None:
    await desk.change(ChangeKind.CANCELLED, "math_teacher")
    assert (await desk.sign()).problem == "lesson_log.cancelled"


async def test_only_who_signed_changes_it_and_only_what_she_has_read(desk: Desk) -> None:
    assert (await desk.sign())["signLesson"]["log"]["version"] == 1
    assert (await desk.sign("homeroom_teacher", version=1)).problem == "lesson_log.signed_by_other"
    assert (await desk.sign(content="Phép trừ")).problem == "lesson_log.stale"
    changed = (await desk.sign(content="Phép trừ", version=1))["signLesson"]["log"]
    assert (changed["content"], changed["version"], changed["late"]) == ("Phép trừ", 2, False)


async def test_a_remark_waits_for_the_homeroom_teacher(desk: Desk) -> None:
    world = desk.world
    signed = await desk.sign(remarks=[says(world, "lan", "Phát biểu hay")])
    remark = signed["signLesson"]["log"]["remarks"][0]
    assert remark | {"id": None} == {
        "id": None, "student": {"id": str(world["lan"])}, "kind": "PRAISE", "text": "Phát biểu hay", "held": True,
        "author": {"fullName": "Phạm Văn Toán"}, "day": "2026-11-18", "subject": {"code": "toan"},
    }  # fmt: skip
    assert (await desk.ask("mother", REMARKS, student=world["lan"]))["remarks"]["nodes"] == []
    assert await desk.told("lesson_log.remark_released") == []
    held = (await desk.ask("homeroom_teacher", HELD))["heldRemarks"]
    assert held == [{"id": remark["id"], "text": "Phát biểu hay", "student": {"id": str(world["lan"])}}]
    for who in ("math_teacher", "headteacher"):
        assert (await desk.ask(who, RELEASE, id=remark["id"])).problem in ("core.not_allowed", "core.not_found")
    for _ in range(2):
        released = (await desk.ask("homeroom_teacher", RELEASE, id=remark["id"]))["releaseRemark"]["remark"]
        assert released["held"] is False
    assert (await desk.ask("homeroom_teacher", HELD))["heldRemarks"] == []
    for who in ("mother", "father", "pupil", "homeroom_teacher", "headteacher"):
        seen = (await desk.ask(who, REMARKS, student=world["lan"]))["remarks"]["nodes"]
        assert seen == [
            {"id": remark["id"], "text": "Phát biểu hay", "kind": "PRAISE", "held": False, "day": "2026-11-18",
             "subject": {"code": "toan"}, "author": {"fullName": "Phạm Văn Toán"}}
        ]  # fmt: skip
    for who in ("other_mother", "literature_teacher", "other_teacher"):
        assert (await desk.ask(who, REMARKS, student=world["lan"]))["remarks"]["nodes"] == []


async def test_the_family_is_told_once_and_not_what_was_said(desk: Desk) -> None:
    world = desk.world
    signed = await desk.sign(remarks=[says(world, "lan", "Chưa làm bài", "CONCERN")])
    for _ in range(2):
        await desk.ask("homeroom_teacher", RELEASE, id=signed["signLesson"]["log"]["remarks"][0]["id"])
    [row] = await desk.told("lesson_log.remark_released")
    assert row.audience is not None
    assert (row.audience["kinds"], row.audience["students"]) == (["GUARDIANS"], [str(world["lan"])])
    assert "Chưa làm bài" not in str(row.data) and "CONCERN" not in str(row.data)
    assert (row.data["subject_name"], row.data["day"], row.data["class_name"]) == ("Toán", "2026-11-18", "7A")


@pytest.mark.parametrize("who", ["homeroom_teacher", "math_teacher"])
async def test_what_nobody_has_to_look_at_first_is_seen_at_once(desk: Desk, who: str) -> None:
    """The homeroom teacher's own, and everybody's where the school wants it so."""
    world = desk.world
    if who == "math_teacher":
        await desk.add(AttendanceSetting(school_id=world["school"], hold_remarks=False))
    remarks = [says(world, "lan", "Tốt"), says(world, "lan", "Rất tốt"), says(world, "minh", "Tốt")]
    signed = await desk.sign(who, remarks=remarks)
    assert [r["held"] for r in signed["signLesson"]["log"]["remarks"]] == [False] * 3
    assert len((await desk.ask("mother", REMARKS, student=world["lan"]))["remarks"]["nodes"]) == 2
    [row] = await desk.told("lesson_log.remark_released")
    assert row.data["student_ids"] == [str(world["lan"]), str(world["minh"])]


async def test_signing_again_adds_remarks_and_takes_none_back(desk: Desk) -> None:
    world = desk.world
    await desk.sign(remarks=[says(world, "lan", "Tốt")])
    again = await desk.sign(remarks=[says(world, "lan", "Tốt"), says(world, "minh", "Khá")], version=1)
    assert [r["text"] for r in again["signLesson"]["log"]["remarks"]] == ["Tốt", "Khá"]
    bare = await desk.sign(version=2)
    assert [r["text"] for r in bare["signLesson"]["log"]["remarks"]] == ["Tốt", "Khá"]


async def test_a_remark_is_about_a_pupil_of_the_class_that_day(desk: Desk) -> None:
    world = desk.world
    for student in ("dung", "khac"):
        assert (await desk.sign(remarks=[says(world, student, "Tốt")])).problem == "lesson_log.not_in_class"
    unknown = {"student": UUID(int=1), "kind": "PRAISE", "text": "Tốt"}
    assert (await desk.sign(remarks=[unknown])).problem == "lesson_log.not_in_class"
    async with desk.database.write(SYSTEM) as session:
        left = update(Enrolment).where(col(Enrolment.student_id) == world["minh"])
        await session.execute(left.values(ended_on=WEDNESDAY))
    assert (await desk.sign(remarks=[says(world, "minh", "Tốt")])).problem == "lesson_log.not_in_class"
    yesterday = WEDNESDAY - timedelta(days=1)
    assert (await desk.sign(day=yesterday, remarks=[says(world, "minh", "Tốt")])).problem is None


@pytest.mark.parametrize(
    ("who", "released", "problem"),
    [
        ("math_teacher", False, None),
        ("math_teacher", True, "lesson_log.remark_released"),
        ("homeroom_teacher", False, None),
        ("homeroom_teacher", True, None),
        ("literature_teacher", False, "core.not_found"),
        ("headteacher", False, "core.not_allowed"),
    ],
)
async def test_who_takes_a_remark_back(desk: Desk, who: str, released: bool, problem: str | None) -> None:
    world = desk.world
    signed = await desk.sign(remarks=[says(world, "lan", "Nhầm")])
    remark = signed["signLesson"]["log"]["remarks"][0]["id"]
    if released:
        await desk.ask("homeroom_teacher", RELEASE, id=remark)
    assert (await desk.ask(who, DROP, id=remark)).problem == problem
    if problem is None:
        assert (await desk.ask("mother", REMARKS, student=world["lan"]))["remarks"]["nodes"] == []
        assert (await desk.ask("homeroom_teacher", HELD))["heldRemarks"] == []
        assert (await desk.ask("homeroom_teacher", RELEASE, id=remark)).problem == "core.not_found"


async def test_the_absent_of_a_lesson_are_its_own_or_the_sessions(desk: Desk) -> None:
    world = desk.world
    await desk.sign()
    await desk.mark("lan", AttendanceStatus.UNEXCUSED)
    await desk.mark("minh", AttendanceStatus.LATE)
    asked = {"class": world["class_7a"], "from": WEDNESDAY, "to": WEDNESDAY}
    log = (await desk.ask("literature_teacher", LOGS, **asked))["lessonLogs"][0]
    assert log["absent"] == [{"studentId": str(world["lan"]), "status": "UNEXCUSED", "period": 0}]
    await desk.mark("lan", AttendanceStatus.PRESENT, period=1)
    await desk.mark("anh", AttendanceStatus.EXCUSED, period=1)
    log = (await desk.ask("clerk", LOGS, **asked))["lessonLogs"][0]
    assert log["absent"] == [{"studentId": str(world["anh"]), "status": "EXCUSED", "period": 1}]
    for who in ("other_teacher", "other_clerk"):
        assert (await desk.ask(who, LOGS, **asked))["lessonLogs"] == []


async def test_a_read_covers_a_fortnight(desk: Desk) -> None:
    await desk.sign()
    asked = {"class": desk.world["class_7a"], "to": WEDNESDAY}
    for days, count in ((13, 1), (14, 0)):
        found = await desk.ask("headteacher", LOGS, **asked, **{"from": WEDNESDAY - timedelta(days=days)})
        assert len(found["lessonLogs"]) == count


async def test_what_waits_to_be_signed(desk: Desk) -> None:
    async def waiting(who: str = "math_teacher") -> list[str]:
        asked = {"from": MONDAY, "to": MONDAY + timedelta(days=6)}
        return [lesson["day"][8:] for lesson in (await desk.ask(who, TO_LOG, **asked))["lessonsToLog"]]

    assert await waiting() == ["16", "17", "18"]
    assert await waiting("literature_teacher") == ["16", "16", "17", "17", "18"], "7A's second has not begun"
    await desk.sign(day=MONDAY)
    assert await waiting() == ["17", "18"]
    await desk.change(ChangeKind.SUBSTITUTED, "literature_teacher")
    assert await waiting() == ["17"]
    assert len(await waiting("literature_teacher")) == 6
    world = desk.world
    await desk.add(
        ClosedWeek(
            school_id=world["school"],
            class_group_id=world["class_7a"],
            starts_on=MONDAY,
            closed_by=world["homeroom_teacher"],
        )
    )
    assert await waiting() == []
    assert await waiting("literature_teacher") == ["16", "17", "18"], "those of 7B"


async def test_a_week_is_closed_when_all_of_it_is_written(desk: Desk) -> None:
    world = desk.world
    with time_machine.travel(FIRST_LESSON + timedelta(hours=8), tick=True):
        refused = await desk.close()
        assert refused.problem == "lesson_log.week_incomplete"
        message = (refused.data or {})["closeWeek"]["message"]
        assert message == "Còn thiếu 9 mục: 6 tiết chưa ghi sổ, 3 buổi chưa điểm danh."
        for back in range(3):
            day = WEDNESDAY - timedelta(days=back)
            await desk.took_register(day)
            await desk.sign(day=day)
            await desk.sign("literature_teacher", day=day, period=2)
        for who in ("math_teacher", "headteacher", "clerk"):
            assert (await desk.close(who)).problem == "core.not_allowed"
        assert (await desk.close(monday=MONDAY + timedelta(days=1))).problem == "lesson_log.week_not_monday"
        assert (await desk.close(monday=MONDAY + timedelta(days=7))).problem == "lesson_log.week_ahead"
        assert (await desk.close())["closeWeek"]["ok"] is True
    assert (await desk.sign(version=1, content="Sửa lại")).problem == "lesson_log.week_closed"
    asked = {"class": world["class_7a"], "monday": MONDAY}
    closed = (await desk.ask("math_teacher", CLOSED, **asked))["closedWeek"]
    assert closed["startsOn"] == "2026-11-16" and closed["closedBy"] == {"fullName": "Đỗ Thị Chủ Nhiệm"}
    assert (await desk.close("headteacher", document=REOPEN))["reopenWeek"]["ok"] is True
    assert (await desk.ask("math_teacher", CLOSED, **asked))["closedWeek"] is None
    assert (await desk.sign(version=1, content="Sửa lại")).problem is None


async def test_a_cancelled_lesson_and_one_still_on_hold_up_no_week(desk: Desk) -> None:
    """At 07:20 on Wednesday its first lesson is on: Monday and Tuesday count, four lessons of two sessions."""
    message = ((await desk.close()).data or {})["closeWeek"]["message"]
    assert "4 tiết" in message and "2 buổi" in message
    with time_machine.travel(FIRST_LESSON + timedelta(hours=8), tick=True):
        await desk.change(ChangeKind.CANCELLED, "math_teacher")
        message = ((await desk.close()).data or {})["closeWeek"]["message"]
        assert "5 tiết" in message and "3 buổi" in message
