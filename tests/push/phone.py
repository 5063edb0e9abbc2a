"""A person's device as one thing: a browser connected to its push service and its desktop."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from .autopush import Autopush
from .browser import Browser
from .chromium import Chromium
from .desktop import Desktop
from .firefox import Firefox
from .gcm import Gcm
from .sender import PushService

KINDS = ("firefox", "chromium")


@dataclass
class Phone:
    """What a person holds (`browser`), what it shows (`desktop`), and who delivers to it (`service`).

    Start the app under test with `service.app_environment` in its environment.
    """

    browser: Browser
    desktop: Desktop
    service: PushService


@asynccontextmanager
async def open_phone(kind: str) -> AsyncIterator[Phone]:
    """A phone of one of `KINDS`, with a fresh profile; everything is ended and removed afterwards."""
    async with Desktop() as desktop:
        if kind == "firefox":
            async with Autopush() as autopush, Firefox(autopush, desktop) as firefox:
                yield Phone(firefox, desktop, autopush)
        else:
            async with Gcm() as gcm, Chromium(gcm, desktop) as chromium:
                yield Phone(chromium, desktop, gcm)
