"""P8: ten thousand open apps on one process: memory, opening, and one piece of news for all of them."""

import json
import resource
import subprocess
import sys
from typing import Final

from backend.core.graphql.live import MOST_STREAMS
from backend.core.ids import new_id
from tests.bench.place import ROOT, Place
from tests.bench.report import Line, at_least, at_most

STREAMS: Final = 10_000
SPARE_FILES: Final = 200


def run(place: Place) -> list[Line]:
    """As many streams as the machine allows one process, five to a person."""
    allowed = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, allowed))  # handed down to the server and the crowd
    people = min(STREAMS, allowed - SPARE_FILES) // MOST_STREAMS
    users = [new_id() for _ in range(people)]
    place.sql(lambda connection: connection.executemany(_USER, [(user,) for user in users]))
    tokens = list(place.sign_in(users).values())
    file = place.put("crowd", (tokens, MOST_STREAMS, b"".join(user.bytes for user in users)))
    with place.server("whole") as server:
        command = (sys.executable, "-m", "tests.bench.crowd", str(server.port), str(server.process.pid), str(file))
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=False, timeout=240)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.decode()[-800:])
    found = json.loads(done.stdout)
    opened = f"{found['open']:,} open streams"
    if people * MOST_STREAMS < STREAMS:
        opened += f" (the limit of open files is {allowed})"
    rate = found["per_second"]
    return [
        at_most("P8", f"{opened}: memory of each", found["kib"], 25, "KiB"),
        at_least("P8", "streams opened per second", rate, 1500, f"{rate:.0f}/s", "/s"),
        at_most("P8", "news for all, 99 %", found["p99"], 1.5, "s", f", the last after {found['all']:.2f} s"),
    ]


_USER: Final = """
insert into "user" (id, created_at, full_name, sort_key, language, theme, text_size)
values ($1, now(), 'Trần An', 'an', 'vi', 'SYSTEM', 'NORMAL')"""
