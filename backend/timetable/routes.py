"""What does not fit GraphQL: timetables as workbooks, and a calendar that other programs subscribe to."""

import asyncio
from datetime import date
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response

from backend.core.actor import Actor, Permission
from backend.core.graphql.problems import as_error
from backend.core.graphql.router import client_address
from backend.core.limits import Rate
from backend.core.problem import Invalid, NotFound
from backend.core.routes import guarded, json_answer, limit, stated_length
from backend.core.services import Services
from backend.core.settings import settings
from backend.enrolment.uploads import MOST_BYTES, read_files
from backend.timetable import feeds, queries, workbook
from backend.timetable.ical import MEDIA_TYPE

router = APIRouter(include_in_schema=False)

# A whole school's phones may stand behind one address; each asks about once an hour.
FEED_READS: Final = Rate(300, 60)
# One address of a calendar in several programs of one family.
READS_OF_ONE: Final = Rate(60, 600)
IMPORTS: Final = Rate(60, 3600)
TEMPLATES: Final = Rate(120, 3600)
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@router.post("/timetables")
async def import_timetable(request: Request, school: UUID, name: str, starts_on: date) -> Response:
    """A workbook (multipart, one file) as a draft timetable: 200 with its id, or 422 with every cell that is wrong."""

    async def importing(services: Services, actor: Actor) -> Response:
        queries.check_office(actor, school)
        await limit(services, "timetable.import", actor, IMPORTS)
        if stated_length(request) > MOST_BYTES:
            raise Invalid("core.body_too_large", most=MOST_BYTES)
        files = await read_files(request.headers.get("content-type", ""), request.stream())
        if len(files) > 1:
            raise Invalid("timetable_import.one_file")
        try:
            async with services.database.write(actor) as session:
                done = await workbook.import_workbook(
                    session, actor, school, name, starts_on, files[0].content, files[0].name
                )
        except workbook.WorkbookDefects as wrong:
            told = {"errors": [as_error(wrong, actor.language)], "cells": wrong.told(actor.language)}
            return json_answer(422, told)
        return json_answer(200, {"timetable": str(done.timetable_id), "entries": done.entry_count})

    return await guarded(request, Permission.TIMETABLE_MANAGE, importing)


@router.get("/timetables/template.xlsx")
async def timetable_template(request: Request, school: UUID) -> Response:
    """The layout to fill in, with the timetable in force."""

    async def writing(services: Services, actor: Actor) -> Response:
        await limit(services, "timetable.template", actor, TEMPLATES)
        async with services.database.write(actor) as session:
            book = await workbook.template(session, actor, school)
        headers = {"content-disposition": 'attachment; filename="tkb.xlsx"', "cache-control": "no-store"}
        return Response(book, media_type=_XLSX, headers=headers)

    return await guarded(request, Permission.TIMETABLE_MANAGE, writing)


@router.api_route("/calendar/{token}.ics", methods=["GET", "HEAD"])
async def read_calendar(request: Request, token: str) -> Response:
    """A private calendar, for whoever has its address; an unknown one and a revoked one are alike not found."""
    services: Services = request.app.state.services
    caller = client_address(request.scope, dict(request.scope["headers"]), settings().trusted_proxies)
    for name, key, rate in (("calendar.address", caller, FEED_READS), ("calendar.feed", token, READS_OF_ONE)):
        if (wait := await services.limits.hit(name, key, rate)) is not None:
            return Response(status_code=429, headers={"retry-after": str(wait), "cache-control": "no-store"})
    try:
        feed = await feeds.read_feed(services.database, token)
    except NotFound:
        return Response(status_code=404, headers={"cache-control": "no-store"})
    tag = f'"{feed.tag}"'
    headers = {"etag": tag, "cache-control": "private, no-cache"}
    if tag in _tags(request):
        return Response(status_code=304, headers=headers)
    text = b"" if request.method == "HEAD" else await asyncio.to_thread(feed.text)
    headers["content-disposition"] = 'inline; filename="nhipcau.ics"'
    return Response(text, media_type=MEDIA_TYPE, headers=headers)


def _tags(request: Request) -> set[str]:
    """What the caller has; a proxy on the way may have weakened the tag."""
    return {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
