"""Photos of papers, drawn anew: what leaves here is a small JPEG of ours, and nothing else of what came in.

The bytes decide what a file is, not its name or type. Whatever hides behind or inside an image (a program, a second
file, where the photo was taken) is not copied, because only the decoded pixels are.
"""

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps

from backend.core.problem import Invalid

MIB: Final = 1024 * 1024
MOST_BYTES: Final = 8 * MIB
MOST_PIXELS: Final = 40_000_000
LONGEST_SIDE: Final = 1600
QUALITY: Final = 80
MOST_SCANS: Final = 100
"""Passes of a progressive JPEG: cameras write about ten, and each costs a walk over the whole picture."""
AT_ONCE: Final = 2
"""A large picture takes some 200 MB while it is drawn."""

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_SCAN: Final = b"\xff\xda"
_workers: Final = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="photos")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A photo as it is kept: JPEG, upright, without metadata. Sizes in pixels."""

    content: bytes
    width: int
    height: int


async def draw(content: bytes) -> Drawn:
    """`draw_now` in a thread of its own pool, at most two at a time."""
    return await asyncio.get_running_loop().run_in_executor(_workers, draw_now, content)


def draw_now(content: bytes) -> Drawn:
    """Draw an uploaded JPEG, PNG or WebP anew; of a moving picture the first frame.

    Raises Invalid: leave.photo_heic, leave.photo_kind, leave.photo_broken, leave.photo_pixels(most).
    """
    _check_kind(content)
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Invalid("leave.photo_pixels", field="photo", most=MOST_PIXELS // 1_000_000)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a large JPEG is decoded at a fraction of its size
            return _redrawn(image)
    except Invalid:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Invalid("leave.photo_pixels", field="photo", most=MOST_PIXELS // 1_000_000) from bomb
    except Exception as defect:  # a decoder stumbles over hostile bytes in many ways, and they all mean the same
        raise Invalid("leave.photo_broken", field="photo") from defect


def _check_kind(content: bytes) -> None:
    if content[4:8] == b"ftyp" and content[8:12] in _HEIF_BRANDS:
        raise Invalid("leave.photo_heic", field="photo")
    jpeg = content[:3] == b"\xff\xd8\xff"
    png = content[:8] == b"\x89PNG\r\n\x1a\n"
    webp = content[:4] == b"RIFF" and content[8:12] == b"WEBP"
    if not (jpeg or png or webp):
        raise Invalid("leave.photo_kind", field="photo")
    if jpeg and content.count(_SCAN) > MOST_SCANS:
        raise Invalid("leave.photo_broken", field="photo")


def _redrawn(image: Image.Image) -> Drawn:
    """Upright, at most 1600 on its longest side, on white where it was transparent."""
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    clean = Image.new("RGB", upright.size, "white")
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        clean.paste(layer, mask=layer)
    else:
        clean.paste(upright.convert("RGB"))
    made = io.BytesIO()
    clean.save(made, "JPEG", quality=QUALITY, optimize=True)
    return Drawn(made.getvalue(), clean.width, clean.height)
