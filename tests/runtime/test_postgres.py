"""The embedded server: starts anywhere, refuses a folder in use, and never outlives the process that started it."""

import asyncio
import os
import pwd
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest

from backend.postgres import PostgresUnavailable, embedded, locked
from tests.runtime.conftest import wait_until

PROJECT = Path(__file__).parents[2]


def ask(dsn: str, statement: str) -> object:
    async def work() -> object:
        connection = await asyncpg.connect(dsn)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(work())


@contextmanager
def held(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another process that serves the folder, and its DSN."""
    command = [sys.executable, "-m", "tests.runtime.holder", str(folder)]
    holder = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout is not None
        dsn = holder.stdout.readline().strip()
        assert dsn.startswith("postgresql://")
        yield holder, dsn
    finally:
        with suppress(ProcessLookupError):
            holder.kill()
        holder.communicate()


def postmaster(folder: Path) -> int:
    return int((folder / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def gone(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def guard_of(server: int) -> int:
    return int(subprocess.check_output(["ps", "-o", "ppid=", "-p", str(server)], text=True))


def test_it_starts_keeps_data_and_stops(tmp_path: Path) -> None:
    with embedded(tmp_path / "data") as dsn:
        ask(dsn, "create table kept (a int)")
        server = postmaster(tmp_path / "data")
        assert ask(dsn, "select datcollate || current_setting('listen_addresses') from pg_database limit 1") == "C"
    assert gone(server)
    with embedded(tmp_path / "data") as dsn:
        assert ask(dsn, "select count(*) from kept") == 0


def test_an_error_inside_reaches_the_caller_unchanged(tmp_path: Path) -> None:
    with pytest.raises(PermissionError, match="mine"), embedded(tmp_path):
        raise PermissionError("mine")


def test_a_deep_folder_with_spaces_and_letters_will_do(tmp_path: Path) -> None:
    folder = tmp_path / "Nhà trường của em" / ("sâu" * 30) / "data"
    with embedded(folder) as dsn:
        assert ask(dsn, "select 1") == 1


def test_a_folder_everybody_can_reach_needs_no_further_rights() -> None:
    with TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with embedded(Path(folder)) as dsn:
            assert ask(dsn, "select 1") == 1


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    with embedded(tmp_path / "one") as one, embedded(tmp_path / "two") as two:
        ask(one, "create table here (a int)")
        assert ask(one, "select to_regclass('here')::text") == "here"
        assert ask(two, "select to_regclass('here')::text") is None


def test_a_folder_in_use_is_refused_with_the_process_that_uses_it(tmp_path: Path) -> None:
    with held(tmp_path) as (holder, dsn):
        with pytest.raises(PostgresUnavailable, match=f"already in use by process {holder.pid}"), embedded(tmp_path):
            pass
        assert ask(dsn, "select 1") == 1


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_is_left_behind_however_the_process_ends(tmp_path: Path, ending: signal.Signals) -> None:
    with held(tmp_path) as (holder, dsn):
        ask(dsn, "create table kept (a int)")
        server = postmaster(tmp_path)
        guard = guard_of(server)
        holder.send_signal(ending)
        wait_until(lambda: gone(server) and gone(guard))
    with embedded(tmp_path) as again:
        assert ask(again, "select count(*) from kept") == 0


def test_the_next_start_waits_for_the_end_of_a_killed_one(tmp_path: Path) -> None:
    with held(tmp_path) as (holder, _):
        holder.kill()
        holder.wait()
        with embedded(tmp_path) as dsn:
            assert ask(dsn, "select 1") == 1


def test_a_server_left_by_a_killed_guard_is_ended_by_the_next_start(tmp_path: Path) -> None:
    with held(tmp_path) as (holder, _):
        server = postmaster(tmp_path)
        os.kill(guard_of(server), signal.SIGKILL)
        holder.kill()
        holder.wait()
        assert not gone(server)
        with embedded(tmp_path) as dsn:
            assert ask(dsn, "select 1") == 1
            assert postmaster(tmp_path) != server


def test_a_crash_of_the_server_itself_is_recovered_from(tmp_path: Path) -> None:
    with held(tmp_path) as (holder, dsn):
        ask(dsn, "create table kept (a int)")
        os.kill(postmaster(tmp_path), signal.SIGKILL)
        holder.kill()
    with embedded(tmp_path) as again:
        assert ask(again, "select count(*) from kept") == 0


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(tmp_path: Path) -> None:
    with embedded(tmp_path):
        lines = (tmp_path / "postgres" / "postmaster.pid").read_text().splitlines()
    stale = tmp_path / "postgres" / "postmaster.pid"
    stale.write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    with embedded(tmp_path) as dsn:
        assert ask(dsn, "select 1") == 1


def test_an_interrupted_first_start_is_begun_anew(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "base").mkdir(parents=True, mode=0o700)
    (tmp_path / "postgres").chmod(0o700)
    with embedded(tmp_path) as dsn:
        assert ask(dsn, "select 1") == 1


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    with embedded(tmp_path):
        pass
    (tmp_path / "postgres" / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(PostgresUnavailable, match="nonsense"), embedded(tmp_path):
        pass


def test_the_lock_is_free_again(tmp_path: Path) -> None:
    for _ in range(2):
        with locked(tmp_path) as file:
            file.seek(0)
            assert file.read() == str(os.getpid())


def test_the_server_never_runs_as_root_and_only_its_owner_may_enter(tmp_path: Path) -> None:
    with embedded(tmp_path) as dsn:
        server = postmaster(tmp_path)
        owner = subprocess.check_output(["ps", "-o", "user:32=", "-p", str(server)], text=True).strip()
        assert owner != "root"
        sockets = Path(dsn.partition("host=")[2])
        assert sockets.stat().st_mode & 0o077 == 0
        assert pwd.getpwuid(sockets.stat().st_uid).pw_name == owner
    assert not sockets.exists()
