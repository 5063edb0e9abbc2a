"""Anybody may ask whether a paper is true, and learns no more than that."""

from uuid import UUID

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core.actor import NOBODY
from backend.core.db import Database
from backend.eservices.actions import desk, papers
from backend.eservices.tables import Dossier, Paper, PaperKind
from tests.actors import World
from tests.client import Client
from tests.slices.eservices.counter import Counter

VERIFY = """query($code: String!) { verifyPaper(code: $code) {
  state title office holder issuedOn dossierCode signed sha256 } }"""


@pytest.fixture
async def counter(database: Database, world: World, client: Client) -> Counter:
    return await Counter(database, world, client).open()


async def _paper(counter: Counter) -> Paper:
    dossier = await counter.file("TRUONG.02", {"pupilName": "Nguyễn Thị Ngọc Lan", "purpose": "TAX"})
    await counter.decide(dossier)
    [paper] = await counter.papers(dossier)
    return paper


async def _again(counter: Counter, dossier: UUID) -> Paper:
    actor = await counter.actor("headteacher")
    async with counter.database.write(actor) as session:
        row = (await session.execute(select(Dossier).where(col(Dossier.id) == dossier))).scalar_one()
        return await papers.issue(session, actor, row, PaperKind.RESULT)


async def test_a_true_paper_is_known_to_everybody_who_holds_its_code(counter: Counter, client: Client) -> None:
    paper = await _paper(counter)
    row = await counter.dossier(paper.dossier_id)
    shown = (await client(NOBODY, VERIFY, code=paper.verify_code))["verifyPaper"]
    assert shown == {
        "state": "VALID",
        "title": "Giấy xác nhận học sinh",
        "office": "THCS 24010001",
        "holder": "N. T. N. Lan",
        "issuedOn": shown["issuedOn"],
        "dossierCode": row.code,
        "signed": False,
        "sha256": paper.sha256.hex(),
    }


@pytest.mark.parametrize("write", [str.lower, lambda code: "-".join([code[:4], code[4:8], code[8:]])])
async def test_the_code_may_be_typed_in_any_way(counter: Counter, client: Client, write: object) -> None:
    paper = await _paper(counter)
    assert callable(write)
    assert (await client(NOBODY, VERIFY, code=write(paper.verify_code)))["verifyPaper"]["state"] == "VALID"


async def test_a_paper_issued_again_replaces_the_first(counter: Counter, client: Client) -> None:
    first = await _paper(counter)
    second = await _again(counter, first.dossier_id)
    states = [(await client(NOBODY, VERIFY, code=p.verify_code))["verifyPaper"]["state"] for p in (first, second)]
    assert states == ["REPLACED", "VALID"]


async def test_a_revoked_paper_says_so(counter: Counter, client: Client) -> None:
    paper = await _paper(counter)
    head = await counter.actor("headteacher")
    async with counter.database.write(head) as session:
        version = (await session.get_one(Dossier, paper.dossier_id)).version
        await desk.revoke_result(session, head, paper.dossier_id, version, "Ghi sai mục đích")
    assert (await client(NOBODY, VERIFY, code=paper.verify_code))["verifyPaper"]["state"] == "REVOKED"


@pytest.mark.parametrize("code", ["", "AAAA", "A" * 16, "A" * 5000, "'; drop table paper; --"])
async def test_an_unknown_code_is_nothing(client: Client, world: World, code: str) -> None:
    assert (await client(NOBODY, VERIFY, code=code)).data == {"verifyPaper": None}


async def test_guessing_is_counted_by_address(client: Client, world: World) -> None:
    answers = [await client(NOBODY, VERIFY, code="A" * 16) for _ in range(61)]
    assert [answer.problem for answer in answers[:60]] == [None] * 60
    assert answers[60].problem == "core.too_many"
    client.address = "127.0.0.2"
    assert (await client(NOBODY, VERIFY, code="A" * 16)).problem is None


async def test_papers_do_not_come_to_others(counter: Counter, client: Client) -> None:
    paper = await _paper(counter)
    for who, seen in (("mother", True), ("clerk", True), ("other_mother", False), ("other_clerk", False)):
        async with counter.database.write(await counter.actor(who)) as session:
            rows = (await session.execute(select(Paper).where(col(Paper.id) == paper.id))).all()
        assert bool(rows) is seen, who
