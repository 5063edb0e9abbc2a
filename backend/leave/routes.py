"""Photos of papers: coming in as the bytes of an image, going out to those who may read the request."""

from collections.abc import AsyncIterator
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from backend.core.actor import Actor, Permission
from backend.core.limits import Rate
from backend.core.problem import Invalid
from backend.core.routes import guarded, json_answer, limit, stated_length
from backend.core.services import Services
from backend.files.images import MIB, PHOTO_SIDE, draw
from backend.leave import actions, queries

router = APIRouter(include_in_schema=False)

MOST_BYTES: Final = 8 * MIB
PER_PERSON: Final = Rate(30, 3600)
_PRIVATE: Final = {
    "cache-control": "private, no-store",
    "content-disposition": 'inline; filename="photo.jpg"',
    "cross-origin-resource-policy": "same-origin",
}


@router.post("/leave/photos")
async def receive_photo(request: Request, student: UUID) -> Response:
    """One photo (the body is the image itself) for a request still to be sent; answers 201 with its id and size."""

    async def receive(services: Services, actor: Actor) -> Response:
        async with services.database.write(actor) as session:
            await actions.may_send(session, actor, student)
        await limit(services, "leave.photo", actor, PER_PERSON)
        _check_size(stated_length(request))
        drawn = await draw(await _read(request.stream()), PHOTO_SIDE)
        async with services.database.write(actor) as session:
            photo = await actions.add_photo(session, actor, student, drawn)
        return json_answer(201, {"photo": str(photo), "width": drawn.width, "height": drawn.height})

    return await guarded(request, Permission.LEAVE_REQUEST, receive)


@router.get("/leave/photos/{photo}")
async def send_photo(request: Request, photo: UUID) -> Response:
    """The photo as JPEG; kept by nobody on the way and not by the browser."""

    async def send(services: Services, actor: Actor) -> Response:
        async with services.database.write(actor) as session:
            found = await queries.photo(session, actor, photo)
        return Response(found.content, media_type="image/jpeg", headers=_PRIVATE)

    return await guarded(request, Permission.ATTENDANCE_READ, send)


async def _read(chunks: AsyncIterator[bytes]) -> bytes:
    """The whole body, given up as soon as it is over the limit, whatever its header stated."""
    body = bytearray()
    async for chunk in chunks:
        body += chunk
        _check_size(len(body))
    return bytes(body)


def _check_size(length: int) -> None:
    if length > MOST_BYTES:
        raise Invalid("leave.photo_too_big", field="photo", most=MOST_BYTES // MIB)
