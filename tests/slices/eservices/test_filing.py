"""A draft becomes a dossier: checked by the server, whole or not at all, once."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.core.journal import Journal
from backend.eservices.actions import filing
from backend.eservices.rules.states import DossierStatus
from backend.eservices.tables import Dossier, DossierEntry, DossierFile, Draft, ProcedureVersion, ServiceWindow
from backend.identity.tables import Student, User
from tests.actors import World
from tests.client import Client
from tests.slices.eservices import asking
from tests.slices.eservices.asking import FILE, START

pytestmark = pytest.mark.anyio

MINE = "{ myDossiers { nodes { id code status dueOn overdue student { fullName } procedure { code } } } }"
DOSSIER = "query($id: UUID!) { dossier(id: $id) { id mine answers files { document } entries { action } } }"
FRIDAY = datetime(2026, 11, 20, 2, tzinfo=UTC)


async def _rows(database: Database, table: Any) -> list[Any]:
    async with database.write(SYSTEM) as session:
        return list((await session.execute(select(table).order_by(col(table.id)))).scalars())


async def _ready(client: Client, database: Database, world: World, version: UUID, **more: Any) -> asking.Json:
    """The mother's draft about Lan, complete."""
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    await asking.attach(client, database, mother, draft, "birth_certificate")
    return await asking.save(client, mother, draft, {**asking.FULL, **more})


async def test_a_receipt_with_code_and_due_day(client: Client, database: Database, world: World) -> None:
    with time_machine.travel(FRIDAY, tick=True):
        version = await asking.offer(database, asking.definition())
        answer = await asking.file(client, world.actor("mother"), await _ready(client, database, world, version))
        dossier = answer["dossier"]
        assert answer["errors"] == []
        assert dossier["code"] == "24010001-261120-0001"
        assert dossier["status"] == "SUBMITTED"
        assert dossier["dueOn"] in ("2026-11-27", "2026-11-30"), "24/11 is a holiday where holidays are shipped"
        assert dossier["channel"] == "ONLINE"
        assert dossier["entries"] == [{"position": 1, "action": "FILED", "status": "SUBMITTED"}]
        assert [file["document"] for file in dossier["files"]] == ["birth_certificate"]
        assert dossier["answers"]["fullName"] == "Nguyễn Thị Ngọc Lan"
        mine = (await client(world.actor("mother"), MINE))["myDossiers"]["nodes"]
        assert [each["code"] for each in mine] == ["24010001-261120-0001"]
        assert await _rows(database, Draft) == []
        (file,) = await _rows(database, DossierFile)
        assert (file.draft_id, file.school_id, file.readers) == (None, world["school"], [world["mother"]])


async def test_the_clerks_are_told_and_not_who_filed(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    await asking.filed(client, database, world, version)
    told = {row.kind: row.audience["users"] for row in await _rows(database, Journal) if row.audience}
    assert told == {"eservices.dossier_filed": [str(world["clerk"])]}


async def test_twenty_statements_are_enough(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    draft = await _ready(client, database, world, version)
    async with database.write(world.actor("mother")) as session:
        with database.count_statements() as count:
            await filing.file_draft(session, world.actor("mother"), UUID(draft["id"]), draft["version"])
    assert len(count) <= 20, count.statements


async def test_filed_twice_is_one_dossier(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    draft = await _ready(client, database, world, version)
    mother = world.actor("mother")
    first = await asking.file(client, mother, draft)
    assert (await asking.file(client, mother, draft))["dossier"]["id"] == first["dossier"]["id"]
    for who in ("father", "clerk", "stranger"):
        assert (await client(world.actor(who), FILE, id=draft["id"], version=1)).problem == "core.not_found"
    assert len(await _rows(database, Dossier)) == 1


async def test_a_double_tap_at_the_same_moment(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    draft = await _ready(client, database, world, version)
    clients = [asking.another(client) for _ in range(5)]
    answers = await asyncio.gather(*(asking.file(each, world.actor("mother"), draft) for each in clients))
    assert len({answer["dossier"]["id"] for answer in answers}) == 1
    assert len(await _rows(database, Dossier)) == 1


async def test_everything_wrong_is_said_at_once_and_nothing_is_written(
    client: Client, database: Database, world: World
) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    draft = await asking.save(client, mother, draft, {"reason": "move", "detail": "x" * 51})
    journal = len(await _rows(database, Journal))
    answer = await asking.file(client, mother, draft)
    assert answer["dossier"] is None
    paths = [error["path"] for error in answer["errors"]]
    assert paths == ["field:address", "field:detail", "document:birth_certificate"]
    assert all(error["message"] and not error["message"].startswith("eservices.") for error in answer["errors"])
    assert await _rows(database, Dossier) == []
    assert len(await _rows(database, Journal)) == journal
    assert len(await _rows(database, Draft)) == 1


async def test_what_the_client_writes_in_a_locked_field_is_not_believed(
    client: Client, database: Database, world: World
) -> None:
    version = await asking.offer(database, asking.definition())
    draft = await _ready(client, database, world, version, fullName="Công Chúa", birthDate="2001-01-01", reason="other")
    dossier = (await asking.file(client, world.actor("mother"), draft))["dossier"]
    assert dossier["answers"] == {
        "fullName": "Nguyễn Thị Ngọc Lan",
        "birthDate": "2014-05-01",
        "reason": "other",
    }  # fmt: skip  the address is hidden with this reason


async def test_an_account_without_a_name_is_asked_for_one(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.plain())
    person = await asking.citizen(database, 1)
    async with database.write(SYSTEM) as session:
        await session.execute(update(User).where(col(User.id) == person.user_id).values(full_name=""))
    draft = await asking.start(client, person, version, school=world["school"])
    draft = await asking.save(client, person, draft, {"question": "Bao giờ có kết quả?"})
    assert [error["path"] for error in (await asking.file(client, person, draft))["errors"]] == ["applicant:name"]


async def test_a_citizen_asks_the_school_she_chooses(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.plain())
    person = await asking.citizen(database, 1)
    draft = await asking.start(client, person, version)
    draft = await asking.save(client, person, draft, {"question": "Bao giờ có kết quả?"})
    answer = await asking.file(client, person, draft)
    assert [error["path"] for error in answer["errors"]] == ["applicant:school"]
    draft = await asking.save(client, person, draft, draft["answers"], school=world["other_school"])
    dossier = (await asking.file(client, person, draft))["dossier"]
    assert dossier["code"].startswith("24010002-")
    assert (await client(person, DOSSIER, id=dossier["id"]))["dossier"]["mine"]
    assert (await client(world.actor("other_clerk"), DOSSIER, id=dossier["id"]))["dossier"] is not None
    assert (await client(world.actor("clerk"), DOSSIER, id=dossier["id"]))["dossier"] is None


async def test_a_service_about_a_pupil_needs_one(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition(documents=[]))
    person = await asking.citizen(database, 1)
    draft = await asking.start(client, person, version, school=world["school"])
    draft = await asking.save(client, person, draft, {**asking.FULL, "fullName": "A", "birthDate": "2014-01-01"})
    assert [error["path"] for error in (await asking.file(client, person, draft))["errors"]] == ["applicant:student"]


async def test_who_is_not_her_guardian_any_more(client: Client, database: Database, world: World) -> None:
    """The claim ended between writing and filing: the next request carries the new rights."""
    from dataclasses import replace

    version = await asking.offer(database, asking.definition())
    draft = await _ready(client, database, world, version)
    former = replace(world.actor("mother"), students=(world["dung"],))
    assert (await client(former, FILE, id=draft["id"], version=draft["version"])).problem == "core.not_found"


async def test_at_the_counter(client: Client, database: Database, world: World) -> None:
    """The father has come himself; the dossier is his to follow, and the clerk has filed it."""
    version = await asking.offer(database, asking.definition(cosign="REQUIRED"))
    clerk = world.actor("clerk")
    who = {"name": "Nguyễn Văn Nam", "phone": "0912 000 003"}
    async with database.write(SYSTEM) as session:
        father = await session.get(User, world["father"])
        assert father is not None
        who["phone"] = str(father.phone).replace("+84", "0")
    draft = await asking.start(client, clerk, version, student=world["lan"], applicant=who)
    assert draft["channel"] == "COUNTER"
    await asking.attach(client, database, clerk, draft, "birth_certificate")
    draft = await asking.save(client, clerk, draft, asking.FULL)
    dossier = (await asking.file(client, clerk, draft))["dossier"]
    assert dossier["answers"]["fullName"] == "Nguyễn Thị Ngọc Lan"
    (row,) = await _rows(database, Dossier)
    assert (row.owner_id, row.filed_by, row.applicant_name) == (world["father"], world["clerk"], "Nguyễn Văn Nam")
    assert (await client(world.actor("father"), DOSSIER, id=dossier["id"]))["dossier"]["mine"]
    assert (await client(world.actor("mother"), DOSSIER, id=dossier["id"]))["dossier"] is None
    told = {entry.kind: entry.audience["users"] for entry in await _rows(database, Journal) if entry.audience}
    assert told == {"eservices.dossier_moved": [str(world["father"])]}, "the only clerk has filed it herself"


async def test_a_wrong_phone_at_the_counter_shows_the_child_to_nobody(
    client: Client, database: Database, world: World
) -> None:
    version = await asking.offer(database, asking.definition())
    clerk = world.actor("clerk")
    stranger = await asking.citizen(database, 1)
    who = {"name": "Nguyễn Văn Nam", "phone": "0987000001"}
    draft = await asking.start(client, clerk, version, student=world["lan"], applicant=who)
    await asking.attach(client, database, clerk, draft, "birth_certificate")
    draft = await asking.save(client, clerk, draft, asking.FULL)
    dossier = (await asking.file(client, clerk, draft))["dossier"]
    assert (await client(stranger, DOSSIER, id=dossier["id"]))["dossier"] is None
    (row,) = await _rows(database, Dossier)
    assert (row.owner_id, row.readers) == (None, [])


@pytest.mark.parametrize(
    ("who", "applicant", "problem"),
    [
        ("clerk", {"name": "A", "phone": "0912345678"}, "identity.name_invalid"),
        ("clerk", {"name": "Nguyễn Văn Nam", "phone": "12"}, "identity.phone_invalid"),
        ("mother", {"name": "Nguyễn Văn Nam", "phone": "0912345678"}, "core.not_allowed"),
        ("math_teacher", {"name": "Nguyễn Văn Nam", "phone": "0912345678"}, "core.not_allowed"),
        ("other_clerk", {"name": "Nguyễn Văn Nam", "phone": "0912345678"}, "core.not_found"),
    ],
)
async def test_the_counter_is_the_offices(
    client: Client, database: Database, world: World, who: str, applicant: dict[str, str], problem: str
) -> None:
    version = await asking.offer(database, asking.definition())
    answer = await client(world.actor(who), START, v=version, student=world["lan"], applicant=applicant)
    assert answer.problem == problem


async def test_five_an_hour_of_one_procedure(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.plain())
    person = await asking.citizen(database, 1)

    async def ask() -> str | None:
        draft = await asking.start(client, person, version, school=world["school"])
        draft = await asking.save(client, person, draft, {"question": "?"})
        return (await client(person, FILE, id=draft["id"], version=draft["version"])).problem

    with time_machine.travel(FRIDAY, tick=True) as travelled:
        assert [await ask() for _ in range(6)] == [None] * 5 + ["eservices.filed_often"]
        travelled.shift(timedelta(minutes=61))
        assert await ask() is None


async def test_twenty_open_ones(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.plain())
    person = await asking.citizen(database, 1)
    with time_machine.travel(FRIDAY, tick=True) as travelled:
        for number in range(21):
            travelled.shift(timedelta(minutes=20))
            draft = await asking.start(client, person, version, school=world["school"])
            draft = await asking.save(client, person, draft, {"question": "?"})
            problem = (await client(person, FILE, id=draft["id"], version=draft["version"])).problem
            assert problem == (None if number < 20 else "eservices.too_many_open")


@pytest.mark.parametrize(
    ("opens", "closes", "problem"),
    [
        (None, None, "eservices.window_closed"),
        (-20, -1, "eservices.window_closed"),
        (1, 20, "eservices.window_closed"),
        (-5, 0, None),
    ],
)
async def test_after_the_window(
    client: Client, database: Database, world: World, opens: int | None, closes: int | None, problem: str | None
) -> None:
    window = {"kind": "ANNOUNCED", "days": 15, "late": "REFUSE"}
    version = await asking.offer(database, asking.definition(window=window))
    if opens is not None and closes is not None:
        async with database.write(SYSTEM) as session:
            offered = await session.get(ProcedureVersion, version)
            assert offered is not None
            session.add(
                ServiceWindow(
                    school_id=world["school"],
                    procedure_id=offered.procedure_id,
                    opens_on=clock.today() + timedelta(days=opens),
                    closes_on=clock.today() + timedelta(days=closes),
                    set_by=world["headteacher"],
                )
            )
    draft = await _ready(client, database, world, version)
    answer = await client(world.actor("mother"), FILE, id=draft["id"], version=draft["version"])
    assert answer.problem == problem
    assert len(await _rows(database, Dossier)) == (problem is None)


async def test_said_to_be_wrong_opens_a_correction(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    await asking.attach(client, database, mother, draft, "birth_certificate")
    disputes = {"birthDate": "2014-05-11", "fullName": "Nguyễn Thị Ngọc Lan", "address": "not locked"}
    draft = await asking.save(client, mother, draft, asking.FULL, disputes=disputes)
    answer = await asking.file(client, mother, draft)
    assert answer["dossier"]["answers"]["birthDate"] == "2014-05-11"
    assert answer["dossier"]["answers"]["_disputed"] == ["birthDate"]
    assert answer["dossier"]["answers"]["address"] == asking.FULL["address"]
    first, correction = await _rows(database, Dossier)
    assert correction.opened_by_id == first.id
    assert correction.school_id == world["school"]
    assert correction.answers["rightBirthDate"] == "2014-05-11"
    assert correction.answers["birthDate"] == "2014-05-01", "what stands there now"
    assert correction.owner_id == world["mother"]
    assert correction.status is DossierStatus.SUBMITTED
    lan = next(row for row in await _rows(database, Student) if row.id == world["lan"])
    assert lan.birth_date == date(2014, 5, 1), "the school decides"
    codes = [each["procedure"]["code"] for each in (await client(mother, MINE))["myDossiers"]["nodes"]]
    assert codes == ["TRUONG.04", "TRUONG.90"]

    again = await asking.start(client, mother, version, student=world["lan"])
    await asking.attach(client, database, mother, again, "birth_certificate")
    again = await asking.save(client, mother, again, asking.FULL, disputes=disputes)
    assert (await asking.file(client, mother, again))["errors"] == []
    assert len(await _rows(database, Dossier)) == 3, "one correction is enough"


async def test_a_disputed_value_has_to_fit_the_form(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    await asking.attach(client, database, mother, draft, "birth_certificate")
    draft = await asking.save(client, mother, draft, asking.FULL, disputes={"birthDate": "hôm qua"})
    assert [error["path"] for error in (await asking.file(client, mother, draft))["errors"]] == ["field:birthDate"]
    assert await _rows(database, Dossier) == []


async def test_the_history_is_the_schools_and_ones_own(client: Client, database: Database, world: World) -> None:
    """Who sees a dossier of the school: leaders and clerks; a teacher only what was handed to her."""
    version = await asking.offer(database, asking.definition())
    dossier = await asking.filed(client, database, world, version)
    seen = [
        name
        for name, actor in world.actors.items()
        if name != "nobody" and (await client(actor, DOSSIER, id=dossier["id"]))["dossier"] is not None
    ]
    assert seen == ["mother", "headteacher", "clerk"]
    async with database.write(SYSTEM) as session:
        await session.execute(update(Dossier).values(assignee_id=world["math_teacher"]))
    assert (await client(world.actor("math_teacher"), DOSSIER, id=dossier["id"]))["dossier"] is not None
    assert (await client(world.actor("literature_teacher"), DOSSIER, id=dossier["id"]))["dossier"] is None


async def test_the_offices_own_notes(client: Client, database: Database, world: World) -> None:
    """Not for the family, and not for a colleague who asks for her own child."""
    from dataclasses import replace

    from backend.core.actor import Grant, Role
    from backend.eservices.tables import EntryAction

    version = await asking.offer(database, asking.definition())
    dossier = await asking.filed(client, database, world, version)
    async with database.write(SYSTEM) as session:
        session.add(
            DossierEntry(
                school_id=world["school"], readers=[world["mother"]], dossier_id=UUID(dossier["id"]), position=2,
                action=EntryAction.NOTED, status=DossierStatus.SUBMITTED, note="nội bộ", internal=True,
            )
        )  # fmt: skip

    async def lines(actor: Any) -> int:
        return len((await client(actor, DOSSIER, id=dossier["id"]))["dossier"]["entries"])

    assert await lines(world.actor("clerk")) == 2
    mother = world.actor("mother")
    assert await lines(mother) == 1
    works_there = replace(mother, grants=(*mother.grants, Grant(Role.ACADEMIC_CLERK, world["school"])))
    assert await lines(works_there) == 1
