"""How schools keep their deadlines, for those who answer for it; and the register on paper."""

import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import httpx
import pytest
import time_machine
from fastapi import FastAPI
from openpyxl import load_workbook

from backend.core.actor import Actor
from backend.core.db import Database
from backend.core.problem import Problem
from backend.eservices.actions import desk
from backend.eservices.papers.register import register_workbook
from backend.eservices.queries import register as form_07
from backend.eservices.routes import router
from backend.eservices.tables import Satisfaction
from tests.actors import ACTORS, World
from tests.client import Answer, Client
from tests.slices.eservices.office import FRIDAY, MONDAY, MORNING, WEDNESDAY, Office, S

BOARD = """query($from: Date!, $to: Date!) { serviceBoard(from: $from, to: $to) {
  from to open overdue finished onTimeRate satisfactionRate schoolsWithout
  units { school { code name } open overdue finished onTime averageWorkingDays verySatisfied satisfied unsatisfied
    oldestOverdue { id code dueOn workingDaysLate procedureCode procedureName { vi } status step stepName { vi }
      assignee { fullName } } } } }"""
NOVEMBER, LAST = date(2026, 11, 1), date(2026, 11, 30)


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture
async def office(database: Database, world: World) -> Office:
    made = Office(database, world)
    await made.open()
    return made


async def ask(client: Client, world: World, who: str, starts: date = NOVEMBER, ends: date = LAST) -> Answer:
    return await client(world.actor(who), BOARD, **{"from": starts, "to": ends})


def done(days: int, *, hour: int = 3) -> datetime:
    """So many days of November, at ten in Vietnam."""
    return datetime(2026, 11, days, hour, tzinfo=UTC)


async def _busy(office: Office) -> None:
    """Seven here: three finished in November (two in time), one in October, one taken back, two late; one there."""
    finished: dict[str, Any] = {"due_on": None, "received_at": done(16)}
    very, pleased, not_ = Satisfaction.VERY_SATISFIED, Satisfaction.SATISFIED, Satisfaction.UNSATISFIED
    await office.file(S.RETURNED, finished_at=done(18), on_time=True, satisfaction=very, **finished)
    await office.file(S.COMPLETED, finished_at=done(20), on_time=True, satisfaction=pleased, **finished)
    await office.file(S.REJECTED, finished_at=done(23), on_time=False, satisfaction=not_, **finished)
    await office.file(S.RETURNED, finished_at=datetime(2026, 10, 31, 16, tzinfo=UTC), on_time=False, due_on=None)
    await office.file(S.WITHDRAWN, finished_at=done(19), on_time=True, due_on=None)
    await office.file(S.PROCESSING, due_on=FRIDAY - timedelta(days=7), assignee="math_teacher")
    await office.file(S.SUBMITTED, due_on=WEDNESDAY - timedelta(days=7))
    await office.file(S.SUBMITTED, due_on=MONDAY)
    await office.file(S.SUPPLEMENT_REQUESTED)
    await office.file(S.PROCESSING, due_on=FRIDAY, school="other_school", student="khac", owner=None)


async def test_the_department_sees_every_school_below_it(office: Office, client: Client, world: World) -> None:
    await _busy(office)
    seen = (await ask(client, world, "officer"))["serviceBoard"]
    assert (seen["open"], seen["overdue"], seen["finished"], seen["schoolsWithout"]) == (5, 2, 3, 0)
    assert seen["onTimeRate"] == pytest.approx(2 / 3) and seen["satisfactionRate"] == pytest.approx(2 / 3)
    here, there = seen["units"]
    assert here["school"]["code"] == "24010001" and there["school"]["code"] == "24010002"
    assert (here["open"], here["overdue"], here["finished"], here["onTime"]) == (4, 2, 3, 2)
    assert (here["verySatisfied"], here["satisfied"], here["unsatisfied"]) == (1, 1, 1)
    assert here["averageWorkingDays"] == pytest.approx((2 + 4 + 5) / 3)
    assert [late["code"][-4:] for late in here["oldestOverdue"]] == ["0007", "0006"]
    oldest, second = here["oldestOverdue"]
    assert (oldest["workingDaysLate"], oldest["assignee"], oldest["stepName"]) == (3, None, None)
    assert (second["workingDaysLate"], second["assignee"]["fullName"]) == (1, "Phạm Văn Toán")
    assert second["stepName"] == {"vi": "Kiểm tra"} and second["procedureName"] == {"vi": "Xin chuyển lớp"}
    assert (there["open"], there["finished"], there["averageWorkingDays"], there["oldestOverdue"]) == (1, 0, None, [])


async def test_a_headteacher_sees_her_own_school(office: Office, client: Client, world: World) -> None:
    await _busy(office)
    seen = (await ask(client, world, "headteacher"))["serviceBoard"]
    assert [unit["school"]["code"] for unit in seen["units"]] == ["24010001"]
    for who in set(ACTORS) - {"headteacher", "officer"}:
        assert (await ask(client, world, who)).problem in ("core.not_allowed", "core.sign_in_required"), who


async def test_days_are_vietnamese_and_a_year_at_most(office: Office, client: Client, world: World) -> None:
    """The 31st of October, 23:00 in Vietnam, is 16:00 in UTC; an hour later it is November there."""
    await office.file(S.RETURNED, finished_at=datetime(2026, 10, 31, 16, 59, tzinfo=UTC), on_time=True, due_on=None)
    await office.file(S.RETURNED, finished_at=datetime(2026, 10, 31, 17, 0, tzinfo=UTC), on_time=True, due_on=None)
    await office.file(S.RETURNED, finished_at=datetime(2026, 11, 30, 16, 59, tzinfo=UTC), on_time=True, due_on=None)
    assert (await ask(client, world, "officer"))["serviceBoard"]["finished"] == 2
    for starts, ends in ((LAST, NOVEMBER), (NOVEMBER, NOVEMBER + timedelta(days=366))):
        assert (await ask(client, world, "officer", starts, ends)).problem == "eservices.span"


async def test_schools_without_dossiers_are_counted_and_left_out(office: Office, client: Client, world: World) -> None:
    empty = (await ask(client, world, "officer"))["serviceBoard"]
    assert (empty["units"], empty["schoolsWithout"], empty["onTimeRate"], empty["satisfactionRate"]) == (
        [], 2, None, None,
    )  # fmt: skip


async def test_its_statements_do_not_grow_with_the_schools(
    office: Office, client: Client, world: World, database: Database
) -> None:
    await _busy(office)
    with database.count_statements() as counted:
        await ask(client, world, "officer")
    assert len(counted) == 4, counted.statements  # the fence, the tallies, the oldest, the calendar


# -- the register


async def register(office: Office, who: str, starts: date = NOVEMBER, ends: date = LAST) -> form_07.Register | str:
    actor = office.world.actor(who)
    try:
        async with office.database.write(actor) as session:
            return await form_07.register(session, actor, office.world["school"], starts, ends)
    except Problem as problem:
        return problem.code


async def test_the_register_of_a_school(office: Office, world: World) -> None:
    dossier = await office.file(S.PROCESSING, step="decide", applicant_name='=HYPERLINK("x")')
    await office.file(S.SUBMITTED, filed_at=datetime(2026, 10, 31, 16, tzinfo=UTC))
    assert await office.act("headteacher", desk.complete, dossier, 1, "", None) == ""
    assert await office.act("clerk", desk.give_back, dossier, 2) == ""
    found = await register(office, "clerk")
    assert isinstance(found, form_07.Register)
    [row] = found.rows
    assert (row.code, row.procedure_code, row.procedure_name) == ("24010001-261123-0001", "LOP.01", "Xin chuyển lớp")
    assert (row.filed_on, row.due_on, row.finished_on, row.returned_on) == (MONDAY, FRIDAY, MONDAY, MONDAY)
    assert (row.status, row.on_time) == (S.RETURNED, True)
    sheet = load_workbook(io.BytesIO(register_workbook(found))).active
    assert sheet is not None
    lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    assert lines[0][0] == "SỔ THEO DÕI HỒ SƠ" and lines[2][0] == "Từ ngày 01/11/2026 đến ngày 30/11/2026"
    assert lines[4][:4] == ["STT", "Mã hồ sơ", "Thủ tục", "Người nộp"]
    assert lines[5][3] == '=HYPERLINK("x")' and sheet.cell(6, 4).data_type == "s"
    assert lines[5][10:12] == ["Đã trả kết quả", "Đúng hạn"]


async def test_who_may_print_the_register(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    await office.file()
    await office.file()
    for who in ACTORS:
        assert isinstance(await register(office, who), form_07.Register) == (who in ("clerk", "headteacher")), who
    assert await register(office, "math_teacher") == "core.not_found"
    assert await register(office, "clerk", LAST, NOVEMBER) == "eservices.span"
    monkeypatch.setattr(form_07, "MOST_ROWS", 1)
    assert await register(office, "clerk") == "eservices.register_too_long"


async def test_the_papers_of_the_office_over_http(office: Office, client: Client, world: World) -> None:
    dossier = await office.file(S.PROCESSING)
    assert await office.act("clerk", desk.hand_over, dossier, 1, world["math_teacher"], "Nhờ thầy xem") == ""
    app = FastAPI()
    app.include_router(router)
    app.state.services = client.services
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://school.test") as http:

        async def get(who: str, path: str, **asked: Any) -> httpx.Response:
            async def authenticate(_scope: Any) -> Actor:
                return world.actor(who)

            app.state.authenticate = authenticate
            return await http.get(path, params=asked)

        span = {"school": str(world["school"]), "from": "2026-11-01", "to": "2026-11-30"}
        slip = f"/dossiers/{dossier}/forms/06.pdf"
        for who, expected in (("clerk", 200), ("math_teacher", 200), ("literature_teacher", 404), ("mother", 403)):
            answer = await get(who, slip)
            assert answer.status_code == expected, who
            assert (answer.content[:5] == b"%PDF-") == (expected == 200)
        sheet = await get("headteacher", "/dossiers/register.xlsx", **span)
        assert load_workbook(io.BytesIO(sheet.content)).active is not None
        assert (await get("clerk", "/dossiers/register.pdf", **span)).content[:5] == b"%PDF-"
        for who, expected in (("math_teacher", 404), ("other_clerk", 404), ("officer", 403), ("nobody", 401)):
            assert (await get(who, "/dossiers/register.xlsx", **span)).status_code == expected, who
        long = {**span, "to": "2028-01-01"}
        assert (await get("clerk", "/dossiers/register.pdf", **long)).status_code == 422
