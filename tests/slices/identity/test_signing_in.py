"""Signing in and out: passwords with lockout, one-time codes, sessions that end at once."""

import re
import statistics
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import codes
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.core.settings import settings
from backend.identity import passwords
from backend.identity.sessions import Authenticator
from backend.identity.tables import Credential, SignInChallenge
from tests.actors import World
from tests.client import Answer, Client

PASSWORD = "mat-khau-cua-toi"
SIGN_IN = """mutation($u: String!, $p: String!) {
  signInWithPassword(username: $u, password: $p) {
    __typename
    ... on SignInPayload { viewer { fullName } }
    ... on Problem { code message retryAfter }
  }
}"""
ASK = """mutation($phone: String!, $claim: String) {
  requestSignInCode(phone: $phone, claimCode: $claim) {
    __typename
    ... on SignInCodePayload { challenge expiresAt }
    ... on Problem { code fields { path } }
  }
}"""
USE = """mutation($challenge: UUID!, $code: String!) {
  signInWithCode(challenge: $challenge, code: $code) {
    __typename
    ... on SignInPayload { viewer { fullName phone roles { role } } }
    ... on Problem { code }
  }
}"""


@pytest.fixture
async def teacher(world: World, database: Database) -> World:
    """The math teacher has a password."""
    async with database.write(SYSTEM) as session:
        session.add(Credential(user_id=world["math_teacher"], password_hash=await passwords.hash_password(PASSWORD)))
    return world


async def sign_in(client: Client, world: World, password: str = PASSWORD, username: str = "math_teacher") -> Answer:
    return await client(world.actor("nobody"), SIGN_IN, u=username, p=password)


async def ask(client: Client, world: World, phone: str, claim: str | None = None) -> UUID:
    answer = await client(world.actor("nobody"), ASK, phone=phone, claim=claim)
    return UUID(answer["requestSignInCode"]["challenge"])


def cookie(answer: Answer) -> str:
    match = re.match(r"(nhipcau=[^;]+);", answer.cookies[0])
    assert match is not None
    return match[1]


async def test_the_right_password_opens_a_session(client: Client, teacher: World, database: Database) -> None:
    answer = await sign_in(client, teacher, username=" Math_Teacher ")
    assert answer["signInWithPassword"]["viewer"]["fullName"] == "Phạm Văn Toán"
    assert "HttpOnly" in answer.cookies[0]
    assert "SameSite=Lax" in answer.cookies[0]
    actor = await Authenticator(database)(cookie(answer))
    assert actor.user_id == teacher["math_teacher"]
    assert actor.schools == (teacher["school"],)


async def test_a_wrong_password_and_an_unknown_name_answer_alike(client: Client, teacher: World) -> None:
    wrong = await sign_in(client, teacher, "sai-mat-khau")
    unknown = await sign_in(client, teacher, "sai-mat-khau", "khong-ai-ca")
    assert wrong.problem == unknown.problem == "identity.password_wrong"
    assert wrong.cookies == unknown.cookies == []


@pytest.mark.parametrize("username", ["math_teacher", "khong-ai-ca"])
async def test_five_wrong_passwords_lock_a_name_for_this_address(client: Client, teacher: World, username: str) -> None:
    """Known and unknown names alike, so that a lock tells nothing; from another address the teacher still gets in."""
    for _ in range(5):
        assert (await sign_in(client, teacher, "sai", username)).problem == "identity.password_wrong"
    locked = await sign_in(client, teacher, PASSWORD, username)
    assert locked.problem == "identity.locked"
    assert locked.data is not None
    assert 0 < locked.data["signInWithPassword"]["retryAfter"] <= 900
    client.address = "198.51.100.7"
    elsewhere = "identity.password_wrong" if username != "math_teacher" else None
    assert (await sign_in(client, teacher, PASSWORD, username)).problem == elsewhere


async def test_a_lock_ends_and_a_success_starts_the_count_anew(client: Client, teacher: World) -> None:
    for _ in range(4):
        await sign_in(client, teacher, "sai")
    assert (await sign_in(client, teacher)).problem is None
    for _ in range(5):
        assert (await sign_in(client, teacher, "sai")).problem == "identity.password_wrong"
    assert (await sign_in(client, teacher)).problem == "identity.locked"
    with time_machine.travel(datetime.now(UTC) + timedelta(seconds=901), tick=True):
        assert (await sign_in(client, teacher)).problem is None


async def test_tries_are_counted_per_account_whatever_the_address(client: Client, teacher: World) -> None:
    for number in range(50):
        client.address = f"198.51.100.{number}"
        assert (await sign_in(client, teacher, "sai", "khong-ai-ca")).problem == "identity.password_wrong"
    client.address = "198.51.100.99"
    assert (await sign_in(client, teacher, "sai", "khong-ai-ca")).problem == "core.too_many"


async def test_a_code_from_the_phone_signs_a_guardian_in(client: Client, world: World) -> None:
    challenge = await ask(client, world, "0912 000 001")
    code = codes.one_time_code(settings().secret(), challenge)
    answer = await client(world.actor("nobody"), USE, challenge=challenge, code=code)
    assert answer["signInWithCode"]["viewer"] == {
        "fullName": "Trần Thị Hoa",
        "phone": "+84912000001",
        "roles": [{"role": "GUARDIAN"}],
    }
    again = await client(world.actor("nobody"), USE, challenge=challenge, code=code)
    assert again.problem == "identity.code_wrong"


async def test_an_unknown_phone_gets_the_same_answer_and_no_message(
    client: Client, world: World, database: Database
) -> None:
    challenge = await ask(client, world, "0987 654 321")
    async with database.write(SYSTEM) as session:
        row = await session.get(SignInChallenge, challenge)
    assert row is not None
    assert row.deliver is False
    code = codes.one_time_code(settings().secret(), challenge)
    assert (await client(world.actor("nobody"), USE, challenge=challenge, code=code)).problem == "identity.code_wrong"


async def test_whether_a_phone_is_known_does_not_show_in_the_time(client: Client, world: World) -> None:
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number in range(12):
        for kind, phone in (("known", f"09120000{number % 5 + 1:02d}"), ("unknown", f"09870000{number:02d}")):
            client.services.limits.__init__(None)
            start = time.perf_counter()
            await ask(client, world, phone)
            times[kind].append(time.perf_counter() - start)
    known, unknown = (statistics.median(times[kind]) for kind in ("known", "unknown"))
    assert known < 3 * unknown
    assert unknown < 3 * known


async def test_a_code_is_guessed_five_times_and_no_more(client: Client, world: World) -> None:
    challenge = await ask(client, world, "0912000001")
    right = codes.one_time_code(settings().secret(), challenge)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert (
            await client(world.actor("nobody"), USE, challenge=challenge, code=wrong)
        ).problem == "identity.code_wrong"
    assert (await client(world.actor("nobody"), USE, challenge=challenge, code=right)).problem == "identity.code_wrong"


async def test_a_code_expires(client: Client, world: World) -> None:
    challenge = await ask(client, world, "0912000001")
    code = codes.one_time_code(settings().secret(), challenge)
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=6), tick=True):
        answer = await client(world.actor("nobody"), USE, challenge=challenge, code=code)
    assert answer.problem == "identity.code_expired"


@pytest.mark.parametrize("phone", ["", "0912", "không có", "+1 202 555 0100", "9" * 30])
async def test_nonsense_is_no_phone(client: Client, world: World, phone: str) -> None:
    answer = await client(world.actor("nobody"), ASK, phone=phone)
    assert answer.problem == "identity.phone_invalid"


async def test_one_phone_gets_three_codes_in_ten_minutes(client: Client, world: World) -> None:
    for _ in range(3):
        await ask(client, world, "0912000001")
    assert (await client(world.actor("nobody"), ASK, phone="0912000001")).problem == "core.too_many"


async def test_a_signed_out_session_is_worth_nothing(client: Client, teacher: World, database: Database) -> None:
    held = cookie(await sign_in(client, teacher))
    door = Authenticator(database)
    actor = await door(held)
    out = await client(actor, "mutation { signOut { __typename ... on SignOutPayload { ok } } }")
    assert "Max-Age=0" in out.cookies[0]
    assert (await Authenticator(database)(held)).user_id is None


async def test_one_tap_ends_every_session_and_the_cache_forgets_them(
    client: Client, teacher: World, database: Database
) -> None:
    phones = [cookie(await sign_in(client, teacher)) for _ in range(3)]
    door = Authenticator(database)
    actors = [await door(held) for held in phones]
    async with client.services.bus.subscribe(["sessions"]) as signals:
        await client(actors[0], "mutation { signOutEverywhere { __typename } }")
        for _ in phones:
            door.forget((await anext(signals)).message)
    assert [(await door(held)).user_id for held in phones] == [None, None, None]


async def test_sessions_are_listed_and_another_ones_is_not_to_be_ended(
    client: Client, teacher: World, database: Database
) -> None:
    actor = await Authenticator(database)(cookie(await sign_in(client, teacher)))
    listed = (await client(actor, "{ mySessions { id current deviceLabel } }"))["mySessions"]
    assert [row["current"] for row in listed] == [True]
    end = "mutation($id: UUID!) { revokeSession(id: $id) { __typename ... on Problem { code } } }"
    assert (await client(teacher.actor("clerk"), end, id=listed[0]["id"])).problem == "core.not_found"
    assert (await client(actor, end, id=listed[0]["id"])).problem is None


async def test_a_new_password_is_checked_and_replaces_the_old(client: Client, teacher: World) -> None:
    change = """mutation($c: String!, $n: String!) {
      changePassword(current: $c, new: $n) { __typename ... on Problem { code fields { path } } }
    }"""
    actor = teacher.actor("math_teacher")
    assert (await client(actor, change, c="sai", n="mot-mat-khau-moi")).problem == "identity.password_wrong"
    assert (await client(actor, change, c=PASSWORD, n="ngan")).problem == "identity.password_length"
    assert (await client(actor, change, c=PASSWORD, n="aaaaaaaaaaaa")).problem == "identity.password_guessable"
    assert (await client(actor, change, c=PASSWORD, n="mot-mat-khau-moi")).problem is None
    assert (await sign_in(client, teacher)).problem == "identity.password_wrong"
    assert (await sign_in(client, teacher, "mot-mat-khau-moi")).problem is None


async def test_a_disabled_user_is_out_at_once(client: Client, teacher: World, database: Database) -> None:
    from backend.identity.tables import User

    held = cookie(await sign_in(client, teacher))
    async with database.write(SYSTEM) as session:
        await session.execute(
            update(User).where(col(User.id) == teacher["math_teacher"]).values(disabled_at=datetime.now(UTC))
        )
        assert (await session.execute(select(User))).first() is not None
    assert (await Authenticator(database)(held)).user_id is None
