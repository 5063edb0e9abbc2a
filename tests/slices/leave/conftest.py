"""A Wednesday morning at the school: a family that asks for leave, and those who decide."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import insert, select
from sqlmodel import col

from backend.attendance.actions import Sent, take_register
from backend.attendance.tables import AbsenceAlert, AttendanceMark, AttendanceStatus
from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.db import Database, Row
from backend.core.gate import Gate
from backend.core.http import Front
from backend.core.ids import new_id
from backend.core.journal import Journal
from backend.leave.routes import router
from backend.timetable.tables import HalfDay
from tests.actors import World
from tests.client import Answer, Client

WEDNESDAY = date(2026, 11, 18)
MORNING = datetime(2026, 11, 18, 0, 20, tzinfo=UTC)  # 07:20 in Vietnam

REQUEST = """
  id startsOn startsSession endsOn endsSession halfDays reason detail status decider decisionNote version
  mayDecide mayWithdraw student { id fullName } classGroup { name } requestedBy { fullName }
  decidedBy { fullName } decidedAt photos { id width height path }"""
ASK = f"""mutation($student: UUID!, $from: Date!, $first: HalfDay!, $to: Date!, $last: HalfDay!,
    $reason: AbsenceReason!, $detail: String!, $photos: [UUID!]!) {{
  requestLeave(student: $student, startsOn: $from, startsSession: $first, endsOn: $to, endsSession: $last,
    reason: $reason, detail: $detail, photos: $photos) {{ __typename
    ... on LeaveRequestPayload {{ request {{ {REQUEST} }} }}
    ... on Problem {{ code message fields {{ path }} }} }} }}"""
DECIDE = f"""mutation($request: UUID!, $version: Int!, $approve: Boolean!, $note: String!) {{
  decideLeave(request: $request, version: $version, approve: $approve, note: $note) {{ __typename
    ... on LeaveRequestPayload {{ request {{ {REQUEST} }} }}
    ... on Problem {{ code message fields {{ path }} }} }} }}"""
WITHDRAW = f"""mutation($request: UUID!, $version: Int!) {{
  withdrawLeave(request: $request, version: $version) {{ __typename
    ... on LeaveRequestPayload {{ request {{ {REQUEST} }} }} ... on Problem {{ code message }} }} }}"""


@pytest.fixture(autouse=True)
def wednesday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@dataclass
class Desk:
    """What families and the school do with leave."""

    database: Database
    world: World
    client: Client
    http: httpx.AsyncClient
    at_the_door: Actor

    async def ask(self, who: str, document: str, **variables: Any) -> Answer:
        return await self.client(self.world.actor(who), document, **variables)

    async def ask_leave(
        self, starts: int = 0, ends: int | None = None, *, who: str = "mother", student: str = "lan", **more: Any
    ) -> Answer:
        """Ask for whole days, given as days from today, unless `first` and `last` say which session."""
        given = {
            "student": self.world[student],
            "from": WEDNESDAY + timedelta(days=starts),
            "to": WEDNESDAY + timedelta(days=starts if ends is None else ends),
            "first": "MORNING",
            "last": "AFTERNOON",
            "reason": "SICK",
            "detail": "Cháu sốt cao",
            "photos": [],
            **more,
        }
        return await self.ask(who, ASK, **given)

    async def asked(self, starts: int = 0, ends: int | None = None, **more: Any) -> dict[str, Any]:
        return (await self.ask_leave(starts, ends, **more))["requestLeave"]["request"]

    async def decide(
        self, request: dict[str, Any], who: str = "homeroom_teacher", *, approve: bool = True, note: str = ""
    ) -> Answer:
        given = {"request": request["id"], "version": request["version"], "approve": approve, "note": note}
        return await self.ask(who, DECIDE, **given)

    async def granted(self, starts: int = 0, ends: int | None = None, **more: Any) -> dict[str, Any]:
        request = await self.asked(starts, ends, **more)
        who = "homeroom_teacher" if request["decider"] == "HOMEROOM" else "headteacher"
        return (await self.decide(request, who))["decideLeave"]["request"]

    async def withdraw(self, request: dict[str, Any], who: str = "mother") -> Answer:
        return await self.ask(who, WITHDRAW, request=request["id"], version=request["version"])

    async def register(
        self, status: AttendanceStatus, *, student: str = "lan", day: date = WEDNESDAY, explicit: bool = True
    ) -> None:
        """The maths teacher takes the register of one pupil."""
        sent = Sent(new_id(), self.world[student], status, None, explicit, clock.now())
        actor, class_group = self.world.actor("math_teacher"), self.world["class_7a"]
        async with self.database.write(actor) as session:
            await take_register(session, actor, class_group, day, HalfDay.MORNING, 0, clock.now(), [sent])

    async def marks(self, student: str = "lan") -> dict[date, str]:
        """The pupil's marks of whole sessions (all lessons are in the morning)."""
        statement = select(col(AttendanceMark.day), col(AttendanceMark.status)).where(
            col(AttendanceMark.student_id) == self.world[student], col(AttendanceMark.period) == 0
        )
        async with self.database.write(SYSTEM) as session:
            return {day: status.value for day, status in await session.execute(statement)}

    async def alerts(self) -> list[str]:
        async with self.database.write(SYSTEM) as session:
            return [status.value for status in (await session.execute(select(col(AbsenceAlert.status)))).scalars()]

    async def journal(self, kind: str) -> list[Journal]:
        statement = select(Journal).where(col(Journal.kind) == kind).order_by(col(Journal.id))
        async with self.database.write(SYSTEM) as session:
            return list((await session.execute(statement)).scalars())

    async def add(self, *rows: Row) -> None:
        async with self.database.write(SYSTEM) as session:
            for row in rows:
                await session.execute(insert(type(row)).values(**row.model_dump()))

    async def upload(self, content: bytes, who: str = "mother", student: str = "lan", **headers: str) -> httpx.Response:
        self.at_the_door = self.world.actor(who)
        sent = {"x-nhipcau": "1", "content-type": "image/jpeg", **headers}
        return await self.http.post(f"/leave/photos?student={self.world[student]}", content=content, headers=sent)

    async def fetch(self, photo: UUID | str, who: str) -> httpx.Response:
        """As an image in a page does: without a header of ours."""
        self.at_the_door = self.world.actor(who)
        return await self.http.get(f"/leave/photos/{photo}")


@pytest.fixture
async def desk(database: Database, world: World, client: Client) -> AsyncIterator[Desk]:
    app = FastAPI()
    app.include_router(router)
    app.state.services = client.services
    transport = httpx.ASGITransport(Front(app, {}, gate=Gate(100), secure=False))  # pyright: ignore[reportArgumentType]
    async with httpx.AsyncClient(transport=transport, base_url="http://school.test") as http:
        made = Desk(database, world, client, http, world.actor("mother"))

        async def authenticate(_scope: Any) -> Actor:
            return made.at_the_door

        app.state.authenticate = authenticate
        yield made
