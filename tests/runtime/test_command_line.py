"""The command line: refusals are sentences, and the parts that need no database work without one."""

import base64
import os
import socket
import subprocess
import sys
from pathlib import Path

from tests.runtime.conftest import free_port

PROJECT = Path(__file__).parents[2]


def nhipcau(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    command = [sys.executable, "-m", "backend", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=kept | environment, capture_output=True, text=True, check=False)


def test_the_halves_refuse_to_run_alone_and_say_why() -> None:
    for command in ("api", "worker"):
        ended = nhipcau(command)
        assert ended.returncode == 2
        assert "DATABASE_URL and REDIS_URL" in " ".join(ended.stderr.split())
    ended = nhipcau("worker", DATABASE_URL="postgresql://db/nhipcau")
    assert ended.returncode == 2 and "needs REDIS_URL:" in " ".join(ended.stderr.split())


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        ended = nhipcau("serve", PORT=str(port), NHIPCAU_DATA=str(tmp_path / "data"))
    assert ended.returncode == 2 and f"port {port} cannot be used" in " ".join(ended.stderr.split())
    assert not (tmp_path / "data").exists()


def test_wrong_settings_and_wrong_commands_are_sentences() -> None:
    ended = nhipcau("vapid", PORT="eight")
    assert ended.returncode == 2 and "PORT" in ended.stderr and "Traceback" not in ended.stderr
    ended = nhipcau("dance")
    assert ended.returncode == 2 and "dance" in ended.stderr and "Traceback" not in ended.stderr


def test_vapid_prints_a_new_p256_key() -> None:
    first, second = nhipcau("vapid").stdout, nhipcau("vapid").stdout
    key = first.splitlines()[0].removeprefix("NHIPCAU_VAPID_PRIVATE_KEY=")
    assert len(base64.urlsafe_b64decode(key + "=")) == 32
    assert first != second


def test_clean_data_deletes_only_a_folder_of_ours(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    assert "nothing deleted" in " ".join(nhipcau("clean-data", NHIPCAU_DATA=str(tmp_path)).stderr.split())
    assert (tmp_path / "letter.txt").exists()
    (tmp_path / "postgres.lock").touch()
    nhipcau("clean-data", NHIPCAU_DATA=str(tmp_path))
    assert not tmp_path.exists()
