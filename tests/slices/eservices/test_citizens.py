"""Somebody without a child here: a code to her phone, an account without a role, a request."""

import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import clock, codes
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.core.settings import settings
from backend.identity import queries
from backend.identity.tables import SignInChallenge, User
from tests.actors import World
from tests.client import Client
from tests.slices.eservices import asking

pytestmark = pytest.mark.anyio

ASK = """mutation($phone: String!) { requestCitizenCode(phone: $phone) {
  ... on SignInCodePayload { challenge expiresAt } ... on Problem { __typename code fields { path } } } }"""
FAMILY = ASK.replace("requestCitizenCode", "requestSignInCode")
USE = """mutation($challenge: UUID!, $code: String!) { signInWithCode(challenge: $challenge, code: $code) {
  ... on SignInPayload { viewer { id fullName phone roles { role } } } ... on Problem { __typename code } } }"""
NAME = """mutation($name: String!) { updateSettings(fullName: $name) {
  ... on SettingsPayload { viewer { fullName } } ... on Problem { __typename code } } }"""


async def _challenge(database: Database, id_: str) -> SignInChallenge:
    async with database.write(SYSTEM) as session:
        return (await session.execute(select(SignInChallenge).where(col(SignInChallenge.id) == id_))).scalar_one()


async def _account(database: Database, phone: str) -> User | None:
    async with database.write(SYSTEM) as session:
        return await queries.user_by_phone(session, phone)


async def _use(client: Client, world: World, database: Database, challenge: str) -> object:
    row = await _challenge(database, challenge)
    code = codes.one_time_code(settings().secret(), row.id)
    return await client(world.actor("nobody"), USE, challenge=challenge, code=code)


async def test_a_phone_nobody_has_becomes_an_account_without_a_role(
    client: Client, database: Database, world: World
) -> None:
    asked = await client(world.actor("nobody"), ASK, phone="0987 654 321")
    challenge = asked["requestCitizenCode"]["challenge"]
    assert (await _challenge(database, challenge)).deliver
    assert await _account(database, "+84987654321") is None, "not before the code has come back"
    answer = await _use(client, world, database, challenge)
    viewer = answer["signInWithCode"]["viewer"]  # pyright: ignore[reportIndexIssue]
    assert viewer == {**viewer, "fullName": "", "phone": "+84987654321", "roles": []}
    again = await client(world.actor("nobody"), ASK, phone="+84 987 654 321")
    answer = await _use(client, world, database, again["requestCitizenCode"]["challenge"])
    assert answer["signInWithCode"]["viewer"]["id"] == viewer["id"]  # pyright: ignore[reportIndexIssue]


async def test_families_sign_in_as_ever(client: Client, database: Database, world: World) -> None:
    """Without a claim slip an unknown phone gets no message there, and the answer does not tell."""
    nobody = world.actor("nobody")
    mother = await _account(database, "+84912000001")
    assert mother is not None
    answers = [
        (await client(nobody, document, phone=phone))[field]
        for document, field in ((FAMILY, "requestSignInCode"), (ASK, "requestCitizenCode"))
        for phone in ("0912000001", "0987000009")
    ]
    assert [set(answer) for answer in answers] == [{"challenge", "expiresAt"}] * 4
    assert [(await _challenge(database, answer["challenge"])).deliver for answer in answers] == [
        True, False, True, True,
    ]  # fmt: skip


async def test_a_closed_account_gets_no_code(client: Client, database: Database, world: World) -> None:
    async with database.write(SYSTEM) as session:
        await session.execute(update(User).where(col(User.phone) == "+84912000001").values(disabled_at=clock.now()))
    asked = await client(world.actor("nobody"), ASK, phone="0912000001")
    assert not (await _challenge(database, asked["requestCitizenCode"]["challenge"])).deliver


@pytest.mark.parametrize("phone", ["", "12", "+1 202 555 0100", "113", "0912000001; drop"])
async def test_only_vietnamese_phones(client: Client, world: World, phone: str) -> None:
    assert (await client(world.actor("nobody"), ASK, phone=phone)).problem == "identity.phone_invalid"


async def test_one_count_for_both_doors(client: Client, world: World) -> None:
    """Three codes in ten minutes to a phone, however it is written and wherever they are asked for."""
    nobody = world.actor("nobody")
    for document, phone in ((ASK, "0987654321"), (FAMILY, "+84987654321"), (ASK, "84 987 654 321")):
        assert (await client(nobody, document, phone=phone)).problem is None
    for document in (ASK, FAMILY):
        assert (await client(nobody, document, phone="0987654321")).problem == "core.too_many"


async def test_a_new_account_files_when_it_has_a_name(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.plain())
    asked = await client(world.actor("nobody"), ASK, phone="0987654321")
    await _use(client, world, database, asked["requestCitizenCode"]["challenge"])
    user = await _account(database, "+84987654321")
    assert user is not None
    person = await queries.actor_of_user(database, user.id)
    assert person is not None
    assert (person.grants, person.students) == ((), ())
    draft = await asking.start(client, person, version, school=world["school"])
    draft = await asking.save(client, person, draft, {"question": "Bao giờ có kết quả?"})
    assert [error["path"] for error in (await asking.file(client, person, draft))["errors"]] == ["applicant:name"]
    assert (await client(person, NAME, name="Trần Văn Khách")).problem is None
    assert (await asking.file(client, person, draft))["dossier"]["code"].endswith("-0001")
