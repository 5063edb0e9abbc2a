"""Channels: small adapters to the services that ring devices. They know no table, no pupil and no journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from notifications.rules import Outcome


@dataclass(frozen=True, slots=True)
class Action:
    """An answer offered on the notification itself: its name, its word on the button, and where it leads, absolute."""

    name: str
    title: str
    link: str


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message for one device. `link` is absolute; `ttl` in seconds; `tag` as `catalogue.tag` makes it.

    `data` is for our own service worker or app.
    """

    notification_id: UUID
    address: str
    p256dh: bytes | None
    auth: bytes | None
    title: str
    body: str
    link: str
    tag: str
    language: str
    ttl: int
    urgent: bool
    actions: tuple[Action, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)


class Channel(Protocol):
    """Sends a batch. Never raises: every envelope has its outcome, in the same order."""

    async def send(self, batch: Sequence[Envelope], until: float) -> list[Outcome]:
        """`until` is a time of the event loop: an envelope not begun by then is NOT_TRIED."""
        ...

    async def close(self) -> None: ...
