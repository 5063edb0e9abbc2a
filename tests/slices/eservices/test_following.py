"""After filing: taking back, answering a supplement, rating, taking up again."""

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
from backend.eservices.actions.moves import move
from backend.eservices.queries import reopening
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.rules.states import MOVES, DossierStatus
from backend.eservices.tables import Dossier, DossierEntry, DossierFile, EntryAction, Supplement, SupplementItem
from tests.actors import World
from tests.client import Client
from tests.slices.eservices import asking

pytestmark = pytest.mark.anyio

_DOSSIER = """dossier { id status version dueOn mayReopenUntil satisfaction answers
  reopens { id } files { id document replaced } entries { action status note }
  supplements { round answeredAt items { target answered } } }"""
_PROBLEM = "... on Problem { __typename code fields { path } }"
READ = f"query($id: UUID!) {{ {_DOSSIER.replace('dossier {', 'dossier(id: $id) {', 1)} }}"
WITHDRAW = f"""mutation($id: UUID!, $version: Int!, $reason: String!) {{
  withdrawDossier(id: $id, version: $version, reason: $reason) {{
    ... on DossierPayload {{ {_DOSSIER} }} {_PROBLEM} }} }}"""
ANSWER = f"""mutation($id: UUID!, $version: Int!, $answers: JSON!, $files: [SupplementFileInput!]!) {{
  answerSupplement(id: $id, version: $version, answers: $answers, files: $files) {{
    ... on FileDraftPayload {{ {_DOSSIER} errors {{ path code message }} }} {_PROBLEM} }} }}"""
RATE = f"""mutation($id: UUID!, $how: Satisfaction!, $note: String! = "") {{
  rateDossier(id: $id, satisfaction: $how, note: $note) {{ ... on DossierPayload {{ {_DOSSIER} }} {_PROBLEM} }} }}"""
REOPEN = f"""mutation($id: UUID!, $reason: String!) {{
  reopenDossier(id: $id, reason: $reason) {{ ... on DossierPayload {{ {_DOSSIER} }} {_PROBLEM} }} }}"""
MONDAY = datetime(2026, 11, 16, 2, tzinfo=UTC)
_WAY = {
    DossierStatus.ACCEPTED: [DossierStatus.ACCEPTED],
    DossierStatus.REJECTED: [DossierStatus.REJECTED],
    DossierStatus.PROCESSING: [DossierStatus.ACCEPTED, DossierStatus.PROCESSING],
    DossierStatus.SUPPLEMENT_REQUESTED: [DossierStatus.SUPPLEMENT_REQUESTED],
    DossierStatus.PAYMENT_REQUIRED: [
        DossierStatus.ACCEPTED, DossierStatus.PROCESSING, DossierStatus.PAYMENT_REQUIRED,
    ],
    DossierStatus.WITHDRAWN: [DossierStatus.WITHDRAWN],
    DossierStatus.STOPPED: [DossierStatus.ACCEPTED, DossierStatus.PROCESSING, DossierStatus.STOPPED],
    DossierStatus.COMPLETED: [DossierStatus.ACCEPTED, DossierStatus.PROCESSING, DossierStatus.COMPLETED],
    DossierStatus.RETURNED: [
        DossierStatus.ACCEPTED, DossierStatus.PROCESSING, DossierStatus.COMPLETED, DossierStatus.RETURNED,
    ],
    DossierStatus.SUBMITTED: [],
}  # fmt: skip


async def _bring(database: Database, world: World, dossier_id: str, status: DossierStatus) -> int:
    """The office brings the dossier into this state; returns its version."""
    async with database.write(SYSTEM) as session:
        row = await session.get(Dossier, UUID(dossier_id))
        assert row is not None
        for step in _WAY[status]:
            await move(session, world.actor("clerk"), row, step, EntryAction.STARTED, note="vì thế")
        return row.version


async def _ask(database: Database, world: World, dossier_id: str, *targets: str) -> int:
    """The office lists what is missing; returns the version."""
    async with database.write(SYSTEM) as session:
        row = await session.get(Dossier, UUID(dossier_id))
        assert row is not None
        shared = {"school_id": row.school_id, "readers": row.readers}
        days = await office_calendar(session)
        asked = Supplement(
            **shared, dossier_id=row.id, round=1, asked_by=world["clerk"], answer_by=days.add(clock.today(), 10)
        )
        session.add(asked)
        await session.flush()
        for number, target in enumerate(targets, 1):
            session.add(
                SupplementItem(**shared, supplement_id=asked.id, position=number, target=target, defect="OTHER")
            )
        await move(session, world.actor("clerk"), row, DossierStatus.SUPPLEMENT_REQUESTED,
                   EntryAction.SUPPLEMENT_REQUESTED)  # fmt: skip
        return row.version


async def _rows(database: Database, table: Any) -> list[Any]:
    async with database.write(SYSTEM) as session:
        return list((await session.execute(select(table).order_by(col(table.id)))).scalars())


@pytest.fixture
async def version(database: Database, world: World) -> UUID:
    return await asking.offer(database, asking.definition())


@pytest.mark.parametrize("status", list(DossierStatus))
async def test_taking_back(
    client: Client, database: Database, world: World, version: UUID, status: DossierStatus
) -> None:
    """Exactly from the states that lead there."""
    dossier = await asking.filed(client, database, world, version)
    now = await _bring(database, world, dossier["id"], status)
    mother = world.actor("mother")
    answer = await client(mother, WITHDRAW, id=dossier["id"], version=now, reason="Đổi ý")
    if DossierStatus.WITHDRAWN in MOVES[status]:
        row = answer["withdrawDossier"]["dossier"]
        assert (row["status"], row["dueOn"]) == ("WITHDRAWN", None)
        assert row["entries"][-1] == {"action": "WITHDRAWN", "status": "WITHDRAWN", "note": "Đổi ý"}
        assert row["mayReopenUntil"] is None
        told = [e for e in await _rows(database, Journal) if e.kind == "eservices.dossier_answered"]
        assert [(e.data["action"], e.audience["users"]) for e in told] == [("WITHDRAWN", [str(world["clerk"])])]
    else:
        assert answer.problem == "eservices.wrong_state"


async def test_taking_back_is_the_owners(client: Client, database: Database, world: World, version: UUID) -> None:
    dossier = await asking.filed(client, database, world, version)
    for who in ("father", "clerk", "headteacher", "stranger"):
        answer = await client(world.actor(who), WITHDRAW, id=dossier["id"], version=1, reason="")
        assert answer.problem == "core.not_found", who
    mother = world.actor("mother")
    assert (await client(mother, WITHDRAW, id=dossier["id"], version=9, reason="")).problem == "core.stale"
    long = await client(mother, WITHDRAW, id=dossier["id"], version=1, reason="x" * 1001)
    assert long.problem == "eservices.text_too_long"


async def test_a_supplement_restarts_the_clock(client: Client, database: Database, world: World, version: UUID) -> None:
    mother = world.actor("mother")
    with time_machine.travel(MONDAY, tick=True) as travelled:
        dossier = await asking.filed(client, database, world, version)
        assert dossier["dueOn"] == "2026-11-23"
        now = await _ask(database, world, dossier["id"], "document:birth_certificate", "field:address")
        waiting = (await client(mother, READ, id=dossier["id"]))["dossier"]
        assert waiting["dueOn"] is None
        travelled.shift(timedelta(days=2))
        upload = await asking.hand_in(database, mother)
        answer = await client(
            mother, ANSWER, id=dossier["id"], version=now, answers={"address": "Số 6"},
            files=[{"document": "birth_certificate", "upload": upload}],
        )  # fmt: skip
        assert answer["answerSupplement"]["errors"] == []
        row = answer["answerSupplement"]["dossier"]
    assert row["status"] == "SUBMITTED"
    assert row["dueOn"] == "2026-11-26", "five working days from Wednesday 18/11, 24/11 off"
    assert row["answers"]["address"] == "Số 6"
    assert [(f["document"], f["replaced"]) for f in row["files"]] == [
        ("birth_certificate", True), ("birth_certificate", False),
    ]  # fmt: skip
    assert [item["answered"] for item in row["supplements"][0]["items"]] == [True, True]
    assert row["supplements"][0]["answeredAt"]
    assert row["entries"][-1]["action"] == "SUPPLEMENTED"
    told = [e for e in await _rows(database, Journal) if e.kind == "eservices.dossier_answered"]
    assert [(e.data["action"], e.audience["users"]) for e in told] == [("SUPPLEMENTED", [str(world["clerk"])])]


@pytest.mark.parametrize(
    ("answers", "document", "wrong"),
    [
        ({"address": "Số 6", "detail": "thêm"}, "birth_certificate", {"field:detail": "eservices.not_asked"}),
        ({"address": "Số 6", "fullName": "Ai Đó"}, "birth_certificate", {"field:fullName": "eservices.not_asked"}),
        ({"address": "Số 6"}, "proof", {
            "document:proof": "eservices.not_asked", "document:birth_certificate": "eservices.not_answered",
        }),
        ({"address": "Số 6"}, None, {"document:birth_certificate": "eservices.not_answered"}),
        ({}, "birth_certificate", {"field:address": "eservices.not_answered"}),
        ({"address": "x" * 201}, "birth_certificate", {"field:address": "eservices.form_too_long"}),
        ({"address": ""}, "birth_certificate", {"field:address": "eservices.form_required"}),
    ],
)  # fmt: skip
async def test_only_what_was_asked_for_changes(
    client: Client, database: Database, world: World, version: UUID, answers: Any, document: str | None, wrong: Any
) -> None:
    from backend.files.tables import FileKind

    mother = world.actor("mother")
    dossier = await asking.filed(client, database, world, version)
    now = await _ask(database, world, dossier["id"], "document:birth_certificate", "field:address")
    upload = await asking.hand_in(database, mother, FileKind.PDF)
    files = [{"document": document, "upload": upload}] if document else []
    answer = await client(mother, ANSWER, id=dossier["id"], version=now, answers=answers, files=files)
    assert {e["path"]: e["code"] for e in answer["answerSupplement"]["errors"]} == wrong
    row = (await client(mother, READ, id=dossier["id"]))["dossier"]
    assert (row["status"], len(row["files"])) == ("SUPPLEMENT_REQUESTED", 1)
    assert row["answers"] == dossier["answers"]


async def test_a_supplement_with_others_files(client: Client, database: Database, world: World, version: UUID) -> None:
    dossier = await asking.filed(client, database, world, version)
    now = await _ask(database, world, dossier["id"], "document:birth_certificate")
    fathers = await asking.hand_in(database, world.actor("father"))
    files = [{"document": "birth_certificate", "upload": fathers}]
    answer = await client(world.actor("mother"), ANSWER, id=dossier["id"], version=now, answers={}, files=files)
    assert answer.problem == "core.not_found"


async def test_nothing_was_asked(client: Client, database: Database, world: World, version: UUID) -> None:
    dossier = await asking.filed(client, database, world, version)
    answer = await client(world.actor("mother"), ANSWER, id=dossier["id"], version=1, answers={}, files=[])
    assert answer.problem == "eservices.wrong_state"


@pytest.mark.parametrize("status", list(DossierStatus))
async def test_rating(client: Client, database: Database, world: World, version: UUID, status: DossierStatus) -> None:
    dossier = await asking.filed(client, database, world, version)
    await _bring(database, world, dossier["id"], status)
    mother = world.actor("mother")
    answer = await client(mother, RATE, id=dossier["id"], how="SATISFIED", note="Nhanh")
    if status in (DossierStatus.COMPLETED, DossierStatus.RETURNED):
        assert answer["rateDossier"]["dossier"]["satisfaction"] == "SATISFIED"
        again = await client(mother, RATE, id=dossier["id"], how="UNSATISFIED")
        assert again.problem == "eservices.rated"
    else:
        assert answer.problem == "eservices.not_finished"


async def test_rating_is_the_owners_for_thirty_days(
    client: Client, database: Database, world: World, version: UUID
) -> None:
    dossier = await asking.filed(client, database, world, version)
    await _bring(database, world, dossier["id"], DossierStatus.COMPLETED)
    for who in ("father", "clerk"):
        assert (await client(world.actor(who), RATE, id=dossier["id"], how="SATISFIED")).problem == "core.not_found"
    with time_machine.travel(clock.now() + timedelta(days=31), tick=True):
        late = await client(world.actor("mother"), RATE, id=dossier["id"], how="SATISFIED")
        assert late.problem == "eservices.rating_over"


@pytest.mark.parametrize("status", list(DossierStatus))
async def test_taking_up_again(
    client: Client, database: Database, world: World, version: UUID, status: DossierStatus
) -> None:
    mother = world.actor("mother")
    with time_machine.travel(MONDAY, tick=True):
        dossier = await asking.filed(client, database, world, version)
        await _bring(database, world, dossier["id"], status)
        row = (await client(mother, READ, id=dossier["id"]))["dossier"]
        answer = await client(mother, REOPEN, id=dossier["id"], reason="Kết quả chưa đúng")
        if status.value not in ("COMPLETED", "RETURNED", "REJECTED", "STOPPED"):
            assert row["mayReopenUntil"] is None
            assert answer.problem == "eservices.not_finished"
            return
        assert row["mayReopenUntil"] == "2026-12-01", "ten working days, 24/11 off"
        again = answer["reopenDossier"]["dossier"]
        assert again["id"] != dossier["id"]
        assert again["reopens"]["id"] == dossier["id"]
        assert again["answers"] == dossier["answers"]
        assert [file["document"] for file in again["files"]] == ["birth_certificate"]
        assert again["entries"] == [{"action": "FILED", "status": "SUBMITTED", "note": "Kết quả chưa đúng"}]
        twice = await client(mother, REOPEN, id=dossier["id"], reason="Nữa")
        assert twice.problem == "eservices.reopened"
        assert (await client(mother, READ, id=dossier["id"]))["dossier"]["mayReopenUntil"] is None


async def test_until_the_last_day(client: Client, database: Database, world: World, version: UUID) -> None:
    mother = world.actor("mother")
    with time_machine.travel(MONDAY, tick=True) as travelled:
        dossier = await asking.filed(client, database, world, version)
        await _bring(database, world, dossier["id"], DossierStatus.COMPLETED)
        assert (await client(mother, REOPEN, id=dossier["id"], reason=" ")).problem == "eservices.reason_missing"
        for who in ("father", "clerk", "stranger"):
            answer = await client(world.actor(who), REOPEN, id=dossier["id"], reason="x")
            assert answer.problem == "core.not_found"
        travelled.move_to(datetime(2026, 12, 1, 17, 30, tzinfo=UTC))  # already 02/12 in Vietnam
        assert (await client(mother, REOPEN, id=dossier["id"], reason="x")).problem == "eservices.reopening_over"
        travelled.move_to(datetime(2026, 12, 1, 16, tzinfo=UTC))
        assert (await client(mother, REOPEN, id=dossier["id"], reason="x")).problem is None


async def test_the_last_day_is_the_same_in_both_tongues(
    client: Client, database: Database, world: World, version: UUID
) -> None:
    """SQL for reads, Python for the action; around the end of the year and Tết."""
    mother = world.actor("mother")
    dossier = await asking.filed(client, database, world, version)
    await _bring(database, world, dossier["id"], DossierStatus.COMPLETED)
    for days in range(0, 60, 3):
        finished = datetime(2026, 12, 20, 15 + days % 4, tzinfo=UTC) + timedelta(days=days)
        async with database.write(SYSTEM) as session:
            row = await session.get(Dossier, UUID(dossier["id"]))
            assert row is not None
            row.finished_at = finished
            said = reopening.last_day(row, await office_calendar(session), 10)
        read = (await client(mother, READ, id=dossier["id"]))["dossier"]["mayReopenUntil"]
        assert said == date.fromisoformat(read), finished


async def test_replaced_files_stay_behind(client: Client, database: Database, world: World, version: UUID) -> None:
    """What a supplement replaced is no part of the request that takes it up again."""
    mother = world.actor("mother")
    dossier = await asking.filed(client, database, world, version)
    async with database.write(SYSTEM) as session:
        await session.execute(update(DossierFile).values(replaced_at=clock.now()))
    await _bring(database, world, dossier["id"], DossierStatus.COMPLETED)
    again = (await client(mother, REOPEN, id=dossier["id"], reason="x"))["reopenDossier"]["dossier"]
    assert again["files"] == []
    assert len(await _rows(database, DossierEntry)) == 5
