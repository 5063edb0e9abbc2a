"""What does not fit GraphQL: workbooks coming in, printed slips going out. Same guards, same words for refusals."""

import asyncio
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from backend.core.actor import Actor, Permission
from backend.core.limits import Rate
from backend.core.problem import Invalid
from backend.core.routes import guarded, json_answer, limit, stated_length
from backend.core.services import Services
from backend.core.settings import settings
from backend.enrolment import claims, imports
from backend.enrolment.slips_pdf import slips_pdf
from backend.enrolment.uploads import MOST_BYTES, read_files

router = APIRouter(include_in_schema=False)

PER_CLERK: Final = Rate(60, 3600)
PRINTS: Final = Rate(120, 3600)


@router.post("/imports")
async def receive_workbooks(request: Request, school: UUID) -> Response:
    """Workbooks for a dry run (multipart, 1 to 4 files); answers 202 with the batch."""

    async def receive(services: Services, actor: Actor) -> Response:
        async with services.database.write(actor) as session:
            await imports.check_may_import(session, actor, school)
        await limit(services, "import", actor, PER_CLERK)
        if stated_length(request) > MOST_BYTES:
            raise Invalid("core.body_too_large", most=MOST_BYTES)
        files = await read_files(request.headers.get("content-type", ""), request.stream())
        async with services.database.write(actor) as session:
            batch = await imports.start_import(session, actor, school, files)
        await services.jobs.wake(imports.LANE)
        return json_answer(202, {"batch": str(batch)})

    return await guarded(request, Permission.ROSTER_IMPORT, receive)


@router.post("/slips/{class_group}")
async def print_slips(request: Request, class_group: UUID) -> Response:
    """New claim slips of a class as a PDF; the older ones stop working when, and only when, it has been made."""

    async def printing(services: Services, actor: Actor) -> Response:
        await limit(services, "slips", actor, PRINTS)
        async with services.database.write(actor) as session:
            sheet = await claims.print_slips(session, actor, class_group)
            pdf = await asyncio.to_thread(slips_pdf, sheet, settings().origin)
        headers = {"content-disposition": 'attachment; filename="slips.pdf"', "cache-control": "no-store"}
        return Response(pdf, media_type="application/pdf", headers=headers)

    return await guarded(request, Permission.SLIP_PRINT, printing)
