"""/graphql: a bare ASGI application, written for the hot path: look up, who asks, one statement, bytes.

    POST application/json with `X-Nhipcau: 1`        (a form of another site cannot send the header)
    {"id": "<sha-256 of a trusted document>", "variables": {…}}
    {"query": "…", "variables": {…}}                 in development and tests only

GET, batches, unknown ids, other content types and bodies over 256 KiB are refused with a Problem-shaped error. What
nobody foresaw is masked as a code that is also in the log.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final

import asyncpg
import orjson
import structlog
from graphql import GraphQLError

from backend.core.actor import Actor
from backend.core.db import Database
from backend.core.graphql.context import Context
from backend.core.graphql.problems import as_error, browser_language, problem_in, words
from backend.core.graphql.schema import Operation, Operations, Schema
from backend.core.graphql.selection import Variables
from backend.core.origin import same_origin
from backend.core.problem import Invalid, Problem
from backend.core.services import Services

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Authenticate = Callable[[Scope], Awaitable[Actor]]

LARGEST_BODY: Final = 256 * 1024
BODY_SECONDS: Final = 30.0  # the largest body over a line of 70 kbit/s
_JSON: Final = (b"content-type", b"application/json")
_NO_STORE: Final = (b"cache-control", b"no-store")
_log = structlog.get_logger(__name__)


class Refused(Exception):
    """A request that never reached the schema: an HTTP status and a problem code."""

    def __init__(self, status: int, code: str, **params: Any) -> None:
        super().__init__(code)
        self.status = status
        self.problem = Invalid(code, **params)


class GraphQLApp:
    """The endpoint. `authenticate` knows cookies; `origins` are further origins that may call besides our own host."""

    def __init__(
        self,
        schema: Schema,
        database: Database,
        authenticate: Authenticate,
        *,
        trusted: Mapping[str, str],
        free_text: bool,
        origins: tuple[str, ...] = (),
        secure: bool = True,
        services: Services | None = None,
        proxies: int = 0,
    ) -> None:
        self._operations = Operations(schema, trusted, introspection=free_text)
        self._schema = schema
        self._database = database
        self._authenticate = authenticate
        self._free_text = free_text
        self._origins = origins
        self._secure = secure
        self._services = services
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        status, cookies = 200, ()
        try:
            self._gate(scope["method"], headers)
            request = _parse(await _body(headers, receive))
            operation = self._find(request)
            if operation.document.is_subscription:
                raise Refused(400, "core.live_only")
            given = request.get("variables") or {}
            # A change is run by Strawberry, which coerces its variables itself: a register has hundreds.
            variables = operation.document.coerce(given) if operation.document.is_query else None
            actor = await self._authenticate(scope)
            prepared = operation.prepare(variables, actor) if variables is not None else None
            if variables is not None and prepared is not None and prepared.plan is not None:
                answer = await self._read(prepared.plan, actor, variables)
            else:
                context = self._context(scope, headers, actor)
                answer = await self._execute(operation, given, context)
                cookies = tuple((b"set-cookie", cookie.header(self._secure)) for cookie in context.cookies)
        except Refused as refused:
            status, answer = refused.status, _errors(as_error(refused.problem, _language(headers)))
        except Problem as problem:
            answer = _errors(as_error(problem, _language(headers)))
        except GraphQLError as error:
            status, answer = 400, _errors(_bad_request(error, _language(headers)))
        except Exception as fault:
            status, answer = 500, _errors(_fault(fault, _language(headers)))
        length = (b"content-length", str(len(answer)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [_JSON, _NO_STORE, length, *cookies]})
        await send({"type": "http.response.body", "body": answer})

    async def execute(self, text: str, variables: Mapping[str, Any] | None, context: Context) -> dict[str, Any]:
        """Run a document field by field, whatever it is: what the differential test compares with."""
        result: dict[str, Any] = orjson.loads(await self._execute(self._operations.by_text(text), variables, context))
        return result

    async def read(self, text: str, variables: Mapping[str, Any] | None, actor: Actor) -> bytes:
        """Run a document compiled; raises what the endpoint would turn into errors."""
        operation = self._operations.by_text(text)
        values = operation.document.coerce(variables or {})
        plan = operation.prepare(values, actor).plan
        if plan is None:
            raise TypeError("this operation is not compiled")
        return await self._read(plan, actor, values)

    # -- the steps

    def _gate(self, method: str, headers: Mapping[bytes, bytes]) -> None:
        if method != "POST":
            raise Refused(405, "core.post_only")
        if headers.get(b"content-type", b"").split(b";", 1)[0].strip().lower() != b"application/json":
            raise Refused(415, "core.json_only")
        if headers.get(b"x-nhipcau") != b"1":
            raise Refused(403, "core.header_missing")
        origin = headers.get(b"origin")
        if origin is not None and not self._same_origin(origin.decode("latin-1"), headers.get(b"host", b"")):
            raise Refused(403, "core.other_origin")

    def _same_origin(self, origin: str, host: bytes) -> bool:
        return origin in self._origins or same_origin(origin, host.decode("latin-1"))

    def _find(self, request: Mapping[str, Any]) -> Operation:
        id_, text = request.get("id"), request.get("query")
        if isinstance(id_, str):
            operation = self._operations.by_id(id_)
            if operation is None:
                raise Refused(404, "core.unknown_operation")
            return operation
        if not self._free_text or not isinstance(text, str):
            raise Refused(400, "core.trusted_only")
        return self._operations.by_text(text)

    async def _read(self, plan: Any, actor: Actor, variables: Variables) -> bytes:
        try:
            text: str = await self._database.read(plan.sql, plan.parameters(actor, variables))
        except asyncpg.DataError as error:
            if plan.pages and "json" not in str(error):  # a forged cursor; a json error is a null in a non-null field
                raise Invalid("core.cursor_invalid", field="after") from error
            raise
        if plan.patch is None:
            return text.encode()
        answer = orjson.loads(text)
        plan.patch.apply(answer["data"], "en" if actor.language == "en" else "vi")
        return orjson.dumps(answer)

    async def _execute(self, operation: Operation, variables: Mapping[str, Any] | None, context: Context) -> bytes:
        try:
            result = await self._schema.execute(
                operation.text, variable_values=dict(variables or {}), context_value=context
            )
        finally:
            await context.close()
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            if result.data is None and result.errors[0].path is None:
                raise result.errors[0]  # a variable that is not what the document says: nothing has run
            answer["errors"] = [_shown(error, context.language) for error in result.errors]
        return orjson.dumps(answer)

    def _context(self, scope: Scope, headers: Mapping[bytes, bytes], actor: Actor) -> Context:
        return Context(
            actor=actor,
            database=self._database,
            headers={name.decode("latin-1"): value.decode("latin-1") for name, value in headers.items()},
            client=client_address(scope, headers, self._proxies),
            services=self._services,
        )


def client_address(scope: Scope, headers: Mapping[bytes, bytes], proxies: int) -> str:
    """The caller's address. Of X-Forwarded-For only what our own `proxies` wrote counts: the rest anybody can claim."""
    direct: str = (scope.get("client") or ("",))[0]
    if not proxies:
        return direct
    hops = [hop.strip() for hop in headers.get(b"x-forwarded-for", b"").decode("latin-1").split(",") if hop.strip()]
    return hops[-proxies] if len(hops) >= proxies else direct


async def _body(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    """All of the body, within its limits of size and time."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _received(headers, receive)
    except TimeoutError:
        raise Refused(408, "core.too_slow") from None


async def _received(headers: Mapping[bytes, bytes], receive: Receive) -> bytes:
    stated = headers.get(b"content-length", b"0")
    if stated.isdigit() and int(stated) > LARGEST_BODY:
        raise Refused(413, "core.body_too_large", most=LARGEST_BODY)
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refused(400, "core.json_only")
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            raise Refused(413, "core.body_too_large", most=LARGEST_BODY)
        if not message.get("more_body"):
            return body


def _parse(body: bytes) -> dict[str, Any]:
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Refused(400, "core.json_only") from None
    if isinstance(request, list):
        raise Refused(400, "core.no_batches")
    if not isinstance(request, dict) or not isinstance(request.get("variables") or {}, dict):
        raise Refused(400, "core.json_only")
    if b"\\u0000" in body:  # PostgreSQL's texts cannot hold it, and no keyboard writes it
        raise Refused(400, "core.bad_character")
    return request


def _language(headers: Mapping[bytes, bytes]) -> str:
    return browser_language(headers.get(b"accept-language", b"").decode("latin-1"))


def _errors(*errors: Mapping[str, Any]) -> bytes:
    return orjson.dumps({"data": None, "errors": errors})


def _shown(error: GraphQLError, language: str) -> dict[str, Any]:
    """One error of the executor: a problem in words, a mistake of the client as it is, a fault masked."""
    problem = problem_in(error)
    if problem is not None:
        return as_error(problem, language)
    return _bad_request(error, language) if error.original_error is None else _fault(error.original_error, language)


def _bad_request(error: GraphQLError, language: str) -> dict[str, Any]:
    """A document or variables that do not fit the schema: told as it is, to developers."""
    problem = problem_in(error)
    if problem is not None:
        return as_error(problem, language)
    return {"message": error.message, "extensions": {"code": "core.bad_request", "kind": "INVALID", "fields": []}}


def _fault(fault: BaseException, language: str) -> dict[str, Any]:
    """A masked fault: the client gets a code to read out, the log gets the rest under the same code."""
    request = secrets.token_hex(2).upper()
    _log.error("fault", request=request, fault=type(fault).__name__, exc_info=fault)
    return {
        "message": words("core.fault", language, request=request),
        "extensions": {"code": "FAULT", "request": request},
    }
