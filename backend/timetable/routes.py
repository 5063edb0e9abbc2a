"""What does not fit GraphQL: a calendar that other programs subscribe to."""

import asyncio
from typing import Final

from fastapi import APIRouter, Request, Response

from backend.core.graphql.router import client_address
from backend.core.limits import Rate
from backend.core.problem import NotFound
from backend.core.services import Services
from backend.core.settings import settings
from backend.timetable import feeds
from backend.timetable.ical import MEDIA_TYPE

router = APIRouter(include_in_schema=False)

# A whole school's phones may stand behind one address; each asks about once an hour.
FEED_READS: Final = Rate(300, 60)
# One address of a calendar in several programs of one family.
READS_OF_ONE: Final = Rate(60, 600)


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
