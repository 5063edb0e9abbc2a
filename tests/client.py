"""GraphQL as a client sees it, without HTTP: one call, the data or the problem, and the statements it took."""

import json
from dataclasses import dataclass
from typing import Any

import orjson

from backend.core.actor import Actor
from backend.core.bus import Bus
from backend.core.db import Database
from backend.core.graphql.context import Context
from backend.core.graphql.router import GraphQLApp
from backend.core.jobs import Jobs
from backend.core.limits import Limits
from backend.core.services import Services
from backend.core.store import Store
from backend.schema import schema

Variables = dict[str, Any]


@dataclass
class Answer:
    """What came back. `problem` is the refusal of a query (errors) or of a mutation (the union's member)."""

    status: int
    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    cookies: list[str]

    @property
    def problem(self) -> str | None:
        """The code of the refusal, wherever it stands."""
        if self.errors:
            return self.errors[0]["extensions"]["code"]
        for value in (self.data or {}).values():
            if isinstance(value, dict) and value.get("__typename") == "Problem":
                return value["code"]
        return None

    def __getitem__(self, name: str) -> Any:
        assert self.problem is None, (self.errors, self.data)
        assert self.data is not None
        return self.data[name]


class Client:
    """Sends documents through the product's own endpoint as any actor, cookies aside."""

    def __init__(self, database: Database, bus: Bus, jobs: Jobs | None = None) -> None:
        self._actor = Actor()
        self.address = "127.0.0.1"
        store = database.carried.setdefault("store", Store.in_memory())
        self.services = Services(database, bus, jobs or Jobs(None), Limits(None), store)
        self.app = GraphQLApp(
            schema, database, self._authenticate, trusted={}, free_text=True, secure=False, services=self.services
        )

    async def _authenticate(self, _scope: Any) -> Actor:
        return self._actor

    async def __call__(self, actor: Actor, document: str, /, **variables: Any) -> Answer:
        """Run a document as this actor. UUIDs and dates may be given as such."""
        self._actor = actor
        body = orjson.dumps({"query": document, "variables": variables})
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        headers = [(b"content-type", b"application/json"), (b"x-nhipcau", b"1"), (b"host", b"test")]
        scope = {"type": "http", "method": "POST", "headers": headers, "client": (self.address, 1), "path": "/graphql"}
        await self.app(scope, receive, send)  # pyright: ignore[reportArgumentType]
        answer = json.loads(sent[1]["body"])
        cookies = [value.decode() for name, value in sent[0]["headers"] if name == b"set-cookie"]
        return Answer(sent[0]["status"], answer.get("data"), answer.get("errors", []), cookies)


def context(database: Database, actor: Actor) -> Context:
    """A bare context, for actions called directly."""
    return Context(actor=actor, database=database)
