"""Signed links: what they open, how it is sent, and everything that makes them open nothing."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import uuid4

import time_machine

from backend.core import clock
from backend.files import actions, links
from backend.files.tables import FileKind
from tests.slices.files.sender import Sender, code, document, photo


async def test_a_photo_is_shown_and_a_paper_is_saved(sender: Sender) -> None:
    photographed = await sender.file(await sender.stored(photo((400, 300)), name="Giấy khai sinh.png"))
    written = await sender.file(await sender.stored(document(), name='Học "bạ"; x.pdf'))
    sender.as_("nobody")  # the link is the right
    shown = await sender.http.get(links.link(photographed.id, clock.now()))
    assert (shown.status_code, shown.headers["content-type"], len(shown.content)) == (
        200, "image/jpeg", photographed.size,
    )  # fmt: skip
    assert shown.headers["content-disposition"] == (
        f"inline; filename=\"file.jpg\"; filename*=UTF-8''{quote('Giấy khai sinh.jpg')}"
    )
    saved = await sender.http.get(links.link(written.id, clock.now()))
    assert saved.headers["content-type"] == "application/pdf"
    assert saved.headers["content-disposition"] == (
        f"attachment; filename=\"file.pdf\"; filename*=UTF-8''{quote('Học bạ ; x.pdf')}"
    )
    small = await sender.http.get(links.link(written.id, clock.now(), thumbnail=True))
    assert (small.headers["content-type"], small.content[:3]) == ("image/jpeg", b"\xff\xd8\xff")
    for answer in (shown, saved, small):
        assert answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert "sandbox" in answer.headers["content-security-policy"]


async def test_a_workbook_of_ours_is_saved(sender: Sender) -> None:
    clerk = sender.world.actor("clerk")
    async with sender.database.write(clerk) as session:
        row = await actions.keep(session, sender.services.store, b"PK", "Sổ.xlsx", FileKind.XLSX, None)
    answer = await sender.http.get(links.link(row.id, clock.now()))
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet") and answer.content == b"PK"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert (await sender.http.get(links.link(row.id, clock.now(), thumbnail=True))).status_code == 404


async def test_five_minutes(sender: Sender) -> None:
    stored = await sender.file(await sender.stored(photo((80, 60))))
    with time_machine.travel(datetime(2026, 11, 20, 5, tzinfo=UTC), tick=False) as traveller:
        address = links.link(stored.id, clock.now())
        traveller.shift(timedelta(minutes=4, seconds=59))
        assert (await sender.http.get(address)).status_code == 200
        traveller.shift(timedelta(seconds=2))
        assert (await sender.http.get(address)).status_code == 404


async def test_a_link_opens_one_thing_only(sender: Sender) -> None:
    mine, other = [await sender.file(await sender.stored(photo((80, 60), seed=seed))) for seed in (1, 2)]
    whole = links.link(mine.id, clock.now())
    wrong = [
        whole + "&thumbnail=1",
        links.link(mine.id, clock.now(), thumbnail=True).replace("&thumbnail=1", ""),
        whole.replace(str(mine.id), str(other.id)),
        whole.replace("expires=1", "expires=2"),
        whole[:-1] + ("A" if whole[-1] != "A" else "B"),
        whole.split("&signature")[0],
        f"/files/{mine.id}",
        f"/files/{mine.id}?expires=99999999999&signature=",
        f"/files/{mine.id}?expires={'9' * 5000}&signature=x",
        f"/files/{mine.id}?expires=soon&signature=x",
        f"/files/{mine.id}?expires=99999999999&signature=%ff%fe",
        links.link(uuid4(), clock.now()),
        "/files/1",
        "/files/%00",
    ]
    for address in wrong:
        answer = await sender.http.get(address)
        assert (answer.status_code, code(answer)) == (404, "core.not_found"), address
    assert (await sender.http.get("/files/..%2f..%2fsecret_key")).status_code == 404
    assert (await sender.http.get(whole)).status_code == 200


async def test_bytes_that_were_lost_are_not_found(sender: Sender) -> None:
    stored = await sender.file(await sender.stored(photo((80, 60))))
    await sender.services.store.delete(stored.key)
    assert (await sender.http.get(links.link(stored.id, clock.now()))).status_code == 404
