"""What `pdfs` and `pdf_process` say to each other; light, so that the server itself loads no reader of PDFs."""

import socket
import struct
from dataclasses import dataclass
from typing import Final

LENGTH: Final = struct.Struct(">I")
READY: Final = b"!"


@dataclass(frozen=True, slots=True)
class CheckedPdf:
    """A PDF as it is kept, and its first page as a small JPEG."""

    content: bytes
    pages: int
    thumbnail: bytes


def receive(channel: socket.socket, length: int) -> bytes:
    """Exactly so many bytes. Raises EOFError when the other side has closed."""
    content = bytearray()
    while len(content) < length:
        if not (piece := channel.recv(min(length - len(content), 1 << 20))):
            raise EOFError
        content += piece
    return bytes(content)
