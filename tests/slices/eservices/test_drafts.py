"""Writing a request: whose it is, on which device, with which papers, and who signs it."""

import asyncio
from datetime import timedelta

import pytest
import time_machine

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.eservices.actions import drafts
from backend.files.tables import FileKind
from backend.organisation.tables import School
from tests.actors import World
from tests.client import Client
from tests.slices.eservices import asking
from tests.slices.eservices.asking import ATTACH, DETACH, DRAFT, FILE, SAVE, START

pytestmark = pytest.mark.anyio

MY_DRAFTS = "{ myDrafts { id mine procedureVersion { id } } }"
PREFILL = "query($v: UUID!, $s: UUID) { prefill(procedureVersion: $v, student: $s) { field value source asOf } }"
DISCARD = "mutation($id: UUID!) { discardDraft(id: $id) { ... on DiscardDraftPayload { id } ... on Problem { code } } }"
ASK = """mutation($d: UUID!, $c: UUID!) { askSignature(draft: $d, cosigner: $c) {
  ... on DraftPayload { draft { id version cosigner { fullName } signatureAskedAt signedAt } }
  ... on Problem { __typename code } } }"""
SIGN = """mutation($id: UUID!, $version: Int!) { signDraft(id: $id, version: $version) {
  ... on DraftPayload { draft { id version signedAt mine } } ... on Problem { __typename code } } }"""
COSIGNERS = "query($d: UUID!) { cosigners(draft: $d) { id fullName } }"


async def test_what_is_known_is_filled_in_with_its_source(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    answer = await client(world.actor("mother"), PREFILL, v=version, s=world["lan"])
    known = {each["field"]: each for each in answer["prefill"]}
    assert known["fullName"]["value"] == "Nguyễn Thị Ngọc Lan"
    assert known["birthDate"]["value"] == "2014-05-01"
    assert known["fullName"]["source"] == "SECTOR"
    assert known["phone"]["source"] == "ACCOUNT"
    assert known["phone"]["value"].startswith("+84912")
    assert set(known) == {"fullName", "birthDate", "phone"}


@pytest.mark.parametrize("who", ["stranger", "other_mother", "math_teacher", "other_clerk"])
async def test_a_strangers_child_is_not_known(client: Client, database: Database, world: World, who: str) -> None:
    version = await asking.offer(database, asking.definition())
    answer = await client(world.actor(who), PREFILL, v=version, s=world["lan"])
    assert answer.problem == "core.not_found"
    assert (await client(world.actor(who), START, v=version, student=world["lan"])).problem == "core.not_found"


async def test_the_clerk_sees_what_is_known_of_her_pupils(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    answer = await client(world.actor("clerk"), PREFILL, v=version, s=world["lan"])
    assert {each["field"] for each in answer["prefill"]} == {"fullName", "birthDate"}


async def test_a_draft_goes_on_on_another_device(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    assert draft["school"]["id"] == str(world["school"])
    assert draft["applicantName"] == "Trần Thị Hoa"
    draft = await asking.save(client, mother, draft, {"reason": "move", "unknown": 1})
    tablet = asking.another(client)
    seen = (await tablet(mother, DRAFT, id=draft["id"]))["draft"]
    assert seen["answers"] == {"reason": "move"}
    assert (await tablet(mother, MY_DRAFTS))["myDrafts"][0]["id"] == draft["id"]
    await asking.save(tablet, mother, seen, {"reason": "other"})
    late = await client(mother, SAVE, id=draft["id"], version=draft["version"], answers={}, disputes={})
    assert late.problem == "core.stale"


@pytest.mark.parametrize("who", ["father", "pupil", "clerk", "headteacher", "officer", "stranger"])
async def test_nobody_elses_draft_exists(client: Client, database: Database, world: World, who: str) -> None:
    """Her child's father and her school's people too: what she has not filed is hers."""
    version = await asking.offer(database, asking.definition())
    draft = await asking.start(client, world.actor("mother"), version, student=world["lan"])
    file = await asking.attach(client, database, world.actor("mother"), draft, "birth_certificate")
    actor = world.actor(who)
    assert (await client(actor, DRAFT, id=draft["id"]))["draft"] is None
    assert (await client(actor, MY_DRAFTS))["myDrafts"] == []
    upload = await asking.hand_in(database, actor)
    for document, given in (
        (SAVE, {"id": draft["id"], "version": 1, "answers": {}, "disputes": {}}),
        (FILE, {"id": draft["id"], "version": 1}),
        (DISCARD, {"id": draft["id"]}),
        (ATTACH, {"draft": draft["id"], "paper": "birth_certificate", "upload": upload}),
        (DETACH, {"id": file["id"]}),
        (ASK, {"d": draft["id"], "c": world["father"]}),
        (SIGN, {"id": draft["id"], "version": 1}),
        (COSIGNERS, {"d": draft["id"]}),
    ):
        answer = await client(actor, document, **given)
        assert "core.not_found" in str(answer.errors or answer.data), document


async def test_files_are_ones_own_of_the_right_kind_and_few(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    mine = await asking.hand_in(database, mother)
    fathers = await asking.hand_in(database, world.actor("father"))

    async def put(document: str, upload: object) -> str | None:
        return (await client(mother, ATTACH, draft=draft["id"], paper=document, upload=upload)).problem

    assert await put("birth_certificate", fathers) == "core.not_found"
    assert await put("passport", mine) == "eservices.document_unknown"
    assert await put("proof", mine) == "eservices.document_kind"
    assert await put("birth_certificate", mine) is None
    assert await put("birth_certificate", mine) is None, "the same again is the same"
    assert await put("birth_certificate", await asking.hand_in(database, mother, FileKind.PDF)) is None
    assert await put("birth_certificate", await asking.hand_in(database, mother)) == "eservices.document_too_many"
    files = (await client(mother, DRAFT, id=draft["id"]))["draft"]["files"]
    assert len(files) == 2
    await client(mother, DETACH, id=files[0]["id"])
    assert len((await client(mother, DRAFT, id=draft["id"]))["draft"]["files"]) == 1


async def test_two_phones_attach_the_last_one_allowed(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    uploads = [await asking.hand_in(database, mother) for _ in range(4)]
    sent = [
        asking.another(client)(mother, ATTACH, draft=draft["id"], paper="birth_certificate", upload=upload)
        for upload in uploads
    ]
    problems = [answer.problem for answer in await asyncio.gather(*sent)]
    assert problems.count(None) == 2
    assert problems.count("eservices.document_too_many") == 2


async def test_the_other_guardian_signs_with_her_own_login(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition(cosign="REQUIRED"))
    mother, father = world.actor("mother"), world.actor("father")
    draft = await asking.start(client, mother, version, student=world["lan"])
    await asking.attach(client, database, mother, draft, "birth_certificate")
    draft = await asking.save(client, mother, draft, asking.FULL)
    assert [error["path"] for error in (await asking.file(client, mother, draft))["errors"]] == ["applicant:signature"]

    found = (await client(mother, COSIGNERS, d=draft["id"]))["cosigners"]
    assert found == [{"id": str(world["father"]), "fullName": "Nguyễn Văn Nam"}]
    stranger = await client(mother, ASK, d=draft["id"], c=world["other_mother"])
    assert stranger.problem == "eservices.not_guardian"
    draft |= (await client(mother, ASK, d=draft["id"], c=world["father"]))["askSignature"]["draft"]
    assert draft["cosigner"]["fullName"] == "Nguyễn Văn Nam"

    seen = (await client(father, DRAFT, id=draft["id"]))["draft"]
    assert not seen["mine"]
    assert len(seen["files"]) == 1
    assert (await client(father, FILE, id=draft["id"], version=seen["version"])).problem == "core.not_found"
    late = await client(father, SIGN, id=draft["id"], version=seen["version"] - 1)
    assert late.problem == "core.stale"
    signed = (await client(father, SIGN, id=draft["id"], version=seen["version"]))["signDraft"]["draft"]
    assert signed["signedAt"]
    draft["version"] = signed["version"]
    answer = await asking.file(client, mother, draft)
    assert answer["errors"] == []
    mine = (await client(father, "{ myDossiers { nodes { id mine } } }"))["myDossiers"]["nodes"]
    assert mine == [{"id": answer["dossier"]["id"], "mine": False}]


async def test_a_change_takes_the_signature_off(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition(cosign="REQUIRED"))
    mother, father = world.actor("mother"), world.actor("father")
    draft = await asking.start(client, mother, version, student=world["lan"])
    first = await asking.attach(client, database, mother, draft, "birth_certificate")
    draft = await asking.save(client, mother, draft, asking.FULL)
    draft = (await client(mother, ASK, d=draft["id"], c=world["father"]))["askSignature"]["draft"]

    async def signed() -> dict:
        now = (await client(father, DRAFT, id=draft["id"]))["draft"]
        return (await client(father, SIGN, id=draft["id"], version=now["version"]))["signDraft"]["draft"]

    same = await asking.save(client, mother, await signed(), asking.FULL)
    assert same["signedAt"], "saved again without a change"
    changed = await asking.save(client, mother, same, {**asking.FULL, "detail": "khác"})
    assert changed["signedAt"] is None
    await signed()
    await asking.attach(client, database, mother, draft, "birth_certificate")
    now = (await client(mother, DRAFT, id=draft["id"]))["draft"]
    assert now["signedAt"] is None
    await signed()
    assert (await client(mother, DETACH, id=first["id"])).problem is None
    now = (await client(mother, DRAFT, id=draft["id"]))["draft"]
    assert now["signedAt"] is None
    assert [error["path"] for error in (await asking.file(client, mother, now))["errors"]] == ["applicant:signature"]


async def test_one_guardian_alone_needs_no_second(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition(cosign="REQUIRED"))
    other = world.actor("other_mother")
    draft = await asking.start(client, other, version, student=world["minh"])
    await asking.attach(client, database, other, draft, "birth_certificate")
    draft = await asking.save(client, other, draft, asking.FULL)
    assert (await client(other, COSIGNERS, d=draft["id"]))["cosigners"] == []
    assert (await asking.file(client, other, draft))["errors"] == []


async def test_only_those_the_procedure_is_for(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition(applicants=["GUARDIAN"]))
    herself = await client(world.actor("pupil"), START, v=version, student=world["lan"])
    assert herself.problem == "eservices.not_applicant"
    other = await client(world.actor("mother"), START, v=version, student=world["dung"])
    assert other.problem is None, "a guardian who is not a parent"


async def test_a_service_with_its_own_screens_has_no_draft(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition(opens="/leave/new"))
    assert (await client(world.actor("mother"), START, v=version)).problem == "eservices.own_screens"


@pytest.mark.parametrize(
    ("answers", "problem"),
    [
        ([], "eservices.answers_invalid"),
        ("text", "eservices.answers_invalid"),
        ({"detail": [[[[["deep"]]]]]}, "eservices.answers_invalid"),
        ({"detail": "x" * 70_000}, "eservices.answers_too_large"),
        ({"detail": "a\u0000b"}, "core.bad_character"),
    ],
)
async def test_what_no_form_can_mean_is_not_kept(
    client: Client, database: Database, world: World, answers: object, problem: str
) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    draft = await asking.start(client, mother, version, student=world["lan"])
    for given in ({"answers": answers, "disputes": {}}, {"answers": {}, "disputes": answers}):
        assert (await client(mother, SAVE, id=draft["id"], version=1, **given)).problem == problem


async def test_discarded_drafts_and_old_ones_are_gone(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    mother = world.actor("mother")
    one = await asking.start(client, mother, version, student=world["lan"])
    await asking.attach(client, database, mother, one, "birth_certificate")
    two = await asking.start(client, mother, version, student=world["lan"])
    await asking.attach(client, database, mother, two, "birth_certificate")
    await client(mother, DISCARD, id=one["id"])
    assert [draft["id"] for draft in (await client(mother, MY_DRAFTS))["myDrafts"]] == [two["id"]]
    with time_machine.travel(clock.now() + timedelta(days=31)):
        async with database.write(SYSTEM) as session:
            assert await drafts.sweep(session) == 1
    assert (await client(mother, MY_DRAFTS))["myDrafts"] == []


async def test_nobody_keeps_more_than_thirty(client: Client, database: Database, world: World) -> None:
    version = await asking.offer(database, asking.definition())
    for _ in range(drafts.MOST_DRAFTS):
        await asking.start(client, world.actor("mother"), version, student=world["lan"])
    answer = await client(world.actor("mother"), START, v=version, student=world["lan"])
    assert answer.problem == "eservices.too_many_drafts"


async def test_schools_are_found_without_diacritics(client: Client, database: Database, world: World) -> None:
    async with database.write(SYSTEM) as session:
        school = await session.get(School, world["other_school"])
        assert school is not None
        school.name = "THPT Đặng Thai Mai"
    search = "query($s: String!) { serviceSchools(search: $s) { code name level } }"
    found = (await client(world.actor("nobody"), search, s="thcs 2401"))["serviceSchools"]
    assert [each["code"] for each in found] == ["24010001"]
    for typed in ("dang thai", "ĐẶNG  ", "đặng thai"):
        found = (await client(world.actor("nobody"), search, s=typed))["serviceSchools"]
        assert [each["code"] for each in found] == ["24010002"], typed
    assert (await client(world.actor("nobody"), search, s="24010002"))["serviceSchools"][0]["code"] == "24010002"
    assert (await client(world.actor("nobody"), search, s="%"))["serviceSchools"] == []
