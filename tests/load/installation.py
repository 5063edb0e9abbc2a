"""The processes of a production installation on this machine, for load."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from tests.bench.place import Place, children, cpu_of, get, quantile, started


@dataclass(frozen=True)
class Installation:
    """The processes of a production installation on this machine, but for its database."""

    port: int
    processes: tuple[int, ...]

    def cpu(self) -> float:
        """Seconds of CPU of all of them and their children."""
        return sum(cpu_of(one) + sum(cpu_of(child) for child in children(one)) for one in self.processes)


@contextmanager
def installation(place: Place, **environment: str) -> Iterator[Installation]:
    """Two workers that answer, one that tells, Redis between them; ended when the block does."""
    redis = ("redis-server", "--port", "{port}", "--bind", "127.0.0.1", "--save", "", "--dir", str(place.folder))
    product = (sys.executable, "-m", "backend")
    around = {"DATABASE_URL": place.dsn, "NHIPCAU_DATA": str(place.folder), **environment}
    with started(redis) as bus:
        around["REDIS_URL"] = f"redis://127.0.0.1:{bus.port}"
        with (
            started((*product, "api", "--workers", "2"), **around) as api,
            started((*product, "worker"), **around) as told,
        ):
            api.wait_for(get("/health/ready"))
            yield Installation(api.port, (bus.process.pid, api.process.pid, told.process.pid))


def times(milliseconds: Sequence[float]) -> dict[str, float]:
    """The quantiles people ask for; nothing of nothing."""
    parts = (("p50", 0.5), ("p95", 0.95), ("p99", 0.99), ("most", 1.0))
    return {name: round(quantile(list(milliseconds), part)) for name, part in parts} if milliseconds else {}
