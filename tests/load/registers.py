"""python -m tests.load.registers [registers] [seconds]: the minute in which schools begin.

So many registers (2,000) of 40 pupils arrive evenly over so many seconds (60) at an installation of two `nhipcau api`
workers and a `nhipcau worker` with Redis between them; in each one pupil is unexpectedly away, and her guardian has one
phone. Measured from when a register was due to be sent, not from when a slow server let it: until its answer, and until
the push service has the alert. A few registers go ahead unmeasured, for schools begin on a server that has been up all
night. Prints JSON.
"""

import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import aiohttp
import asyncpg
from aiohttp import web

from backend.core import clock
from backend.core.ids import new_id
from backend.migrations import upgrade
from backend.postgres import embedded
from tests.bench.place import IDS, Place
from tests.load.installation import installation, times
from tests.notifications.place import Browser

REGISTERS: Final = 2_000
SECONDS: Final = 60.0
PUPILS: Final = 40
CLASSES_OF_SCHOOL: Final = 40
PATIENCE: Final = 20.0  # seconds after the last register in which alerts may still arrive
CONNECTIONS: Final = 200
WARM: Final = 20  # registers that are sent ahead

# Everything that a register and its alert touch. A class, its teacher and its guardian share a number.
_FILL: Final = """
insert into unit (id, created_at, kind, code, name) values (gen_random_uuid(), now(), 'PROVINCE', '24', 'P');
insert into school (id, created_at, code, name, level, unit_id)
select gen_random_uuid(), now(), 's' || n, 's' || n, 'LOWER_SECONDARY', u.id
from generate_series(0, ({registers} - 1) / {classes}) n, unit u;
insert into school_year (id, created_at, school_id, name, starts_on, second_semester_on, ends_on, is_current)
select gen_random_uuid(), now(), id, '2026-2027', current_date - 80, current_date + 60, current_date + 200, true
from school;
insert into class_group (id, created_at, school_id, school_year_id, name, grade, sort_key)
select gen_random_uuid(), now(), y.school_id, y.id, n::text, 7, n::text
from generate_series(0, {registers} - 1) n join school s on s.code = 's' || n / {classes}
join school_year y on y.school_id = s.id;
insert into subject (id, created_at, code, name, name_en, mode, position)
values (gen_random_uuid(), now(), 'm', 'm', 'm', 'COMMENT_AND_MARK', 1);
insert into "user" (id, created_at, full_name, sort_key, language, theme, text_size)
select gen_random_uuid(), now(), who || n, who || n, 'vi', 'SYSTEM', 'NORMAL'
from generate_series(0, {registers} - 1) n, unnest(array['teacher', 'guardian']) who;
insert into role_grant (id, created_at, user_id, role, school_id)
select gen_random_uuid(), now(), u.id, 'SUBJECT_TEACHER', c.school_id
from class_group c join "user" u on u.full_name = 'teacher' || c.name;
insert into teaching_assignment (id, created_at, school_id, class_group_id, subject_id, user_id)
select gen_random_uuid(), now(), c.school_id, c.id, m.id, u.id
from class_group c join "user" u on u.full_name = 'teacher' || c.name, subject m;
insert into timetable (id, created_at, school_id, school_year_id, name, starts_on, published_at, version)
select gen_random_uuid(), now(), school_id, id, 'I', starts_on, now(), 1 from school_year;
insert into timetable_entry (id, created_at, school_id, timetable_id, class_group_id, weekday, session, period, parity,
    subject_id, user_id)
select gen_random_uuid(), now(), c.school_id, t.id, c.id, w, 'MORNING', n, 'EVERY', a.subject_id, a.user_id
from class_group c join timetable t on t.school_id = c.school_id join teaching_assignment a on a.class_group_id = c.id,
    generate_series(1, 7) w, generate_series(1, 5) n;
insert into school_day (id, created_at, school_id, school_year_id, day, teaches, weekday, week, odd, timetable_id)
select gen_random_uuid(), now(), t.school_id, t.school_year_id, current_date + n, true,
    extract(isodow from current_date + n), 1, true, t.id
from timetable t, generate_series(-80, 200) n;
insert into class_session (id, created_at, school_id, class_group_id, session)
select gen_random_uuid(), now(), school_id, id, 'MORNING' from class_group;
create temporary table pupil as
select gen_random_uuid() as id, c.school_id, c.id as class_group_id, c.school_year_id, c.name || '-' || n as code, n,
    c.name
from class_group c, generate_series(1, {pupils}) n;
insert into student (id, created_at, school_id, code, full_name, sort_key, search_key, sex, status)
select id, now(), school_id, code, 'Lê An', code, 'le an', 'UNKNOWN', 'STUDYING' from pupil;
insert into enrolment (id, created_at, school_id, student_id, class_group_id, school_year_id, started_on)
select gen_random_uuid(), now(), school_id, id, class_group_id, school_year_id, current_date - 80 from pupil;
insert into guardianship (id, created_at, school_id, student_id, user_id, relation)
select gen_random_uuid(), now(), p.school_id, p.id, u.id, 'MOTHER'
from pupil p join "user" u on u.full_name = 'guardian' || p.name where p.n = 1;
analyze
"""
_CLASSES: Final = """
select c.id, a.user_id as teacher, g.user_id as guardian, g.student_id as away,
    array(select e.student_id from enrolment e where e.class_group_id = c.id) as pupils
from class_group c join teaching_assignment a on a.class_group_id = c.id
join enrolment e on e.class_group_id = c.id join guardianship g on g.student_id = e.student_id
order by c.id
"""


@dataclass
class Results:
    """Moments by guardian: when the register was due, answered, and when the push service had the alert."""

    due: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    pushed: dict[str, float] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    server_cpu: float = 0.0
    postgres_cpu: float = 0.0

    def report(self) -> dict[str, Any]:
        return {
            "registers": len(self.due),
            "errors": len(self.errors),
            "first_error": self.errors[0][:300] if self.errors else "",
            "alerts_pushed": len(self.pushed),
            "server_cpu_ms_per_register": round(self.server_cpu * 1000 / len(self.due), 1),
            "postgres_cpu_ms_per_register": round(self.postgres_cpu * 1000 / len(self.due), 1),
            "submit_to_answer_ms": self._times(self.answered),
            "submit_to_push_accepted_ms": self._times(self.pushed),
        }

    def _times(self, moments: dict[str, float]) -> dict[str, float]:
        return times([(moment - self.due[name]) * 1000 for name, moment in moments.items()])


@contextmanager
def filled(registers: int) -> Iterator[Place]:
    """A database of so many classes, in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="nhipcau-load-"))
    folder.chmod(0o755)  # the database may run as another user
    try:
        with embedded(folder) as dsn:
            upgrade(dsn)
            place = Place(folder, dsn)
            sql = _FILL.format(registers=registers, classes=CLASSES_OF_SCHOOL, pupils=PUPILS)
            place.sql(lambda connection: connection.execute(sql, timeout=300))
            yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _phones(place: Place, guardians: list[UUID], host: str) -> None:
    """A browser for everybody, all with the same keys."""
    browser, now = Browser(), datetime.now(UTC)
    rows = [
        (new_id(), now, user, "WEBPUSH", f"http://{host}/{user}", browser.point, browser.secret, "load")
        for user in guardians
    ]
    columns = ["id", "created_at", "user_id", "channel", "address", "p256dh", "auth", "label"]
    connection = await asyncpg.connect(place.dsn)
    try:
        await connection.copy_records_to_table("device", records=rows, columns=columns)
    finally:
        await connection.close()


async def _push_service(results: Results, arrived: asyncio.Event) -> tuple[web.AppRunner, str]:
    async def take(request: web.Request) -> web.Response:
        await request.read()
        results.pushed.setdefault(request.match_info["user"], time.perf_counter())
        arrived.set()
        return web.Response(status=201)

    application = web.Application()
    application.add_routes([web.post("/{user}", take)])
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    return runner, f"127.0.0.1:{runner.addresses[0][1]}"


def _body(row: asyncpg.Record) -> bytes:
    """The register as the app sends it: one tap, everybody else as the screen showed them."""
    now = clock.now().isoformat()
    operations = [
        {
            "id": str(new_id()),
            "student": str(pupil),
            "status": "UNEXCUSED" if pupil == row["away"] else "PRESENT",
            "explicit": pupil == row["away"],
            "decidedAt": now,
        }
        for pupil in row["pupils"]
    ]
    variables = {
        "classGroup": str(row["id"]),
        "day": clock.today().isoformat(),
        "session": "MORNING",
        "period": 0,
        "deviceTime": now,
        "operations": operations,
    }
    return json.dumps({"id": IDS["TakeRegister"], "variables": variables}).encode()


async def _submit(
    client: aiohttp.ClientSession, row: asyncpg.Record, body: bytes, token: str, due: float, results: Results
) -> None:
    """Wait for the moment, then send one register. Its text was made before: the phones are not on this machine."""
    await asyncio.sleep(due - time.perf_counter())
    guardian = str(row["guardian"])
    results.due[guardian] = due
    headers = {"content-type": "application/json", "x-nhipcau": "1", "cookie": f"nhipcau={token}"}
    try:
        async with client.post("/graphql", data=body, headers=headers) as answer:
            text = await answer.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        results.errors.append(repr(error))
        return
    if answer.status == 200 and text.count("TakeRegisterPayload") == 1 and '"refused":[]' in text:
        results.answered[guardian] = time.perf_counter()
    else:
        results.errors.append(text)


async def _minute(place: Place, rows: list[asyncpg.Record], tokens: dict[UUID, str], seconds: float) -> Results:
    """All registers evenly over the time, and the alerts that follow."""
    results, arrived = Results(), asyncio.Event()
    runner, host = await _push_service(results, arrived)
    await _phones(place, [row["guardian"] for row in rows], host)
    with installation(place, NHIPCAU_PUSH_PRIVATE_HOSTS=json.dumps([host])) as app:
        connector = aiohttp.TCPConnector(limit=CONNECTIONS)
        timeout = aiohttp.ClientTimeout(total=60)
        base = f"http://127.0.0.1:{app.port}"
        async with aiohttp.ClientSession(base, connector=connector, timeout=timeout) as client:
            ahead = Results()
            for row in rows[:WARM]:
                await _submit(client, row, _body(row), tokens[row["teacher"]], time.perf_counter(), ahead)
            await _all_pushed(results, len(ahead.answered), arrived)
            results.pushed.clear()
            rows, spent = rows[WARM:], (app.cpu(), place.postgres_cpu())
            bodies = [_body(row) for row in rows]
            begin = time.perf_counter() + 1
            step = seconds / len(rows)
            await asyncio.gather(
                *(
                    _submit(client, row, bodies[n], tokens[row["teacher"]], begin + n * step, results)
                    for n, row in enumerate(rows)
                )
            )
            await _all_pushed(results, len(results.answered), arrived)
        results.server_cpu, results.postgres_cpu = app.cpu() - spent[0], place.postgres_cpu() - spent[1]
    await runner.cleanup()
    return results


async def _all_pushed(results: Results, wanted: int, arrived: asyncio.Event) -> None:
    """Wait until so many alerts have come, or patience ends."""
    try:
        async with asyncio.timeout(PATIENCE):
            while len(results.pushed) < wanted:
                arrived.clear()
                await arrived.wait()
    except TimeoutError:
        results.errors.append(f"{wanted - len(results.pushed)} alerts did not come")


def main(registers: int = REGISTERS, seconds: float = SECONDS) -> int:
    """0 when every register was taken and the alerts were accepted within two seconds at p95."""
    with filled(registers + WARM) as place:
        rows = place.rows(_CLASSES)
        tokens = place.sign_in([row["teacher"] for row in rows])
        results = asyncio.run(_minute(place, rows, tokens, seconds))
    report = results.report()
    print(json.dumps(report, indent=1, ensure_ascii=False))
    late = report["submit_to_push_accepted_ms"].get("p95", 1e9) > 2000
    return int(bool(results.errors) or late or len(results.pushed) < registers)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if sys.argv[1:] else REGISTERS, float(sys.argv[2]) if sys.argv[2:] else SECONDS))
