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
    """One demonstration account as the seed describes it: a user name with a password, a phone, or a slip's code."""

    @property
    def role(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def username(self) -> str | None: ...
    @property
    def password(self) -> str | None: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def slip_code(self) -> str | None: ...


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

    def part(self, name: str, number: int, count: int) -> None:
        """How far the step is."""
        self._status.update(f"{self._text} … {100 * number // max(count, 1)} % {name}")

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
    table = Table(title="Demonstration accounts", title_justify="left", box=None, padding=(0, 2, 0, 0))
    for heading in ("Role", "Sign in with", "Password", "Who"):
        table.add_column(heading, no_wrap=True)
    for account in accounts:
        role = account.role.capitalize().replace("_", " ")
        door = account.username or account.phone or account.slip_code
        password = account.password or ("code" if account.phone else "(claim slip)")
        table.add_row(role, door, password, account.name)
    console.print(table)
    console.print("[dim]Codes for phones appear in this terminal.[/dim]")


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
