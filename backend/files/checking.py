"""What an upload really is: its bytes decide, a scanner looks at them, and only what was made anew goes on."""

from dataclasses import dataclass
from typing import Final

from backend.core.problem import Invalid, TooMany
from backend.core.settings import settings
from backend.files import images, pdfs, scanner
from backend.files.tables import FileKind

MOST_WAITING: Final = 40
"""Files looked at or waiting for it in one process. Each may hold 10 MiB; more are asked to come back."""
BUSY_SECONDS: Final = 5

_MARK: Final = b"%PDF-"


@dataclass(frozen=True, slots=True)
class Checked:
    """A file as it may be kept. Width and height in pixels, of images only."""

    kind: FileKind
    content: bytes
    thumbnail: bytes
    pages: int = 1
    width: int = 0
    height: int = 0


class _Waiting:
    """How many files this process has in hand."""

    def __init__(self) -> None:
        self._count = 0

    def __enter__(self) -> None:
        if self._count >= MOST_WAITING:
            raise TooMany("core.busy", retry_after=BUSY_SECONDS)
        self._count += 1

    def __exit__(self, *_: object) -> None:
        self._count -= 1


_waiting: Final = _Waiting()


async def checked(content: bytes) -> Checked:
    """The file made anew from an uploaded JPEG, PNG, WebP or PDF.

    Raises Invalid: files.kind, files.infected, what `images.draw` and `pdfs.check` raise; TooMany: core.busy,
    files.scanner_away.
    """
    with _waiting:
        pdf = content.startswith(_MARK)
        if not pdf and not images.is_image(content):
            raise Invalid("files.image_heic" if images.is_heif(content) else "files.kind", field="file")
        if (address := settings().clamav) is not None:
            await scanner.scan(address, content)
        if pdf:
            document = await pdfs.check(content)
            return Checked(FileKind.PDF, document.content, document.thumbnail, document.pages)
        drawn = await images.draw(content, images.DOCUMENT_SIDE, thumbnail=True)
        return Checked(FileKind.JPEG, drawn.content, drawn.thumbnail, width=drawn.width, height=drawn.height)
