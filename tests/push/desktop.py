"""A private desktop: its own D-Bus daemon and the notification server of the freedesktop specification on it.

A browser started with `environment` asks this desktop to show its notifications, as it would GNOME or KDE. So a test
sees what a person would have been shown, and can click it. Firefox needs the library libnotify4 for that; without
a notification server it gives up on a push although it has decrypted it.
"""

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

from dbus_fast import BusType, Variant
from dbus_fast.aio import MessageBus
from dbus_fast.annotations import DBusInt32, DBusSignature, DBusStr, DBusUInt32
from dbus_fast.service import ServiceInterface, dbus_method, dbus_signal

from .witness import Witness

NAME = "org.freedesktop.Notifications"
CLOSED_BY_PERSON, CLOSED_BY_CALL = 2, 3
# Without a service folder nothing is started on demand: what is on this bus was put there by the test.
CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>
"""


@dataclass
class Shown:
    """One notification as the desktop got it. `actions` maps the key a browser uses to the label a person reads."""

    id: int
    summary: str
    body: str
    actions: dict[str, str]
    closed: bool = False


class _Server(ServiceInterface):
    """The method names and signatures are the specification's."""

    def __init__(self, desktop: "Desktop") -> None:
        super().__init__(NAME)
        self.desktop = desktop

    @dbus_method()
    def GetCapabilities(self) -> Annotated[list[str], DBusSignature("as")]:
        return ["actions", "body", "persistence"]

    @dbus_method()
    def GetServerInformation(self) -> Annotated[list[str], DBusSignature("ssss")]:
        return ["desktop", "tests", "1", "1.2"]

    @dbus_method()
    def Notify(
        self,
        app_name: DBusStr,
        replaces_id: DBusUInt32,
        app_icon: DBusStr,
        summary: DBusStr,
        body: DBusStr,
        actions: Annotated[list[str], DBusSignature("as")],
        hints: Annotated[dict[str, Variant], DBusSignature("a{sv}")],
        expire_timeout: DBusInt32,
    ) -> DBusUInt32:
        return self.desktop.show(replaces_id, summary, body, actions)

    @dbus_method()
    def CloseNotification(self, id: DBusUInt32) -> None:
        self.desktop.close(id, CLOSED_BY_CALL)

    @dbus_signal()
    def ActionInvoked(self, id: DBusUInt32, key: DBusStr) -> Annotated[list[int | str], DBusSignature("us")]:
        return [id, key]

    @dbus_signal()
    def NotificationClosed(self, id: DBusUInt32, reason: DBusUInt32) -> Annotated[list[int], DBusSignature("uu")]:
        return [id, reason]


class Desktop(Witness):
    """Use as `async with Desktop() as desktop`; give `desktop.environment` to the browser."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[Shown] = []
        self._server = _Server(self)
        self._folder = tempfile.TemporaryDirectory(prefix="nhipcau-desktop-")
        self._process: asyncio.subprocess.Process | None = None
        self._bus: MessageBus | None = None

    def __str__(self) -> str:
        return f"Desktop: {self.shown}"

    async def __aenter__(self) -> Self:
        socket, file = Path(self._folder.name, "bus"), Path(self._folder.name, "bus.conf")
        file.write_text(CONFIGURATION.format(socket=socket))
        command = ["dbus-daemon", f"--config-file={file}", "--nofork", "--nopidfile", "--print-address"]
        devnull, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
        try:
            self._process = await asyncio.create_subprocess_exec(*command, stdout=pipe, stderr=devnull)
            assert self._process.stdout is not None
            printed_when_it_listens = await asyncio.wait_for(self._process.stdout.readline(), 10)
            address = printed_when_it_listens.decode().strip()
            self.environment = {"DBUS_SESSION_BUS_ADDRESS": address}
            self._bus = bus = await MessageBus(bus_address=address, bus_type=BusType.SESSION).connect()
            bus.export("/" + NAME.replace(".", "/"), self._server)
            await bus.request_name(NAME)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._bus:
            self._bus.disconnect()
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()
        self._folder.cleanup()

    def show(self, replaces: int, summary: str, body: str, actions: list[str]) -> int:
        """A browser wants this shown; the answer is the number it is known by from now on."""
        number = replaces or len(self.shown) + 1
        self.shown.append(Shown(number, summary, body, dict(zip(actions[::2], actions[1::2], strict=True))))
        self.changed()
        return number

    def close(self, number: int, reason: int = CLOSED_BY_PERSON) -> None:
        """Take a notification away and tell the browser; the default is a person waving it off."""
        for shown in self.shown:
            shown.closed |= shown.id == number
        self._server.NotificationClosed(number, reason)
        self.changed()

    async def wait(self, wanted: Callable[[Shown], bool], seconds: float = 15) -> Shown:
        """The first notification that is as wanted; raises TimeoutError and then says what was shown instead."""
        return await self.until(lambda: next(filter(wanted, self.shown), None), seconds)

    def click(self, shown: Shown, button: str | None = None) -> None:
        """Click the notification itself, or the action with this label; raises StopIteration if there is none."""
        key = "default" if button is None else next(key for key, label in shown.actions.items() if label == button)
        self._server.ActionInvoked(shown.id, key)
        self.close(shown.id)
