"""The register of originals: entered from the book, found by name or number, the school's own and nobody else's."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core.actor import SYSTEM
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.journal import Journal
from tests.actors import World
from tests.client import Answer, Client

ADD = """mutation($s: UUID!, $d: DiplomaInput!) { addDiploma(school: $s, diploma: $d) { __typename
  ... on DiplomaPayload { diploma { id fullName registerNumber birthDate corrections { id } version } }
  ... on Problem { code fields { path } } } }"""
FIND = "query($s: UUID!, $q: String!) { diplomas(school: $s, search: $q) { fullName registerNumber serialNumber } }"
LINE: dict[str, Any] = {
    "kind": "UPPER_SECONDARY",
    "serialNumber": "A 0012345",
    "registerNumber": "17/2026",
    "fullName": "Đặng  Thị Hồng Đào",
    "birthDate": "2008-02-03",
    "birthplace": "Bắc Ninh",
    "ethnicity": "Kinh",
    "sex": "FEMALE",
    "graduationYear": 2026,
    "classification": "",
    "issuedOn": "2026-07-20",
}


async def _add(client: Client, world: World, who: str = "clerk", **changes: Any) -> Answer:
    return await client(world.actor(who), ADD, s=world["school"], d={**LINE, **changes})


async def _names(client: Client, world: World, search: str, who: str = "clerk") -> list[str]:
    found = await client(world.actor(who), FIND, s=world["school"], q=search)
    return [row["fullName"] for row in found["diplomas"]]


async def test_a_line_is_entered_and_found(client: Client, world: World, database: Database) -> None:
    added = (await _add(client, world))["addDiploma"]["diploma"]
    assert (added["fullName"], added["version"], added["corrections"]) == ("Đặng Thị Hồng Đào", 1, [])
    for search in ("hong dao", "Đào", "ĐẶNG THỊ", "đặng thị hồng đào", "17/2026", "a 0012", ""):
        assert await _names(client, world, search) == ["Đặng Thị Hồng Đào"], search
    for search in ("Đạo Hồng", "%", "_", "18/2026"):
        assert await _names(client, world, search) == [], search
    async with database.write(SYSTEM) as session:
        [entry] = list(await session.scalars(select(Journal).where(col(Journal.kind) == "records.diploma_entered")))
    assert entry.actor_user_id == world["clerk"] and entry.audience is None


async def test_a_number_stands_in_the_register_once(client: Client, world: World) -> None:
    assert (await _add(client, world)).problem is None
    assert (await _add(client, world, fullName="Trần Văn Minh")).problem == "records.number_taken"
    assert (await _add(client, world, kind="COMPLETION")).problem is None


async def test_of_two_clerks_who_enter_the_same_line_one_is_told(client: Client, world: World) -> None:
    other = Client(client.services.database, MemoryBus(), client.services.jobs)
    answers = await asyncio.gather(_add(client, world), _add(other, world, "headteacher"))
    assert sorted(answer.problem or "" for answer in answers) == ["", "records.number_taken"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"serialNumber": "  "}, "records.text_missing"),
        ({"registerNumber": ""}, "records.text_missing"),
        ({"registerNumber": "1" * 31}, "records.text_too_long"),
        ({"birthplace": "x" * 121}, "records.text_too_long"),
        ({"fullName": "X1"}, "identity.name_invalid"),
        ({"graduationYear": 1900}, "records.year_wrong"),
        ({"graduationYear": 2099}, "records.year_wrong"),
        ({"issuedOn": "2025-07-20"}, "records.issued_wrong"),
        ({"issuedOn": "2099-07-20"}, "records.issued_wrong"),
        ({"birthDate": "2020-01-01"}, "records.birth_date_wrong"),
    ],
)
async def test_a_wrong_line_is_refused(client: Client, world: World, changes: dict[str, Any], code: str) -> None:
    assert (await _add(client, world, **changes)).problem == code
    assert await _names(client, world, "") == []


async def test_a_register_is_its_schools_own(client: Client, world: World) -> None:
    await _add(client, world)
    assert await _names(client, world, "", "headteacher") == ["Đặng Thị Hồng Đào"]
    assert await _names(client, world, "", "other_clerk") == []
    assert (await _add(client, world, "other_clerk", registerNumber="2")).problem == "core.not_allowed"
    for who in ("nobody", "mother", "math_teacher", "homeroom_teacher", "officer"):
        assert (await _add(client, world, who, registerNumber="3")).problem in (
            "core.not_allowed", "core.sign_in_required",
        ), who  # fmt: skip
        assert (await client(world.actor(who), FIND, s=world["school"], q="")).problem, who
