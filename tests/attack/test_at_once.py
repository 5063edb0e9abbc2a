"""Two hands at the same moment: one wins, the other is told, nothing is doubled and nothing is lost."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from backend.announcements.tables import Announcement
from backend.attendance.tables import AbsenceAlert, AttendanceMark, AttendanceOperation
from backend.core import clock, codes
from backend.core.actor import SYSTEM
from backend.core.db import BUSY_SECONDS, Database
from backend.core.problem import TooMany
from backend.core.settings import settings
from backend.enrolment.tables import Enrolment
from backend.gradebook.tables import ColumnKind, Score, ScoreColumn, Semester, SubjectResult
from backend.identity.tables import ClaimSlip, Guardianship, Relation, SignInChallenge, User
from notifications.tables import Device
from tests.actors import World
from tests.client import Answer, Client

Another = Callable[[], Client]
PUBLISH = """mutation($c: UUID!, $v: Int!) {
  publishScores(column: $c, version: $v) { __typename ... on ScoreColumnPayload { column { id } }
    ... on Problem { code } } }"""
CREATE = """mutation($c: UUID!, $s: UUID!) {
  createScoreColumn(classGroup: $c, subject: $s, semester: SEM2, kind: ONGOING) {
    __typename ... on ScoreColumnPayload { column { ordinal } } ... on Problem { code } } }"""
ENTER = """mutation($c: UUID!, $s: UUID!, $m: String!) {
  enterScores(column: $c, rows: [{student: $s, mark: $m}]) {
    __typename ... on EnterScoresPayload { saved { mark } refused { problem { code } current { mark } } } } }"""
SEND = """mutation($input: AnnouncementInput!, $key: UUID!) {
  sendAnnouncement(input: $input, key: $key) {
    __typename ... on SentAnnouncementPayload { announcement { id } } ... on Problem { code } } }"""
CLAIM = """mutation($code: String!) {
  claimStudent(code: $code, relation: GUARDIAN) { __typename ... on ClaimStudentPayload { student { id } }
    ... on Problem { code } } }"""
USE = """mutation($challenge: UUID!, $code: String!) {
  signInWithCode(challenge: $challenge, code: $code) { __typename ... on SignInPayload { viewer { id } }
    ... on Problem { code } } }"""
ADD = """mutation($token: String!) {
  addFcmDevice(token: $token, label: "x") { __typename ... on AddDevicePayload { device { id } }
    ... on Problem { code } } }"""


async def _full_column(database: Database, world: World, kind: ColumnKind, ordinal: int, mark: str) -> UUID:
    """A column of maths in 7A with the same mark for everybody, not published."""
    column = ScoreColumn(
        school_id=world["school"], class_group_id=world["class_7a"], subject_id=world["toan"],
        semester=Semester.SEM2, kind=kind, ordinal=ordinal,
    )  # fmt: skip
    async with database.write(SYSTEM) as session:
        session.add(column)
        await session.flush()
        for pupil in ("lan", "minh", "anh"):
            session.add(
                Score(
                    school_id=world["school"],
                    column_id=column.id,
                    student_id=world[pupil],
                    mark=Decimal(mark),
                    entered_by=world["math_teacher"],
                    entered_at=clock.now(),
                )
            )
    return column.id


TAKE = """mutation($c: UUID!, $day: Date!, $now: DateTime!, $operations: [OperationInput!]!) {
  takeRegister(classGroup: $c, day: $day, session: MORNING, deviceTime: $now, operations: $operations) {
    __typename ... on TakeRegisterPayload { received } ... on Problem { code } } }"""


async def test_columns_published_at_once_leave_the_average_of_all_of_them(
    client: Client, world: World, database: Database
) -> None:
    wanted = [("ONGOING", 1, "8.0"), ("ONGOING", 2, "8.0"), ("MID", 1, "8.0"), ("END", 1, "8.0")]
    columns = [await _full_column(database, world, ColumnKind(kind), n, mark) for kind, n, mark in wanted]
    teacher = world.actor("math_teacher")
    answers = await asyncio.gather(*(client(teacher, PUBLISH, c=column, v=1) for column in columns))
    assert [answer.problem for answer in answers] == [None] * 4
    async with database.write(SYSTEM) as session:
        statement = select(SubjectResult).where(
            col(SubjectResult.subject_id) == world["toan"], col(SubjectResult.semester) == Semester.SEM2
        )
        averages = [row.average for row in (await session.execute(statement)).scalars()]
    assert averages == [Decimal("8.0")] * 3


async def test_a_column_published_twice_at_once_is_published_once(
    client: Client, world: World, database: Database
) -> None:
    column = await _full_column(database, world, ColumnKind.ONGOING, 1, "7.0")
    teacher = world.actor("math_teacher")
    answers = await asyncio.gather(*(client(teacher, PUBLISH, c=column, v=1) for _ in range(3)))
    assert sorted(str(answer.problem) for answer in answers) == [
        "None",
        "gradebook.column_stale",
        "gradebook.column_stale",
    ]


async def test_columns_made_at_once_get_numbers_of_their_own(client: Client, world: World) -> None:
    teacher = world.actor("math_teacher")
    answers = await asyncio.gather(*(client(teacher, CREATE, c=world["class_7a"], s=world["toan"]) for _ in range(2)))
    assert sorted(answer["createScoreColumn"]["column"]["ordinal"] for answer in answers) == [1, 2]


async def test_a_cell_typed_twice_at_once_keeps_one_and_shows_it_to_the_other(
    client: Client, world: World, database: Database
) -> None:
    column = await _full_column(database, world, ColumnKind.ONGOING, 1, "7.0")
    async with database.write(SYSTEM) as session:
        for score in (await session.execute(select(Score).where(col(Score.column_id) == column))).scalars():
            await session.delete(score)
    teacher = world.actor("math_teacher")
    answers = await asyncio.gather(*(client(teacher, ENTER, c=column, s=world["lan"], m=mark) for mark in ("6", "9")))
    first, second = sorted((answer["enterScores"] for answer in answers), key=lambda done: len(done["refused"]))
    assert second["refused"] == [{"problem": {"code": "gradebook.score_stale"}, "current": first["saved"][0]}]


def _announcement(world: World, title: str) -> dict[str, object]:
    return {
        "title": title,
        "body": "Nhà trường nghỉ lễ.",
        "audience": {"school": world["school"], "kinds": ["FAMILIES"]},
    }


async def test_an_announcement_sent_twice_at_once_is_sent_once(
    client: Client, world: World, database: Database
) -> None:
    key = uuid4()
    answers = await asyncio.gather(
        *(client(world.actor("clerk"), SEND, input=_announcement(world, "Nghỉ lễ"), key=key) for _ in range(3))
    )
    assert len({answer["sendAnnouncement"]["announcement"]["id"] for answer in answers}) == 1
    async with database.write(SYSTEM) as session:
        assert (await session.execute(select(func.count()).select_from(Announcement))).scalar_one() == 1


async def test_a_used_key_never_swallows_another_text(client: Client, world: World) -> None:
    key = uuid4()
    clerk = world.actor("clerk")
    assert (await client(clerk, SEND, input=_announcement(world, "Nghỉ lễ"), key=key)).problem is None
    other = await client(clerk, SEND, input=_announcement(world, "Họp phụ huynh"), key=key)
    assert other.problem == "announcements.key_used"
    assert (
        await client(world.actor("headteacher"), SEND, input=_announcement(world, "Nghỉ lễ"), key=key)
    ).problem is None


async def test_the_last_place_among_guardians_is_given_once(
    client: Client, another: Another, world: World, database: Database
) -> None:
    code = codes.new_slip_code()
    async with database.write(SYSTEM) as session:
        slip = ClaimSlip(
            school_id=world["school"], student_id=world["dung"], code_hash=codes.slip_hash(settings().secret(), code),
            expires_at=clock.now().replace(year=clock.now().year + 1), created_by=world["clerk"],
        )  # fmt: skip
        session.add(slip)
        for person in ("math_teacher", "literature_teacher"):
            session.add(
                Guardianship(
                    school_id=world["school"],
                    student_id=world["dung"],
                    user_id=world[person],
                    relation=Relation.GUARDIAN,
                )
            )
    rivals = [(another(), world.actor(name)) for name in ("stranger", "officer", "clerk")]
    answers: list[Answer] = await asyncio.gather(*(hand(actor, CLAIM, code=code) for hand, actor in rivals))
    problems = sorted(str(answer.problem) for answer in answers)
    assert problems == ["None", "enrolment.too_many_guardians", "enrolment.too_many_guardians"]


async def test_a_new_phone_with_two_codes_becomes_one_person(
    client: Client, another: Another, world: World, database: Database
) -> None:
    challenges = [
        SignInChallenge(phone="+84987000111", deliver=True, expires_at=clock.now().replace(year=2100)) for _ in range(2)
    ]
    async with database.write(SYSTEM) as session:
        session.add_all(challenges)
    hands = [(another(), challenge.id) for challenge in challenges]
    answers = await asyncio.gather(
        *(
            hand(world.actor("nobody"), USE, challenge=id_, code=codes.one_time_code(settings().secret(), id_))
            for hand, id_ in hands
        )
    )
    assert [answer.problem for answer in answers] == [None, None]
    async with database.write(SYSTEM) as session:
        found = await session.execute(select(func.count()).where(col(User.phone) == "+84987000111"))
        assert found.scalar_one() == 1


async def test_a_browser_that_subscribes_twice_at_once_is_one_device(
    client: Client, world: World, database: Database
) -> None:
    answers = await asyncio.gather(*(client(world.actor("mother"), ADD, token="fid-1") for _ in range(3)))
    assert len({answer["addFcmDevice"]["device"]["id"] for answer in answers}) == 1
    async with database.write(SYSTEM) as session:
        assert (await session.execute(select(func.count()).select_from(Device))).scalar_one() == 1


async def test_two_devices_take_the_same_register_at_once(
    client: Client, another: Another, world: World, database: Database
) -> None:
    """One teacher's screen says everybody is present, another's that Lan is not: every row once, the tap wins."""
    today, now = clock.today().isoformat(), clock.now().isoformat()
    async with database.write(SYSTEM) as session:
        here = select(col(Enrolment.student_id)).where(col(Enrolment.class_group_id) == world["class_7a"])
        pupils = list((await session.execute(here)).scalars())

    def operations(*away: UUID) -> list[dict[str, object]]:
        return [
            {"id": str(uuid4()), "student": str(pupil), "status": "UNEXCUSED" if pupil in away else "PRESENT",
             "explicit": pupil in away, "decidedAt": now}
            for pupil in pupils
        ]  # fmt: skip

    sent = [operations(), operations(world["lan"]), operations()]
    teachers = ("math_teacher", "homeroom_teacher", "literature_teacher")
    answers = await asyncio.gather(
        *(
            another()(world.actor(who), TAKE, c=world["class_7a"], day=today, now=now, operations=said)
            for who, said in zip(teachers, sent, strict=True)
        )
    )
    assert [answer.problem for answer in answers] == [None] * 3
    async with database.write(SYSTEM) as session:
        marks = (await session.execute(select(AttendanceMark))).scalars().all()
        assert {mark.student_id: mark.status.value for mark in marks} == {
            pupil: "UNEXCUSED" if pupil == world["lan"] else "PRESENT" for pupil in pupils
        }
        assert len(marks) == len(pupils)
        kept = (await session.execute(select(func.count()).select_from(AttendanceOperation))).scalar_one()
        alerts = (await session.execute(select(func.count()).select_from(AbsenceAlert))).scalar_one()
        assert (kept, alerts) == (3 * len(pupils), 1)


async def test_a_server_without_a_free_connection_asks_to_come_back(dsn: str) -> None:
    """Not a fault: whoever keeps what was typed tries again after the seconds it names."""
    database = await Database.open(dsn, size=1)
    try:
        database.engine.pool._timeout = 0.05  # type: ignore[attr-defined]  # instead of POOL_SECONDS
        async with database.write(SYSTEM):
            with pytest.raises(TooMany) as refused:
                async with database.write(SYSTEM):
                    raise AssertionError("nobody may come in")
        assert (refused.value.code, refused.value.retry_after) == ("core.busy", BUSY_SECONDS)
    finally:
        await database.close()
