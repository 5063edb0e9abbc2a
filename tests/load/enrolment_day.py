"""python -m tests.load.enrolment_day [filings a minute] [look-ups a minute] [minutes]: the day everybody files.

People file requests with a photo (200 a minute) while others look up where theirs are (2,000 a minute), for three
minutes, at an installation of two `nhipcau api` workers and a `nhipcau worker` with Redis between them. Everything
comes at its own time, whatever the server does. Then many file in the same second, more than can be served at once:
whoever is turned away comes back when told to, as the app does. At the end every request must lie at its office
exactly once, with its photo. Prints JSON.
"""

import asyncio
import io
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

import aiohttp
from PIL import Image

from backend.eservices import shipped
from backend.migrations import upgrade
from backend.postgres import embedded
from tests.bench.place import IDS, Place
from tests.load.family import DOCUMENTS, Family, Results, TurnedAway, ask
from tests.load.installation import installation

FILINGS: Final = 200  # a minute
LOOK_UPS: Final = 2_000
MINUTES: Final = 3.0
AT_ONCE: Final = 300  # in the same second, at the end
SCHOOLS: Final = 10
KNOWN: Final = 5_000  # dossiers that people look up
PHOTO: Final = 420_000  # bytes, at most
CODE: Final = "3.000465"
_FILL: Final = """
insert into unit (id, created_at, kind, code, name) values (gen_random_uuid(), now(), 'PROVINCE', '24', 'P');
insert into school (id, created_at, code, name, level, unit_id)
select gen_random_uuid(), now(), '24' || lpad(n::text, 6, '0'), 'THCS ' || n, 'LOWER_SECONDARY', u.id
from generate_series(1, {schools}) n, unit u;
insert into school_year (id, created_at, school_id, name, starts_on, second_semester_on, ends_on, is_current)
select gen_random_uuid(), now(), id, '2026-2027', current_date - 80, current_date + 60, current_date + 200, true
from school;
insert into "user" (id, created_at, full_name, sort_key, language, theme, text_size, phone)
select gen_random_uuid(), now(), 'Trần Hoa', 'hoa', 'vi', 'SYSTEM', 'NORMAL', '+8490' || lpad(n::text, 7, '0')
from generate_series(1, {people}) n;
insert into dossier (id, created_at, school_id, procedure_id, procedure_version_id, code, channel, owner_id, readers,
    filed_by, applicant_name, applicant_phone, answers, status, step, filed_at, received_at, due_on, supplement_rounds,
    fee, fee_receipt, result_note, result_data, satisfaction_note, version)
select gen_random_uuid(), now(), s.id, p.id, v.id, s.code || '-261101-' || lpad(n::text, 4, '0'), 'COUNTER', null,
    array[]::uuid[], u.id, 'Trần Hoa', '+84900' || lpad(n::text, 6, '0'), '{{}}', 'PROCESSING', '', now(), now(),
    current_date + 5, 0, 0, '', '', '{{}}', '', 1
from generate_series(1, {known}) n
join (select id, code, row_number() over (order by code) as place from school) s on s.place = n % {schools} + 1,
    procedure p join procedure_version v on v.procedure_id = p.id, (select id from "user" limit 1) u
where p.code = '{code}';
insert into dossier_entry (id, created_at, school_id, readers, dossier_id, position, action, status, step, note,
    internal)
select gen_random_uuid(), now(), school_id, readers, id, n, 'FILED', 'SUBMITTED', '', '', false
from dossier, generate_series(1, 3) n;
analyze
"""


def photo() -> bytes:
    """A photo of a page as the app sends it: about 400 kB."""
    page = Image.effect_noise((1200, 1600), 60).convert("RGB")
    out, quality = io.BytesIO(), 90
    while not out.tell() or out.tell() > PHOTO:
        out = io.BytesIO()
        page.save(out, "JPEG", quality=quality)
        quality -= 5
    return out.getvalue()


@contextmanager
def filled(people: int) -> Iterator[Place]:
    """A database with schools, people and dossiers, in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="nhipcau-load-"))
    folder.chmod(0o755)  # the database may run as another user
    try:
        with embedded(folder) as dsn:
            upgrade(dsn)
            asyncio.run(shipped.install_into(dsn))
            place = Place(folder, dsn)
            sql = _FILL.format(schools=SCHOOLS, people=people, known=KNOWN, code=CODE)
            place.sql(lambda connection: connection.execute(sql, timeout=300))
            yield place
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _address(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


@dataclass
class Day:
    """What everybody needs: where to go, what to send."""

    base: str
    tokens: list[str]
    version: UUID
    schools: list[UUID]
    codes: list[tuple[str, str]]
    photo: bytes

    async def minutes(self, filings: int, look_ups: int, minutes: float) -> Results:
        """Both kinds of visitors evenly over the time."""
        results = Results()
        async with self._client() as client:
            begin, amount = time.perf_counter() + 0.5, int(filings * minutes)
            families = [
                self._family(client, number, begin + number * 60 / filings, results) for number in range(amount)
            ]
            visits = [
                self._look(client, number, begin + number * 60 / look_ups, results)
                for number in range(int(look_ups * minutes))
            ]
            await asyncio.gather(*families, *visits)
        return results

    async def rush(self, first: int, amount: int) -> Results:
        """So many families in the same second."""
        results = Results()
        async with self._client() as client:
            begin = time.perf_counter() + 0.5
            await asyncio.gather(
                *(self._family(client, first + number, begin + number / amount, results) for number in range(amount))
            )
        return results

    def _client(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=0)
        return aiohttp.ClientSession(self.base, connector=connector, timeout=aiohttp.ClientTimeout(total=60))

    async def _family(self, client: aiohttp.ClientSession, number: int, at: float, results: Results) -> None:
        await asyncio.sleep(at - time.perf_counter())
        family = Family(client, self.tokens[number], results, _address(number))
        try:
            await family.file(self.version, self.schools[number % len(self.schools)], self.photo)
        except (RuntimeError, aiohttp.ClientError, TimeoutError, KeyError) as error:
            results.errors.append(repr(error))

    async def _look(self, client: aiohttp.ClientSession, number: int, at: float, results: Results) -> None:
        await asyncio.sleep(at - time.perf_counter())
        code, digits = random.choice(self.codes)
        body = json.dumps({"id": IDS["TrackDossier"], "variables": {"code": code, "phoneDigits": digits}}).encode()
        try:
            found = await ask(client, body, "trackDossier", "", _address(1_000_000 + number))
        except TurnedAway:
            results.turned_away["look-up"] += 1
            return
        except (RuntimeError, aiohttp.ClientError, TimeoutError) as error:
            results.errors.append(repr(error))
            return
        if found is None:
            results.errors.append(f"{code} was not found")
        results.note("look-up", time.perf_counter() - at)


@dataclass(frozen=True)
class Told:
    """What the day was like: `server` and `postgres` are processor seconds a second, of two."""

    steady: Results
    rush: Results
    server: float
    postgres: float
    kept: dict[str, int]
    nothing_lost: bool


def day(filings: int = FILINGS, look_ups: int = LOOK_UPS, minutes: float = MINUTES) -> Told:
    """The steady minutes and the rush after them, at an installation of its own."""
    amount = int(filings * minutes)
    with filled(amount + AT_ONCE) as place:
        tokens = place.sign_in([row["id"] for row in place.rows('select id from "user" order by phone')])
        codes = [(row["code"], row["phone"]) for row in place.rows(
            "select code, right(applicant_phone, 4) as phone from dossier"
        )]  # fmt: skip
        schools = [row["id"] for row in place.rows("select id from school order by code")]
        with installation(place, NHIPCAU_TRUSTED_PROXIES="1") as app:
            people = Day(
                f"http://127.0.0.1:{app.port}", list(tokens.values()), shipped.version_id(CODE), schools, codes, photo()
            )
            spent = app.cpu(), place.postgres_cpu()
            began = time.perf_counter()
            steady = asyncio.run(people.minutes(filings, look_ups, minutes))
            seconds = time.perf_counter() - began
            server, postgres = app.cpu() - spent[0], place.postgres_cpu() - spent[1]
            rush = asyncio.run(people.rush(amount, AT_ONCE))
        kept = place.rows(
            "select count(*) as dossiers, count(distinct code) as codes,"
            " (select count(*) from dossier_file where dossier_id is not null) as files"
            f" from dossier where procedure_id = '{shipped.procedure_id(CODE)}' and draft_id is not null"
        )[0]
    expected = amount + AT_ONCE
    whole = kept["dossiers"] == kept["codes"] == expected and kept["files"] == len(DOCUMENTS) * expected
    return Told(steady, rush, round(server / seconds, 2), round(postgres / seconds, 2), dict(kept), whole)


def main(filings: int = FILINGS, look_ups: int = LOOK_UPS, minutes: float = MINUTES) -> int:
    """0 when nothing failed and nothing was lost or doubled."""
    told = day(filings, look_ups, minutes)
    report = {
        "steady": told.steady.report(),
        "cpu": {"of": "processor seconds a second, of 2", "server": told.server, "postgres": told.postgres},
        "rush": told.rush.report(),
        "kept": told.kept,
        "nothing_lost": told.nothing_lost,
    }
    print(json.dumps(report, indent=1, ensure_ascii=False))
    return int(bool(told.steady.errors or told.rush.errors) or not told.nothing_lost)


if __name__ == "__main__":
    given = [float(each) for each in sys.argv[1:]]
    sys.exit(main(*(int(each) for each in given[:2]), *given[2:]))
