"""The queue as an officer sees it: what presses first, page by page, found by words, and only what is hers."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from backend.core import clock
from backend.core.db import Database
from backend.eservices.actions import desk
from tests.actors import ACTORS, World
from tests.client import Answer, Client
from tests.slices.eservices.office import (
    DEFINITION,
    FRIDAY,
    MONDAY,
    MORNING,
    THURSDAY,
    WEDNESDAY,
    Office,
    S,
)

ROWS = """rows { workingDaysLeft urgency procedureName { vi en } stepName { vi }
  dossier { id code status step channel applicantName filedAt receivedAt dueOn overdue extendedAt supplementRounds
    version procedure { id code } assignee { id fullName } student { id fullName } } } next counts { status count }"""
QUEUE = f"""query($filter: QueueFilter!, $after: String, $first: Int!) {{
  dossierQueue(filter: $filter, after: $after, first: $first) {{ {ROWS} }} }}"""


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture
async def office(database: Database, world: World) -> Office:
    made = Office(database, world)
    await made.open()
    return made


async def ask(
    client: Client, world: World, who: str = "clerk", first: int = 50, after: str | None = None, **filter_: Any
) -> Answer:
    return await client(world.actor(who), QUEUE, filter=filter_, first=first, after=after)


def numbers(answer: Answer) -> list[int]:
    """The dossiers by the number in their code, in the order of the queue."""
    return [int(row["dossier"]["code"][-4:]) for row in answer["dossierQueue"]["rows"]]


async def test_what_presses_comes_first(office: Office, client: Client, world: World) -> None:
    await office.file(S.PROCESSING, due_on=FRIDAY, assignee="math_teacher")  # 1
    await office.file(S.SUBMITTED, due_on=FRIDAY - timedelta(days=7))  # 2: late since Friday
    await office.file(S.RETURNED)  # 3
    await office.file(S.PAYMENT_REQUIRED, days_left=2)  # 4
    await office.file(S.ACCEPTED, due_on=MONDAY)  # 5
    await office.file(S.SUPPLEMENT_REQUESTED)  # 6
    await office.file(S.PROCESSING, due_on=WEDNESDAY, student=None)  # 7
    await office.file(S.COMPLETED, filed_at=clock.now())  # 8
    answer = await ask(client, world)
    assert numbers(answer) == [2, 5, 7, 1, 4, 6, 8, 3]
    shown = [(row["urgency"], row["workingDaysLeft"]) for row in answer["dossierQueue"]["rows"]]
    assert shown == [
        ("OVERDUE", -1), ("TODAY", 0), ("SOON", 1), ("CALM", 3), ("WAITING", None), ("WAITING", None), ("DONE", None),
        ("DONE", None),
    ]  # fmt: skip
    first, last = answer["dossierQueue"]["rows"][0], answer["dossierQueue"]["rows"][3]
    assert first["dossier"]["overdue"] and first["dossier"]["assignee"] is None and first["stepName"] is None
    assert first["dossier"]["student"] == {"id": str(world["lan"]), "fullName": "Nguyễn Thị Ngọc Lan"}
    assert last["dossier"]["assignee"]["fullName"] == "Phạm Văn Toán" and last["stepName"] == {"vi": "Kiểm tra"}
    assert last["procedureName"] == DEFINITION["name"] and last["dossier"]["procedure"]["code"] == "LOP.01"
    counts = {each["status"]: each["count"] for each in answer["dossierQueue"]["counts"]}
    assert counts["PROCESSING"] == 2 and counts["SUBMITTED"] == 1 and counts["WITHDRAWN"] == 0


async def test_it_takes_four_statements_whatever_its_length(
    office: Office, client: Client, world: World, database: Database
) -> None:
    for _ in range(12):
        await office.file(S.PROCESSING, assignee="math_teacher")
    with database.count_statements() as counted:
        assert len(numbers(await ask(client, world))) == 12
    assert len(counted) == 5, counted.statements  # the fence, the page, the counts, the calendar, the names


@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_pages_follow_each_other_without_a_gap(office: Office, client: Client, world: World, size: int) -> None:
    same = clock.now() - timedelta(days=3)
    for status in (S.PROCESSING, S.SUBMITTED, S.SUPPLEMENT_REQUESTED, S.RETURNED):
        for number in range(3):
            await office.file(status, filed_at=same if number else same - timedelta(days=1))
    await office.change(await office.file(S.SUBMITTED), due_on=None)  # behind all that have a deadline
    await office.change(await office.file(S.ACCEPTED), due_on=None)
    whole, found, after = numbers(await ask(client, world)), list[int](), None
    while True:
        page = await ask(client, world, first=size, after=after)
        found += numbers(page)
        after = page["dossierQueue"]["next"]
        if after is None:
            break
    assert found == whole and len(set(found)) == 14
    only = await ask(client, world, first=1, statuses=["SUBMITTED", "RETURNED"])
    rest = await ask(client, world, after=only["dossierQueue"]["next"], statuses=["RETURNED"])
    assert len(numbers(rest)) == 3


async def test_a_dossier_that_moves_between_two_pages_pushes_no_other_out(
    office: Office, client: Client, world: World
) -> None:
    ids = [await office.file(due_on=day) for day in (MONDAY, WEDNESDAY, THURSDAY, FRIDAY)]
    first = await ask(client, world, first=2)
    assert await office.act("clerk", desk.reject, ids[0], 1, "Trái tuyến") == ""
    assert numbers(await ask(client, world, after=first["dossierQueue"]["next"]))[:2] == [3, 4]


@pytest.mark.parametrize("after", ["x", "", "W10=", "WyI5IiwgIngiLCAieSJd", "WyIwIiwgIm5vIGRheSIsICIwIl0=", "x" * 5000])
async def test_a_forged_position_is_refused(office: Office, client: Client, world: World, after: str) -> None:
    assert (await ask(client, world, after=after)).problem == "core.cursor_invalid"


async def test_pages_have_a_limit(client: Client, world: World) -> None:
    assert (await ask(client, world, first=101)).problem == "core.page_size"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("tran thi hoa", [1]),
        ("TRẦN THỊ", [1]),
        ("đức", [2]),
        ("duc", [2]),
        ("ngoc lan", [1, 3]),  # the pupil
        ("261123-0002", [2]),
        ("24010001-261123-0003", [3]),
        ("100%", []),
        ("_", []),
        ("   ", [1, 2, 3]),
    ],
)
async def test_words_find_it(office: Office, client: Client, world: World, words: str, expected: list[int]) -> None:
    await office.file(applicant_name="Trần Thị Hoa", due_on=MONDAY)
    await office.file(applicant_name="Nguyễn Đức Ánh", student=None, due_on=WEDNESDAY)
    await office.file(applicant_name="Ông Nội", due_on=FRIDAY)
    answer = await ask(client, world, search=words)
    assert numbers(answer) == expected
    assert sum(each["count"] for each in answer["dossierQueue"]["counts"]) == len(expected)


async def test_filters(office: Office, client: Client, world: World) -> None:
    await office.file(S.PROCESSING, assignee="clerk")
    await office.file(S.PROCESSING, procedure="LOP.02")
    await office.file(S.RETURNED)
    assert numbers(await ask(client, world, assignedToMe=True)) == [1]
    assert numbers(await ask(client, world, procedure="LOP.02")) == [2]
    assert numbers(await ask(client, world, procedure="LOP.99")) == []
    assert numbers(await ask(client, world, statuses=["RETURNED"])) == [3]
    assert numbers(await ask(client, world, school=world["school"])) == [1, 2, 3]
    assert numbers(await ask(client, world, school=world["other_school"])) == []
    found = (await ask(client, world, statuses=["RETURNED"]))["dossierQueue"]
    counts = {each["status"]: each["count"] for each in found["counts"]}
    assert (counts["PROCESSING"], counts["RETURNED"]) == (2, 1)


async def test_everybody_sees_what_is_hers(office: Office, client: Client, world: World) -> None:
    await office.file(S.PROCESSING)
    await office.file(S.PROCESSING, assignee="math_teacher")
    await office.file(S.PROCESSING, assignee="literature_teacher", owner="clerk")
    await office.file(S.PROCESSING, school="other_school", student="khac", owner=None)
    seen = {
        "clerk": [1, 2],  # not her own
        "headteacher": [1, 2, 3],
        "math_teacher": [2],
        "literature_teacher": [3],
        "homeroom_teacher": [],
        "other_clerk": [4],
        "other_teacher": [],
    }
    for who in ACTORS:
        answer = await ask(client, world, who)
        if who in seen:
            assert sorted(numbers(answer)) == seen[who], who
        else:
            assert answer.problem in ("core.not_allowed", "core.sign_in_required"), who


async def test_to_whom_one_may_hand_over(client: Client, world: World) -> None:
    document = "query($s: UUID!) { handlers(school: $s) { fullName } }"
    found = await client(world.actor("clerk"), document, s=world["school"])
    assert sorted(person["fullName"] for person in found["handlers"]) == sorted(
        ["Phạm Văn Toán", "Vũ Thị Văn", "Đỗ Thị Chủ Nhiệm", "Bùi Văn Hiệu", "Ngô Thị Giáo Vụ"]
    )
    assert (await client(world.actor("clerk"), document, s=world["other_school"]))["handlers"] == []
    assert (await client(world.actor("mother"), document, s=world["school"])).problem == "core.not_allowed"
    assert (await client(world.actor("officer"), document, s=world["school"])).problem == "core.not_allowed"


MUTATION = """mutation($id: UUID!, $version: Int!) { %s { __typename
  ... on DossierPayload { dossier { id status step version dueOn entries { action internal note } } }
  ... on Problem { code message fields { path } } } }"""


async def test_the_actions_as_the_app_asks_for_them(office: Office, client: Client, world: World) -> None:
    dossier = await office.file()

    async def send(who: str, field: str, version: int) -> dict[str, Any]:
        answer = await client(world.actor(who), MUTATION % field, id=dossier, version=version)
        assert answer.data is not None, answer.errors
        return next(iter(answer.data.values()))

    asked = await send("clerk", "acceptDossier(id: $id, version: $version)", 1)
    assert asked["dossier"]["status"] == "ACCEPTED" and asked["dossier"]["version"] == 2
    again = await send("headteacher", "acceptDossier(id: $id, version: $version)", 1)
    assert again["code"] == "core.stale"
    assert (await send("clerk", "startDossier(id: $id, version: $version)", 2))["dossier"]["step"] == "check"
    note = 'advanceDossier(id: $id, version: $version, note: "Rõ", resultData: {class: "7B"})'
    advanced = (await send("clerk", note, 3))["dossier"]
    assert advanced["entries"][-1] == {"action": "NOTED", "internal": True, "note": "Rõ"}
    done = await send("headteacher", 'completeDossier(id: $id, version: $version, resultNote: "Đồng ý")', 4)
    assert done["dossier"]["status"] == "COMPLETED"
    assert (await send("clerk", "returnDossier(id: $id, version: $version)", 5))["dossier"]["status"] == "RETURNED"
    mine = await client(
        world.actor("mother"), "query($id: UUID!) { dossier(id: $id) { entries { action note internal } } }", id=dossier
    )
    assert [entry["action"] for entry in mine["dossier"]["entries"]] == [
        "FILED", "ACCEPTED", "STARTED", "HANDED_OVER", "COMPLETED", "RETURNED",
    ]  # fmt: skip
