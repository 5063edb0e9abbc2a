"""Documents that are something else: scripts, locks, a hundred thousand pages, bombs, two files in one, and hangs."""

import contextlib
import io
import random
import subprocess
import sys
import time
import zipfile
import zlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image, PngImagePlugin

from backend.core.db import Database
from backend.core.problem import Invalid
from backend.files import actions, checking, pdfs
from backend.files.images import THUMBNAIL_SIDE, draw_now
from backend.files.pdf_check import MOST_PAGES
from backend.files.rules import MIB
from backend.files.tables import StoredFile, Upload
from tests.actors import World
from tests.attack.test_photos import DRAWING, PAGE, PROGRAM, archive, picture, png_that_claims
from tests.client import Client
from tests.slices.files.sender import Sender, at_the_door, code, document

ROOT = Path(__file__).parents[2]


def written(change: Callable[[Pdf], None], **options: Any) -> bytes:
    """A PDF of one page after a change."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        change(pdf)
        made = io.BytesIO()
        pdf.save(made, **options)
    return made.getvalue()


def action(kind: str, **more: Any) -> Dictionary:
    return Dictionary(S=Name("/" + kind), **more)


def opens_with(value: Any) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        pdf.Root.OpenAction = value

    return change


def clicked(value: Any) -> Callable[[Pdf], None]:
    """A link on the page that does this."""

    def change(pdf: Pdf) -> None:
        box = Array([0, 0, 100, 100])
        pdf.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=box, A=value)])

    return change


def noted(kind: str, **more: Any) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        box = Array([0, 0, 100, 100])
        pdf.pages[0].Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name("/" + kind), Rect=box, **more)])

    return change


def attached(pdf: Pdf) -> None:
    pdf.attachments["run.exe"] = PROGRAM


def named_script(pdf: Pdf) -> None:
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array(["x", action("JavaScript", JS="app.alert(1)")])))


def of_a_form(pdf: Pdf) -> None:
    pdf.Root.AcroForm = Dictionary(Fields=Array([]), XFA=pdf.make_stream(b"<xdp/>"))


def page_action(pdf: Pdf) -> None:
    pdf.pages[0].AA = Dictionary(O=action("Named", N=Name.Print))


def elsewhere(pdf: Pdf) -> None:
    pdf.pages[0].Contents = pdf.make_stream(b"", F=b"/etc/passwd")


def portfolio(pdf: Pdf) -> None:
    pdf.Root.Collection = Dictionary(View=Name.T)


def pages_that_lie(pdf: Pdf) -> None:
    pdf.Root.Pages.Count = 1
    pdf.Root.Pages.Kids.extend([pdf.Root.Pages.Kids[0]] * MOST_PAGES)


def pages_in_a_ring(pdf: Pdf) -> None:
    pdf.Root.Pages.Kids.append(pdf.Root.Pages)


def ten_thousand_pages() -> bytes:
    return document(10_000)


def size_of_page(*box: Any) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].MediaBox = Array(list(box))

    return change


def many_objects() -> bytes:
    """A small document with a million dictionaries in it."""
    return _with_object(document(), b"[" + b"<<>>" * 1_000_000 + b"]")


def drawn(*program: bytes) -> Callable[[Pdf], None]:
    def change(pdf: Pdf) -> None:
        pdf.pages[0].Contents = pdf.make_stream(b"\n".join(program))

    return change


def zeros(mebibytes: int) -> bytes:
    """So many MiB of zeros in zlib's form (RFC 1950), without packing them: one packed MiB, over and over."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = (mebibytes * MIB % 65521) << 16 | 1
    return b"\x78\xda" + block * mebibytes + packer.flush() + check.to_bytes(4, "big")


def object_bomb() -> bytes:
    """An object stream of 2 MB that unpacks to 2 GB."""
    packed = zeros(2000)
    body = b"%%PDF-1.5\n1 0 obj\n<</Type/ObjStm/N 1/First 4/Filter/FlateDecode/Length %d>>stream\n" % len(packed)
    body += packed + b"\nendstream\nendobj\n"
    rows = b"".join(bytes([kind, *at.to_bytes(4, "big"), 0]) for kind, at in ((0, 0), (1, 9), (2, 1), (1, len(body))))
    body_end = b"3 0 obj\n<</Type/XRef/Size 4/W[1 4 1]/Root 2 0 R/Length %d>>stream\n" % len(rows)
    return body + body_end + rows + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(body)


DEEP = b"%PDF-1.4\n1 0 obj\n" + b"[" * 200_000 + b"]" * 200_000 + b"\nendobj\ntrailer<</Root 1 0 R>>\n%%EOF"


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (written(opens_with(action("JavaScript", JS="app.alert(1)"))), "files.pdf_script"),
        (written(opens_with(action("Named", N=Name.Print))), "files.pdf_script"),
        (written(opens_with(action("URI", URI="https://elsewhere.test"))), "files.pdf_script"),
        (written(clicked(action("Launch", F="cmd.exe"))), "files.pdf_script"),
        (written(clicked(action("SubmitForm", F="https://elsewhere.test"))), "files.pdf_script"),
        (written(clicked(action("ImportData", F="x"))), "files.pdf_script"),
        (written(clicked(action("GoToR", F="\\\\elsewhere\\share"))), "files.pdf_script"),
        (written(clicked(action("URI", URI="x", Next=action("JavaScript", JS="x")))), "files.pdf_script"),
        (written(named_script), "files.pdf_script"),
        (written(named_script, object_stream_mode=pikepdf.ObjectStreamMode.generate), "files.pdf_script"),
        (written(named_script).replace(b"/JavaScript", b"/J#61vaScrip#74").replace(b"/JS", b"/#4a#53"),
         "files.pdf_script"),
        (written(page_action), "files.pdf_script"),
        (written(of_a_form), "files.pdf_script"),
        (written(attached), "files.pdf_attachment"),
        (written(noted("FileAttachment")), "files.pdf_attachment"),
        (written(noted("RichMedia")), "files.pdf_attachment"),
        (written(noted("Screen")), "files.pdf_attachment"),
        (written(noted("3D")), "files.pdf_attachment"),
        (written(portfolio), "files.pdf_attachment"),
        (written(elsewhere), "files.pdf_attachment"),
        (document(1, encryption=pikepdf.Encryption(owner="o", user="u")), "files.pdf_encrypted"),
        (document(1, encryption=pikepdf.Encryption(owner="o", user="")), "files.pdf_encrypted"),
        (document(MOST_PAGES + 1), "files.pdf_pages"),
        (ten_thousand_pages, "files.pdf_pages"),
        (written(pages_that_lie), "files.pdf_pages"),
        (document() + archive(), "files.pdf_followed"),
        (document() + PAGE, "files.pdf_followed"),
        (document() + b"\0" * 10 + picture(), "files.pdf_followed"),
        (document(1).removesuffix(b"%%EOF\n"), "files.pdf_broken"),
        (document()[:300] + b"%%EOF", None),
        (b"%PDF-1.7\n%%EOF", "files.pdf_broken"),
        (b"%PDF-" + random.Random(3).randbytes(50_000) + b"%%EOF", "files.pdf_broken"),
        (written(size_of_page(0, 0, 0, 0)), None),
        (written(size_of_page(0, 0, 1e30, 1)), None),
        (written(size_of_page(0, 0, 200, 1e-9)), None),
        (many_objects, "files.pdf_too_complex"),
        (written(pages_in_a_ring), None),
        (DEEP, "files.pdf_broken"),
        (object_bomb, None),
    ],
)  # fmt: skip
async def test_documents_that_are_refused(content: bytes | Callable[[], bytes], refusal: str | None) -> None:
    """None: how it is refused, if at all, is the reader's affair; but in time, and what comes out is sound."""
    whole = content if isinstance(content, bytes) else content()
    begun = time.monotonic()
    said = await _refusal(whole)
    assert time.monotonic() - begun < pdfs.SECONDS + 5
    assert said == refusal or (refusal is None and said in ("files.pdf_broken", "files.pdf_too_complex"))


@pytest.mark.parametrize(
    "content",
    [
        document(),
        document(MOST_PAGES),
        document(3, linearize=True),
        document(3, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        written(opens_with(Array([0, Name.Fit]))),
        written(opens_with(action("GoTo", D=Array([0, Name.Fit])))),
        written(clicked(action("URI", URI="https://moet.gov.vn"))),
        written(clicked(action("GoTo", D=Array([0, Name.Fit])))),
        document() + b"\r\n \n",
    ],
)
async def test_documents_as_people_have_them(content: bytes) -> None:
    _sound(await pdfs.check(content))


async def test_what_nothing_refers_to_does_not_come_through() -> None:
    """Bytes between the objects, and a whole archive in a comment: two files in one, of which one is kept."""
    whole = document(2)
    done = await pdfs.check(whole[:9] + b"%" + archive().replace(b"\n", b" ") + b"\n" + PAGE + whole[9:])
    _sound(done)
    assert b"script" not in done.content and b"PK\x03\x04" not in done.content


async def test_a_script_that_nothing_refers_to_is_seen() -> None:
    hiding = _with_object(document(), b"<< /S /JavaScript /JS (app.alert(1)) >>")
    assert await _refusal(hiding) == "files.pdf_script"


def _with_object(whole: bytes, value: bytes) -> bytes:
    """The same document and, in an update at its end, one object more."""
    at = len(whole)
    with pikepdf.open(io.BytesIO(whole)) as pdf:
        number, root = len(pdf.objects) + 1, pdf.Root.objgen[0]
    before = int(whole.rsplit(b"startxref", 1)[1].split()[0])
    update = b"%d 0 obj\n%s\nendobj\n" % (number, value)
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, at)
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (number + 1, root, before)
    return whole + update + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (at + len(update))


async def test_one_that_hangs_is_ended_and_the_next_is_served() -> None:
    busy = written(drawn(*[b"0 0 m 500 800 l 0 800 l 500 0 l s"] * 20_000))
    assert (await pdfs.check(document())).pages == 1
    with pytest.raises(Invalid, match="pdf_too_complex"):
        await pdfs.check(busy, seconds=0.001)
    for _ in range(3):
        assert (await pdfs.check(document())).pages == 1


async def test_the_process_that_reads_pdfs_has_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NHIPCAU_SECRET_KEY", "x" * 40)
    process = pdfs._Process()  # pyright: ignore[reportPrivateUsage]
    try:
        environment = Path(f"/proc/{process._popen.pid}/environ").read_bytes()  # pyright: ignore[reportPrivateUsage]
        assert b"NHIPCAU" not in environment and b"DATABASE" not in environment
        limits = Path(f"/proc/{process._popen.pid}/limits").read_text()  # pyright: ignore[reportPrivateUsage]
        assert "Max address space         1610612736" in limits and "Max file size             0" in limits
    finally:
        process.end()


def test_the_server_itself_loads_no_reader_of_pdfs() -> None:
    script = "import backend.files.routes, sys; sys.exit(any(name in sys.modules for name in ('pikepdf', 'pypdfium2')))"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=False).returncode == 0


async def test_pdfs_hurt_anywhere_are_written_anew_or_refused() -> None:
    whole = written(clicked(action("URI", URI="https://moet.gov.vn")))
    chance = random.Random(7)
    for _ in range(60):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 10)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        with contextlib.suppress(Invalid):
            _sound(await pdfs.check(bytes(content)))


# -- images


def exif_bomb() -> bytes:
    """Metadata that points at itself, counts to four thousand million and fills all it may."""
    image_file = b"MM\x00*\x00\x00\x00\x08" + (500).to_bytes(2, "big")
    entry = (0x8769).to_bytes(2, "big") + (4).to_bytes(2, "big") + b"\xff\xff\xff\xff" + (8).to_bytes(4, "big")
    return picture(exif=b"Exif\x00\x00" + (image_file + entry * 500)[:65_000].ljust(65_000, b"\xff"))


def text_bomb() -> bytes:
    """A PNG whose text unpacks to a gigabyte."""
    said = PngImagePlugin.PngInfo()
    said.add_text("x", "y" * 100, zip=True)
    whole = picture(kind="PNG", pnginfo=said)
    body = b"zTXt" + b"x\0\0" + zeros(1000)
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return whole[:33] + chunk + whole[33:]


def profile_bomb() -> bytes:
    """The same as a colour profile."""
    body = b"iCCP" + b"x\0\0" + zeros(1000)
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    whole = picture(kind="PNG")
    return whole[:33] + chunk + whole[33:]


@pytest.mark.parametrize("bomb", [exif_bomb, text_bomb, profile_bomb])
def test_what_swells_in_metadata_is_refused_or_left_out(bomb: Callable[[], bytes]) -> None:
    begun = time.monotonic()
    with contextlib.suppress(Invalid):
        made = draw_now(bomb(), 2000, thumbnail=True)
        assert len(made.content) < 5000 and Image.open(io.BytesIO(made.content)).size == (64, 48)
    assert time.monotonic() - begun < 5


def test_a_thumbnail_is_small_and_clean() -> None:
    made = draw_now(picture((3000, 100), comment=PAGE), 2000, thumbnail=True)
    small = Image.open(io.BytesIO(made.thumbnail))
    assert max(small.size) == THUMBNAIL_SIDE and b"script" not in made.thumbnail


# -- at the door


@pytest.fixture
async def sender(database: Database, world: World, client: Client) -> AsyncIterator[Sender]:
    async with at_the_door(database, world, client) as made:
        yield made


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"x", "files.kind"),
        (PROGRAM, "files.kind"),
        (DRAWING, "files.kind"),
        (b"<?xml version='1.0'?>" + DRAWING, "files.kind"),
        (PAGE, "files.kind"),
        (archive(), "files.kind"),
        (picture(kind="GIF"), "files.kind"),
        (b"\n" + document(), "files.kind"),
        (archive() + document(), "files.kind"),
        (PAGE + document(), "files.kind"),
        (bytes(4) + b"ftypheic" + bytes(64), "files.image_heic"),
        (picture() + document(), None),  # a picture to one reader, a document to another: only the picture is kept
        (png_that_claims(20_000, 20_000), "files.image_pixels"),
        (b"\xff\xd8\xff" + PROGRAM, "files.image_broken"),
        (document() + archive(), "files.pdf_followed"),
        (written(named_script), "files.pdf_script"),
        (ten_thousand_pages, "files.pdf_pages"),
    ],
)
async def test_what_is_no_paper_is_not_kept(
    sender: Sender, content: bytes | Callable[[], bytes], refusal: str | None
) -> None:
    answer = await sender.send(content if isinstance(content, bytes) else content(), name="Giấy khai sinh.pdf")
    if refusal is None:
        kept = await sender.file(answer.headers["upload-stored"])
        assert b"%PDF" not in await actions.open_file(sender.database, sender.services.store, kept.id)
        return
    assert (answer.status_code, code(answer)) == (422, refusal)
    assert answer.json()["errors"][0]["message"] != refusal
    assert (await sender.count(StoredFile), await sender.count(Upload)) == (0, 0)


async def test_a_flood_is_cut_off_at_one_piece(sender: Sender) -> None:
    taken = 0

    async def flood() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(100):
            taken += MIB // 4
            yield bytes(MIB // 4)

    address = await sender.begun(b"", size=10 * MIB)
    headers = {"x-nhipcau": "1", "content-type": "application/offset+octet-stream", "upload-offset": "0"}
    answer = await sender.http.patch(address, content=flood(), headers=headers)
    assert (answer.status_code, code(answer)) == (413, "files.piece_too_big")
    assert taken <= 2 * MIB
    assert (await sender.where(address)).headers["upload-offset"] == "0"


async def test_addresses_that_are_no_uploads(sender: Sender) -> None:
    for path in ("/uploads/1", "/uploads/..%2f..%2fetc", "/uploads/%00", "/uploads/"):
        assert (await sender.where(path)).status_code in (404, 405, 307, 422)


async def _refusal(content: bytes) -> str | None:
    """The code of the refusal; None for a document that was taken, and is sound."""
    try:
        done = await pdfs.check(content)
    except Invalid as problem:
        return problem.code
    _sound(done)
    return None


def _sound(done: checking.Checked | pdfs.CheckedPdf) -> None:
    """A plain document of the stated pages, nothing before or after it, and a small picture."""
    assert done.content.startswith(b"%PDF-") and done.content.rstrip().endswith(b"%%EOF")
    assert not zipfile.is_zipfile(io.BytesIO(done.content))
    with pikepdf.open(io.BytesIO(done.content)) as pdf:
        assert len(pdf.pages) == done.pages and "/OpenAction" not in pdf.Root
    small = Image.open(io.BytesIO(done.thumbnail))
    assert small.format == "JPEG" and max(small.size) <= THUMBNAIL_SIDE
