"""python -m tests.bench [P1 P2 …] [--json FILE]"""

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from backend.launch import end_politely
from tests.bench import browser, cold, enrolment, home, live, screens, writes
from tests.bench.place import Place, place
from tests.bench.report import Line, show

ON_THE_PROVINCE: dict[str, Callable[[Place], list[Line]]] = {
    "P1": home.run,
    "P2": screens.run,
    "P3": writes.publishing,
    "P6": writes.hearing,
    "P8": live.run,
    "P10": browser.run,
}
ALONE: dict[str, Callable[[], list[Line]]] = {"P9": cold.run, enrolment.NAME: enrolment.run}


def main() -> int:
    """Measure what is named, or everything; 1 when a target was missed."""
    known = [*ON_THE_PROVINCE, *ALONE]
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("targets", nargs="*", metavar="P1", help=", ".join(known))
    parser.add_argument("--json", type=Path, help="write the lines to this file too")
    chosen = parser.parse_args()
    wanted = [name.upper() for name in chosen.targets] or known
    if unknown := set(wanted) - set(known):
        parser.error(f"not measured here: {', '.join(sorted(unknown))}")
    end_politely()  # a signal leaves every block in order, so no server outlives us
    lines: list[Line] = []
    began = time.perf_counter()
    try:
        complete = _measure(wanted, lines)
    finally:
        show(lines)
        print(f"{time.perf_counter() - began:.0f} s; load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    if chosen.json:
        chosen.json.write_text(json.dumps([{**asdict(line), "verdict": line.verdict} for line in lines], indent=1))
    return 0 if complete and all(line.met is not False for line in lines) else 1


def _measure(wanted: list[str], lines: list[Line]) -> bool:
    """Add the lines of each target; whether every one could be measured."""
    complete = True
    province: Place | None = None
    with ExitStack() as stack:
        for name in wanted:
            print(f"{name} … (load average {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)
            try:
                if name in ALONE:
                    lines += ALONE[name]()
                    continue
                province = province or stack.enter_context(place())
                lines += ON_THE_PROVINCE[name](province)
            except Exception as reason:
                # One target that cannot be measured must not cost the others.
                lines.append(Line(name, "could not be measured", "", f"{type(reason).__name__}: {reason}"[:600]))
                complete = False
    return complete


if __name__ == "__main__":
    sys.exit(main())
