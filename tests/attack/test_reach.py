"""Reaching further than one's own: through nested fields, through a second role, through another way of writing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
import uvicorn

from backend import launch
from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Grant, Role
from backend.core.bus import BusUnavailable, MemoryBus
from backend.core.db import Database
from backend.core.graphql.live import LiveApp
from backend.core.origin import same_origin
from backend.core.problem import Invalid
from backend.enrolment.uploads import read_files
from backend.gradebook.tables import ColumnKind, Score, ScoreColumn, Semester, SubjectResult
from backend.identity import queries
from backend.identity.sessions import Authenticator, session_token
from tests.actors import World
from tests.client import Client
from tests.contract.extras import add_extras

SHEET = """query($c: UUID!, $mine: UUID!, $asked: UUID!) {
  sheetRows(classGroup: $c, subject: $mine) {
    scores(subject: $asked, semester: SEM1) { mark } average(subject: $asked, semester: SEM1) } }"""
MARKS = "query($s: UUID!) { subjectMarks(student: $s, semester: SEM1) { id } }"
ASK = """mutation($phone: String!) { requestSignInCode(phone: $phone) { __typename ... on Problem { code } } }"""
SIGN_IN = """mutation($u: String!) {
  signInWithPassword(username: $u, password: "sai") { __typename ... on Problem { code } } }"""
PREVIEW = "query($a: AudienceInput!) { announcementAudience(audience: $a) { recipientCount } }"


async def test_a_sheet_of_ones_own_subject_does_not_open_anothers(
    client: Client, world: World, database: Database
) -> None:
    school, literature = world["school"], world["ngu_van"]
    async with database.write(SYSTEM) as session:
        column = ScoreColumn(
            school_id=school,
            class_group_id=world["class_7a"],
            subject_id=literature,
            semester=Semester.SEM1,
            kind=ColumnKind.MID,
            ordinal=1,
        )
        session.add(column)
        await session.flush()
        session.add(
            Score(
                school_id=school,
                column_id=column.id,
                student_id=world["lan"],
                mark=Decimal("3.5"),
                entered_by=world["literature_teacher"],
                entered_at=clock.now(),
            )
        )
        session.add(
            SubjectResult(
                school_id=school,
                student_id=world["lan"],
                subject_id=literature,
                school_year_id=world["school_year"],
                semester=Semester.SEM1,
                average=Decimal("3.5"),
                ruleset_id="TT22-2021",
                computed_at=clock.now(),
            )
        )
    asked = {"c": world["class_7a"], "mine": world["toan"], "asked": literature}
    rows = (await client(world.actor("math_teacher"), SHEET, **asked))["sheetRows"]
    assert len(rows) == 3
    assert all(row == {"scores": [], "average": None} for row in rows)
    rows = (await client(world.actor("homeroom_teacher"), SHEET, **asked))["sheetRows"]
    assert "3.5" in [row["average"] for row in rows]


@pytest.mark.parametrize("name", ["clerk", "math_teacher"])
async def test_being_a_parent_too_opens_no_marks_of_other_children(
    client: Client, world: World, database: Database, name: str
) -> None:
    """The right to read marks comes with the child, the pupils come with the work; together they would be too much."""
    await add_extras(database, world)
    actor = world.actor(name)
    both = replace(actor, grants=(*actor.grants, Grant(Role.GUARDIAN, world["school"])), students=(world["dung"],))
    assert (await client(both, MARKS, s=world["lan"]))["subjectMarks"] == []


async def test_one_phone_written_in_ten_ways_is_one_phone_to_the_count(client: Client, world: World) -> None:
    ways = ("0912000001", "0912 000 001", "0912.000.001", "+84912000001", "(0912) 000001", "84912000001")
    answers = [(await client(world.actor("nobody"), ASK, phone=way)).problem for way in ways]
    assert answers == [None] * 3 + ["core.too_many"] * 3


async def test_a_tail_behind_a_user_name_does_not_start_another_count(client: Client, world: World) -> None:
    tries = [await client(world.actor("nobody"), SIGN_IN, u="clerk" + " " * 60 + str(n)) for n in range(11)]
    assert tries[-1].problem == "identity.locked"


async def test_an_audience_of_thousands_of_classes_is_refused(client: Client, world: World) -> None:
    audience = {"school": world["school"], "kinds": ["FAMILIES"], "classes": [uuid4() for _ in range(6_000)]}
    assert (await client(world.actor("clerk"), PREVIEW, a=audience)).problem == "announcements.too_many_classes"
    audience = {"school": world["school"], "kinds": ["FAMILIES"], "grades": [7] * 6_000}
    assert (await client(world.actor("clerk"), PREVIEW, a=audience)).problem == "announcements.too_many_classes"


async def test_invisible_characters_do_not_get_into_an_announcement(client: Client, world: World) -> None:
    send = """mutation($i: AnnouncementInput!, $k: UUID!) { sendAnnouncement(input: $i, key: $k) {
      ... on SentAnnouncementPayload { announcement { title body } } ... on Problem { code } } }"""
    given = {
        "title": "Nghi\u0309 \u202elễ",
        "body": "Chi\u0309 mai.\r\n\r\nTa\u0323i \u202etru\u031bo\u031b\u0300ng.\u200b",
        "audience": {"school": world["school"], "kinds": ["FAMILIES"]},
    }
    sent = (await client(world.actor("clerk"), send, i=given, k=world["lan"]))["sendAnnouncement"]["announcement"]
    assert sent == {"title": "Nghỉ lễ", "body": "Chỉ mai.\n\nTại trường."}


@pytest.mark.parametrize(
    ("origin", "host", "ours"),
    [
        ("https://a.vn", "a.vn", True),
        ("null", "", False),
        ("", "", False),
        ("http://[", "a.vn", False),
        ("https://a.vn@b.vn", "a.vn", False),
        ("https://a.vn.b.vn", "a.vn", False),
    ],
)
def test_only_our_own_pages_are_ours(origin: str, host: str, ours: bool) -> None:
    assert same_origin(origin, host) is ours


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("nhipcau=abc", "abc"),
        ('other={"a": 1}; nhipcau=abc', "abc"),
        ("a b=c; nhipcau=abc; =; ;", "abc"),
        ("xnhipcau=abc", ""),
        ("x=nhipcau=abc", ""),
        ("nhipcau", ""),
        ("", ""),
    ],
)
def test_our_cookie_is_found_among_any_others(header: str, token: str) -> None:
    assert session_token(header) == token


async def test_a_boundary_of_foreign_letters_is_refused() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b""

    with pytest.raises(Invalid):
        await read_files("multipart/form-data; boundary*=utf-8''%E2%82%AC", chunks())


async def test_a_stream_of_news_is_not_asked_for_by_post(client: Client, world: World) -> None:
    answer = await client(world.actor("mother"), "subscription { news { id } }")
    assert (answer.status, answer.problem) == (400, "core.live_only")


def test_no_header_of_a_caller_decides_its_address() -> None:
    """Uvicorn by itself believes X-Forwarded-For of anybody on this machine."""
    assert uvicorn.Config("app", **launch._options()).proxy_headers is False


async def test_a_stream_ends_with_its_session(world: World) -> None:
    answers = [world.actor("mother"), world.actor("mother"), world.actor("nobody")]
    frames: list[dict[str, Any]] = []

    async def authenticate(_scope: Any) -> Actor:
        return answers.pop(0)

    async def receive() -> dict[str, Any]:
        return await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        frames.append(message)

    async with asyncio.timeout(5):
        await LiveApp(MemoryBus(), authenticate, heartbeat=0.01)({"method": "GET"}, receive, send)
    assert frames[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
    assert answers == []


class _AwayThenBack(MemoryBus):
    """A bus that cannot be reached at first, as after a restart of Redis."""

    away = True

    def subscribe(self, channels: Any) -> Any:
        return self._gone() if self.away else super().subscribe(channels)

    @asynccontextmanager
    async def _gone(self) -> AsyncIterator[Any]:
        self.away = False
        raise BusUnavailable("away")
        yield


async def test_news_of_ended_sessions_is_heard_again_after_the_bus_was_away(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backend.identity.sessions.RETRY_SECONDS", 0)
    door, bus, heard = Authenticator(database), _AwayThenBack(), asyncio.Event()
    monkeypatch.setattr(door, "forget", lambda _message: heard.set())
    listening = asyncio.create_task(door.listen(bus))
    async with asyncio.timeout(5):
        while not bus.listened("sessions"):
            assert not listening.done()
            await asyncio.sleep(0)
        await bus.publish("sessions", b"00")
        await heard.wait()
    listening.cancel()


async def test_a_session_that_ends_while_it_is_looked_up_is_not_remembered(
    world: World, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, asked = Authenticator(database), 0

    async def slowly(_database: Database, _digest: bytes) -> Any:
        nonlocal asked
        asked += 1
        door.forget(b"00")  # the news of its end overtakes the answer
        return world.actor("mother"), clock.now(), clock.now()

    monkeypatch.setattr(queries, "actor_of", slowly)
    await door("nhipcau=x")
    await door("nhipcau=x")
    assert asked == 2
