"""One PDF looked at and written anew. Hostile bytes are read here: only `pdf_process` calls this, in a process apart.

Refused is what could do something by itself (scripts, actions that start programs, forms that send), what carries other
files, and what is locked. The rest is written anew by qpdf: only what the document refers to comes through, so bytes
before, between and after it do not. A digital signature inside does not survive that.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pikepdf
import pypdfium2

from backend.core.problem import Invalid
from backend.files.images import THUMBNAIL_QUALITY, THUMBNAIL_SIDE, as_jpeg
from backend.files.pdf_channel import CheckedPdf
from backend.files.rules import MOST_BYTES

MOST_PAGES: Final = 50
MOST_NODES: Final = 500_000
"""Dictionaries and arrays. An application of 50 tagged pages has some 60,000."""

_WHITE: Final = b"\x00\t\n\x0c\r "  # ISO 32000-2, table 1
_END: Final = b"%%EOF"
_SCRIPT_KEYS: Final = frozenset({"/JS", "/JavaScript", "/AA", "/XFA"})
_FILE_KEYS: Final = frozenset(
    {"/EF", "/EmbeddedFile", "/EmbeddedFiles", "/Collection", "/RichMediaContent", "/RichMediaSettings"}
)
_SCRIPT_ACTIONS: Final = frozenset(
    {
        "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/GoTo3DView", "/Rendition",
        "/RichMediaExecute", "/Movie", "/Sound",
    }
)  # fmt: skip
_FILE_KINDS: Final = frozenset({"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D", "/EmbeddedFile"})


def check(content: bytes) -> CheckedPdf:
    """The document written anew.

    Raises Invalid: files.kind, files.pdf_followed, files.pdf_encrypted, files.pdf_pages(most), files.pdf_script,
    files.pdf_attachment, files.pdf_too_complex, files.pdf_broken.
    """
    if not content.startswith(b"%PDF-"):
        raise Invalid("files.kind", field="file")
    if not content.rstrip(_WHITE).endswith(_END):
        raise Invalid("files.pdf_followed" if _END in content else "files.pdf_broken", field="file")
    try:
        with pikepdf.open(io.BytesIO(content), suppress_warnings=True) as pdf:
            return _written(pdf)
    except Invalid:
        raise
    except pikepdf.PasswordError:
        raise Invalid("files.pdf_encrypted", field="file") from None
    except MemoryError:
        raise Invalid("files.pdf_too_complex", field="file") from None
    except Exception as defect:  # readers stumble over hostile bytes in many ways, and they all mean the same
        raise Invalid("files.pdf_broken", field="file") from defect


def _written(pdf: pikepdf.Pdf) -> CheckedPdf:
    if pdf.is_encrypted:
        raise Invalid("files.pdf_encrypted", field="file")
    if int(pdf.Root.Pages.get("/Count", 0)) > MOST_PAGES or (pages := len(pdf.pages)) > MOST_PAGES:
        raise Invalid("files.pdf_pages", field="file", most=MOST_PAGES)
    if pages == 0:
        raise Invalid("files.pdf_broken", field="file")
    _look_at_all(pdf)
    _forget_opening(pdf.Root)
    made = io.BytesIO()
    pdf.save(made, linearize=False, compress_streams=True)
    content = made.getvalue()
    if len(content) > 2 * MOST_BYTES:
        raise Invalid("files.pdf_too_complex", field="file")
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise Invalid("files.pdf_followed", field="file")
    return CheckedPdf(content, pages, _first_page(content))


def _look_at_all(pdf: pikepdf.Pdf) -> None:
    """Every dictionary of the file, wherever it hides: in object streams, unused, in older revisions."""
    left = MOST_NODES
    for top in pdf.objects:
        stack: list[Any] = [top]
        while stack:
            node = stack.pop()
            if isinstance(node, pikepdf.Dictionary | pikepdf.Stream):
                _look_at(node)
                inside: Iterable[Any] = (value for _, value in node.items())
            elif isinstance(node, pikepdf.Array):
                left -= len(node) // 2  # numbers cost less than what holds them
                inside = node  # pyright: ignore[reportAssignmentType]
            else:
                continue
            left -= 1
            if left < 0:
                raise Invalid("files.pdf_too_complex", field="file")
            stack.extend(_direct(inside))


def _direct(values: Iterable[Any]) -> Iterator[Any]:
    """Those that stand here themselves; what is only referred to is an object of its own."""
    for value in values:
        if isinstance(value, pikepdf.Dictionary | pikepdf.Array) and not value.is_indirect:
            yield value


def _look_at(node: Any) -> None:
    keys = frozenset(node.keys())
    if keys & _SCRIPT_KEYS or _name(node, "/S", keys) in _SCRIPT_ACTIONS:
        raise Invalid("files.pdf_script", field="file")
    kinds = {_name(node, "/Type", keys), _name(node, "/Subtype", keys)}
    elsewhere = isinstance(node, pikepdf.Stream) and "/F" in keys  # the stream's bytes are in another file
    if keys & _FILE_KEYS or kinds & _FILE_KINDS or elsewhere:
        raise Invalid("files.pdf_attachment", field="file")


def _name(node: Any, key: str, keys: frozenset[str]) -> str:
    value = node.get(key) if key in keys else None
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _forget_opening(root: Any) -> None:
    """Where a reader begins may go: office programs write it always. Anything else done at opening is refused."""
    opening = root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != pikepdf.Name.GoTo:
        raise Invalid("files.pdf_script", field="file")
    if opening is not None:
        del root["/OpenAction"]


def _first_page(content: bytes) -> bytes:
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0]
        width, height = page.get_size()
        if not (width > 0 and height > 0):
            raise Invalid("files.pdf_broken", field="file")
        picture = page.render(scale=(THUMBNAIL_SIDE - 1) / max(width, height), may_draw_forms=False)
        return as_jpeg(picture.to_pil().convert("RGB"), THUMBNAIL_QUALITY)
    finally:
        document.close()
