"""What does not fit GraphQL: workbooks coming in, printed slips going out. Same guards, same words for refusals."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

import orjson
from fastapi import APIRouter, Request, Response

from backend.core.actor import Actor, Permission
from backend.core.graphql.problems import as_error, browser_language
from backend.core.limits import Rate
from backend.core.origin import same_origin
from backend.core.problem import Invalid, NotAllowed, NotFound, Problem, SignInRequired, Stale, TooMany
from backend.core.services import Services
from backend.core.settings import settings
from backend.enrolment import claims, imports
from backend.enrolment.slips_pdf import slips_pdf
from backend.enrolment.uploads import MOST_BYTES, read_files

router = APIRouter(include_in_schema=False)

Work = Callable[[Services, Actor], Awaitable[Response]]

PER_CLERK: Final = Rate(60, 3600)
PRINTS: Final = Rate(120, 3600)
_STATUS: Final[Mapping[type[Problem], int]] = {
    SignInRequired: 401,
    NotAllowed: 403,
    NotFound: 404,
    Stale: 409,
    Invalid: 422,
    TooMany: 429,
}
_TOO_BIG: Final = ("sheet.too_big", "core.body_too_large")


@router.post("/imports")
async def receive_workbooks(request: Request, school: UUID) -> Response:
    """Workbooks for a dry run (multipart, 1 to 4 files); answers 202 with the batch."""

    async def receive(services: Services, actor: Actor) -> Response:
        async with services.database.write(actor) as session:
            await imports.check_may_import(session, actor, school)
        await _limit(services, "import", actor, PER_CLERK)
        stated = request.headers.get("content-length", "0")
        if stated.isdigit() and int(stated) > MOST_BYTES:
            raise Invalid("core.body_too_large", most=MOST_BYTES)
        files = await read_files(request.headers.get("content-type", ""), request.stream())
        async with services.database.write(actor) as session:
            batch = await imports.start_import(session, actor, school, files)
        await services.jobs.wake(imports.LANE)
        return _json(202, {"batch": str(batch)})

    return await _guarded(request, Permission.ROSTER_IMPORT, receive)


@router.post("/slips/{class_group}")
async def print_slips(request: Request, class_group: UUID) -> Response:
    """New claim slips of a class as a PDF; the older ones stop working when, and only when, it has been made."""

    async def printing(services: Services, actor: Actor) -> Response:
        await _limit(services, "slips", actor, PRINTS)
        async with services.database.write(actor) as session:
            sheet = await claims.print_slips(session, actor, class_group)
            pdf = await asyncio.to_thread(slips_pdf, sheet, settings().origin)
        headers = {"content-disposition": 'attachment; filename="slips.pdf"', "cache-control": "no-store"}
        return Response(pdf, media_type="application/pdf", headers=headers)

    return await _guarded(request, Permission.SLIP_PRINT, printing)


async def _guarded(
    request: Request, permission: Permission, work: Callable[[Services, Actor], Awaitable[Response]]
) -> Response:
    """Who asks, from which page; and every refusal in the reader's language."""
    actor: Actor = await request.app.state.authenticate(request.scope)
    language = actor.language if actor.user_id else _asked_language(request)
    try:
        _check_origin(request)
        actor.require(permission)
        return await work(request.app.state.services, actor)
    except Problem as problem:
        status = next((code for kind, code in _STATUS.items() if isinstance(problem, kind)), 400)
        return _json(413 if problem.code in _TOO_BIG else status, {"errors": [as_error(problem, language)]})


def _check_origin(request: Request) -> None:
    """A page of another site can neither add the header nor hide where it comes from."""
    if request.headers.get("x-nhipcau") != "1":
        raise NotAllowed("core.header_missing")
    origin = request.headers.get("origin")
    if origin is not None and not same_origin(origin, request.headers.get("host", "")):
        raise NotAllowed("core.other_origin")


async def _limit(services: Services, name: str, actor: Actor, rate: Rate) -> None:
    if (wait := await services.limits.hit(name, str(actor.user_id), rate)) is not None:
        raise TooMany("core.too_many", retry_after=wait)


def _asked_language(request: Request) -> str:
    return browser_language(request.headers.get("accept-language", ""))


def _json(status: int, body: Any) -> Response:
    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(body), status_code=status, media_type="application/json", headers=headers)
