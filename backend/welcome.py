"""What the terminal shows while the product starts, and when it is there."""

import io
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

import segno
from rich.console import Console
from rich.table import Table

from backend.core.settings import settings

console = Console(stderr=True, highlight=False)


class Account(Protocol):
    """One demonstration account as the seed describes it."""

    role: str
    sign_in: str
    password: str


class Steps:
    """A line per step of the start: a spinner while it lasts, then a tick and its seconds."""

    def __init__(self) -> None:
        self._status = console.status("")
        self._text = ""
        self._began = 0.0

    def __call__(self, text: str) -> None:
        """End the step before, begin this one."""
        self.done()
        self._text, self._began = text, monotonic()
        if console.is_terminal:
            self._status.update(f"{text} …")
            self._status.start()

    def done(self) -> None:
        """End the last step."""
        if self._text:
            self._status.stop()
            console.print(f"[green]✓[/green] {self._text} [dim]{monotonic() - self._began:.1f} s[/dim]")
            self._text = ""

    def stop(self) -> None:
        """Give the terminal back, whatever happened."""
        self._status.stop()


@contextmanager
def steps() -> Iterator[Steps]:
    """Steps whose spinner never outlives the block."""
    shown = Steps()
    try:
        yield shown
    finally:
        shown.stop()


def show_address() -> None:
    """Where to go, in one line."""
    console.print(f"\n[bold]Nhịp Cầu[/bold] → [bold cyan]{settings().origin}[/bold cyan]   (Ctrl-C ends it)")


def show_accounts(accounts: Iterable[Account]) -> None:
    """The demonstration accounts, one a line."""
    table = Table(title="Demonstration accounts", title_justify="left", box=None, padding=(0, 3, 0, 0))
    for heading in ("Role", "Sign in with", "Password"):
        table.add_column(heading)
    for account in accounts:
        table.add_row(account.role, account.sign_in, account.password)
    console.print(table)


def show_code() -> None:
    """The address a phone in the same network can open, as a QR code."""
    address = settings().public_url or f"http://{lan_address()}:{settings().port}"
    drawing = io.StringIO()
    segno.make(address, error="l").terminal(drawing, border=1, compact=True)
    console.print(drawing.getvalue(), end="", markup=False, soft_wrap=True)
    console.print(f"On a phone in the same network: [cyan]{address}[/cyan]\n")


def lan_address() -> str:
    """The address of this machine on its way to other networks; nothing is sent to find it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
