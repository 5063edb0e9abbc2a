"""Photos of papers, drawn anew: what leaves here is a small JPEG of ours, and nothing else of what came in.

The bytes decide what a file is, not its name or type. Whatever hides behind or inside an image (a program, a second
file, where the photo was taken) is not copied, because only the decoded pixels are.
"""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from PIL import Image, ImageOps

from backend.core.problem import Invalid

MIB: Final = 1024 * 1024
MOST_PIXELS: Final = 40_000_000
PHOTO_SIDE: Final = 1600
"""Longest side of a photo in pixels: enough to see what it shows."""
DOCUMENT_SIDE: Final = 2000
"""And of a document: an A4 page at 170 dots per inch, on which small print and stamps can be read."""
THUMBNAIL_SIDE: Final = 240
QUALITY: Final = 80
THUMBNAIL_QUALITY: Final = 70
MOST_SCANS: Final = 100
"""Passes of a progressive JPEG: cameras write about ten, and each costs a walk over the whole picture."""
AT_ONCE: Final = 2
"""A large picture takes some 200 MB while it is drawn."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_SCAN: Final = b"\xff\xda"
_workers: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="images")


@dataclass(frozen=True, slots=True)
class Drawn:
    """An image as it is kept: JPEG, upright, without metadata. Sizes in pixels. `thumbnail` is a JPEG, if asked for."""

    content: bytes
    width: int
    height: int
    thumbnail: bytes = b""


async def draw(content: bytes, side: int, *, thumbnail: bool = False) -> Drawn:
    """`draw_now` in a thread of its own pool, at most two at a time."""
    work = partial(draw_now, content, side, thumbnail=thumbnail)
    return await asyncio.get_running_loop().run_in_executor(_workers, work)


def draw_now(content: bytes, side: int, *, thumbnail: bool = False) -> Drawn:
    """Draw an uploaded JPEG, PNG or WebP anew, its longest side at most `side`; of a moving picture the first frame.

    Raises Invalid: files.image_heic, files.image_kind, files.image_broken, files.image_pixels(most).
    """
    _check_kind(content)
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Invalid("files.image_pixels", field="file", most=MOST_PIXELS // 1_000_000)
            image.draft("RGB", (side, side))  # a large JPEG is decoded at a fraction of its size
            clean = _redrawn(image, side)
            small = shrunk(clean) if thumbnail else b""
            return Drawn(as_jpeg(clean, QUALITY), clean.width, clean.height, small)
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Invalid("files.image_pixels", field="file", most=MOST_PIXELS // 1_000_000) from bomb
    except Exception as defect:  # a decoder stumbles over hostile bytes in many ways, and they all mean the same
        raise Invalid("files.image_broken", field="file") from defect


def is_heif(content: bytes) -> bool:
    """Whether these bytes call themselves HEIC, HEIF or AVIF."""
    return content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS


def is_image(content: bytes) -> bool:
    """Whether these bytes call themselves JPEG, PNG or WebP."""
    return _is_jpeg(content) or content[:8] == b"\x89PNG\r\n\x1a\n" or content[:4] + content[8:12] == b"RIFFWEBP"


def shrunk(image: Image.Image) -> bytes:
    """A thumbnail of a plain image, as JPEG."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return as_jpeg(small, THUMBNAIL_QUALITY)


def as_jpeg(image: Image.Image, quality: int) -> bytes:
    """Without the search for the shortest code: it would double the time for a fifth of the size."""
    made = io.BytesIO()
    image.save(made, "JPEG", quality=quality)
    return made.getvalue()


def _is_jpeg(content: bytes) -> bool:
    return content[:3] == b"\xff\xd8\xff"


def _check_kind(content: bytes) -> None:
    if is_heif(content):
        raise Invalid("files.image_heic", field="file")
    if not is_image(content):
        raise Invalid("files.image_kind", field="file")
    if _is_jpeg(content) and content.count(_SCAN) > MOST_SCANS:
        raise Invalid("files.image_broken", field="file")


def _redrawn(image: Image.Image, side: int) -> Image.Image:
    """Upright, at most so long on its longest side, on white where it was transparent. Changes what it is given."""
    ImageOps.exif_transpose(image, in_place=True)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    clean = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        clean.paste(layer, mask=layer)
    else:
        clean.paste(image if image.mode == "RGB" else image.convert("RGB"))
    return clean
