"""Where bytes are kept: a folder or a bucket of a real S3 server, encrypted or not."""

import base64
import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.ids import new_id
from backend.core.problem import NotFound, TooMany
from backend.core.settings import Settings
from backend.core.store import Store, new_key
from backend.eservices.tables import DossierFile
from backend.files import actions, links
from backend.files.tables import FileKind, StoredFile
from tests.slices.files.sender import Sender, document, photo
from tests.slices.files.servers import Bucket, s3_server

DAY = date(2026, 11, 20)
PAPER = "Học bạ của Nguyễn Thị Ngọc Lan".encode()


def keys(*names: str) -> str:
    return ",".join(f"{name}:{base64.b64encode(name.encode().ljust(32, b'k')).decode()}" for name in names)


@pytest.fixture(scope="module")
def bucket() -> Iterator[Bucket]:
    with s3_server() as made:
        yield made


@pytest.fixture(params=["folder", "bucket"])
def chosen(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    if request.param == "folder":
        return Settings.model_validate({"data_dir": tmp_path})
    return request.getfixturevalue("bucket").settings()


@pytest.fixture
def kept_in(chosen: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The folder in which the bytes end up, whoever puts them there."""
    return tmp_path / "files" if chosen.files_s3_bucket is None else request.getfixturevalue("bucket").folder


async def test_what_is_put_comes_back_until_it_is_deleted(chosen: Settings, kept_in: Path) -> None:
    store = Store.open(chosen)
    first, second = new_key(DAY), new_key(date(2026, 11, 21))
    await store.put(first, PAPER)
    await store.put(second, bytes(10 * 1024 * 1024))
    assert await Store.open(chosen).get(first, "") == PAPER
    assert len(await store.get(second, "")) == 10 * 1024 * 1024
    assert (kept_in / first).read_bytes() == PAPER
    assert [key async for key in store.keys_of(DAY)] == [first]
    for key in (first, first, second):
        await store.delete(key)
    with pytest.raises(NotFound):
        await store.get(first, "")
    assert [key async for key in store.keys_of(DAY)] == []


async def test_bytes_at_rest_are_unreadable_and_keys_can_change(chosen: Settings, kept_in: Path) -> None:
    key = new_key(DAY)
    old = Store.open(chosen.model_copy(update={"files_keys": keys("2025")}))
    await old.put(key, PAPER)
    at_rest = (kept_in / key).read_bytes()
    assert "Học".encode() not in at_rest and b"Lan" not in at_rest and len(at_rest) > len(PAPER)
    both = Store.open(chosen.model_copy(update={"files_keys": keys("2026", "2025")}))
    assert (both.sealing_with, await both.get(key, old.sealing_with)) == ("2026", PAPER)
    new = Store.open(chosen.model_copy(update={"files_keys": keys("2026")}))
    for store in (new, Store.open(chosen)):
        with pytest.raises(NotFound):
            await store.get(key, "2025")
    elsewhere = new_key(DAY)
    (kept_in / elsewhere).write_bytes(at_rest)  # somebody moves another pupil's papers into this place
    (kept_in / key).write_bytes(PAPER)  # or puts clear bytes there
    for place in (elsewhere, key):
        with pytest.raises(NotFound):
            await both.get(place, "2025")
    for place in (elsewhere, key):
        await both.delete(place)


async def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    Store.open(Settings.model_validate({"data_dir": tmp_path}))
    assert (tmp_path / "files").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("key", ["../escaped", "2026-11-20/../../escaped", "/etc/passwd"])
async def test_no_key_leads_out_of_the_folder(tmp_path: Path, key: str) -> None:
    store = Store.open(Settings.model_validate({"data_dir": tmp_path}))
    with contextlib.suppress(ValueError):
        await store.put(key, b"x")
    assert not (tmp_path / "escaped").exists() and not (tmp_path.parent / "escaped").exists()


async def test_a_wrong_secret_and_a_server_that_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backend.core.store.RETRIES", 0)
    with s3_server() as made:
        wrong = Store.open(made.settings(files_s3_secret_key="another secret"))
        with pytest.raises(TooMany, match="store_away"):
            await wrong.put(new_key(DAY), PAPER)
        missing = Store.open(made.settings(files_s3_bucket="elsewhere"))
        with pytest.raises(TooMany, match="store_away"):
            await missing.put(new_key(DAY), PAPER)
        store = Store.open(made.settings())
        key = new_key(DAY)
        await store.put(key, PAPER)
        made.process.kill()
        made.process.wait()
        with pytest.raises(TooMany, match="store_away"):
            await store.get(key, "")
        with pytest.raises(TooMany, match="store_away"):
            await store.delete(key)
        with pytest.raises(TooMany, match="store_away"):
            [found async for found in store.keys_of(DAY)]


async def test_an_upload_lands_there_sealed_and_comes_back_by_its_link(
    sender: Sender, chosen: Settings, kept_in: Path
) -> None:
    store = Store.open(chosen.model_copy(update={"files_keys": keys("2026")}))
    _put_in_place(sender, store)
    stored = await sender.file(await sender.stored(photo((300, 200))))
    assert stored.sealed_with == "2026"
    for key in (stored.key, stored.key + actions.THUMBNAIL):
        assert (kept_in / key).read_bytes().startswith(b"NCS1\x042026")
    answer = await sender.http.get(links.link(stored.id, clock.now()))
    assert (answer.status_code, len(answer.content)) == (200, stored.size)
    small = await sender.http.get(links.link(stored.id, clock.now(), thumbnail=True))
    assert small.content[:3] == b"\xff\xd8\xff"


async def test_a_store_that_is_away_loses_no_upload(sender: Sender) -> None:
    whole = document()
    address = await sender.begun(whole)
    with s3_server() as made:
        gone = Store.open(made.settings())
    before = sender.services.store
    _put_in_place(sender, gone)
    refused = await sender.piece(address, 0, whole)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (429, "core.store_away")
    _put_in_place(sender, before)
    assert (await sender.piece(address, 0, whole)).headers["upload-stored"]


async def test_a_file_that_a_dossier_refers_to_stays(sender: Sender, chosen: Settings) -> None:
    store = Store.open(chosen)
    async with sender.database.write(SYSTEM) as session:
        rows = [await actions.keep(session, store, PAPER, name, FileKind.PDF, None) for name in ("used", "unused")]
        for row in rows:
            row.created_at = clock.now().replace(year=2025)
        used = DossierFile(
            id=new_id(), readers=[], document="x", stored_file_id=rows[0].id, name="x", kind="PDF", size=1
        )
        session.add(used)
    await actions.sweep(sender.database, store)
    assert await sender.count(StoredFile) == 1
    assert await store.get(rows[0].key, "") == PAPER
    with pytest.raises(NotFound):
        await store.get(rows[1].key, "")


def _put_in_place(sender: Sender, store: Store) -> None:
    """The same services, another store."""
    sender.services = replace(sender.services, store=store)
    sender.app.state.services = sender.services
