"""Procedures as data: what ships, drafts and versions, publishing, the calendar of offices, windows of schools."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.core.journal import Journal
from backend.eservices import shipped
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.tables import OfficeDay, Procedure, ProcedureVersion, VersionStatus
from tests.actors import World
from tests.client import Answer, Client

VERSION = "id number status version definition"
START = f"""mutation($id: UUID!) {{ startVersion(procedure: $id) {{ __typename
  ... on ProcedureVersionPayload {{ version {{ {VERSION} }} }} ... on Problem {{ code }} }} }}"""
SAVED = f"""{{ __typename ... on SaveVersionPayload {{ version {{ {VERSION} }} errors {{ path message }} }}
  ... on Problem {{ code message }} }}"""
SAVE = f"""mutation($id: UUID!, $version: Int!, $definition: JSON!) {{
  saveVersion(id: $id, version: $version, definition: $definition) {SAVED} }}"""
PUBLISH = f"mutation($id: UUID!, $version: Int!) {{ publishVersion(id: $id, version: $version) {SAVED} }}"
CREATE = """mutation($code: String!, $kind: ProcedureKind!) { createProcedure(code: $code, kind: $kind) { __typename
  ... on ProcedurePayload { procedure { id code kind position live { id } } } ... on Problem { code } } }"""
RETIRE = """mutation($id: UUID!) { retireProcedure(id: $id) { __typename
  ... on ProcedurePayload { procedure { id live { id } } } ... on Problem { code } } }"""
VERSIONS = "query($id: UUID!) { procedureVersions(procedure: $id) { id number status } }"
READ = "query($id: UUID!) { procedureVersion(id: $id) { id status } }"
CATALOGUE = "{ procedures { code kind live { id number status name card } } }"
SET_DAY = """mutation($day: Date!, $works: Boolean!, $name: String!) {
  setOfficeDay(day: $day, works: $works, name: $name) { __typename
  ... on OfficeDayPayload { officeDay { day works name } } ... on Problem { code } } }"""
REMOVE_DAY = """mutation($day: Date!) { removeOfficeDay(day: $day) { __typename
  ... on RemoveOfficeDayPayload { day } ... on Problem { code } } }"""
WINDOW = """mutation($school: UUID!, $procedure: UUID!, $opens: Date!, $closes: Date!) {
  setServiceWindow(school: $school, procedure: $procedure, opensOn: $opens, closesOn: $closes) { __typename
  ... on ServiceWindowPayload { window { id opensOn closesOn procedure { code } } }
  ... on Problem { code message } } }"""
WINDOWS = "query($school: UUID!) { serviceWindows(school: $school) { opensOn closesOn } }"
TRANSFER = shipped.procedure_id("2.002854")
BOARDING = shipped.procedure_id("2.002770")


@pytest.fixture(autouse=True)
def friday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 11, 20, 3, 0, tzinfo=UTC), tick=True) as traveller:
        yield traveller


class Office:
    """What an administrator does with procedures."""

    def __init__(self, database: Database, client: Client, world: World) -> None:
        self.database, self.client, self.world = database, client, world

    async def ask(self, document: str, who: str = "officer", **variables: Any) -> Answer:
        return await self.client(self.world.actor(who), document, **variables)

    async def started(self, procedure: Any = TRANSFER) -> dict[str, Any]:
        return (await self.ask(START, id=procedure))["startVersion"]["version"]

    async def save(self, draft: dict[str, Any], **changes: Any) -> dict[str, Any]:
        definition = {**draft["definition"], **changes}
        answer = await self.ask(SAVE, id=draft["id"], version=draft["version"], definition=definition)
        return answer["saveVersion"]

    async def publish(self, draft: dict[str, Any]) -> dict[str, Any]:
        return (await self.ask(PUBLISH, id=draft["id"], version=draft["version"]))["publishVersion"]

    async def live(self, code: str = "2.002854") -> dict[str, Any] | None:
        found = (await self.ask(CATALOGUE, "nobody"))["procedures"]
        return next((row["live"] for row in found if row["code"] == code), None)

    async def journal(self, kind: str) -> list[dict[str, Any]]:
        async with self.database.write(SYSTEM) as session:
            rows = await session.execute(select(col(Journal.data)).where(col(Journal.kind) == f"eservices.{kind}"))
            return list(rows.scalars())


@pytest.fixture
def office(database: Database, client: Client, world: World) -> Office:
    return Office(database, client, world)


async def test_everybody_reads_the_catalogue_in_one_statement(office: Office) -> None:
    found = (await office.ask(CATALOGUE, "nobody"))["procedures"]
    assert [row["code"] for row in found] == list(shipped.CODES)
    transfer = next(row for row in found if row["code"] == "2.002854")
    assert transfer["live"]["name"] == {"vi": "Chuyển trường", "en": "Transfer to another school"}
    card = transfer["live"]["card"]
    assert not card.keys() & {"form", "term", "handling"}
    assert card == {key: value for key, value in shipped.definition("2.002854").items() if key in card}
    assert len(str(card)) < 8_000


async def test_what_ships_is_put_in_once(office: Office) -> None:
    async with office.database.write(SYSTEM) as session:
        await shipped.install(session)
        await shipped.install(session)
    counts = select(
        select(func.count()).select_from(Procedure).scalar_subquery(),
        select(func.count()).select_from(ProcedureVersion).scalar_subquery(),
        select(func.count()).select_from(OfficeDay).scalar_subquery(),
    )
    async with office.database.write(SYSTEM) as session:
        assert tuple((await session.execute(counts)).one()) == (13, 13, len(shipped.office_days()))


async def test_a_second_start_asks_nothing_of_the_journal(office: Office) -> None:
    """It holds all that ever happened; only a day that is missing is a reason to look there."""

    async def asked() -> list[str]:
        async with office.database.write(SYSTEM) as session:
            with office.database.count_statements() as counted:
                await shipped.install(session)
        return [statement for statement in counted.statements if "journal" in statement]

    await asked()
    assert await asked() == []
    await office.ask(REMOVE_DAY, day="2026-11-24")
    assert len(await asked()) == 1 and "school_id IS NULL" in (await asked())[0]
    async with office.database.write(SYSTEM) as session:
        assert (await office_calendar(session)).works(date(2026, 11, 24))


async def test_installing_again_leaves_what_an_administrator_changed(office: Office) -> None:
    saved = await office.save(await office.started(), keywords=["moi"])
    await office.publish(saved["version"])
    assert (await office.ask(RETIRE, id=shipped.procedure_id("TRUONG.05")))["retireProcedure"]["procedure"][
        "live"
    ] is None
    assert (await office.ask(REMOVE_DAY, day="2026-11-24"))["removeOfficeDay"] is not None
    await office.ask(SET_DAY, day="2027-02-11", works=False, name="Mùng 6 Tết")
    await office.ask(SET_DAY, day="2026-11-24", works=False, name="Ngày Văn hóa")
    await office.ask(REMOVE_DAY, day="2026-11-24")
    await office.ask(SET_DAY, day="2027-04-16", works=True, name="Làm việc")
    async with office.database.write(SYSTEM) as session:
        await shipped.install(session)
        days = await office_calendar(session)
    live = await office.live()
    assert live is not None
    assert live["number"] == 2
    assert await office.live("TRUONG.05") is None
    assert days.works(date(2026, 11, 24))
    assert days.works(date(2027, 4, 16))
    assert not days.works(date(2027, 2, 11))


async def test_two_processes_may_install_at_once(database: Database) -> None:
    async def once() -> None:
        async with database.write(SYSTEM) as session:
            await shipped.install(session)

    await asyncio.gather(once(), once(), once())
    async with database.write(SYSTEM) as session:
        assert (await session.execute(select(func.count()).select_from(ProcedureVersion))).scalar_one() == 13
        await shipped.install(session)


async def test_a_migrated_installation_has_them(dsn: str, database: Database) -> None:
    await shipped.install_into(dsn)
    async with database.write(SYSTEM) as session:
        assert (await session.execute(select(func.count()).select_from(Procedure))).scalar_one() == 13
        assert not (await office_calendar(session)).works(date(2026, 11, 24))


async def test_a_draft_begins_as_the_live_version_and_is_one(office: Office) -> None:
    draft = await office.started()
    assert (draft["number"], draft["status"], draft["version"]) == (2, "DRAFT", 1)
    assert draft["definition"] == shipped.definition("2.002854")
    assert (await office.started())["id"] == draft["id"]
    again = await asyncio.gather(*(office.ask(START, id=TRANSFER) for _ in range(3)))
    assert {answer["startVersion"]["version"]["id"] for answer in again} == {draft["id"]}


async def test_drafts_are_the_administrators(office: Office) -> None:
    draft = await office.started()
    for who in ("nobody", "mother", "headteacher", "clerk"):
        assert (await office.ask(READ, who, id=draft["id"])).data == {"procedureVersion": None}
        refused = await office.ask(VERSIONS, who, id=TRANSFER)
        assert refused.problem in ("core.not_allowed", "core.sign_in_required")
    assert (await office.ask(READ, id=draft["id"]))["procedureVersion"]["status"] == "DRAFT"


async def test_wrong_definitions_are_kept_and_told_but_not_published(office: Office) -> None:
    draft = await office.started()
    broken = {**draft["definition"]["form"], "steps": draft["definition"]["form"]["steps"][1:]}
    saved = await office.save(draft, form=broken, who={"vi": "Cha mẹ"})
    assert [error["path"] for error in saved["errors"]][:1] == ["/who/en"]
    assert {error["path"] for error in saved["errors"]} == {"/who/en", "/form/steps"}
    assert all("eservices." not in error["message"] and "{" not in error["message"] for error in saved["errors"])
    refused = await office.publish(saved["version"])
    assert refused["errors"] == saved["errors"]
    assert refused["version"]["status"] == "DRAFT"
    live = await office.live()
    assert live is not None
    assert live["number"] == 1
    assert await office.journal("version_published") == []


async def test_publishing_retires_the_one_before(office: Office) -> None:
    first = await office.live()
    assert first is not None
    saved = await office.save(await office.started(), keywords=["moi"])
    assert saved["errors"] == []
    published = await office.publish(saved["version"])
    assert (published["version"]["status"], published["errors"]) == ("PUBLISHED", [])
    versions = (await office.ask(VERSIONS, id=TRANSFER))["procedureVersions"]
    assert [(row["number"], row["status"]) for row in versions] == [(2, "PUBLISHED"), (1, "RETIRED")]
    live = await office.live()
    assert live is not None
    assert live["id"] == saved["version"]["id"]
    # Dossiers keep the version they began with: anybody may still read it.
    assert (await office.ask(READ, "mother", id=first["id"]))["procedureVersion"]["status"] == "RETIRED"
    assert [row["number"] for row in await office.journal("version_published")] == [2]


async def test_a_published_version_is_never_changed(office: Office) -> None:
    draft = await office.started()
    published = (await office.publish(draft))["version"]
    for id_ in (published["id"], shipped.version_id("2.002854")):
        for version in (1, 2, 3):
            answer = await office.ask(SAVE, id=id_, version=version, definition={})
            assert answer.problem == "eservices.version_published"
            assert (await office.ask(PUBLISH, id=id_, version=version)).problem == "eservices.version_published"


async def test_two_administrators_do_not_overwrite_each_other(office: Office) -> None:
    draft = await office.started()
    await office.save(draft, keywords=["mot"])
    second = await office.ask(SAVE, id=draft["id"], version=draft["version"], definition={})
    assert second.problem == "core.stale"
    assert (await office.ask(PUBLISH, id=draft["id"], version=draft["version"])).problem == "core.stale"


async def test_two_who_publish_at_once_publish_once(office: Office) -> None:
    draft = await office.started()
    answers = await asyncio.gather(
        *(office.ask(PUBLISH, id=draft["id"], version=draft["version"]) for _ in range(3)),
    )
    assert sorted(str(answer.problem) for answer in answers) == ["None", *["eservices.version_published"] * 2]
    async with office.database.write(SYSTEM) as session:
        live = select(func.count()).where(
            col(ProcedureVersion.procedure_id) == TRANSFER, col(ProcedureVersion.status) == VersionStatus.PUBLISHED
        )
        assert (await session.execute(live)).scalar_one() == 1


@pytest.mark.parametrize("definition", [[], "x", 1, None, {"a": "\x00"}, {"a": "\ud800"}, {"a": "x" * 140_000}])
async def test_what_is_no_definition_is_refused(office: Office, definition: Any) -> None:
    draft = await office.started()
    if definition == {"a": "\ud800"}:
        definition = {"a": "\\ud800"}  # a client cannot send a lone surrogate; this is its spelling as text
        answer = await office.ask(SAVE, id=draft["id"], version=1, definition=definition)
        assert answer["saveVersion"]["errors"]
        return
    answer = await office.ask(SAVE, id=draft["id"], version=1, definition=definition)
    assert answer.problem is not None or answer.errors
    assert (await office.started())["definition"] == draft["definition"]


async def test_a_new_procedure_becomes_one_people_can_ask_for(office: Office) -> None:
    made = (await office.ask(CREATE, code=" truong.06 ", kind="SCHOOL"))["createProcedure"]["procedure"]
    assert (made["code"], made["position"], made["live"]) == ("TRUONG.06", 14, None)
    assert await office.live("TRUONG.06") is None
    everything = (await office.ask("{ allProcedures { code } }"))["allProcedures"]
    assert [row["code"] for row in everything][-1] == "TRUONG.06"
    draft = await office.started(made["id"])
    assert draft["number"] == 1
    saved = await office.save(draft, name={"vi": "Mượn sách", "en": "Borrow books"})
    assert saved["errors"] == []
    await office.publish(saved["version"])
    live = await office.live("TRUONG.06")
    assert live is not None
    assert live["name"]["vi"] == "Mượn sách"


@pytest.mark.parametrize(
    ("code", "kind", "problem"),
    [
        ("2.002854", "SCHOOL", "eservices.procedure_code"),
        ("TRUONG.07", "NATIONAL", "eservices.procedure_code"),
        ("", "SCHOOL", "eservices.procedure_code"),
        ("TRUONG.1'; drop", "SCHOOL", "eservices.procedure_code"),
        ("2.002854", "NATIONAL", "eservices.procedure_exists"),
    ],
)
async def test_codes_are_real_or_our_own(office: Office, code: str, kind: str, problem: str) -> None:
    assert (await office.ask(CREATE, code=code, kind=kind)).problem == problem


async def test_a_code_is_given_once(office: Office) -> None:
    answers = await asyncio.gather(*(office.ask(CREATE, code="TRUONG.09", kind="SCHOOL") for _ in range(3)))
    assert sorted(str(answer.problem) for answer in answers) == ["None", *["eservices.procedure_exists"] * 2]


async def test_a_retired_procedure_can_come_back(office: Office) -> None:
    assert (await office.ask(RETIRE, id=TRANSFER))["retireProcedure"]["procedure"]["live"] is None
    assert await office.live() is None
    assert (await office.ask('{ procedure(code: "2.002854") { id } }', "mother")).data == {"procedure": None}
    assert (await office.ask(RETIRE, id=TRANSFER)).problem == "eservices.procedure_not_live"
    draft = await office.started()
    assert draft["definition"] == shipped.definition("2.002854")
    await office.publish(draft)
    live = await office.live()
    assert live is not None
    assert live["number"] == 2


@pytest.mark.parametrize("document", [START, RETIRE])
async def test_what_does_not_exist_is_not_found(office: Office, document: str) -> None:
    assert (await office.ask(document, id=office.world["school"])).problem == "core.not_found"
    for change in (SAVE, PUBLISH):
        given: dict[str, Any] = {"definition": {}} if change == SAVE else {}
        answer = await office.ask(change, id=office.world["school"], version=1, **given)
        assert answer.problem == "core.not_found"


async def test_the_calendar_of_offices(office: Office) -> None:
    read = '{ officeDays(from: "2026-11-01", to: "2026-12-31") { day works name } }'
    culture = {"day": "2026-11-24", "works": False, "name": "Ngày Văn hóa Việt Nam"}
    assert (await office.ask(read, "nobody"))["officeDays"] == [culture]
    await office.ask(SET_DAY, day="2026-12-25", works=False, name="  Nghỉ   lễ ")
    await office.ask(SET_DAY, day="2026-12-25", works=True, name="Làm bù")
    worked = {"day": "2026-12-25", "works": True, "name": "Làm bù"}
    assert (await office.ask(read, "nobody"))["officeDays"] == [culture, worked]
    assert (await office.ask(REMOVE_DAY, day="2026-12-25"))["removeOfficeDay"]["day"] == "2026-12-25"
    assert (await office.ask(REMOVE_DAY, day="2026-12-25")).problem == "core.not_found"
    assert (await office.ask(read, "nobody"))["officeDays"] == [culture]
    assert [row["name"] for row in await office.journal("office_day_set")] == ["Nghỉ lễ", "Làm bù"]


@pytest.mark.parametrize(
    ("day", "name", "problem"),
    [
        ("1999-01-01", "x", "eservices.office_day_far"),
        ("2026-12-24", " ", "eservices.office_day_name"),
        ("2026-12-24", "x" * 81, "eservices.office_day_name"),
    ],
)
async def test_office_days_within_reason(office: Office, day: str, name: str, problem: str) -> None:
    assert (await office.ask(SET_DAY, day=day, works=False, name=name)).problem == problem


async def window(
    office: Office,
    opens: int,
    closes: int,
    *,
    procedure: Any = BOARDING,
    who: str = "headteacher",
    school: str = "school",
) -> Answer:
    """A window from and to so many days from today."""
    today = clock.today()
    return await office.ask(
        WINDOW,
        who,
        school=office.world[school],
        procedure=procedure,
        opens=today + timedelta(days=opens),
        closes=today + timedelta(days=closes),
    )


async def test_a_school_announces_when_it_takes_dossiers(office: Office) -> None:
    made = (await window(office, 0, 15))["setServiceWindow"]["window"]
    assert (made["opensOn"], made["closesOn"], made["procedure"]) == ("2026-11-20", "2026-12-05", {"code": "2.002770"})
    longer = (await window(office, 0, 20))["setServiceWindow"]["window"]
    assert (longer["id"], longer["closesOn"]) == (made["id"], "2026-12-10")
    shown = [{"opensOn": "2026-11-20", "closesOn": "2026-12-10"}]
    for who in ("mother", "pupil", "clerk", "headteacher", "officer"):
        assert (await office.ask(WINDOWS, who, school=office.world["school"]))["serviceWindows"] == shown
    for who in ("other_clerk", "stranger"):
        assert (await office.ask(WINDOWS, who, school=office.world["school"]))["serviceWindows"] == []
    assert [row["closes_on"] for row in await office.journal("service_window_set")] == ["2026-12-05", "2026-12-10"]


@pytest.mark.parametrize(
    ("opens", "closes", "more", "problem"),
    [
        (0, 14, {}, "eservices.window_short"),
        (5, 1, {}, "eservices.window_short"),
        (0, 121, {}, "eservices.window_long"),
        (-30, -10, {}, "eservices.window_past"),
        (10, 40, {}, "eservices.window_overlaps"),
        (40, 60, {"procedure": TRANSFER}, "eservices.window_not_announced"),
        (40, 60, {"procedure": shipped.procedure_id("1.014336")}, "eservices.window_not_announced"),
        (40, 60, {"procedure": shipped.procedure_id("9.999999")}, "core.not_found"),
        (40, 60, {"who": "clerk"}, "core.not_allowed"),
        (40, 60, {"who": "mother"}, "core.not_allowed"),
        (40, 60, {"school": "other_school"}, "core.not_allowed"),
    ],
)
async def test_windows_within_the_law(
    office: Office, opens: int, closes: int, more: dict[str, Any], problem: str
) -> None:
    await window(office, 0, 15)
    refused = await window(office, opens, closes, **more)
    assert refused.problem == problem
    assert len((await office.ask(WINDOWS, "clerk", school=office.world["school"]))["serviceWindows"]) == 1
