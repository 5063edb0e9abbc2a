"""The little of Google's MCS protocol that Chromium needs: protocol buffers by hand, and packet framing.

Field numbers follow `google_apis/gcm/protocol/{mcs,checkin,android_checkin}.proto` of the Chromium source.
"""

import asyncio
from dataclasses import dataclass

VERSION = 41
PING, PING_ACK, LOGIN, LOGIN_REPLY, CLOSE, IQ, DATA = 0, 1, 2, 3, 4, 7, 8
# Where each packet a browser sends keeps the number of the last packet it got from us.
LAST_RECEIVED = {PING: 2, PING_ACK: 2, IQ: 10, DATA: 11}


@dataclass(frozen=True)
class Fixed64:
    """An integer the schema wants as eight bytes and not as a varint."""

    value: int


Value = int | str | bytes | Fixed64


def varint(number: int) -> bytes:
    """Base 128, least significant group first."""
    groups = bytearray()
    while number > 127:
        groups.append(number % 128 + 128)
        number //= 128
    groups.append(number)
    return bytes(groups)


def encode(fields: list[tuple[int, Value]]) -> bytes:
    """A protocol buffer from (field number, value) pairs; True and False are 1 and 0."""
    parts: list[bytes] = []
    for number, value in fields:
        if isinstance(value, Fixed64):
            parts += [varint(number * 8 + 1), value.value.to_bytes(8, "little")]
        elif isinstance(value, int):
            parts += [varint(number * 8), varint(int(value))]
        else:
            data = value.encode() if isinstance(value, str) else value
            parts += [varint(number * 8 + 2), varint(len(data)), data]
    return b"".join(parts)


@dataclass
class Fields:
    """A decoded protocol buffer: numbers in one table, texts and nested messages (raw) in the other."""

    numbers: dict[int, list[int]]
    chunks: dict[int, list[bytes]]

    def number(self, field: int) -> int:
        """The first value of a numeric field, 0 when absent."""
        return self.numbers.get(field, [0])[0]

    def texts(self, field: int) -> list[str]:
        """All values of a text field."""
        return [chunk.decode() for chunk in self.chunks.get(field, [])]


def _take_varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift, at = shift + 7, at + 1
        if data[at - 1] < 128:
            return value, at


def decode(data: bytes) -> Fields:
    """Inverse of `encode`; raises ValueError on a wire type we have no use for."""
    fields, at = Fields({}, {}), 0
    while at < len(data):
        key, at = _take_varint(data, at)
        number, wire = divmod(key, 8)
        if wire == 0:
            value, at = _take_varint(data, at)
            fields.numbers.setdefault(number, []).append(value)
        elif wire == 2:
            size, at = _take_varint(data, at)
            fields.chunks.setdefault(number, []).append(data[at : at + size])
            at += size
        elif wire in (1, 5):
            size = 8 if wire == 1 else 4
            fields.numbers.setdefault(number, []).append(int.from_bytes(data[at : at + size], "little"))
            at += size
        else:
            raise ValueError(f"wire type {wire}")
    return fields


async def read_packet(reader: asyncio.StreamReader) -> tuple[int, Fields]:
    """The next packet of a stream: tag, length, protocol buffer. Raises IncompleteReadError at the end."""
    tag = (await reader.readexactly(1))[0]
    length = b""
    while not length or length[-1] > 127:
        length += await reader.readexactly(1)
    return tag, decode(await reader.readexactly(_take_varint(length, 0)[0]))


def packet(tag: int, body: bytes) -> bytes:
    """A packet ready to be written."""
    return bytes([tag]) + varint(len(body)) + body
