"""What the routes of all slices share: who asks, from which page, how often; and refusals in the reader's language."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import orjson
from fastapi import Request, Response

from backend.core.actor import Actor, Permission
from backend.core.graphql.problems import as_error, browser_language
from backend.core.limits import Rate
from backend.core.origin import same_origin
from backend.core.problem import Invalid, NotAllowed, NotFound, Problem, SignInRequired, Stale, TooMany
from backend.core.services import Services

Work = Callable[[Services, Actor], Awaitable[Response]]

_STATUS: Final[Mapping[type[Problem], int]] = {
    SignInRequired: 401,
    NotAllowed: 403,
    NotFound: 404,
    Stale: 409,
    Invalid: 422,
    TooMany: 429,
}
_TOO_BIG: Final = ("too_big", "too_large")  # how the codes of a body over its limit end
_READING: Final = ("GET", "HEAD")


async def guarded(request: Request, permission: Permission, work: Work) -> Response:
    """The answer of `work(services, actor)` for somebody with this permission; every refusal as JSON with its status.

    A request that may change something must come from our own pages. One that only reads need not: an image or a link
    cannot add a header, and the session's cookie (SameSite=Lax) does not travel with what other pages embed.
    """
    actor: Actor = await request.app.state.authenticate(request.scope)
    language = actor.language if actor.user_id else _asked_language(request)
    try:
        if request.method not in _READING:
            _check_origin(request)
        actor.require(permission)
        return await work(request.app.state.services, actor)
    except Problem as problem:
        status = next((code for kind, code in _STATUS.items() if isinstance(problem, kind)), 400)
        too_big = problem.code.endswith(_TOO_BIG)
        return json_answer(413 if too_big else status, {"errors": [as_error(problem, language)]})


async def limit(services: Services, name: str, actor: Actor, rate: Rate) -> None:
    """Count one try of `name` by this person; raises TooMany("core.too_many") with the seconds to wait."""
    if (wait := await services.limits.hit(name, str(actor.user_id), rate)) is not None:
        raise TooMany("core.too_many", retry_after=wait)


def stated_length(request: Request) -> int:
    """The length of the body as its header states it, in bytes; 0 when it does not say."""
    stated = request.headers.get("content-length", "0")
    return int(stated) if stated.isdigit() else 0


def json_answer(status: int, body: Any) -> Response:
    """JSON that nobody keeps."""
    headers = {"cache-control": "no-store"}
    return Response(orjson.dumps(body), status_code=status, media_type="application/json", headers=headers)


def _check_origin(request: Request) -> None:
    """A page of another site can neither add the header nor hide where it comes from."""
    if request.headers.get("x-nhipcau") != "1":
        raise NotAllowed("core.header_missing")
    origin = request.headers.get("origin")
    if origin is not None and not same_origin(origin, request.headers.get("host", "")):
        raise NotAllowed("core.other_origin")


def _asked_language(request: Request) -> str:
    return browser_language(request.headers.get("accept-language", ""))
