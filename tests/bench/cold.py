"""P9: how long it takes from starting the product a second time to its first answers."""

import shutil
import sys
import tempfile
from pathlib import Path

from tests.bench.place import ROOT, ROUNDS, get, median, started
from tests.bench.report import Line, at_most

COMMAND = (sys.executable, "-m", "backend", "run")
BOUND = 3


def run() -> list[Line]:
    """Three starts over data that is there; the first start, which makes the data, only for information."""
    folder = Path(tempfile.mkdtemp(prefix="nhipcau-cold-"))
    folder.chmod(0o755)
    built = (ROOT / "pwa/build/index.html").exists()
    first = 0.0
    times: dict[str, list[float]] = {"/health/ready": [], "/": []}
    try:
        for turn in range(ROUNDS + 1):
            with started(COMMAND, NHIPCAU_DATA=str(folder), DATABASE_URL="", REDIS_URL="") as server:
                ready = server.wait_for(get("/health/ready"))
                page = server.wait_for(get("/")) if built else 0.0
            if turn:
                times["/health/ready"].append(ready)
                times["/"].append(page)
            else:
                first = ready
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    more = f" (the first start of all {first:.1f} s)"
    lines = [at_most("P9", "second start → /health/ready", median(times["/health/ready"]), BOUND, "s", more)]
    if built:
        return [*lines, at_most("P9", "second start → the app's page", median(times["/"]), BOUND, "s")]
    return [*lines, Line("P9", "second start → the app's page", f"≤ {BOUND} s", "the app is not built")]
