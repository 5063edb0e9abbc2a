"""P1: the parent home through the product, by hand, and through PostGraphile."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

from tests.bench.place import HERE, IDS, ROOT, ROUNDS, TOOLS, Place, Server, ask, load, median, request, started
from tests.bench.report import Line, at_least, at_most
from tests.bench.tools import Missing, install, node

PARENTS = 200
COMPARED = 20  # parents whose answer must be the same by hand
SECONDS = 4.0
WARM_SECONDS = 1.5
Figures = dict[str, float]


def run(place: Place) -> list[Line]:
    """Rates, times and CPU of all three, in turn."""
    found = place.rows("select distinct user_id from guardianship where ended_at is null order by 1 limit $1", PARENTS)
    parents: list[UUID] = [row["user_id"] for row in found]
    tokens = place.sign_in(parents)
    words = (ROOT / "notifications/messages/vi.json").read_text()
    cases = place.put("home.cases", [((HERE / "home.sql").read_text(), (parent, words)) for parent in parents])
    body = {"id": IDS["FamilyHome"], "variables": {}}
    question = (HERE / "home.graphql").read_text()
    requests = {
        "app": [request("/graphql", body, tokens[parent]) for parent in parents],
        "raw": [request(f"/{number}", body) for number in range(len(parents))],
        "postgraphile": [
            request("/graphql", {"query": question, "variables": {"user": str(parent)}}) for parent in parents
        ],
    }
    with place.server("app") as app, place.server("raw", str(cases)) as raw:
        servers = {"app": app, "raw": raw}
        for one, other in list(zip(requests["app"], requests["raw"], strict=True))[:COMPARED]:
            if json.loads(ask(app.port, one)) != json.loads(ask(raw.port, other)):
                raise RuntimeError("home.sql does not answer what the app answers")
        try:
            with postgraphile(place, requests["postgraphile"][0]) as third:
                return _lines(measure(place, servers | {"postgraphile": third}, requests), "")
        except Missing as reason:
            return _lines(measure(place, servers, requests), str(reason))


@contextmanager
def postgraphile(place: Place, first: bytes) -> Iterator[Server]:
    """PostGraphile over the same tables. Raises Missing."""
    install()
    place.sql(lambda connection: connection.execute((HERE / "functions.sql").read_text()))
    script = shutil.copy(HERE / "postgraphile.mjs", TOOLS)
    production = {"NODE_ENV": "production", "GRAPHILE_ENV": "production"}
    with started((node(), str(script), place.dsn, "{port}"), **production) as server:
        server.wait_for(first)
        if b'"errors"' in ask(server.port, first):
            raise RuntimeError("home.graphql does not fit what PostGraphile makes of the tables")
        yield server


def measure(place: Place, servers: dict[str, Server], requests: dict[str, list[bytes]]) -> dict[str, Figures]:
    """Medians of three rounds, each server in its turn within a round; CPU in milliseconds per request."""
    files: dict[str, Path] = {name: place.put(f"{name}.requests", requests[name]) for name in servers}
    rounds: dict[str, list[Figures]] = {name: [] for name in servers}
    for name, server in servers.items():
        load(server.port, WARM_SECONDS, files[name])
    for _ in range(ROUNDS):
        for name, server in servers.items():
            own, theirs = server.cpu, place.postgres_cpu()
            figures = load(server.port, SECONDS, files[name])
            figures["cpu"] = (server.cpu - own) * 1000 / figures["answers"]
            figures["postgres"] = (place.postgres_cpu() - theirs) * 1000 / figures["answers"]
            rounds[name].append(figures)
    names = ("per_second", "p50", "p99", "cpu", "postgres")
    return {name: {key: median([turn[key] for turn in turns]) for key in names} for name, turns in rounds.items()}


def _lines(measured: dict[str, Figures], missing: str) -> list[Line]:
    def told(name: str) -> str:
        it = measured[name]
        return (
            f"{it['per_second']:.0f}/s, p50 {it['p50']:.1f} p99 {it['p99']:.1f} ms,"
            f" CPU {it['cpu']:.2f} + PostgreSQL {it['postgres']:.2f} ms"
        )

    work = {name: it["cpu"] + it["postgres"] for name, it in measured.items()}
    by_cpu = f"; by CPU {work['raw'] / work['app']:.2f}"  # what holds when the machine has other things to do
    rate = {name: it["per_second"] for name, it in measured.items()}
    lines = [
        Line("P1", "by hand, one statement, no rights", "–", told("raw"), 1.0),
        at_least("P1", "parent home against that", rate["app"] / rate["raw"], 0.65, told("app") + by_cpu),
        at_most("P1", "PostgreSQL's CPU per request", measured["app"]["postgres"], 0.75, "ms"),
    ]
    if missing:
        return [*lines, Line("P1", "parent home against PostGraphile", "≥ 2.5", missing)]
    against = rate["app"] / rate["postgraphile"]
    return [*lines, at_least("P1", "parent home against PostGraphile", against, 2.5, told("postgraphile"))]
