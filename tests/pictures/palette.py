"""A screenshot as a PNG with a palette: a screen of letters on plain ground needs no more than 256 colours."""

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
MOST_COLOURS = 256
Colour = bytes


def smaller(png: bytes) -> bytes:
    """The same picture with at most 256 colours. Takes 8-bit RGB or RGBA without interlacing, as browsers write it."""
    width, height, channels, packed = _read(png)
    lines = _unfiltered(zlib.decompress(packed), width * channels, channels)
    pixels = [
        [line[at : at + 3] for at in range(0, len(line), channels)] for line in lines
    ]  # what shows through on a screenshot is nothing
    counted = Counter(pixel for line in pixels for pixel in line)
    kept = [colour for colour, _ in counted.most_common(MOST_COLOURS)]
    place = {colour: index for index, colour in enumerate(kept)}
    for colour in counted:
        if colour not in place:
            place[colour] = min(range(len(kept)), key=lambda index: _distance(kept[index], colour))
    data = b"".join(b"\0" + bytes(place[pixel] for pixel in line) for line in pixels)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"PLTE", b"".join(kept)), (b"IDAT", zlib.compress(data, 9)), (b"IEND", b"")]
    return SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def _read(png: bytes) -> tuple[int, int, int, bytes]:
    """Width, height, bytes per pixel and the packed lines. Raises ValueError for another kind of PNG."""
    chunks = list(_chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    if png[: len(SIGNATURE)] != SIGNATURE or depth != 8 or kind not in (2, 6) or interlaced:
        raise ValueError("not an 8-bit RGB or RGBA picture")
    return width, height, 3 if kind == 2 else 4, b"".join(body for name, body in chunks if name == b"IDAT")


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += length + 12


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _unfiltered(data: bytes, length: int, step: int) -> Iterator[bytes]:
    """The lines as they are shown: each byte was written as its difference from its neighbours (PNG, section 9)."""
    above = bytearray(length)
    for start in range(0, len(data), length + 1):
        line = bytearray(data[start + 1 : start + 1 + length])
        method = data[start]
        for at in range(length):
            left = line[at - step] if at >= step else 0
            up = above[at]
            if method == 1:
                line[at] = (line[at] + left) & 255
            elif method == 2:
                line[at] = (line[at] + up) & 255
            elif method == 3:
                line[at] = (line[at] + (left + up) // 2) & 255
            elif method == 4:
                line[at] = (line[at] + _nearest(left, up, above[at - step] if at >= step else 0)) & 255
        yield bytes(line)
        above = line


def _nearest(left: int, up: int, corner: int) -> int:
    """Whichever neighbour is nearest to what the three of them promise (Paeth)."""
    promised = left + up - corner
    return min((left, up, corner), key=lambda value: abs(promised - value))


def _distance(one: Colour, other: Colour) -> int:
    return sum((a - b) ** 2 for a, b in zip(one, other, strict=True))
