"""Guard: the parent process of the embedded PostgreSQL, alive only as long as somebody holds its standard input open.

Run as a script: `python -I -S postgres_guard.py UID GID PROGRAM ARGUMENT…` (UID and GID may be `-`: stay who we are).
It starts the program, then waits for the first of two things: the end of the program, or the end of its standard
input. A pipe closes however its holder ends, `kill -9` included, on Linux and on macOS alike, so nothing outlives us.
Only the light half of the standard library: this costs a start of 20 ms and stays resident.
"""

import os
import selectors
import signal
import subprocess
import sys

# What PostgreSQL understands, from polite to final, with the seconds each is given.
# SIGINT = fast shutdown (checkpoint), SIGQUIT = stop now and recover at the next start.
_ENDINGS = ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))


def _identity(user: str, group: str) -> dict[str, object]:
    if user == "-":
        return {}
    return {"user": int(user), "group": int(group), "extra_groups": []}


def _wait(program: "subprocess.Popen[bytes]", wake: int) -> None:
    """Return when the program has ended (its SIGCHLD arrives at `wake`), when the pipe closes, or when told to stop."""
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        selector.register(wake, selectors.EVENT_READ)
        while program.poll() is None:
            for key, _ in selector.select():
                received = os.read(key.fd, 64)
                if (key.fd != wake and not received) or any(number != signal.SIGCHLD for number in received):
                    return


def main(user: str, group: str, *command: str) -> int:
    """Run the program until the pipe closes; its exit status, 0 after a stop we asked for."""
    wake, wake_end = os.pipe()
    os.set_blocking(wake_end, False)
    signal.set_wakeup_fd(wake_end)
    for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    program = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        cwd="/",
        umask=0o077,
        **_identity(user, group),  # pyright: ignore[reportArgumentType, reportCallIssue]
    )
    _wait(program, wake)
    for number, seconds in _ENDINGS:
        if program.poll() is not None:
            return program.returncode
        program.send_signal(number)
        try:
            program.wait(seconds)
            return 0
        except subprocess.TimeoutExpired:
            continue
    return 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
