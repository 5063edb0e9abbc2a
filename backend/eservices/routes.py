"""Papers over plain HTTP, for a browser's own download: made on demand, given to whoever may see the dossier."""

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from backend.core.actor import Actor, Permission
from backend.core.limits import Rate
from backend.core.routes import guarded, limit
from backend.core.services import Services
from backend.eservices import scopes
from backend.eservices.actions import papers
from backend.eservices.papers.register import register_pdf, register_workbook
from backend.eservices.queries.dossiers import dossier_for
from backend.eservices.queries.register import Register, register
from backend.eservices.tables import Dossier, PaperKind
from backend.files import actions as files

_Starts = Annotated[date, Query(alias="from")]
_Ends = Annotated[date, Query(alias="to")]

router = APIRouter(include_in_schema=False)

PER_PERSON: Final = Rate(60, 600)
REGISTERS: Final = Rate(30, 3600)
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.get("/dossiers/{dossier}/forms/01.pdf")
async def send_receipt(request: Request, dossier: UUID) -> Response:
    """The receipt (form 01); written the first time somebody asks for it, and again when the clock began anew."""

    async def send(services: Services, actor: Actor) -> Response:
        await limit(services, "eservices.receipt", actor, PER_PERSON)
        async with services.database.write(actor) as session:
            row = await dossier_for(session, dossier, scopes.may_see(actor, Dossier))
            paper = await papers.ensure(session, actor, row, PaperKind.FORM_01)
        content = await files.open_file(services.database, services.store, paper.stored_file_id)
        return pdf_answer(content, f"{row.code}-mau-01.pdf")

    return await guarded(request, Permission.SIGNED_IN, send)


@router.get("/dossiers/{dossier}/forms/06.pdf")
async def send_control_slip(request: Request, dossier: UUID) -> Response:
    """Every hand the dossier went through (form 06), as it stands now; for the office."""

    async def send(services: Services, actor: Actor) -> Response:
        await limit(services, "eservices.control", actor, PER_PERSON)
        async with services.database.write(actor) as session:
            row = await dossier_for(session, dossier, scopes.may_handle(actor, Dossier))
            content = await papers.control_slip(session, actor, row)
        return pdf_answer(content, f"{row.code}-mau-06.pdf")

    return await guarded(request, Permission.DOSSIER_HANDLE, send)


@router.get("/dossiers/register.xlsx")
async def send_register_workbook(request: Request, school: UUID, starts: _Starts, ends: _Ends) -> Response:
    """The register of dossiers (form 07) as a workbook."""
    return await _register(request, school, starts, ends, register_workbook, workbook_answer, "xlsx")


@router.get("/dossiers/register.pdf")
async def send_register(request: Request, school: UUID, starts: _Starts, ends: _Ends) -> Response:
    """The register of dossiers (form 07) on paper."""
    return await _register(request, school, starts, ends, register_pdf, pdf_answer, "pdf")


async def _register(
    request: Request,
    school: UUID,
    starts: date,
    ends: date,
    write: Callable[[Register], bytes],
    answer: Callable[[bytes, str], Response],
    ending: str,
) -> Response:
    async def send(services: Services, actor: Actor) -> Response:
        await limit(services, "eservices.register", actor, REGISTERS)
        async with services.database.write(actor) as session:
            found = await register(session, actor, school, starts, ends)
        content = await asyncio.to_thread(write, found)
        return answer(content, f"so-theo-doi-{starts:%y%m%d}-{ends:%y%m%d}.{ending}")

    return await guarded(request, Permission.DOSSIER_HANDLE, send)


def workbook_answer(content: bytes, name: str) -> Response:
    headers = {"cache-control": "private, no-store", "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_XLSX, headers=headers)


def pdf_answer(content: bytes, name: str) -> Response:
    """A PDF that opens in the browser and that nobody on the way keeps. `name` has letters of ASCII only."""
    headers = {
        "cache-control": "private, no-store",
        "content-disposition": f'inline; filename="{name}"',
        "cross-origin-resource-policy": "same-origin",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type="application/pdf", headers=headers)
