"""Requests under attack: fifty at the same moment, forms tampered with, strangers' drafts, guessed codes."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.db import Database
from backend.core.ids import new_id
from backend.eservices.actions import filing
from backend.eservices.tables import Dossier, DossierFile, Draft
from backend.identity.tables import User
from tests.actors import World
from tests.client import Client
from tests.slices.eservices import asking
from tests.slices.eservices.asking import ATTACH, DRAFT, FILE, SAVE, START

pytestmark = pytest.mark.anyio

FILINGS = 50
CONNECTIONS = 4
TRACK = "query($code: String!, $digits: String!) { trackDossier(code: $code, phoneDigits: $digits) { status } }"


async def _dossiers(database: Database) -> list[Dossier]:
    async with database.write(SYSTEM) as session:
        return list((await session.execute(select(Dossier).order_by(col(Dossier.code)))).scalars())


async def _fifty(database: Database, world: World) -> list[tuple[Actor, UUID]]:
    """Complete drafts of fifty people for the same school."""
    version = await asking.offer(database, asking.plain())
    people = [User(full_name=f"Dân {n}", sort_key=str(n), phone=f"+84987{n:06d}") for n in range(FILINGS)]
    drafts = [
        Draft(
            owner_id=person.id,
            procedure_version_id=version,
            school_id=world["school"],
            answers={"question": f"Câu {number}"},
            changed_at=clock.now(),
        )
        for number, person in enumerate(people)
    ]
    async with database.write(SYSTEM) as session:
        session.add_all(people)
        await session.flush()
        session.add_all(drafts)
    return [
        (Actor(user_id=person.id, full_name=person.full_name), draft.id)
        for person, draft in zip(people, drafts, strict=True)
    ]


def _filer(database: Database) -> Callable[..., Awaitable[UUID]]:
    """Files drafts, as many at once as there are connections: what waits longer is asked to come back."""
    crowd = asyncio.Semaphore(CONNECTIONS)

    async def file(person: Actor, draft: UUID, breaks: bool = False) -> UUID:
        async with crowd, database.write(person) as session:
            filed = await filing.file_draft(session, person, draft, 1)
            assert isinstance(filed, UUID)
            if breaks:
                raise ConnectionResetError
            return filed

    return file


async def test_fifty_at_once_get_fifty_codes(database: Database, world: World) -> None:
    """And those who tap twice get the dossier they have."""
    ready, file = await _fifty(database, world), _filer(database)
    filed = await asyncio.gather(*(file(*each) for each in [*ready, *ready[:10]]))
    assert len(set(filed)) == FILINGS
    assert filed[:10] == filed[FILINGS:]
    rows = await _dossiers(database)
    assert [row.code[-4:] for row in rows] == [f"{number:04d}" for number in range(1, FILINGS + 1)]
    assert {row.owner_id for row in rows} == {person.user_id for person, _ in ready}


async def test_filings_that_fail_leave_the_others_whole(database: Database, world: World) -> None:
    """A number that was taken by a filing that broke off is given again; nothing of it stays."""
    ready, file = await _fifty(database, world), _filer(database)
    sent = [file(*each, breaks=number % 5 == 0) for number, each in enumerate(ready)]
    done = await asyncio.gather(*sent, return_exceptions=True)
    broken = sum(isinstance(result, ConnectionResetError) for result in done)
    assert broken == FILINGS // 5
    rows = await _dossiers(database)
    assert [row.code[-4:] for row in rows] == [f"{number:04d}" for number in range(1, FILINGS - broken + 1)]
    async with database.write(SYSTEM) as session:
        assert len((await session.execute(select(Draft))).scalars().all()) == broken


async def test_six_of_one_person_at_once_are_five(
    client: Client, another: Callable[[], Client], database: Database, world: World
) -> None:
    version = await asking.offer(database, asking.plain())
    person = await asking.citizen(database, 1)
    drafts = []
    for number in range(8):
        draft = await asking.start(client, person, version, school=world["school"])
        drafts.append(await asking.save(client, person, draft, {"question": str(number)}))
    sent = [another()(person, FILE, id=draft["id"], version=draft["version"]) for draft in drafts]
    problems = [answer.problem for answer in await asyncio.gather(*sent)]
    assert sorted(map(str, problems)) == ["None"] * 5 + ["eservices.filed_often"] * 3


TAMPERED: list[dict[str, Any]] = [
    {"reason": "move", "address": "x", "fullName": {"$ref": "http://x"}},
    {"reason": "move", "address": ["x"]},
    {"reason": "bribe", "address": "x"},
    {"reason": "move", "address": True},
    {"reason": ["move"], "address": "x"},
    {"reason": "move", "address": "   "},
    {"reason": "move", "address": "x", "detail": "<" * 51},
    {"reason": None, "address": None},
    {},
]


@pytest.mark.parametrize("answers", TAMPERED)
async def test_a_form_tampered_with(client: Client, database: Database, world: World, answers: dict[str, Any]) -> None:
    """Refused, or filed as if the tampering had not been; never kept as it was sent."""
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    await asking.attach(client, database, mother, draft, "birth_certificate")
    draft = await asking.save(client, mother, draft, answers)
    answer = await asking.file(client, mother, draft)
    if answer["dossier"] is None:
        assert answer["errors"]
        assert await _dossiers(database) == []
    else:
        assert answer["dossier"]["answers"]["fullName"] == "Nguyễn Thị Ngọc Lan"


@pytest.mark.parametrize("extra", ["_disputed", "__proto__", "constructor", "status", "fullName "])
async def test_answers_nobody_asked_for(client: Client, database: Database, world: World, extra: str) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    await asking.attach(client, database, mother, draft, "birth_certificate")
    draft = await asking.save(client, mother, draft, {**asking.FULL, extra: ["fullName"]})
    answers = (await asking.file(client, mother, draft))["dossier"]["answers"]
    assert set(answers) == {"fullName", "birthDate", "reason", "address"}


async def test_another_child_slipped_into_a_draft(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    for pupil in ("minh", "anh", "khac"):
        given = {"answers": {}, "disputes": {}, "student": world[pupil]}
        assert (await client(mother, SAVE, id=draft["id"], version=1, **given)).problem == "core.not_found"
    seen = (await client(mother, DRAFT, id=draft["id"]))["draft"]
    assert seen["student"]["id"] == str(world["lan"])


async def test_another_school_slipped_into_a_draft(client: Client, database: Database, world: World) -> None:
    """What is about a pupil of a school goes to that school, whatever the phone says."""
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"], school=world["other_school"])
    assert draft["school"]["id"] == str(world["school"])
    draft = await asking.save(client, mother, draft, {}, school=world["other_school"])
    assert draft["school"]["id"] == str(world["school"])
    chosen = await asking.offer(database, asking.plain(), "TRUONG.91")
    made_up = await client(mother, START, v=chosen, school=new_id())
    assert made_up.problem == "eservices.school_unknown"


async def test_a_draft_version_of_a_procedure_cannot_be_begun(client: Client, database: Database, world: World) -> None:
    """Nor one that is not there."""
    from sqlalchemy import update

    from backend.eservices.tables import ProcedureVersion, VersionStatus

    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    kept = await asking.start(client, mother, version, student=world["lan"])
    for status, problem in (
        (VersionStatus.DRAFT, "core.not_found"),
        (VersionStatus.RETIRED, "eservices.procedure_not_live"),
    ):
        async with database.write(SYSTEM) as session:
            await session.execute(
                update(ProcedureVersion).where(col(ProcedureVersion.id) == version).values(status=status)
            )
        assert (await client(mother, START, v=version, student=world["lan"])).problem == problem
    assert (await client(mother, START, v=new_id(), student=world["lan"])).problem == "core.not_found"
    # Begun before it was retired: it goes on.
    await asking.attach(client, database, mother, kept, "birth_certificate")
    kept = await asking.save(client, mother, kept, asking.FULL)
    assert (await asking.file(client, mother, kept))["dossier"]


async def test_files_of_a_filed_dossier_stay(client: Client, database: Database, world: World) -> None:
    """The draft is gone: nothing can be attached to it, and nothing of the dossier detached."""
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    file = await asking.attach(client, database, mother, draft, "birth_certificate")
    draft = await asking.save(client, mother, draft, asking.FULL)
    await asking.file(client, mother, draft)
    upload = await asking.hand_in(database, mother)
    late = await client(mother, ATTACH, draft=draft["id"], paper="birth_certificate", upload=upload)
    assert late.problem == "core.not_found"
    assert (await client(mother, asking.DETACH, id=file["id"])).problem == "core.not_found"
    async with database.write(SYSTEM) as session:
        assert len((await session.execute(select(DossierFile))).scalars().all()) == 1


async def test_filing_while_the_other_phone_writes(
    client: Client, another: Callable[[], Client], database: Database, world: World
) -> None:
    """Saved and filed at the same moment: either the saved version is filed, or the filing is refused as stale."""
    version = await asking.offer(database, asking.plain())
    person = await asking.citizen(database, 1)
    for number in range(4):
        draft = await asking.start(client, person, version, school=world["school"])
        draft = await asking.save(client, person, draft, {"question": "cũ"})
        given = {"id": draft["id"], "version": draft["version"]}
        saved, filed = await asyncio.gather(
            another()(person, SAVE, **given, answers={"question": "mới"}, disputes={}), another()(person, FILE, **given)
        )
        assert (saved.problem, filed.problem) in ((None, "core.stale"), ("core.not_found", None)), number


async def test_a_code_is_not_guessed(client: Client, database: Database, world: World) -> None:
    """Ten thousand digits at five tries a quarter of an hour, from however many addresses; and a real code answers
    as a made-up one does, try for try."""
    version = await asking.offer(database, asking.definition())
    dossier = await asking.filed(client, database, world, version)
    said: dict[str, list[Any]] = {dossier["code"]: [], "24010001-260101-0001": []}
    for number in range(20):
        client.address = f"10.0.{number}.1"
        for code, answers in said.items():
            answer = await client(world.actor("nobody"), TRACK, code=code, digits=f"{5000 + number}")
            answers.append((answer.status, answer.data, answer.problem))
    real, made_up = said.values()
    assert real == made_up
    assert real == [(200, {"trackDossier": None}, None)] * 5 + [(200, {"trackDossier": None}, "core.too_many")] * 15
