"""P3 and P6: publishing the marks of a class of 45, and how soon a family hears of it."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import asyncpg

from backend.core.bus import MemoryBus
from backend.core.ids import new_id
from tests.bench.place import IDS, OPERATIONS, Place, ask, get, median, quantile, request
from tests.bench.report import Line, at_most
from tests.bench.screens import Counting, actor_with
from tests.client import Client
from tests.notifications.place import Browser
from tests.notifications.service import Service

CLASS_SIZE: Final = 45
SMALL_CLASS: Final = 10
TIMES: Final = 20  # publishes of each side of P3
HEARD: Final = 100  # publishes of P6
MOST_STATEMENTS: Final = 12


@dataclass(frozen=True)
class Column:
    """A full column of marks that waits to be published, and who may."""

    id: UUID
    school: UUID
    year: UUID
    class_group: UUID
    subject: UUID
    teacher: UUID

    @property
    def publish(self) -> dict[str, Any]:
        return {"id": IDS["PublishScores"], "variables": {"column": str(self.id), "version": 1}}


_FREE: Final = """
select t.*, g.school_year_id from teaching_assignment t
join class_group g on g.id = t.class_group_id join subject s on s.id = t.subject_id and s.mode = 'COMMENT_AND_MARK'
where not exists (select from score_column c where (c.class_group_id, c.subject_id) = (t.class_group_id, t.subject_id)
    and c.kind = 'END' and c.semester = 'SEM1')
order by t.id limit 1"""
_PUPIL: Final = """
insert into student (id, created_at, school_id, code, full_name, sort_key, search_key, sex, status)
values ($1, now(), $2, $3, 'Trần Bảo An', 'an', 'tran bao an', 'UNKNOWN', 'STUDYING')"""
_ENROL: Final = """
insert into enrolment (id, created_at, school_id, student_id, class_group_id, school_year_id, started_on)
values ($1, now(), $2, $3, $4, $5, current_date - 60)"""
_COLUMN: Final = """
insert into score_column
    (id, created_at, school_id, class_group_id, subject_id, semester, kind, ordinal, title, version)
values ($1, now(), $2, $3, $4, 'SEM1', 'END', 1, '', 1)"""
_SCORE: Final = """
insert into score (id, created_at, school_id, column_id, student_id, mark, entered_by, entered_at, version)
values ($1, now(), $2, $3, $4, 7.5, $5, now(), 1)"""


async def full_column(connection: asyncpg.Connection) -> Column:
    """Make a class of 45 of one that is there, and a column with all its marks."""
    free = await connection.fetchrow(_FREE)
    assert free is not None
    column = Column(
        new_id(), free["school_id"], free["school_year_id"], free["class_group_id"], free["subject_id"], free["user_id"]
    )
    enrolled = "select student_id from enrolment where class_group_id = $1 and ended_on is null"
    there = len(await connection.fetch(enrolled, column.class_group))
    for _ in range(CLASS_SIZE - there):
        student = new_id()
        await connection.execute(_PUPIL, student, column.school, str(student)[-12:])
        await connection.execute(_ENROL, new_id(), column.school, student, column.class_group, column.year)
    await connection.execute(_COLUMN, column.id, column.school, column.class_group, column.subject)
    for row in await connection.fetch(enrolled, column.class_group):
        await connection.execute(_SCORE, new_id(), column.school, column.id, row["student_id"], column.teacher)
    return column


async def unpublish(connection: asyncpg.Connection, column: Column) -> None:
    """As if it had never been published."""
    await connection.execute("update score_column set published_at = null, version = 1 where id = $1", column.id)
    await connection.execute("update score set published_at = null where column_id = $1", column.id)
    sql = """delete from subject_result where subject_id = $1 and student_id in
        (select student_id from enrolment where class_group_id = $2)"""
    await connection.execute(sql, column.subject, column.class_group)


def publishing(place: Place) -> list[Line]:
    """P3: time against one transaction of raw SQL; statements for a large and a small class."""
    column: Column = place.sql(full_column)
    token = place.sign_in([column.teacher])[column.teacher]
    with place.server("app") as app:
        times = asyncio.run(_publishing(place, column, app.port, request("/graphql", column.publish, token)))
        large, small = asyncio.run(_statements(place, column, token))
    ours, by_hand = (median(side) * 1000 for side in times)
    told = f" ({ours:.1f} ms against {by_hand:.1f} ms)"
    counts = Line("P3", f"statements for {CLASS_SIZE} and {SMALL_CLASS} pupils", f"≤ {MOST_STATEMENTS}, the same", "")
    counts.measured, counts.met = f"{large} and {small}", large <= MOST_STATEMENTS and large == small
    return [at_most("P3", f"publish the marks of {CLASS_SIZE} pupils", ours / by_hand, 3, "× by hand", told), counts]


async def _publishing(place: Place, column: Column, port: int, publish: bytes) -> tuple[list[float], list[float]]:
    connection = await asyncpg.connect(place.dsn)
    ours: list[float] = []
    by_hand: list[float] = []
    try:
        for turn in range(TIMES + 2):
            for side in (ours, by_hand):
                await unpublish(connection, column)
                began = time.perf_counter()
                if side is ours:
                    answer = ask(port, publish)
                    if b'"Problem"' in answer or b'"errors"' in answer:
                        raise RuntimeError(answer.decode())
                else:
                    await _by_hand(connection, column)
                if turn > 1:
                    side.append(time.perf_counter() - began)
        await unpublish(connection, column)
    finally:
        await connection.close()
    return ours, by_hand


_RESULT: Final = """
insert into subject_result (id, created_at, school_id, student_id, subject_id, school_year_id, semester, average,
    ruleset_id, computed_at)
select gen_random_uuid(), now(), $1, s.student_id, $2, $3, 'SEM1',
    round(sum(s.mark * w.weight) / sum(w.weight), 1), 'tt22_2021', now()
from score s join score_column c on c.id = s.column_id
join (values ('ONGOING', 1), ('MID', 2), ('END', 3)) w (kind, weight) on w.kind = c.kind
where c.class_group_id = $4 and c.subject_id = $2 and c.semester = 'SEM1' and s.published_at is not null
    and s.student_id in (select student_id from enrolment where class_group_id = $4 and ended_on is null)
group by s.student_id"""
_JOURNAL: Final = """
insert into journal (id, created_at, school_id, actor_user_id, kind, data) values ($1, now(), $2, $3, 'bench', '{}')"""


async def _by_hand(connection: asyncpg.Connection, column: Column) -> None:
    """The same writes in one transaction, with nothing looked up and nothing checked."""
    async with connection.transaction():
        await connection.execute("update score_column set published_at = now(), version = 2 where id = $1", column.id)
        await connection.execute("update score set published_at = now() where column_id = $1", column.id)
        await connection.execute(_RESULT, column.school, column.subject, column.year, column.class_group)
        await connection.execute(_JOURNAL, new_id(), column.school, column.teacher)


async def _statements(place: Place, column: Column, token: str) -> tuple[int, int]:
    """How many statements the mutation takes for the whole class, and for ten of it."""
    connection = await asyncpg.connect(place.dsn)
    database = await Counting.connect(place.dsn)
    client = Client(database, MemoryBus())
    counts: list[int] = []
    try:
        async with client.services.jobs:
            for size in (CLASS_SIZE, SMALL_CLASS):
                leave = """update enrolment set ended_on = current_date where class_group_id = $1 and id not in
                    (select id from enrolment where class_group_id = $1 and ended_on is null order by id limit $2)"""
                await connection.execute(leave, column.class_group, size)
                actor = await actor_with(database, token)
                before = database.reads
                with database.count_statements() as written:
                    answer = await client(actor, OPERATIONS[IDS["PublishScores"]], column=column.id, version=1)
                if answer.problem:
                    raise RuntimeError(answer.problem)
                counts.append(len(written) + database.reads - before)
                await unpublish(connection, column)
        await connection.execute("update enrolment set ended_on = null where class_group_id = $1", column.class_group)
    finally:
        await database.close()
        await connection.close()
    return counts[0], counts[1]


def hearing(place: Place) -> list[Line]:
    """P6: from the teacher's tap to the hint in an open app, and to the push service's answer."""
    signals, pushes = asyncio.run(_hearing(place))
    lines: list[Line] = []
    for what, times, bound in (("hint in an open app", signals, 150), ("push accepted", pushes, 1000)):
        p50, p95 = median(times) * 1000, quantile(times, 0.95) * 1000
        lines.append(at_most("P6", f"publish → {what}, p95 of {HEARD}", p95, bound, "ms", f", p50 {p50:.0f} ms"))
    return lines


async def _hearing(place: Place) -> tuple[list[float], list[float]]:
    connection = await asyncpg.connect(place.dsn)
    column = await full_column(connection)
    of_class = """select distinct g.user_id from guardianship g join enrolment e on e.student_id = g.student_id
        where e.class_group_id = $1 and e.ended_on is null and g.ended_at is null order by 1"""
    families: list[UUID] = [row[0] for row in await connection.fetch(of_class, column.class_group)]
    tokens = await asyncio.to_thread(place.sign_in, [column.teacher, families[0]])
    publish = request("/graphql", column.publish, tokens[column.teacher])
    signals: list[float] = []
    pushes: list[float] = []
    async with Service() as service:
        await _add_devices(connection, service, families)
        with place.server("whole", NHIPCAU_PUSH_PRIVATE_HOSTS=f'["{service.host}"]') as app:
            async with _open_app(app.port, tokens[families[0]]) as stream:
                for _ in range(HEARD):
                    await unpublish(connection, column)
                    service.received.clear()
                    began = time.perf_counter()
                    heard = asyncio.create_task(_hint(stream, began))
                    pushed = asyncio.create_task(_pushed(service, len(families), began))
                    answer = await asyncio.to_thread(ask, app.port, publish)
                    if b'"Problem"' in answer:
                        raise RuntimeError(answer.decode())
                    async with asyncio.timeout(20):
                        signals.append(await heard)
                        pushes.append(await pushed)
    await connection.close()
    return signals, pushes


async def _add_devices(connection: asyncpg.Connection, service: Service, users: list[UUID]) -> None:
    """A phone for everybody."""
    browser, yesterday = Browser(), datetime.now(UTC) - timedelta(days=1)
    rows = [
        (new_id(), yesterday, user, "WEBPUSH", service.address(str(user)), browser.point, browser.secret, "bench")
        for user in users
    ]
    columns = ["id", "created_at", "user_id", "channel", "address", "p256dh", "auth", "label"]
    await connection.copy_records_to_table("device", records=rows, columns=columns)


@asynccontextmanager
async def _open_app(port: int, token: str) -> AsyncIterator[asyncio.StreamReader]:
    """The stream of news of somebody whose app is open."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(get("/live", token))
    await reader.readuntil(b"retry:")
    yield reader
    writer.close()


async def _hint(stream: asyncio.StreamReader, began: float) -> float:
    await stream.readuntil(b'"news":')
    return time.perf_counter() - began


async def _pushed(service: Service, all_of_them: int, began: float) -> float:
    """The seconds until the first push was accepted; returns when the last one was, so that rounds do not mix."""
    first = 0.0
    while len(service.received) < all_of_them:
        service.arrived.clear()
        await service.arrived.wait()
        first = first or time.perf_counter() - began
    return first
