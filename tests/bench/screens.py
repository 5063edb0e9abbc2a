"""P2: every other read of the app against its own statement, sent by the owner of the database without rights."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from backend.core import codes
from backend.core.actor import Actor
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.graphql.schema import Operations
from backend.identity import queries
from backend.schema import schema
from tests.bench.place import IDS, OPERATIONS, ROUNDS, Place, Server, load, median, request
from tests.bench.report import Line
from tests.client import Client

SECONDS: Final = 1.0
PEOPLE: Final = 30  # different people per screen
BOUND: Final = 0.5
# Who looks, and at what: rows of (user, variable, variable, …), named as the operation names them.
_PARENT: Final = "select distinct on (user_id) user_id, {} from guardianship where ended_at is null limit $1"
_TEACHER: Final = "select distinct on (user_id) user_id, {} from teaching_assignment limit $1"
_SENDER: Final = "select distinct on (author_id) author_id, {} from announcement limit $1"
_CLERK: Final = "select user_id, {} from role_grant where role = 'ACADEMIC_CLERK' limit $1"
_COPY: Final = 'select distinct on (user_id) user_id, announcement_id as "id" from announcement_recipient limit $1'
_SHEET: Final = "class_group_id as \"classGroup\", subject_id as subject, 'SEM1' as semester"
SCREENS: Final = {
    "MySessions": _PARENT.format("1"),
    "MyTeaching": _TEACHER.format("1"),
    "Inbox": _PARENT.format('20 as "first"'),
    "MyStudents": _PARENT.format("1"),
    "Recipients": _SENDER.format("id, 'ALL' as state"),
    "Marks": _PARENT.format("student_id as student, 'SEM1' as semester"),
    "SentOne": _SENDER.format("id"),
    "Schools": _CLERK.format("1"),
    "Viewer": _PARENT.format("1"),
    "Sent": _SENDER.format("1"),
    "StaffHome": _TEACHER.format("1"),
    "Sheet": _TEACHER.format(_SHEET),
    "Announcement": _COPY,
    "SendPlaces": _CLERK.format("school_id as school"),
    "Unread": _PARENT.format("1"),
    "Devices": _PARENT.format("1"),
    "Announcements": _PARENT.format('20 as "first"'),
}


@dataclass
class Screen:
    """One operation made ready: whole requests, and the statement with its arguments for each of them."""

    name: str
    requests: list[bytes]
    cases: list[tuple[str, Sequence[Any]]]
    statements: int


class Counting(Database):
    """Counts the compiled reads."""

    reads = 0

    @classmethod
    async def connect(cls, dsn: str) -> "Counting":
        """Open one; `open` is declared to return the plain class."""
        made = await cls.open(dsn)
        assert isinstance(made, cls)
        return made

    async def read(self, sql: str, args: Sequence[Any]) -> Any:
        self.reads += 1
        return await super().read(sql, args)


def run(place: Place) -> list[Line]:
    """A line per screen."""
    wanted = {name: place.rows(sql, PEOPLE) for name, sql in SCREENS.items() if name in IDS}
    people = {row[0] for rows in wanted.values() for row in rows}
    tokens = place.sign_in(sorted(people))
    screens = asyncio.run(_prepare(place.dsn, wanted, tokens))
    cases = [case for screen in screens for case in screen.cases]
    lines: list[Line] = []
    with place.server("app") as app, place.server("raw", str(place.put("screens.cases", cases))) as raw:
        first = 0
        for screen in screens:
            body = {"id": IDS[screen.name], "variables": {}}
            by_hand = [request(f"/{first + number}", body) for number in range(len(screen.cases))]
            first += len(screen.cases)
            ours, theirs = place.put("ours", screen.requests), place.put("theirs", by_hand)
            turns = [(_turn(place, app, ours), _turn(place, raw, theirs)) for _ in range(ROUNDS)]
            lines.append(_line(screen, *(median([turn[side][kind] for turn in turns]) for side, kind in _FIGURES)))
    return lines


_FIGURES: Final = ((0, 0), (1, 0), (0, 1), (1, 1))


def _turn(place: Place, server: Server, requests: Path) -> tuple[float, float]:
    """Answers per second, and the seconds of CPU of an answer, the database's included."""
    before = server.cpu + place.postgres_cpu()
    found = load(server.port, SECONDS, requests)
    return found["per_second"], (server.cpu + place.postgres_cpu() - before) / found["answers"]


def _line(screen: Screen, ours: float, by_hand: float, our_cpu: float, hand_cpu: float) -> Line:
    ratio = ours / by_hand
    told = f"{ours:.0f}/s against {by_hand:.0f}/s, by CPU {hand_cpu / our_cpu:.2f}; statements: {screen.statements}"
    met = ratio >= BOUND and screen.statements == 1
    return Line("P2", screen.name, f"≥ {BOUND}, 1 statement", told, ratio, met)


async def _prepare(dsn: str, wanted: dict[str, list[asyncpg.Record]], tokens: dict[UUID, str]) -> list[Screen]:
    database = await Counting.connect(dsn)
    operations = Operations(schema, OPERATIONS, introspection=False)
    client = Client(database, MemoryBus())
    try:
        return [await _screen(database, client, operations, name, rows, tokens) for name, rows in wanted.items()]
    finally:
        await database.close()


async def _screen(
    database: Counting,
    client: Client,
    operations: Operations,
    name: str,
    rows: list[asyncpg.Record],
    tokens: dict[UUID, str],
) -> Screen:
    operation = operations.by_id(IDS[name])
    assert operation is not None
    screen = Screen(name, [], [], 0)
    actor, variables = Actor(), {}
    for row in rows:
        user = row[0]
        given = {key: value for key, value in list(row.items())[1:] if key != "?column?"}
        variables = {key: str(value) if isinstance(value, UUID) else value for key, value in given.items()}
        actor = await actor_with(database, tokens[user])
        values = operation.document.coerce(variables)
        plan = operation.prepare(values, actor).plan
        if plan is None:
            raise RuntimeError(f"{name} is not compiled")
        screen.cases.append((plan.sql, tuple(plan.parameters(actor, values))))
        screen.requests.append(request("/graphql", {"id": IDS[name], "variables": variables}, tokens[user]))
    before = database.reads
    with database.count_statements() as written:
        answer = await client(actor, operation.text, **variables)
    if answer.problem:
        raise RuntimeError(f"{name}: {answer.problem}")
    screen.statements = database.reads - before + len(written)
    return screen


async def actor_with(database: Database, token: str) -> Actor:
    """Who holds this session."""
    found = await queries.actor_of(database, codes.token_hash(token))
    assert found is not None
    return found[0]
