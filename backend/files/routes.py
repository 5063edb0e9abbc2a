"""Files over HTTP: coming in by tus, piece by piece; going out by signed links."""

from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Permission
from backend.core.limits import Rate
from backend.core.problem import Invalid, NotFound
from backend.core.routes import guarded, limit, stated_length
from backend.core.services import Services
from backend.files import actions, links, queries, rules, tus
from backend.files.tables import FileKind, StoredFile, Upload

router = APIRouter(include_in_schema=False)

UPLOADS: Final = Rate(60, 3600)
PIECES: Final = Rate(1200, 3600)

_TYPES: Final = {
    FileKind.JPEG: "image/jpeg",
    FileKind.PDF: "application/pdf",
    FileKind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_PRIVATE: Final = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-origin",
}

Work = Callable[[Services, Actor], Awaitable[Response]]


@router.options("/uploads")
async def describe() -> Response:
    """What the protocol asks a server to say about itself."""
    return Response(status_code=204, headers=tus.options())


@router.post("/uploads")
async def begin(request: Request) -> Response:
    """A new upload of the stated length, name and SHA-256; answers 201 with its address."""

    async def work(services: Services, actor: Actor) -> Response:
        announced = tus.announced(request.headers)
        await limit(services, "files.upload", actor, UPLOADS)
        async with services.database.write(actor) as session:
            row = await actions.begin(session, actor, announced)
        return _progress(201, row, 0, {"location": f"/uploads/{row.id}"})

    return await _spoken(request, work)


@router.head("/uploads/{upload}")
async def ask(request: Request, upload: UUID) -> Response:
    """Where to go on."""

    async def work(services: Services, actor: Actor) -> Response:
        async with services.database.write(actor) as session:
            row, offset = await actions.state(session, actor, upload)
        return _progress(200, row, offset)

    return await _spoken(request, work)


@router.patch("/uploads/{upload}")
async def receive(request: Request, upload: UUID) -> Response:
    """The next piece, at most 1 MiB; the last one answers with `Upload-Stored`, or why the file is not taken."""
    if request.headers.get("content-type") != tus.PIECE_TYPE:
        return Response(status_code=415, headers={"tus-resumable": tus.VERSION})

    async def work(services: Services, actor: Actor) -> Response:
        offset = tus.number(request.headers.get("upload-offset"))
        _check_piece_size(stated_length(request))
        await limit(services, "files.piece", actor, PIECES)
        content = await _read(request)
        async with services.database.write(actor) as session:
            row = await actions.add_piece(session, actor, upload, offset, content)
        if row.received == row.size and row.stored_file_id is None:
            row.stored_file_id = await actions.finish(services.database, services.store, actor, upload)
        return _progress(204, row, row.received)

    return await _spoken(request, work)


@router.delete("/uploads/{upload}")
async def give_up(request: Request, upload: UUID) -> Response:
    """Forget an upload."""

    async def work(services: Services, actor: Actor) -> Response:
        async with services.database.write(actor) as session:
            await actions.drop(session, actor, upload)
        return Response(status_code=204)

    return await _spoken(request, work)


@router.get("/files/{file}")
async def send(request: Request, file: str) -> Response:
    """A kept file or its thumbnail, by a signed link. Whatever is wrong with the link: not found."""

    async def work(services: Services, _: Actor) -> Response:
        file_id, thumbnail = _opened(request, file)
        async with services.database.write(SYSTEM) as session:
            row = await queries.stored_file(session, file_id)
        content = await actions.content(services.store, row, thumbnail=thumbnail)
        kind = FileKind.JPEG if thumbnail else row.kind
        headers = _PRIVATE | {"content-disposition": _disposition(row, kind)}
        return Response(content, media_type=_TYPES[kind], headers=headers)

    return await guarded(request, Permission.PUBLIC, work)


async def _spoken(request: Request, work: Work) -> Response:
    """The answer of somebody signed in, in the protocol's version."""
    if request.headers.get("tus-resumable", tus.VERSION) != tus.VERSION:
        return Response(status_code=412, headers=tus.options())
    answer = await guarded(request, Permission.SIGNED_IN, work)
    answer.headers["tus-resumable"] = tus.VERSION
    return answer


def _progress(status: int, row: Upload, offset: int, more: tus.Headers | None = None) -> Response:
    headers = tus.progress(offset, row.size, row.expires_at, row.stored_file_id)
    return Response(status_code=status, headers=headers | (more or {}))


async def _read(request: Request) -> bytes:
    """The body, given up as soon as it is over the limit. Of a connection that breaks, what has arrived."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            _check_piece_size(len(body))
    except ClientDisconnect:
        pass
    return bytes(body)


def _check_piece_size(length: int) -> None:
    if length > rules.MOST_PIECE:
        raise Invalid("files.piece_too_big", field="file", most=rules.MOST_PIECE // rules.MIB)


def _opened(request: Request, file: str) -> tuple[UUID, bool]:
    """Which file the link opens, and whether it is the thumbnail. Raises NotFound."""
    query = request.query_params
    thumbnail = query.get("thumbnail") == "1"
    try:
        file_id, expires = UUID(file), int(query.get("expires", ""))
    except ValueError:
        raise NotFound("core.not_found") from None
    if not links.opens(file_id, expires, query.get("signature", ""), clock.now(), thumbnail=thumbnail):
        raise NotFound("core.not_found")
    return file_id, thumbnail


def _disposition(row: StoredFile, kind: FileKind) -> str:
    """Images are shown, papers are saved under their name (RFC 6266; letters beyond ASCII as in RFC 8187)."""
    how = "inline" if kind is FileKind.JPEG else "attachment"
    return f"{how}; filename=\"file.{actions.EXTENSIONS[kind]}\"; filename*=UTF-8''{quote(row.name, safe='')}"
