"""Photos that are something else: too heavy, too large, broken, moving, programs, pages, and two things at once."""

import contextlib
import io
import random
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backend.core.actor import Actor
from backend.core.problem import Invalid
from backend.files.images import MIB, MOST_SCANS, PHOTO_SIDE, Drawn
from backend.files.images import draw_now as draw_at
from backend.leave.routes import MOST_BYTES, router
from tests.actors import World
from tests.client import Client

PROGRAM = b"MZ\x90\x00" + b"This program cannot be run in DOS mode." * 4
PAGE = b"<script>alert(document.cookie)</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def picture(size: tuple[int, int] = (64, 48), kind: str = "JPEG", mode: str = "RGB", **options: Any) -> bytes:
    made = io.BytesIO()
    Image.new(mode, size).save(made, kind, **options)
    return made.getvalue()


def archive() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as files:
        files.writestr("run.sh", "#!/bin/sh\nrm -rf ~")
    return made.getvalue()


def moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green", "blue")]
    made = io.BytesIO()
    frames[0].save(made, kind, save_all=True, append_images=frames[1:], duration=100)
    return made.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header states any size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp_that_claims(width: int, height: int) -> bytes:
    """The same as an extended WebP."""
    canvas = bytes(4) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBP" + b"VP8X" + struct.pack("<I", len(canvas)) + canvas + picture(kind="WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


def many_scans() -> bytes:
    """A progressive JPEG whose last scan is repeated over and over."""
    whole = picture((200, 200), progressive=True)
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[last:-2] * (MOST_SCANS + 1) + b"\xff\xd9"


def draw_now(content: bytes) -> Drawn:
    return draw_at(content, PHOTO_SIDE)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "files.image_kind"),
        (PROGRAM, "files.image_kind"),
        (b"\x7fELF\x02\x01\x01" + bytes(64), "files.image_kind"),
        (DRAWING, "files.image_kind"),
        (b"<?xml version='1.0'?>" + DRAWING, "files.image_kind"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "files.image_kind"),
        (archive(), "files.image_kind"),
        (picture(kind="GIF"), "files.image_kind"),
        (picture(kind="BMP"), "files.image_kind"),
        (picture(kind="TIFF"), "files.image_kind"),
        (bytes(4) + b"ftypheic" + bytes(64), "files.image_heic"),
        (bytes(4) + b"ftypmif1" + bytes(64), "files.image_heic"),
        (picture()[:300], "files.image_broken"),
        (picture(kind="PNG")[:60], "files.image_broken"),
        (picture(kind="WEBP")[:30], "files.image_broken"),
        (b"\xff\xd8\xff" + PROGRAM, "files.image_broken"),
        (b"\x89PNG\r\n\x1a\n" + PAGE, "files.image_broken"),
        (png_that_claims(20_000, 20_000), "files.image_pixels"),
        (png_that_claims(10_000, 4_001), "files.image_pixels"),
        (png_that_claims(2**31 - 1, 2**31 - 1), "files.image_pixels"),
        (png_that_claims(1000, 1000), "files.image_broken"),
        (png_that_claims(0, 10), "files.image_broken"),
        (webp_that_claims(16_383, 16_383), "files.image_pixels"),
        (many_scans(), "files.image_broken"),
    ],
)
def test_what_is_no_photo_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        draw_now(content)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "content",
    [
        picture() + archive(),
        picture() + PAGE,
        picture(comment=PAGE),
        picture(exif=b"Exif\x00\x00" + PAGE),
        picture(icc_profile=PAGE * 20),
        picture(kind="PNG") + PROGRAM,
        picture(kind="WEBP", xmp=PAGE),
    ],
)
def test_what_hides_in_a_photo_does_not_come_through(content: bytes) -> None:
    clean = _sound(draw_now(content))
    for hidden in (b"script", b"PK\x03\x04", b"run.sh", b"DOS mode", b"Exif", b"ICC_PROFILE"):
        assert hidden not in clean


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_picture_stands_still(kind: str) -> None:
    image = Image.open(io.BytesIO(_sound(draw_now(moving(kind)))))
    red, _, blue = image.getpixel((20, 20))  # type: ignore[misc]
    assert red > 200 and blue < 50


@pytest.mark.parametrize(
    ("kind", "mode"),
    [
        ("JPEG", "CMYK"),
        ("JPEG", "L"),
        ("PNG", "1"),
        ("PNG", "P"),
        ("PNG", "LA"),
        ("PNG", "RGBA"),
        ("PNG", "I;16"),
        ("WEBP", "RGBA"),
    ],
)
def test_every_way_of_keeping_colours_becomes_one(kind: str, mode: str) -> None:
    _sound(draw_now(picture(kind=kind, mode=mode)))


def test_what_is_transparent_becomes_paper() -> None:
    image = Image.open(io.BytesIO(draw_now(picture(kind="PNG", mode="RGBA")).content))
    assert image.getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("size", [(1, 1), (1, 20_000), (20_000, 1), (6000, 6000)])
def test_extreme_shapes(size: tuple[int, int]) -> None:
    drawn = draw_now(picture(size))
    _sound(drawn)
    assert max(drawn.width, drawn.height) <= PHOTO_SIDE and min(drawn.width, drawn.height) >= 1


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP"]), st.integers(0, 2**32))
def test_a_photo_hurt_anywhere_is_drawn_or_refused(kind: str, seed: int) -> None:
    chance = random.Random(seed)
    content = bytearray(picture((90, 70), kind))
    for _ in range(chance.randint(1, 12)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    with contextlib.suppress(Invalid):
        _sound(draw_now(bytes(content)))


# -- at the door


@pytest.fixture
async def http(world: World, client: Client) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    app.include_router(router)
    app.state.services = client.services

    async def authenticate(_scope: Any) -> Actor:
        return world.actor("mother")

    app.state.authenticate = authenticate
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://school.test") as http:
        yield http


class Flood:
    """A body that never ends, and how much of it was taken."""

    def __init__(self, most: int) -> None:
        self.left = most
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.left > 0:
            piece = b"\xff\xd8\xff" + bytes(64 * 1024 - 3)
            self.left -= len(piece)
            self.taken += len(piece)
            yield piece


async def test_forty_megabytes_are_refused_before_they_are_read(http: httpx.AsyncClient, world: World) -> None:
    flood = Flood(40 * MIB)
    answer = await _send(http, world, flood, {"content-length": str(40 * MIB)})
    assert (answer.status_code, flood.taken) == (413, 0)
    assert answer.json()["errors"][0]["extensions"]["code"] == "leave.photo_too_big"
    assert "8 MB" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("stated", [None, "1000", "-5", "many"])
async def test_a_body_that_does_not_say_how_long_it_is(
    http: httpx.AsyncClient, world: World, stated: str | None
) -> None:
    flood = Flood(400 * MIB)
    tracemalloc.start()
    answer = await _send(http, world, flood, {"content-length": stated} if stated else {})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert answer.status_code == 413
    assert flood.taken <= MOST_BYTES + 128 * 1024
    assert peak < 4 * MOST_BYTES


async def test_an_address_that_is_no_id(http: httpx.AsyncClient) -> None:
    for path in ("/leave/photos/..%2f..%2fetc%2fpasswd", "/leave/photos/1", "/leave/photos/%00"):
        assert (await http.get(path)).status_code in (404, 422)


async def _send(http: httpx.AsyncClient, world: World, body: Any, headers: dict[str, str]) -> httpx.Response:
    sent = {"x-nhipcau": "1", "content-type": "image/jpeg", **headers}
    return await http.post(f"/leave/photos?student={world['lan']}", content=body, headers=sent)


def _sound(drawn: Drawn) -> bytes:
    """A plain JPEG of the stated size without anything else in it."""
    image = Image.open(io.BytesIO(drawn.content))
    image.load()
    assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (drawn.width, drawn.height))
    assert image.info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    assert drawn.content.endswith(b"\xff\xd9")
    return drawn.content
