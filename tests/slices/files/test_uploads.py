"""Uploads: piece by piece, with breaks, from two places, taken once; and what does not stay."""

import asyncio
import base64
import hashlib
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import time_machine
from PIL import Image

from backend.core.jobs import Jobs
from backend.core.problem import Invalid, NotFound, TooMany
from backend.files import actions, checking, routes, tasks
from backend.files.images import DOCUMENT_SIDE, THUMBNAIL_SIDE
from backend.files.rules import LEAST_PIECE, MIB, MOST_BYTES
from backend.files.tables import FileKind, StoredFile, Upload, UploadPiece
from tests.slices.files.sender import Sender, code, document, photo

NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)


async def test_a_photo_goes_up_in_pieces_and_is_drawn_anew(sender: Sender) -> None:
    whole = photo((3200, 1600))
    assert len(whole) > 2 * MIB
    answer = await sender.send(whole, name="C:\\ảnh\\Giấy khai sinh.png")
    assert (answer.status_code, answer.headers["tus-resumable"]) == (204, "1.0.0")
    file = await sender.file(answer.headers["upload-stored"])
    assert (file.kind, file.name, file.width, file.height) == (FileKind.JPEG, "Giấy khai sinh.jpg", DOCUMENT_SIDE, 1000)
    assert (file.owner_id, file.sealed_with, file.pages) == (sender.world["mother"], "", 1)
    kept = await actions.open_file(sender.database, sender.services.store, file.id)
    assert (len(kept), hashlib.sha256(kept).digest()) == (file.size, file.sha256)
    assert Image.open(io.BytesIO(kept)).size == (DOCUMENT_SIDE, 1000)
    small = await actions.open_file(sender.database, sender.services.store, file.id, thumbnail=True)
    assert max(Image.open(io.BytesIO(small)).size) == THUMBNAIL_SIDE
    assert await sender.count(UploadPiece) == 0


async def test_a_pdf_keeps_its_pages(sender: Sender) -> None:
    file = await sender.file(await sender.stored(document(3), name="học bạ.pdf"))
    assert (file.kind, file.name, file.pages, file.has_thumbnail) == (FileKind.PDF, "học bạ.pdf", 3, True)


async def test_the_protocol_says_what_it_can(sender: Sender) -> None:
    said = (await sender.http.options("/uploads")).headers
    assert said["tus-version"] == "1.0.0" and said["tus-max-size"] == str(MOST_BYTES)
    assert set(said["tus-extension"].split(",")) == {"creation", "expiration", "termination"}
    other = await sender.begin(b"x", headers={"tus-resumable": "0.2.2"})
    assert (other.status_code, other.headers["tus-version"]) == (412, "1.0.0")
    address = await sender.begun(photo())
    wrong_kind = await sender.piece(address, 0, b"x", **{"content-type": "image/jpeg"})
    assert wrong_kind.status_code == 415


async def test_a_broken_connection_goes_on_elsewhere(sender: Sender) -> None:
    whole = photo()
    address = await sender.begun(whole)
    assert (await sender.piece(address, 0, whole[:MIB])).status_code == 204
    asked = await sender.where(address)  # another process, another device
    assert (asked.status_code, asked.headers["upload-offset"], asked.headers["upload-length"]) == (
        200, str(MIB), str(len(whole)),
    )  # fmt: skip
    assert asked.headers["cache-control"] == "no-store" and "upload-stored" not in asked.headers
    last = await sender.piece(address, MIB, whole[MIB:])
    assert last.status_code == 204
    again = await sender.piece(address, MIB, whole[MIB:])  # the answer was lost
    nothing = await sender.piece(address, len(whole), b"")
    asked = await sender.where(address)
    ids = {answer.headers["upload-stored"] for answer in (last, again, nothing, asked)}
    assert len(ids) == 1 and await sender.count(StoredFile) == 1


async def test_two_clients_at_the_same_place(sender: Sender) -> None:
    whole = photo()
    address = await sender.begun(whole)
    answers = await asyncio.gather(*(sender.piece(address, 0, whole[:MIB]) for _ in range(6)))
    assert sorted(answer.status_code for answer in answers) == [204, 409, 409, 409, 409, 409]
    assert {code(answer) for answer in answers if answer.status_code == 409} == {"files.other_offset"}
    ends = await asyncio.gather(*(sender.piece(address, MIB, whole[MIB:]) for _ in range(4)))
    stored = {answer.headers["upload-stored"] for answer in ends if answer.status_code == 204}
    assert len(stored) == 1 and await sender.count(StoredFile) == 1
    assert (await sender.where(address)).headers["upload-stored"] in stored


async def test_what_was_interrupted_at_the_end_is_finished_by_any_client(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_: bytes) -> checking.Checked:
        raise TooMany("files.scanner_away", retry_after=30)

    whole = photo()
    address = await sender.begun(whole)
    await sender.piece(address, 0, whole[:MIB])
    with monkeypatch.context() as broken:
        broken.setattr(actions, "checked", away)
        refused = await sender.piece(address, MIB, whole[MIB:])
    assert (refused.status_code, code(refused)) == (429, "files.scanner_away")
    asked = await sender.where(address)  # a client that knows only the protocol sends the last piece again
    assert asked.headers["upload-offset"] == str(MIB)
    done = await sender.piece(address, MIB, whole[MIB:])
    assert done.status_code == 204 and done.headers["upload-stored"]


async def test_other_bytes_than_announced(sender: Sender) -> None:
    whole, other = photo(seed=1), photo(seed=2)
    size = min(len(whole), len(other))
    address = await sender.begun(whole[:size])
    assert (await sender.piece(address, 0, whole[:MIB])).status_code == 204
    refused = await sender.piece(address, MIB, other[MIB:size])
    assert (refused.status_code, code(refused)) == (422, "files.other_bytes")
    assert (await sender.where(address)).status_code == 404
    assert (await sender.count(StoredFile), await sender.count(UploadPiece)) == (0, 0)


@pytest.mark.parametrize("who", ["father", "homeroom_teacher", "headteacher", "stranger", "nobody"])
async def test_an_upload_is_its_owners_alone(sender: Sender, who: str) -> None:
    whole = photo()
    address = await sender.begun(whole)
    await sender.piece(address, 0, whole[:MIB])
    expected = 401 if who == "nobody" else 404
    sender.as_(who)
    assert (await sender.where(address)).status_code == expected
    assert (await sender.piece(address, MIB, whole[MIB:])).status_code == expected
    assert (await sender.http.delete(address, headers={"x-nhipcau": "1"})).status_code == expected
    assert (await sender.as_("mother").where(address)).headers["upload-offset"] == str(MIB)


async def test_an_upload_given_up_is_gone(sender: Sender) -> None:
    address = await sender.begun(photo())
    await sender.piece(address, 0, photo()[:MIB])
    assert (await sender.http.delete(address, headers={"x-nhipcau": "1"})).status_code == 204
    assert (await sender.where(address)).status_code == 404
    assert (await sender.count(Upload), await sender.count(UploadPiece)) == (0, 0)


async def test_another_page_begins_nothing(sender: Sender) -> None:
    assert code(await sender.begin(b"x", headers={"x-nhipcau": ""})) == "core.header_missing"
    assert (await sender.begin(b"x", headers={"origin": "https://elsewhere.test"})).status_code == 403


@pytest.mark.parametrize(
    ("size", "status", "refusal"),
    [(0, 422, "files.empty"), (MOST_BYTES + 1, 413, "files.too_big"), (10**14, 413, "files.too_big")],
)
async def test_sizes_that_are_refused_before_a_byte_is_sent(
    sender: Sender, size: int, status: int, refusal: str
) -> None:
    answer = await sender.begin(b"", size=size)
    assert (answer.status_code, code(answer)) == (status, refusal)


@pytest.mark.parametrize(
    "headers",
    [
        {"upload-length": "-1"},
        {"upload-length": "many"},
        {"upload-length": "1" * 30},
        {"upload-metadata": ""},
        {"upload-metadata": "filename !!!"},
        {"upload-metadata": f"filename {base64.b64encode(b'a').decode()}"},
        {"upload-metadata": f"filename YQ==,sha256 {base64.b64encode(b'00' * 31).decode()}"},
        {"upload-metadata": f"filename YQ==,sha256 {base64.b64encode(b'zz' * 32).decode()}"},
        {"upload-metadata": f"filename /w==,sha256 {base64.b64encode(bytes(32)).decode()}"},
        {"upload-metadata": "filename " + "YWFh" * 1000},
    ],
)
async def test_announcements_that_make_no_sense(sender: Sender, headers: dict[str, str]) -> None:
    answer = await sender.begin(b"x" * 100, headers=headers)
    assert (answer.status_code, code(answer)) == (422, "files.metadata_wrong")


async def test_the_digest_may_come_as_bytes(sender: Sender) -> None:
    whole = photo((80, 60))
    address = await sender.begun(whole, sha256=hashlib.sha256(whole).digest())
    assert (await sender.piece(address, 0, whole)).headers["upload-stored"]


async def test_pieces_of_the_wrong_length(sender: Sender) -> None:
    whole = photo()
    address = await sender.begun(whole)
    big = await sender.piece(address, 0, bytes(MIB + 1))
    assert (big.status_code, code(big)) == (413, "files.piece_too_big")
    small = await sender.piece(address, 0, whole[: LEAST_PIECE - 1])
    assert code(small) == "files.piece_too_small"
    await sender.piece(address, 0, whole[:MIB])
    more = await sender.piece(address, MIB, whole[MIB:] + b"x")
    assert code(more) == "files.more_than_stated"
    for offset in ("-1", "", "1.5", str(10**20)):
        assert code(await sender.piece(address, 0, b"x", **{"upload-offset": offset})) == "files.metadata_wrong"
    for offset in (0, 5, MIB + 1, len(whole)):
        assert (await sender.piece(address, offset, b"")).status_code == 409
    assert (await sender.where(address)).headers["upload-offset"] == str(MIB)


async def test_a_hundred_megabytes_on_the_way(sender: Sender) -> None:
    addresses = [await sender.begun(b"", size=MOST_BYTES) for _ in range(10)]
    answer = await sender.begin(b"", size=1)
    assert (answer.status_code, code(answer)) == (422, "files.unfinished_full")
    assert (await sender.as_("father").begin(b"", size=1)).status_code == 201
    await sender.as_("mother").http.delete(addresses[0], headers={"x-nhipcau": "1"})
    assert (await sender.begin(b"", size=1)).status_code == 201


async def test_two_devices_cannot_both_take_the_last_megabytes(sender: Sender) -> None:
    for _ in range(9):
        await sender.begun(b"", size=MOST_BYTES)
    answers = await asyncio.gather(*(sender.begin(b"", size=MOST_BYTES) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 422, 422, 422]


async def test_sixty_uploads_an_hour(sender: Sender) -> None:
    for _ in range(routes.UPLOADS.amount):
        assert (await sender.begin(b"", size=1)).status_code == 201
    refused = await sender.begin(b"", size=1)
    assert (refused.status_code, code(refused)) == (429, "core.too_many")


async def test_a_full_house_asks_to_come_back(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = photo((80, 60))
    address = await sender.begun(whole)
    with monkeypatch.context() as full:
        full.setattr(checking, "MOST_WAITING", 0)
        refused = await sender.piece(address, 0, whole)
    assert (refused.status_code, code(refused)) == (429, "core.busy")
    assert (await sender.piece(address, 0, whole)).status_code == 204  # nothing was lost


# -- for other slices


async def test_a_finished_upload_is_handed_on_to_its_owner(sender: Sender) -> None:
    whole = photo((80, 60))
    address = await sender.begun(whole)
    upload = address.rsplit("/", 1)[1]
    mother = sender.world.actor("mother")
    async with sender.database.write(mother) as session:
        with pytest.raises(Invalid, match="upload_unfinished"):
            await actions.taken(session, mother, UUID(upload))
    stored = (await sender.piece(address, 0, whole)).headers["upload-stored"]
    async with sender.database.write(mother) as session:
        for given in (upload, stored):
            assert str((await actions.taken(session, mother, UUID(given))).id) == stored
    father = sender.world.actor("father")
    async with sender.database.write(father) as session:
        for given in (upload, stored):
            with pytest.raises(NotFound):
                await actions.taken(session, father, UUID(given))


async def test_a_paper_of_ours_needs_no_owner(sender: Sender) -> None:
    clerk, paper, store = sender.world.actor("clerk"), document(), sender.services.store
    async with sender.database.write(clerk) as session:
        row = await actions.keep(session, store, paper, "Giấy tiếp nhận.pdf", FileKind.PDF, None)
    assert (row.owner_id, row.size, row.name) == (None, len(paper), "Giấy tiếp nhận.pdf")
    assert await actions.open_file(sender.database, store, row.id) == paper
    mother = sender.world.actor("mother")
    async with sender.database.write(mother) as session:
        mine = await actions.keep(session, store, paper, "x", FileKind.PDF, mother.user_id)
        with pytest.raises(NotFound):  # not an upload: nobody attaches a paper of the office as her own
            await actions.taken(session, mother, mine.id)


# -- what does not stay


async def test_what_is_not_finished_in_a_day_is_gone(sender: Sender) -> None:
    whole = photo()
    with time_machine.travel(NOON, tick=True) as clock:
        address = await sender.begun(whole)
        await sender.piece(address, 0, whole[:MIB])
        clock.shift(timedelta(hours=23))
        await actions.sweep(sender.database, sender.services.store)
        assert (await sender.where(address)).status_code == 200
        clock.shift(timedelta(hours=2))
        assert (await sender.where(address)).status_code == 404  # also before the sweep
        await actions.sweep(sender.database, sender.services.store)
    assert (await sender.count(Upload), await sender.count(UploadPiece)) == (0, 0)


async def test_what_nobody_refers_to_is_gone_after_two_days(sender: Sender) -> None:
    store = sender.services.store
    with time_machine.travel(NOON, tick=True) as clock:
        stored = await sender.file(await sender.stored(photo((80, 60))))
        left = "2026-11-20/" + "0" * 40
        await store.put(left, b"of a transaction that failed")
        clock.shift(timedelta(hours=47))
        await actions.sweep(sender.database, store)
        assert await sender.count(StoredFile) == 1
        clock.shift(timedelta(hours=2))
        await actions.sweep(sender.database, store)
    assert (await sender.count(StoredFile), await sender.count(Upload)) == (0, 0)
    for key in (stored.key, stored.key + actions.THUMBNAIL, left):
        with pytest.raises(NotFound):
            await store.get(key, "")


async def test_the_sweep_is_registered(sender: Sender) -> None:
    jobs = Jobs(None, "files-test")
    tasks.register(jobs, sender.database, sender.services.store)
    assert "files.sweep" in jobs._docket.tasks  # pyright: ignore[reportPrivateUsage]
