"""Where a dossier is, by its code and four digits of a phone; and nothing for who guesses."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.eservices.actions.moves import move, tell
from backend.eservices.rules.states import DossierStatus
from backend.eservices.tables import Dossier, EntryAction
from backend.identity.tables import User
from tests.actors import World
from tests.client import Answer, Client
from tests.slices.eservices import asking

pytestmark = pytest.mark.anyio

TRACK = """query($code: String!, $digits: String!) { trackDossier(code: $code, phoneDigits: $digits) {
  code procedureName { vi en } office status filedAt dueOn overdue
  entries { action status at office dueOn } } }"""


@pytest.fixture
async def dossier(client: Client, database: Database, world: World) -> dict[str, Any]:
    """Lan's mother's dossier, with the last digits of her phone."""
    version = await asking.offer(database, asking.definition())
    row = await asking.filed(client, database, world, version)
    async with database.write(SYSTEM) as session:
        phone = (await session.execute(select(col(User.phone)).where(col(User.id) == world["mother"]))).scalar_one()
    return {**row, "digits": str(phone)[-4:]}


async def _track(client: Client, world: World, code: str, digits: str) -> Answer:
    return await client(world.actor("nobody"), TRACK, code=code, digits=digits)


async def test_by_code_and_digits(client: Client, database: Database, world: World, dossier: dict[str, Any]) -> None:
    async with database.write(SYSTEM) as session:
        row = await session.get(Dossier, UUID(dossier["id"]))
        assert row is not None
        clerk = world.actor("clerk")
        await move(session, clerk, row, DossierStatus.ACCEPTED, EntryAction.ACCEPTED, note="Cô Vũ đã nhận")
        await tell(session, clerk, row, EntryAction.NOTED, note="nội bộ", internal=True)
    answer = await _track(client, world, f"  {dossier['code'].lower()} ", dossier["digits"])
    found = answer["trackDossier"]
    assert found["code"] == dossier["code"]
    assert found["procedureName"]["vi"] == "Xin nghỉ học một thời gian"
    assert found["office"] == "THCS 24010001"
    assert (found["status"], found["dueOn"], found["overdue"]) == ("ACCEPTED", dossier["dueOn"], False)
    assert [entry["action"] for entry in found["entries"]] == ["FILED", "ACCEPTED"]
    for name in ("Trần Thị Hoa", "Ngọc Lan", "Cô Vũ", "nội bộ", "Giáo Vụ"):
        assert name not in str(answer.data)


@pytest.mark.parametrize("wrong", ["0000", "", "%%%%", "____", "12345678", "+849"])
async def test_wrong_digits_and_wrong_codes_look_the_same(
    client: Client, world: World, dossier: dict[str, Any], wrong: str
) -> None:
    answers = [
        await _track(client, world, dossier["code"], wrong),
        await _track(client, world, "24010001-260101-0001", dossier["digits"]),
        await _track(client, world, "x" * 5000, dossier["digits"]),
        await _track(client, world, "", dossier["digits"]),
    ]
    assert [(answer.status, answer.data, answer.errors) for answer in answers] == [
        (200, {"trackDossier": None}, [])
    ] * 4


async def test_a_dossier_without_a_phone_is_not_tracked(
    client: Client, database: Database, world: World, dossier: dict[str, Any]
) -> None:
    async with database.write(SYSTEM) as session:
        await session.execute(update(Dossier).values(applicant_phone=""))
    assert (await _track(client, world, dossier["code"], ""))["trackDossier"] is None


@pytest.mark.parametrize("real", [True, False])
async def test_five_wrong_tries_of_a_code(client: Client, world: World, dossier: dict[str, Any], real: bool) -> None:
    """Alike for a code that does not exist, however it is typed, from whatever address."""
    code = dossier["code"] if real else "24010001-260101-0001"
    for number in range(5):
        client.address = f"10.0.0.{number}"
        spelt = code.lower() if number % 2 else f" {code}"
        assert (await _track(client, world, spelt, "0000"))["trackDossier"] is None
    client.address = "10.0.0.9"
    for digits in ("0000", dossier["digits"]):
        answer = await _track(client, world, code, digits)
        assert answer.problem == "core.too_many"
        assert answer.errors[0]["extensions"]["retryAfter"] > 0


async def test_right_answers_are_not_counted(client: Client, world: World, dossier: dict[str, Any]) -> None:
    """A family that looks every hour is not locked out by it."""
    for _ in range(20):
        assert (await _track(client, world, dossier["code"], dossier["digits"]))["trackDossier"]


async def test_a_hundred_and_twenty_a_minute_from_one_address(client: Client, world: World) -> None:
    for number in range(120):
        assert (await _track(client, world, f"24010001-260101-{number:04d}", "0000")).problem is None
    assert (await _track(client, world, "24010001-260101-9999", "0000")).problem == "core.too_many"
