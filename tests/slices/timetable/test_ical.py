"""The private calendar: what stands in it, who gets it, when it stops, and that other programs can read it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import icalendar
import pytest
import time_machine
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Role
from backend.core.db import Database, Row
from backend.enrolment.tables import Enrolment
from backend.identity.tables import Guardianship, RoleGrant, User
from backend.timetable import ical
from backend.timetable.ical import ZONE, Happening
from backend.timetable.routes import FEED_READS, READS_OF_ONE, router
from backend.timetable.tables import (
    CalendarEvent,
    CalendarFeed,
    ChangeKind,
    EventKind,
    HalfDay,
    LessonChange,
    Period,
    SchoolDay,
)
from tests.actors import World
from tests.client import Client

CREATE = """mutation { createCalendarFeed { __typename
  ... on CreateCalendarFeedPayload { feed { id createdAt lastReadAt } path } ... on Problem { code } } }"""
REVOKE = "mutation { revokeCalendarFeed { __typename ... on RevokeCalendarFeedPayload { ok } } }"
FEED = "{ calendarFeed { id lastReadAt } }"


@dataclass
class Subscriber:
    """Somebody's calendar program, and what happens at the school meanwhile."""

    database: Database
    world: World
    client: Client
    http: httpx.AsyncClient
    paths: dict[str, str] = field(default_factory=dict)

    async def create(self, who: str) -> str:
        made = (await self.client(self.world.actor(who), CREATE))["createCalendarFeed"]
        self.paths[who] = made["path"]
        return made["path"]

    async def get(self, who: str, **headers: str) -> httpx.Response:
        return await self.http.get(self.paths[who], headers=headers)

    async def calendar(self, who: str) -> Any:
        if who not in self.paths:
            await self.create(who)
        answer = await self.get(who)
        assert answer.status_code == 200, answer.text
        return read(answer.content)

    async def events(self, who: str, day: date | None = None) -> list[Any]:
        """Those that begin on this day, by time and name; all of them without a day."""
        found = (await self.calendar(who)).walk("VEVENT")
        here = [event for event in found if day is None or _day(event) == day]
        return sorted(here, key=lambda event: (str(event.start), str(event["summary"])))

    async def summaries(self, who: str, day: date | None = None) -> list[str]:
        return [str(event["summary"]) for event in await self.events(who, day or clock.today())]

    async def add(self, *rows: Row) -> None:
        async with self.database.write(SYSTEM) as session:
            for row in rows:
                await session.execute(insert(type(row)).values(**row.model_dump()))

    async def run(self, statement: Any) -> None:
        async with self.database.write(SYSTEM) as session:
            await session.execute(statement)

    async def change(self, kind: ChangeKind, teacher: str = "math_teacher", **more: Any) -> None:
        """What becomes of today's first lesson of 7A."""
        world = self.world
        given = {"period": 1, "room_id": world["room"], **more}
        await self.add(
            LessonChange(
                school_id=world["school"],
                class_group_id=world["class_7a"],
                day=clock.today(),
                session=HalfDay.MORNING,
                kind=kind,
                subject_id=world["toan"],
                user_id=world[teacher],
                created_by=world["clerk"],
                **given,
            )
        )


def _day(event: Any) -> date:
    return event.start.date() if isinstance(event.start, datetime) else event.start


def read(content: bytes) -> Any:
    """The calendar as icalendar's own parser takes it, with what must hold for every one."""
    for line in content.split(b"\r\n"):
        assert len(line) <= 75 and b"\n" not in line and b"\r" not in line
    calendar: Any = icalendar.Calendar.from_ical(content)
    events = calendar.walk("VEVENT")
    assert calendar.errors == [] and all(event.errors == [] for event in events)
    assert len({str(event["uid"]) for event in events}) == len(events)
    for event in events:
        assert isinstance(event["dtstamp"].dt, datetime) and int(event["sequence"]) >= 0
        if isinstance(event.start, datetime):
            assert str(event["dtstart"].params["TZID"]) == "Asia/Ho_Chi_Minh"
            assert event.start.utcoffset() == timedelta(hours=7)
    return calendar


@pytest.fixture
async def subscriber(database: Database, world: World, client: Client) -> AsyncIterator[Subscriber]:
    app = FastAPI()
    app.include_router(router)
    app.state.services = client.services
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://school.test") as http:
        yield Subscriber(database, world, client, http)


async def test_a_guardian_has_the_lessons_of_all_her_children(subscriber: Subscriber) -> None:
    calendar = await subscriber.calendar("mother")
    assert await subscriber.summaries("mother") == ["Dũng: Ngữ văn", "Lan: Toán", "Lan: Ngữ văn"]
    first = (await subscriber.events("mother", clock.today()))[1]
    assert first.start == datetime.combine(clock.today(), datetime.min.time(), tzinfo=ZONE) + timedelta(hours=7)
    assert first.end - first.start == timedelta(minutes=45)
    assert (str(first["location"]), str(first["description"])) == ("P.201", "Giáo viên: Phạm Văn Toán")
    assert (str(first["status"]), int(first["sequence"])) == ("CONFIRMED", 0)
    assert str(calendar["x-wr-calname"]) == "Lịch học · Nhịp Cầu"
    assert calendar["prodid"] and calendar["version"] == "2.0"
    assert calendar["refresh-interval"].dt == timedelta(hours=1)
    assert str(calendar["x-published-ttl"]) == "PT1H"
    [zone] = calendar.walk("VTIMEZONE")
    assert zone["tzid"] == "Asia/Ho_Chi_Minh"


async def test_a_pupil_has_her_own_and_a_teacher_what_she_gives(subscriber: Subscriber) -> None:
    assert await subscriber.summaries("pupil") == ["Toán", "Ngữ văn"]
    assert await subscriber.summaries("literature_teacher") == ["7B · Ngữ văn", "7A · Ngữ văn"]
    for who in ("officer", "stranger", "clerk"):
        assert await subscriber.summaries(who) == []


async def test_it_reaches_from_a_fortnight_back_to_the_end_of_the_year(subscriber: Subscriber) -> None:
    days = {_day(event) for event in await subscriber.events("pupil")}
    assert min(days) >= clock.today() - timedelta(days=14)
    assert min(days) <= clock.today() - timedelta(days=11)
    assert max(days) > clock.today() + timedelta(days=36), "the world's days end forty days ahead"


async def test_a_substitution_reaches_both_teachers_and_the_family(subscriber: Subscriber) -> None:
    before = {str(e["uid"]) for who in ("mother", "math_teacher") for e in await subscriber.events(who)}
    await subscriber.change(ChangeKind.SUBSTITUTED, "homeroom_teacher", note="Cô Toán đi tập huấn")
    taken = (await subscriber.events("math_teacher", clock.today()))[0]
    assert str(taken["status"]) == "CANCELLED"
    given = (await subscriber.events("homeroom_teacher", clock.today()))[0]
    assert (str(given["status"]), str(given["summary"])) == ("CONFIRMED", "7A · Toán")
    seen = (await subscriber.events("mother", clock.today()))[1]
    assert str(seen["status"]) == "CONFIRMED" and int(seen["sequence"]) > 0
    told = "Giáo viên: Đỗ Thị Chủ Nhiệm\nDạy thay: Đỗ Thị Chủ Nhiệm.\nCô Toán đi tập huấn"
    assert str(seen["description"]) == told
    assert {str(taken["uid"]), str(seen["uid"])} <= before, "a program replaces the lesson it has"


@pytest.mark.parametrize(
    ("kind", "more", "status", "note"),
    [
        (ChangeKind.CANCELLED, {}, "CANCELLED", "Tiết này được nghỉ."),
        (ChangeKind.ROOM_CHANGED, {}, "CONFIRMED", "Đổi phòng: P.201."),
        (ChangeKind.ADDED, {"period": 4}, "CONFIRMED", "Tiết học thêm."),
    ],
)
async def test_changes_are_said(
    subscriber: Subscriber, kind: ChangeKind, more: dict[str, Any], status: str, note: str
) -> None:
    await subscriber.change(kind, **more)
    changed = [event for event in await subscriber.events("pupil", clock.today()) if int(event["sequence"])]
    assert [(str(e["status"]), str(e["description"]).split("\n")[1]) for e in changed] == [(status, note)]


async def test_tests_and_holidays_are_whole_days(subscriber: Subscriber) -> None:
    world, day = subscriber.world, clock.today() + timedelta(days=3)
    await subscriber.add(
        CalendarEvent(
            school_id=world["school"], kind=EventKind.EVENT, day=day, title="Ngày hội", created_by=world["clerk"]
        ),
        CalendarEvent(
            school_id=world["school"],
            class_group_id=world["class_7b"],
            kind=EventKind.DUE,
            day=day,
            title="Vở bài tập",
            created_by=world["clerk"],
        ),
    )

    async def whole_days(who: str) -> list[str]:
        return [str(e["summary"]) for e in await subscriber.events(who, day) if not isinstance(e.start, datetime)]

    expected = ["Dũng: Hạn nộp: Vở bài tập", "Lan: Kiểm tra: Kiểm tra 15 phút", "Ngày hội"]
    assert await whole_days("mother") == expected
    assert await whole_days("pupil") == ["Kiểm tra: Kiểm tra 15 phút", "Ngày hội"]
    assert await whole_days("math_teacher") == ["7A · Kiểm tra: Kiểm tra 15 phút", "Ngày hội"]
    assert await whole_days("clerk") == ["Ngày hội"]
    assert await whole_days("other_teacher") == []
    off = clock.today() + timedelta(days=28)
    [holiday] = [e for e in await subscriber.events("mother", off) if not isinstance(e.start, datetime)]
    assert (str(holiday["summary"]), holiday.start, holiday.end) == ("Nghỉ: Nghỉ lễ", off, off + timedelta(days=1))


async def test_days_off_in_a_row_are_one_happening(subscriber: Subscriber) -> None:
    off = [clock.today() + timedelta(days=n) for n in (28, 29, 30)]
    await subscriber.run(update(SchoolDay).where(col(SchoolDay.day).in_(off)).values(teaches=False, holiday="Nghỉ lễ"))
    [holiday] = [e for e in await subscriber.events("mother") if str(e["summary"]) == "Nghỉ: Nghỉ lễ"]
    assert (holiday.start, holiday.end) == (off[0], off[2] + timedelta(days=1))


async def test_without_a_bell_a_lesson_is_the_day(subscriber: Subscriber) -> None:
    await subscriber.run(delete(Period))
    events = await subscriber.events("pupil", clock.today())
    assert [(str(e["summary"]), type(e.start)) for e in events] == [("Ngữ văn", date), ("Toán", date)]


async def test_in_the_owners_language(subscriber: Subscriber) -> None:
    await subscriber.run(update(User).where(col(User.id) == subscriber.world["mother"]).values(language="en"))
    assert await subscriber.summaries("mother") == ["Dũng: Literature", "Lan: Mathematics", "Lan: Literature"]


async def test_a_lost_right_stops_the_lessons_at_once(subscriber: Subscriber) -> None:
    world = subscriber.world
    assert len(await subscriber.summaries("mother")) == 3
    ended = update(Guardianship).where(col(Guardianship.student_id) == world["lan"])
    await subscriber.run(ended.values(ended_at=clock.now()))
    assert await subscriber.summaries("mother") == ["Dũng: Ngữ văn"]
    await subscriber.run(
        update(Enrolment).where(col(Enrolment.student_id) == world["dung"]).values(ended_on=clock.today())
    )
    assert await subscriber.summaries("mother") == []
    assert await subscriber.summaries("math_teacher") == ["7A · Toán"]
    await subscriber.run(delete(RoleGrant).where(col(RoleGrant.user_id) == world["math_teacher"]))
    assert await subscriber.events("math_teacher") == []
    assert Role.SUBJECT_TEACHER in world.actor("math_teacher").roles, "though a session may still think so"


@pytest.mark.parametrize("how", ["revoked", "replaced", "closed account", "made up", "no token"])
async def test_an_address_that_does_not_work_is_not_found(subscriber: Subscriber, how: str) -> None:
    path = await subscriber.create("mother")
    assert (await subscriber.http.get(path)).status_code == 200
    mother = subscriber.world.actor("mother")
    if how == "revoked":
        await subscriber.client(mother, REVOKE)
    elif how == "replaced":
        assert await subscriber.create("mother") != path
        assert (await subscriber.get("mother")).status_code == 200
    elif how == "closed account":
        await subscriber.run(update(User).where(col(User.id) == mother.user_id).values(disabled_at=clock.now()))
    else:
        path = "/calendar/" + ("A" * 43 if how == "made up" else "%00") + ".ics"
    answer = await subscriber.http.get(path)
    assert (answer.status_code, answer.content) == (404, b"")
    assert answer.headers["cache-control"] == "no-store"


async def test_the_token_is_long_and_not_kept(subscriber: Subscriber) -> None:
    path = await subscriber.create("mother")
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    assert len(token) == 43
    async with subscriber.database.write(SYSTEM) as session:
        feeds = list((await session.execute(select(CalendarFeed))).scalars())
    assert [len(feed.token_hash) for feed in feeds] == [32] and feeds[0].token_hash != token.encode()[:32]


async def test_the_owner_sees_that_it_is_read_and_others_see_nothing(subscriber: Subscriber) -> None:
    world, client = subscriber.world, subscriber.client
    assert (await client(world.actor("mother"), FEED))["calendarFeed"] is None
    await subscriber.create("mother")
    assert (await client(world.actor("mother"), FEED))["calendarFeed"]["lastReadAt"] is None
    await subscriber.get("mother")
    assert (await client(world.actor("mother"), FEED))["calendarFeed"]["lastReadAt"] is not None
    assert (await client(world.actor("father"), FEED))["calendarFeed"] is None
    await client(world.actor("father"), REVOKE)
    assert (await subscriber.get("mother")).status_code == 200
    await client(world.actor("mother"), REVOKE)
    assert (await client(world.actor("mother"), FEED))["calendarFeed"] is None


async def test_what_has_not_changed_is_not_sent_again(subscriber: Subscriber) -> None:
    now = datetime.combine(clock.today(), datetime.min.time(), tzinfo=ZONE).astimezone(UTC) + timedelta(hours=3)
    with time_machine.travel(now, tick=True):
        await subscriber.create("mother")
        first = await subscriber.get("mother")
        assert first.headers["content-type"] == "text/calendar; charset=utf-8"
        assert first.headers["cache-control"] == "private, no-cache"
        tag = first.headers["etag"]
        for known in (tag, f"W/{tag}", f'"other", {tag}'):
            again = await subscriber.get("mother", **{"if-none-match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        head = await subscriber.http.head(subscriber.paths["mother"])
        assert (head.status_code, head.headers["etag"]) == (200, tag)
        await subscriber.change(ChangeKind.CANCELLED)
        changed = await subscriber.get("mother", **{"if-none-match": tag})
        assert changed.status_code == 200 and changed.headers["etag"] != tag


async def test_reading_too_often_is_refused_for_a_while(subscriber: Subscriber) -> None:
    await subscriber.create("stranger")
    for _ in range(READS_OF_ONE.amount):
        assert (await subscriber.get("stranger")).status_code == 200
    refused = await subscriber.get("stranger")
    assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= READS_OF_ONE.seconds
    for number in range(FEED_READS.amount - READS_OF_ONE.amount - 1):
        assert (await subscriber.http.get(f"/calendar/{number}.ics")).status_code == 404
    assert (await subscriber.http.get("/calendar/guess.ics")).status_code == 429


HOSTILE = "Kiểm tra\r\nEND:VEVENT\r\nBEGIN:VALARM\nACTION:AUDIO; x, y \\n\u2028 \x00\x0b\x85" + "ữ" * 200


@pytest.mark.parametrize("text", [HOSTILE, "\\", ",;:\\N", "a" * 74, "á" * 37 + "\\,", "😀" * 40])
def test_whatever_somebody_wrote_stays_one_property(text: str) -> None:
    _check_one_property(text)


@given(st.text(max_size=200))
def test_any_text_stays_one_property(text: str) -> None:
    _check_one_property(text)


def _check_one_property(text: str) -> None:
    day = date(2026, 11, 20)
    happening = Happening("1@x", text, day, day, place=text, note=text)
    calendar = read(ical.write(text, [happening], datetime(2026, 11, 20, tzinfo=UTC)))
    [event] = calendar.walk("VEVENT")
    assert calendar.walk("VALARM") == []
    assert set(event) <= {
        "UID", "SUMMARY", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "TRANSP", "LOCATION", "DESCRIPTION"
    }  # fmt: skip
    assert (event.start, event.end) == (day, day + timedelta(days=1))
