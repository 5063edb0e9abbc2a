"""The process in which PDFs are read: `python -m backend.files.pdf_process <socket>`, started by `pdfs`.

It holds no secret and no connection, may use little memory and write no file. In come a length (4 bytes) and a PDF; out
come a length and a line of JSON, then the bytes it speaks of. It ends when the other side closes.
"""

import json
import resource
import socket
import sys
from typing import Final

from backend.core.problem import Invalid
from backend.files.pdf_channel import LENGTH, READY, receive
from backend.files.pdf_check import check

MOST_MEMORY: Final = 1536 * 1024 * 1024


def answer(content: bytes) -> bytes:
    """What is said about one PDF."""
    try:
        done = check(content)
    except Invalid as refusal:
        return _framed({"code": refusal.code, "params": refusal.params})
    said = {"pages": done.pages, "content": len(done.content), "thumbnail": len(done.thumbnail)}
    return _framed(said) + done.content + done.thumbnail


def _framed(said: object) -> bytes:
    line = json.dumps(said).encode()
    return LENGTH.pack(len(line)) + line


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with socket.socket(fileno=int(sys.argv[1])) as channel:
        channel.sendall(READY)
        try:
            while True:
                (length,) = LENGTH.unpack(receive(channel, LENGTH.size))
                channel.sendall(answer(receive(channel, length)))
        except (EOFError, ConnectionError):
            return


if __name__ == "__main__":
    main()
