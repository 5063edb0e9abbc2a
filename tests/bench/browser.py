"""P10: what the first screen weighs, and what Lighthouse says of it on a slow phone."""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.bench.place import ROOT, ROUNDS, TOOLS, Place, median
from tests.bench.report import Line, at_least, at_most
from tests.bench.tools import Missing, environment, install, node

MOST_KB: Final = 90
CATEGORIES: Final = ("performance", "accessibility", "best-practices")
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def run(place: Place) -> list[Line]:
    """Sizes of all pages, and Hôm nay of a parent in Lighthouse's own simulation of a phone."""
    lines = _sizes()
    try:
        return lines + _lighthouse(place)
    except (Missing, subprocess.TimeoutExpired) as reason:
        return [*lines, Line("P10", "Lighthouse, Hôm nay", "≥ 95, LCP ≤ 2 s", str(reason)[:160])]


def _sizes() -> list[Line]:
    command = ("npm", "run", "--silent", "sizes")
    done = subprocess.run(
        command, cwd=ROOT / "pwa", env=environment(), capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode != 0:
        return [Line("P10", "scripts of each page", f"≤ {MOST_KB} kB", "the app is not built (make pwa-build)")]
    routes = json.loads(done.stdout)["routes"]
    weights = {route: kinds["scripts"] / 1000 for route, kinds in routes.items()}
    heaviest = max(weights, key=lambda route: weights[route])
    lines = [at_most("P10", "scripts of /, gzip", weights["/"], MOST_KB, "kB")] if "/" in weights else []
    more = f", {len(weights)} pages"
    return [*lines, at_most("P10", f"scripts of the heaviest ({heaviest})", weights[heaviest], MOST_KB, "kB", more)]


def _lighthouse(place: Place) -> list[Line]:
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        raise Missing("no Chromium on this machine")
    install()
    parent = place.rows("select user_id from guardianship where ended_at is null order by 1 limit 1")[0]["user_id"]
    token = place.sign_in([parent])[parent]
    with place.server("whole") as server:
        reports = [_report(browser, f"http://localhost:{server.port}/", token) for _ in range(ROUNDS)]
    score = {name: median([r["categories"][name]["score"] * 100 for r in reports]) for name in CATEGORIES}
    paint = median([r["audits"]["largest-contentful-paint"]["numericValue"] / 1000 for r in reports])
    shift = median([r["audits"]["cumulative-layout-shift"]["numericValue"] for r in reports])
    lines = [
        at_least("P10", f"Lighthouse {name}", value, 95, f"{value:.0f}", " of 100") for name, value in score.items()
    ]
    return [
        *lines,
        at_most("P10", "largest paint of Hôm nay, signed in", paint, 2.0, "s"),
        at_most("P10", "layout shift", shift, 0.1, ""),
    ]


def _report(browser: str, address: str, token: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        headers, report = Path(folder) / "headers.json", Path(folder) / "report.json"
        headers.write_text(json.dumps({"Cookie": f"nhipcau={token}"}))
        flags = f"--headless=new --no-sandbox --user-data-dir={folder}/profile"
        arguments = (address, "--quiet", "--output=json", f"--output-path={report}", f"--extra-headers={headers}")
        chosen = (f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={flags}")
        command = (node(), str(TOOLS / "node_modules/lighthouse/cli/index.js"), *arguments, *chosen)
        surroundings = environment() | {"CHROME_PATH": browser}
        done = subprocess.run(command, env=surroundings, capture_output=True, text=True, check=False, timeout=120)
        if done.returncode != 0 or not report.exists():
            raise Missing("Lighthouse: " + (done.stderr.strip().splitlines() or ["?"])[-1][:120])
        found = json.loads(report.read_text())
        asked = [it for it in found["audits"]["network-requests"]["details"]["items"] if it["url"].endswith("/graphql")]
        if not asked or any(it["statusCode"] != 200 for it in asked):
            raise Missing("the page did not get its data: pwa/build and backend/operations.json must be of one build")
        return found
