"""Leave from the request to the register: who asks, who decides, what is refused, what comes of it."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update
from sqlmodel import col

from backend.attendance.tables import AttendanceSetting, AttendanceStatus, ClosedWeek
from backend.core.actor import SYSTEM, Actor, Grant, Role
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.enrolment.tables import Enrolment, Homeroom
from backend.identity.tables import Guardianship, Relation, Student
from backend.leave.tables import LeaveRequest
from backend.organisation.tables import SchoolYear
from tests.actors import World
from tests.client import Client
from tests.slices.leave.conftest import ASK, REQUEST, WEDNESDAY, Desk

THURSDAY, FRIDAY = WEDNESDAY + timedelta(days=1), WEDNESDAY + timedelta(days=2)
TUESDAY, MONDAY = WEDNESDAY - timedelta(days=1), WEDNESDAY - timedelta(days=2)

MINE = f"query($s: UUID!) {{ maySendLeave(student: $s) leaveRequests(student: $s) {{ nodes {{ {REQUEST} }} }} }}"
MAY = "query($s: UUID!) { maySendLeave(student: $s) }"
ONE = f"query($id: UUID!) {{ leaveRequest(id: $id) {{ {REQUEST} }} }}"
WAITING = "{ leaveToDecide { id mayDecide } }"
DECIDED = "{ decidedLeave { nodes { id status } } }"


async def test_from_the_request_to_the_register(desk: Desk, world: World) -> None:
    asked = await desk.asked(1, 2, detail="  Cháu sốt cao\nđã đi khám ")
    assert (asked["status"], asked["decider"], asked["halfDays"]) == ("PENDING", "HOMEROOM", 2)
    assert (asked["detail"], asked["reason"]) == ("Cháu sốt cao\nđã đi khám", "SICK")
    assert (asked["mayWithdraw"], asked["mayDecide"]) == (True, False)
    assert await desk.marks() == {}

    waiting = (await desk.ask("homeroom_teacher", WAITING))["leaveToDecide"]
    assert waiting == [{"id": asked["id"], "mayDecide": True}]
    granted = (await desk.decide(asked))["decideLeave"]["request"]
    assert (granted["status"], granted["version"]) == ("APPROVED", 2)
    assert granted["decidedBy"] == {"fullName": "Đỗ Thị Chủ Nhiệm"} and granted["decidedAt"]
    assert await desk.marks() == {THURSDAY: "EXCUSED", FRIDAY: "EXCUSED"}

    assert (await desk.ask("homeroom_teacher", WAITING))["leaveToDecide"] == []
    decided = (await desk.ask("homeroom_teacher", DECIDED))["decidedLeave"]["nodes"]
    assert decided == [{"id": asked["id"], "status": "APPROVED"}]
    seen = (await desk.ask("father", MINE, s=world["lan"])).data
    assert seen is not None and seen["maySendLeave"] is True
    assert [node["status"] for node in seen["leaveRequests"]["nodes"]] == ["APPROVED"]


async def test_the_journal_tells_when_and_how_long_but_not_why(desk: Desk, world: World) -> None:
    granted = await desk.granted(1, 2, detail="Cháu bị thủy đậu", reason="SICK")
    [requested], [decided] = await desk.journal("leave.leave_requested"), await desk.journal("leave.leave_decided")
    assert requested.audience is not None and requested.audience["users"] == [str(world["homeroom_teacher"])]
    assert decided.audience is not None and decided.audience["kinds"] == ["GUARDIANS"]
    assert decided.audience["students"] == [str(world["lan"])]
    assert decided.data["approved"] is True
    for data in (requested.data, decided.data):
        assert data["leave_request_id"] == granted["id"]
        assert (data["child"], data["class_name"]) == ("Nguyễn Thị Ngọc Lan", "7A")
        assert (data["starts_on"], data["ends_on"], data["half_days"]) == ("2026-11-19", "2026-11-20", 2)
        assert not {"reason", "detail", "photos", "note"} & data.keys()
        assert "thủy đậu" not in json.dumps(data, ensure_ascii=False) and "SICK" not in json.dumps(data)


async def test_longer_leave_goes_to_the_headteacher(desk: Desk, world: World) -> None:
    asked = await desk.asked(1, 7)  # Thursday to Wednesday: five school days
    assert (asked["decider"], asked["halfDays"]) == ("HEADTEACHER", 5)
    [requested] = await desk.journal("leave.leave_requested")
    assert requested.audience is not None and requested.audience["users"] == [str(world["headteacher"])]
    assert (await desk.ask("homeroom_teacher", WAITING))["leaveToDecide"] == []
    assert (await desk.decide(asked)).problem == "leave.headteacher_decides"
    assert (await desk.decide(asked, "headteacher"))["decideLeave"]["request"]["status"] == "APPROVED"


@pytest.mark.parametrize(("days", "decider"), [(0, "HEADTEACHER"), (5, "HOMEROOM")])
async def test_the_school_says_what_is_long(desk: Desk, world: World, days: int, decider: str) -> None:
    await desk.add(AttendanceSetting(school_id=world["school"], homeroom_leave_days=days))
    assert (await desk.asked(1, 7 if days else 1))["decider"] == decider


async def test_the_headteacher_decides_short_leave_too(desk: Desk) -> None:
    asked = await desk.asked(1)
    assert [each["id"] for each in (await desk.ask("headteacher", WAITING))["leaveToDecide"]] == [asked["id"]]
    assert (await desk.decide(asked, "headteacher"))["decideLeave"]["request"]["status"] == "APPROVED"


async def test_leave_granted_late_turns_an_alert_off(desk: Desk) -> None:
    asked = await desk.asked(0)
    await desk.register(AttendanceStatus.UNEXCUSED)
    assert (await desk.marks(), await desk.alerts()) == ({WEDNESDAY: "UNEXCUSED"}, ["OPEN"])
    await desk.decide(asked)
    assert (await desk.marks(), await desk.alerts()) == ({WEDNESDAY: "EXCUSED"}, ["CANCELLED"])


async def test_a_note_that_comes_days_later_excuses_what_was_recorded(desk: Desk) -> None:
    await desk.register(AttendanceStatus.UNEXCUSED, day=MONDAY)
    await desk.granted(-2, -1)
    assert await desk.marks() == {MONDAY: "EXCUSED", TUESDAY: "EXCUSED"}


async def test_a_child_who_came_after_all_stays_present(desk: Desk) -> None:
    await desk.granted(0)
    await desk.register(AttendanceStatus.PRESENT)
    assert await desk.marks() == {WEDNESDAY: "PRESENT"}


async def test_a_closed_week_is_not_excused_any_more(desk: Desk, world: World) -> None:
    asked = await desk.asked(-2)
    row = ClosedWeek(
        school_id=world["school"],
        class_group_id=world["class_7a"],
        starts_on=MONDAY,
        closed_by=world["homeroom_teacher"],
    )
    await desk.add(row)
    assert (await desk.decide(asked)).problem == "attendance.week_closed"
    assert (await desk.ask("mother", ONE, id=asked["id"]))["leaveRequest"]["status"] == "PENDING"


async def test_refusing_needs_words_and_leaves_the_register_alone(desk: Desk) -> None:
    asked = await desk.asked(1)
    answer = await desk.decide(asked, approve=False, note="  ")
    assert answer.problem == "leave.note_missing"
    refused = await desk.decide(asked, approve=False, note=" Tuần này lớp kiểm tra ")
    assert refused["decideLeave"]["request"]["decisionNote"] == "Tuần này lớp kiểm tra"
    assert refused["decideLeave"]["request"]["status"] == "REFUSED"
    assert await desk.marks() == {}
    [decided] = await desk.journal("leave.leave_decided")
    assert decided.data["approved"] is False
    assert (await desk.asked(1))["status"] == "PENDING"  # the days are free again


@pytest.mark.parametrize(
    ("starts", "ends", "more", "code", "field"),
    [
        (1, 0, {}, "leave.ends_before_start", "endsOn"),
        (1, 1, {"first": "AFTERNOON", "last": "MORNING"}, "leave.ends_before_start", "endsOn"),
        (0, 399, {}, "leave.too_long", "endsOn"),
        (-8, 0, {}, "leave.too_late", "startsOn"),
        (150, 201, {}, "leave.after_year", "endsOn"),
        (3, 4, {}, "leave.no_lessons", "startsOn"),  # Saturday and Sunday
        (28, 28, {}, "leave.no_lessons", "startsOn"),  # a holiday
        (1, 1, {"first": "AFTERNOON"}, "leave.no_lessons", "startsOn"),  # the class has mornings only
        (1, 1, {"detail": "x" * 501}, "leave.detail_length", "detail"),
    ],
)
async def test_what_is_refused(desk: Desk, starts: int, ends: int, more: dict[str, Any], code: str, field: str) -> None:
    answer = await desk.ask_leave(starts, ends, **more)
    assert answer.problem == code
    assert answer.data is not None and answer.data["requestLeave"]["fields"] == [{"path": field}]
    assert await _count(desk) == 0


async def test_overlapping_leave_is_refused_and_named(desk: Desk) -> None:
    await desk.granted(1, 2)
    answer = await desk.ask_leave(2, 5, who="father")
    assert answer.problem == "leave.overlaps"
    assert answer.data is not None
    assert "19/11/2026" in answer.data["requestLeave"]["message"]
    assert "20/11/2026" in answer.data["requestLeave"]["message"]
    assert (await desk.ask_leave(5)).problem is None


async def test_two_guardians_at_the_same_moment_ask_once(
    desk: Desk, world: World, database: Database, client: Client
) -> None:
    clients = {who: Client(database, MemoryBus(), client.services.jobs) for who in ("mother", "father")}
    given = {
        "student": world["lan"], "from": THURSDAY, "first": "MORNING", "to": THURSDAY, "last": "AFTERNOON",
        "reason": "FAMILY", "detail": "", "photos": [],
    }  # fmt: skip
    answers = await asyncio.gather(*(each(world.actor(who), ASK, **given) for who, each in clients.items()))
    assert sorted(str(answer.problem) for answer in answers) == ["None", "leave.overlaps"]
    assert await _count(desk) == 1


async def test_leave_for_anothers_child_looks_like_none(desk: Desk, world: World) -> None:
    assert (await desk.ask_leave(1, who="other_mother")).problem == "core.not_found"
    assert (await desk.ask_leave(1, student="minh")).problem == "core.not_found"
    assert (await desk.ask_leave(1, who="homeroom_teacher")).problem == "core.not_allowed"
    asked = await desk.asked(1)
    assert (await desk.withdraw(asked, "other_mother")).problem == "core.not_found"
    assert (await desk.ask("other_mother", MAY, s=world["lan"]))["maySendLeave"] is False
    assert (await desk.ask("other_mother", MINE, s=world["lan"]))["leaveRequests"]["nodes"] == []


@pytest.mark.parametrize(
    ("birth_date", "may"),
    [(date(2014, 5, 1), False), (date(2008, 11, 19), False), (date(2008, 11, 18), True), (None, False)],
)
async def test_a_pupil_asks_for_herself_from_eighteen_on(
    desk: Desk, world: World, birth_date: date | None, may: bool
) -> None:
    async with desk.database.write(SYSTEM) as session:
        await session.execute(update(Student).where(col(Student.id) == world["lan"]).values(birth_date=birth_date))
    assert (await desk.ask("pupil", MAY, s=world["lan"]))["maySendLeave"] is may
    answer = await desk.ask_leave(1, who="pupil")
    assert answer.problem == (None if may else "leave.guardian_asks")
    if may:
        await desk.decide(answer["requestLeave"]["request"])
        [decided] = await desk.journal("leave.leave_decided")
        assert decided.audience is not None and decided.audience["kinds"] == ["FAMILIES"]


async def test_why_a_child_is_away_is_for_the_family_and_those_who_decide(desk: Desk, world: World) -> None:
    granted = await desk.granted(1)
    for who in ("mother", "father", "pupil", "homeroom_teacher", "headteacher"):
        assert (await desk.ask(who, ONE, id=granted["id"]))["leaveRequest"]["detail"] == "Cháu sốt cao"
    for who in ("math_teacher", "literature_teacher", "clerk", "other_mother", "other_teacher", "other_clerk"):
        assert (await desk.ask(who, ONE, id=granted["id"]))["leaveRequest"] is None
    assert (await desk.ask("officer", ONE, id=granted["id"])).problem == "core.not_allowed"


async def test_who_may_not_decide(desk: Desk, world: World) -> None:
    asked = await desk.asked(1)
    assert (await desk.decide(asked, "mother")).problem == "core.not_allowed"
    assert (await desk.decide(asked, "math_teacher")).problem == "core.not_allowed"
    elsewhere = Actor(
        user_id=world["other_teacher"],
        grants=(Grant(Role.HOMEROOM_TEACHER, world["other_school"]), Grant(Role.HEADTEACHER, world["other_school"])),
    )
    world.actors["elsewhere"] = elsewhere
    assert (await desk.decide(asked, "elsewhere")).problem == "core.not_found"
    # The homeroom teacher of another class of the same school.
    row = Homeroom(school_id=world["school"], class_group_id=world["class_7b"], user_id=world["math_teacher"])
    await desk.add(row)
    world.actors["next_door"] = Actor(
        user_id=world["math_teacher"], grants=(Grant(Role.HOMEROOM_TEACHER, world["school"]),)
    )
    assert (await desk.decide(asked, "next_door")).problem == "core.not_found"
    assert (await desk.ask("next_door", WAITING))["leaveToDecide"] == []
    assert (await desk.ask("next_door", ONE, id=asked["id"]))["leaveRequest"] is None


async def test_a_homeroom_teacher_does_not_decide_for_her_own_child(desk: Desk, world: World) -> None:
    earlier = await desk.asked(5)
    row = Guardianship(
        school_id=world["school"],
        student_id=world["lan"],
        user_id=world["homeroom_teacher"],
        relation=Relation.GUARDIAN,
    )
    await desk.add(row)
    asked = await desk.asked(1)
    assert asked["decider"] == "HEADTEACHER"  # so that whoever is told can also decide
    assert (await desk.decide(earlier)).problem == "leave.own_child"
    assert (await desk.ask("homeroom_teacher", WAITING))["leaveToDecide"] == []
    assert len((await desk.ask("headteacher", WAITING))["leaveToDecide"]) == 2


async def test_the_homeroom_teacher_of_a_new_class_decides(desk: Desk, world: World) -> None:
    asked = await desk.asked(1)
    async with desk.database.write(SYSTEM) as session:
        mine = (col(Enrolment.student_id) == world["lan"], col(Enrolment.ended_on).is_(None))
        await session.execute(update(Enrolment).where(*mine).values(ended_on=WEDNESDAY))
    await desk.add(
        Enrolment(
            school_id=world["school"],
            student_id=world["lan"],
            class_group_id=world["class_7b"],
            school_year_id=world["school_year"],
            started_on=WEDNESDAY,
        ),
        Homeroom(school_id=world["school"], class_group_id=world["class_7b"], user_id=world["math_teacher"]),
    )
    world.actors["math_teacher"] = Actor(
        user_id=world["math_teacher"], grants=(Grant(Role.HOMEROOM_TEACHER, world["school"]),)
    )
    assert (await desk.decide(asked)).problem == "core.not_found"
    granted = (await desk.decide(asked, "math_teacher"))["decideLeave"]["request"]
    assert granted["classGroup"] == {"name": "7B"}
    assert await desk.marks() == {THURSDAY: "EXCUSED"}


async def test_somebody_else_was_faster(desk: Desk) -> None:
    asked = await desk.asked(1)
    await desk.decide(asked)
    assert (await desk.decide(asked, "headteacher", approve=False, note="Không")).problem == "core.stale"
    assert (await desk.withdraw(asked)).problem == "core.stale"
    again = {**asked, "version": 2}
    assert (await desk.decide(again, approve=False, note="Không")).problem == "leave.closed"


async def test_a_waiting_request_is_withdrawn_by_either_guardian(desk: Desk) -> None:
    asked = await desk.asked(1)
    assert (await desk.withdraw(asked, "pupil")).problem == "leave.guardian_asks"
    withdrawn = (await desk.withdraw(asked, "father"))["withdrawLeave"]["request"]
    assert (withdrawn["status"], withdrawn["mayWithdraw"], withdrawn["version"]) == ("WITHDRAWN", False, 2)
    assert (await desk.withdraw(withdrawn)).problem == "leave.closed"
    assert (await desk.ask("homeroom_teacher", WAITING))["leaveToDecide"] == []
    assert await desk.marks() == {}


async def test_granted_leave_still_to_come_is_withdrawn_whole(desk: Desk) -> None:
    granted = await desk.granted(1, 2)
    withdrawn = (await desk.withdraw(granted))["withdrawLeave"]["request"]
    assert withdrawn["status"] == "WITHDRAWN"
    assert await desk.marks() == {}
    [event] = await desk.journal("leave.leave_withdrawn")
    assert event.data["from_day"] == "2026-11-19" and event.audience is None
    assert (await desk.asked(1, 2))["status"] == "PENDING"


async def test_of_leave_that_has_begun_what_is_to_come_is_withdrawn(
    desk: Desk, wednesday: time_machine.Traveller
) -> None:
    granted = await desk.granted(0, 2)
    await desk.register(AttendanceStatus.UNEXCUSED)
    assert await desk.marks() == {WEDNESDAY: "EXCUSED", THURSDAY: "EXCUSED", FRIDAY: "EXCUSED"}
    shorter = (await desk.withdraw(granted))["withdrawLeave"]["request"]
    assert (shorter["status"], shorter["endsOn"], shorter["endsSession"]) == ("APPROVED", "2026-11-18", "MORNING")
    assert shorter["halfDays"] == 1
    assert await desk.marks() == {WEDNESDAY: "EXCUSED"}  # what the register has recorded stays
    assert (await desk.withdraw(shorter)).problem == "leave.over"
    wednesday.shift(timedelta(days=1))
    over = (await desk.ask("mother", ONE, id=granted["id"]))["leaveRequest"]
    assert over["mayWithdraw"] is False
    assert (await desk.withdraw(over)).problem == "leave.over"


async def test_before_the_register_today_is_withdrawn_too(desk: Desk) -> None:
    granted = await desk.granted(0, 1)
    withdrawn = (await desk.withdraw(granted))["withdrawLeave"]["request"]
    assert withdrawn["status"] == "WITHDRAWN"
    assert await desk.marks() == {}
    await desk.register(AttendanceStatus.UNEXCUSED)
    assert (await desk.marks(), await desk.alerts()) == ({WEDNESDAY: "UNEXCUSED"}, ["OPEN"])


async def test_a_pupil_who_left_and_a_year_that_ended(desk: Desk, world: World) -> None:
    async with desk.database.write(SYSTEM) as session:
        await session.execute(
            update(SchoolYear).where(col(SchoolYear.id) == world["school_year"]).values(ends_on=THURSDAY)
        )
    answer = await desk.ask_leave(1, 2)
    assert answer.problem == "leave.after_year"
    assert answer.data is not None and "19/11/2026" in answer.data["requestLeave"]["message"]
    async with desk.database.write(SYSTEM) as session:
        await session.execute(update(Enrolment).values(ended_on=WEDNESDAY))
    assert (await desk.ask_leave(1)).problem == "leave.not_enrolled"


async def test_a_request_is_read_in_one_statement(desk: Desk, world: World) -> None:
    await desk.asked(1)
    with desk.database.count_statements() as counted:
        answer = await desk.ask("mother", MINE, s=world["lan"])
    assert answer["maySendLeave"] is True
    assert len(counted) == 0  # everything went through the compiled read


async def test_asking_and_deciding_take_few_statements(desk: Desk) -> None:
    """Whatever the length of the leave."""
    counts: dict[int, tuple[int, int]] = {}
    for starts, ends in ((1, 1), (5, 37)):
        with desk.database.count_statements() as asking:
            asked = await desk.asked(starts, ends)
        with desk.database.count_statements() as deciding:
            await desk.decide(asked, "headteacher")
        counts[ends] = (len(asking), len(deciding))
    assert counts[1] == counts[37]


async def _count(desk: Desk) -> int:
    async with desk.database.write(SYSTEM) as session:
        return (await session.execute(select(func.count()).select_from(LeaveRequest))).scalar_one()
