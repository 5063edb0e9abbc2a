"""python -m tests.bench.register: a register of 45 pupils through GraphQL, time and processor time.

A database of `SCHOOLS` schools of 20 classes of 45 pupils; a teacher of the largest takes the registers of its classes,
once with everybody present and once more with three exceptions. The endpoint runs in this process, so
`processor` is what a server process spends on a register; the database's own time is the rest.
"""

import asyncio
import statistics
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg

from backend.core import clock
from backend.core.actor import Actor, Grant, Role
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.ids import new_id
from backend.migrations import upgrade
from backend.postgres import embedded
from tests.bench.report import Line, at_most, show
from tests.client import Client

SCHOOLS: Final = 40
CLASSES: Final = 20
PUPILS: Final = 45
REGISTERS: Final = 60
WARM: Final = 10

_PLACE: Final = """
insert into unit (id, created_at, kind, code, name) values (gen_random_uuid(), now(), 'PROVINCE', '24', 'P');
insert into school (id, created_at, code, name, level, unit_id)
select gen_random_uuid(), now(), 's' || n, 's' || n, 'LOWER_SECONDARY', u.id
from generate_series(1, {schools}) n, unit u;
insert into school_year (id, created_at, school_id, name, starts_on, second_semester_on, ends_on, is_current)
select gen_random_uuid(), now(), id, '2026-2027', current_date - 80, current_date + 60, current_date + 200, true
from school;
insert into class_group (id, created_at, school_id, school_year_id, name, grade, sort_key)
select gen_random_uuid(), now(), y.school_id, y.id, n::text, 7, lpad(n::text, 2, '0')
from school_year y join school s on s.id = y.school_id, generate_series(1, {registers}) n
where s.code = 's1' or n <= {classes};
insert into subject (id, created_at, code, name, name_en, mode, position)
values (gen_random_uuid(), now(), 'm', 'm', 'm', 'COMMENT_AND_MARK', 1);
insert into "user" (id, created_at, full_name, sort_key, language, theme, text_size)
values (gen_random_uuid(), now(), 'T', 't', 'vi', 'SYSTEM', 'NORMAL');
insert into timetable (id, created_at, school_id, school_year_id, name, starts_on, published_at, version)
select gen_random_uuid(), now(), school_id, id, 'I', starts_on, now(), 1 from school_year;
insert into timetable_entry (id, created_at, school_id, timetable_id, class_group_id, weekday, session, period, parity,
    subject_id, user_id)
select gen_random_uuid(), now(), c.school_id, t.id, c.id, w, 'MORNING', n, 'EVERY', m.id, u.id
from class_group c join timetable t on t.school_id = c.school_id, generate_series(1, 7) w, generate_series(1, 5) n,
    subject m, "user" u;
insert into school_day (id, created_at, school_id, school_year_id, day, teaches, weekday, week, odd, timetable_id)
select gen_random_uuid(), now(), t.school_id, t.school_year_id, current_date + n, true,
    extract(isodow from current_date + n), 1, true, t.id
from timetable t, generate_series(-80, 200) n;
insert into teaching_assignment (id, created_at, school_id, class_group_id, subject_id, user_id)
select gen_random_uuid(), now(), c.school_id, c.id, m.id, u.id from class_group c, subject m, "user" u;
insert into class_session (id, created_at, school_id, class_group_id, session)
select gen_random_uuid(), now(), school_id, id, 'MORNING' from class_group;
create temporary table pupil as
select gen_random_uuid() as id, c.school_id, c.id as class_group_id, c.school_year_id, c.name || '-' || n as code
from class_group c, generate_series(1, {pupils}) n;
insert into student (id, created_at, school_id, code, full_name, sort_key, search_key, sex, status)
select id, now(), school_id, code, 'A', code, 'a', 'UNKNOWN', 'STUDYING' from pupil;
insert into enrolment (id, created_at, school_id, student_id, class_group_id, school_year_id, started_on)
select gen_random_uuid(), now(), school_id, id, class_group_id, school_year_id, current_date - 80 from pupil;
analyze
"""
_TAKE: Final = """mutation($c: UUID!, $d: Date!, $t: DateTime!, $o: [OperationInput!]!) {
  takeRegister(classGroup: $c, day: $d, session: MORNING, deviceTime: $t, operations: $o) {
    __typename
    ... on TakeRegisterPayload { register { id takenAt } rows { id } received refused { id } }
    ... on Problem { code }
  }
}"""
Classes = dict[UUID, list[UUID]]


async def _place(dsn: str) -> tuple[Actor, Classes]:
    """Fill the database; one teacher of all schools, and classes with their pupils."""
    connection = await asyncpg.connect(dsn)
    try:
        sql = _PLACE.format(schools=SCHOOLS, classes=CLASSES, registers=REGISTERS + WARM, pupils=PUPILS)
        await connection.execute(sql)
        user = await connection.fetchval('select id from "user"')
        school = await connection.fetchval("select id from school where code = 's1'")
        sql = "select class_group_id, student_id from enrolment where school_id = $1 order by class_group_id"
        rows = await connection.fetch(sql, school)
    finally:
        await connection.close()
    classes: Classes = {}
    for row in rows:
        classes.setdefault(row["class_group_id"], []).append(row["student_id"])
    return Actor(user_id=user, grants=(Grant(Role.SUBJECT_TEACHER, school),)), classes


def _operations(pupils: list[UUID], statuses: dict[int, str], explicit: bool) -> list[dict[str, Any]]:
    now = clock.now().isoformat()
    return [
        {
            "id": str(new_id()),
            "student": str(pupil),
            "status": statuses.get(number, "PRESENT"),
            "explicit": explicit,
            "decidedAt": now,
        }
        for number, pupil in enumerate(pupils)
    ]


async def _take(client: Client, actor: Actor, class_group: UUID, operations: list[dict[str, Any]]) -> None:
    time_now = (clock.now() + timedelta(seconds=1)).isoformat()
    answer = await client(actor, _TAKE, c=str(class_group), d=clock.today(), t=time_now, o=operations)
    if answer.problem is not None or len(answer["takeRegister"]["received"]) != len(operations):
        raise RuntimeError(str(answer))


async def _measure(client: Client, actor: Actor, classes: Classes, **said: Any) -> tuple[float, float, float]:
    """Median and 95th percentile in milliseconds, and processor milliseconds a register."""
    times: list[float] = []
    spent = 0.0
    for number, (class_group, pupils) in enumerate(classes.items()):
        operations = _operations(pupils, **said)
        began, processor = time.perf_counter(), time.process_time()
        await _take(client, actor, class_group, operations)
        if number >= WARM:
            times.append((time.perf_counter() - began) * 1000)
            spent += (time.process_time() - processor) * 1000
    return statistics.median(times), statistics.quantiles(times, n=20)[18], spent / len(times)


async def _lines(dsn: str) -> list[Line]:
    actor, classes = await _place(dsn)
    database = await Database.open(dsn, size=4)
    client = Client(database, MemoryBus())
    try:
        async with client.services.jobs:
            usual = await _measure(client, actor, classes, statuses={}, explicit=False)
            away = dict(enumerate(("UNEXCUSED", "EXCUSED", "LATE")))
            three = await _measure(client, actor, classes, statuses=away, explicit=True)
    finally:
        await database.close()
    return [
        at_most("register", f"{what}, {PUPILS} pupils", round(found[0], 1), most, "ms",
                f" (p95 {found[1]:.1f} ms, processor {found[2]:.1f} ms)")
        for what, found, most in (("everybody present", usual, 40), ("three exceptions on top", three, 60))
    ]  # fmt: skip


def main() -> int:
    """Measure and show; 1 when a target was missed."""
    with tempfile.TemporaryDirectory(prefix="nhipcau-bench-") as folder, embedded(Path(folder)) as dsn:
        upgrade(dsn)
        lines = asyncio.run(_lines(dsn))
    show(lines)
    return 0 if all(line.met for line in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
