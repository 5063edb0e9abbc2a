"""Photos of papers: what comes back out, who sees it, and how long an unused one stays."""

import io
from datetime import timedelta

import pytest
import time_machine
from PIL import Image
from sqlalchemy import func, select
from sqlmodel import col

from backend.core.actor import SYSTEM
from backend.core.jobs import Jobs
from backend.files.images import PHOTO_SIDE
from backend.leave import routes, tasks
from backend.leave.actions import sweep_photos
from backend.leave.tables import LeavePhoto
from tests.slices.leave.conftest import Desk

ORIENTATION = 0x0112


def picture(
    size: tuple[int, int] = (300, 200), kind: str = "JPEG", *, colour: str = "red", turned: int | None = None
) -> bytes:
    """A picture with a blue left half, as a camera writes it; `turned` is the EXIF orientation."""
    image = Image.new("RGB", size, colour)
    image.paste("blue", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x010F] = "Máy ảnh của mẹ"
    if turned:
        exif[ORIENTATION] = turned
    made = io.BytesIO()
    image.save(made, kind, exif=exif, comment=b"secret") if kind == "JPEG" else image.save(made, kind)
    return made.getvalue()


async def test_a_photo_goes_with_the_request(desk: Desk) -> None:
    answer = await desk.upload(picture((4000, 3000)))
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["width"], made["height"]) == (PHOTO_SIDE, 1200)
    asked = await desk.asked(1, photos=[made["photo"], made["photo"]])
    [photo] = asked["photos"]
    assert photo == {
        "id": made["photo"], "width": 1600, "height": 1200, "path": f"/leave/photos/{made['photo']}"
    }  # fmt: skip
    shown = await desk.http.get(photo["path"])
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert shown.headers["cache-control"] == "private, no-store"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert shown.headers["content-disposition"].startswith("inline")
    assert shown.headers["cross-origin-resource-policy"] == "same-origin"


async def test_the_photo_is_upright_small_and_without_metadata(desk: Desk) -> None:
    made = (await desk.upload(picture((300, 200), turned=6))).json()  # the camera was held upright
    assert (made["width"], made["height"]) == (200, 300)
    shown = await desk.fetch(made["photo"], "mother")
    image = Image.open(io.BytesIO(shown.content))
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (200, 300))
    assert not image.getexif() and not {"exif", "comment", "icc_profile", "xmp"} & image.info.keys()
    assert b"secret" not in shown.content and "Máy ảnh".encode() not in shown.content
    top, bottom = image.getpixel((100, 20)), image.getpixel((100, 280))
    assert isinstance(top, tuple) and isinstance(bottom, tuple)
    assert top[2] > 200 and bottom[0] > 200  # the left half came to stand on top


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_what_browsers_send_is_taken(desk: Desk, kind: str) -> None:
    made = (await desk.upload(picture(kind=kind), **{"content-type": "application/octet-stream"})).json()
    assert (made["width"], made["height"]) == (300, 200)


async def test_a_photo_is_for_those_who_may_read_the_request(desk: Desk) -> None:
    photo = (await desk.upload(picture())).json()["photo"]
    assert (await desk.fetch(photo, "mother")).status_code == 200
    for who in ("father", "homeroom_teacher", "headteacher"):  # not sent yet: whoever took it
        assert (await desk.fetch(photo, who)).status_code == 404
    await desk.asked(1, photos=[photo])
    for who in ("mother", "father", "pupil", "homeroom_teacher", "headteacher"):
        assert (await desk.fetch(photo, who)).status_code == 200, who
    for who in ("math_teacher", "literature_teacher", "clerk", "other_mother", "other_teacher", "other_clerk"):
        assert (await desk.fetch(photo, who)).status_code == 404, who
    assert (await desk.fetch(photo, "officer")).status_code == 403
    assert (await desk.fetch(photo, "nobody")).status_code == 401


async def test_whose_photos_a_request_may_take(desk: Desk) -> None:
    mine, hers = [(await desk.upload(picture(), who=who)).json()["photo"] for who in ("mother", "father")]
    of_dung = (await desk.upload(picture(), student="dung")).json()["photo"]
    for photo in (hers, of_dung, desk.world["lan"]):
        assert (await desk.ask_leave(1, photos=[photo])).problem == "leave.photo_unknown"
    four = [(await desk.upload(picture())).json()["photo"] for _ in range(4)]
    assert (await desk.ask_leave(1, photos=four)).problem == "leave.too_many_photos"
    assert len((await desk.asked(1, photos=[mine]))["photos"]) == 1
    assert (await desk.ask_leave(2, photos=[mine])).problem == "leave.photo_unknown"  # sent already


@pytest.mark.parametrize(
    ("who", "student", "status"),
    [
        ("mother", "minh", 404),
        ("other_mother", "lan", 404),
        ("pupil", "lan", 403),
        ("homeroom_teacher", "lan", 403),
        ("nobody", "lan", 401),
    ],
)
async def test_who_may_not_send_photos(desk: Desk, who: str, student: str, status: int) -> None:
    assert (await desk.upload(picture(), who, student)).status_code == status
    assert await _count(desk) == 0


async def test_another_page_sends_nothing(desk: Desk) -> None:
    assert (await desk.upload(picture(), **{"x-nhipcau": ""})).json()["errors"][0]["extensions"]["code"] == (
        "core.header_missing"
    )
    assert (await desk.upload(picture(), origin="https://elsewhere.test")).status_code == 403


async def test_thirty_photos_an_hour(desk: Desk) -> None:
    for _ in range(routes.PER_PERSON.amount):
        assert (await desk.upload(b"no picture")).status_code == 422
    refused = await desk.upload(picture())
    assert refused.status_code == 429
    assert refused.json()["errors"][0]["extensions"]["retryAfter"] > 0


async def test_a_photo_nobody_sent_is_gone_after_a_day(desk: Desk, wednesday: time_machine.Traveller) -> None:
    kept, unused = [(await desk.upload(picture())).json()["photo"] for _ in range(2)]
    await desk.asked(1, photos=[kept])
    wednesday.shift(timedelta(hours=23))
    await _sweep(desk)
    assert await _count(desk) == 2
    wednesday.shift(timedelta(hours=2))
    await _sweep(desk)
    assert await _count(desk) == 1
    assert (await desk.fetch(kept, "mother")).status_code == 200
    assert (await desk.fetch(unused, "mother")).status_code == 404


async def test_the_sweep_is_registered(desk: Desk) -> None:
    jobs = Jobs(None, "leave-test")
    tasks.register(jobs, desk.database)
    assert "leave.sweep" in jobs._docket.tasks  # pyright: ignore[reportPrivateUsage]


async def _sweep(desk: Desk) -> None:
    async with desk.database.write(SYSTEM) as session:
        await sweep_photos(session)


async def _count(desk: Desk) -> int:
    async with desk.database.write(SYSTEM) as session:
        return (await session.execute(select(func.count(col(LeavePhoto.id))))).scalar_one()
