"""The parts around an import: the body of an upload in any pieces, the command, the lane and what it tells."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from backend.core.actor import SYSTEM
from backend.core.bus import MemoryBus
from backend.core.news import channel_of
from backend.core.problem import Invalid
from backend.enrolment import command, imports, tasks
from backend.enrolment.uploads import read_files
from tests.actors import World
from tests.slices.enrolment.conftest import Desk, pupils
from tests.workbooks.test_workbooks import workbook

BODY = (
    b'--xYz\r\nContent-Disposition: form-data; name="note"\r\n\r\nhello\r\n'
    b'--xYz\r\nContent-Disposition: form-data; name="files"; filename="C:\\l\xe1\xbb\x9bp %226A%22.xlsx"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\none\r\n--xY\r\n\r\n--xYztwo\r\n--xYz\r\n"
    b'Content-Disposition: form-data; name="files"; filename="empty.xlsx"\r\n\r\n\r\n--xYz--\r\n'
).replace(b"--xYztwo", b"--xytwo")
NEW = ("6A2", "2499999999", "Hồ Xuân Hương", "08/03/2015", "Nữ")


async def pieces(body: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(body), size):
        yield body[start : start + size]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 10_000])
async def test_a_body_in_any_pieces(size: int) -> None:
    files = await read_files('multipart/form-data; boundary="xYz"', pieces(BODY, size))
    assert [(file.name, file.content) for file in files] == [
        ('lớp "6A".xlsx', b"one\r\n--xY\r\n\r\n--xytwo"),
        ("empty.xlsx", b""),
    ]


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", BODY),
        ("multipart/form-data", BODY),
        ("multipart/form-data; boundary=xYz", BODY[:-8]),
        ("multipart/form-data; boundary=other", BODY),
        ("multipart/form-data; boundary=xYz", b"x" * 200_000),
        ("multipart/form-data; boundary=xYz", b"--xYz\r\nContent-Disposition: form-data\r\n\r\n\r\n" * 20 + b"--xYz--"),
    ],
)
async def test_a_body_that_is_no_form(kind: str, body: bytes) -> None:
    with pytest.raises(Invalid) as caught:
        await read_files(kind, pieces(body, 4096))
    assert caught.value.code == "import.not_multipart"


async def test_too_much_is_refused_while_it_arrives() -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        yield b'--xYz\r\nContent-Disposition: form-data; name="f"; filename="f.xlsx"\r\n\r\n'
        while True:
            taken += 65_536
            yield b"\0" * 65_536

    with pytest.raises(Invalid) as caught:
        await read_files("multipart/form-data; boundary=xYz", endless())
    assert (caught.value.code, caught.value.params) == ("sheet.too_big", {"limit_mib": 10})
    assert taken <= 11 * 2**20


async def test_the_command_reports_and_applies(dsn: str, desk: Desk, world: World, tmp_path: Path) -> None:
    file = tmp_path / "school.xlsx"
    file.write_bytes(workbook(pupils(NEW, ("6A2", "2499999998", "", "08/03/2015"))))
    before = await desk.everything()
    report = await command.import_files(dsn, [file], school_code="24010001", apply=False)
    assert (report.applied, report.counts["new"], report.broken) == (False, 1, 1)
    assert report.as_text().splitlines() == [
        "24010001, would change: 1 new, 1 broken",
        "Sheet1!D8  6A2: The name is missing.",
    ]
    assert await desk.everything() == before
    assert await desk.sql("select 1 from import_batch") == []
    report = await command.import_files(dsn, [file], school_code="24010001", apply=True)
    assert (json.loads(report.as_json())["applied"], report.broken) == (True, 1)
    ((clerk,),) = await desk.sql("select created_by from import_batch where status = 'APPLIED'")
    assert clerk == world["clerk"]
    assert len(await desk.sql("select 1 from student where code = '2499999999'")) == 1


async def test_the_command_says_what_is_wrong(dsn: str, desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "school.xlsx"
    file.write_bytes(b"PK")
    unknown = await command.import_files(dsn, [file], school_code="nowhere", apply=True)
    assert (unknown.broken, unknown.as_text()) == (1, "There is no school with the code nowhere.")
    damaged = await command.import_files(dsn, [file], school_code="24010001", apply=True)
    assert damaged.as_text() == "This is not an Excel workbook (.xlsx), or it is damaged."
    assert await desk.sql("select 1 from import_batch") == []


async def test_the_lane_works_when_woken_and_tells_the_clerk(desk: Desk, bus: MemoryBus) -> None:
    tasks.register(desk.client.services.jobs, desk.database, bus)
    async with bus.subscribe([channel_of(desk.world["clerk"])]) as signals, desk.client.services.jobs.working():
        batch = (await desk.hand_in(workbook(pupils(NEW)))).json()["batch"]
        told: list[Any] = []
        async for signal in signals:
            told.append(json.loads(signal.message.split(b"data: ")[1])["data"]["news"])
            if (await desk.batch(batch))["status"] == "CHECKED":
                break
    assert told and all(news == {"kind": "import", "id": batch} for news in told)


async def test_what_nobody_applied_is_forgotten_after_a_week(desk: Desk) -> None:

    old, young = await desk.check(pupils(NEW)), await desk.check(pupils(NEW))
    await desk.sql("update import_batch set created_at = now() - interval '8 days' where id = :id", id=old["id"])
    async with desk.database.write(SYSTEM) as session:
        await imports.sweep(session)
    assert [str(id_) for (id_,) in await desk.sql("select batch_id from import_file")] == [young["id"]]
