"""Who has heard what: the relay over the tests' database, and its notifications by name."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.core.actor import SYSTEM
from backend.core.bus import Bus
from backend.core.db import Database
from notifications.channels.console import Console
from notifications.messages import render
from notifications.relay import Relay
from notifications.tables import Notification
from tests.actors import ACTORS, World

MORNING = datetime(2026, 11, 23, 0, 20, tzinfo=UTC)
"""Monday 07:20 in Vietnam: the first lesson of the small world began at 07:00."""


@dataclass
class Ears:
    """Hears what is told; each thing once."""

    database: Database
    bus: Bus
    world: World
    _heard: set[UUID] = field(default_factory=set)
    links: dict[tuple[str, str], str] = field(default_factory=dict)
    titles: dict[tuple[str, str], str] = field(default_factory=dict)

    async def hear(self) -> dict[str, list[str]]:
        """By kind, the names of the people who have been told since the last time."""
        await Relay(self.database, self.bus, _nobody, Console()).run()
        names = {self.world[name]: name for name in ACTORS if name in self.world.ids}
        async with self.database.write(SYSTEM) as session:
            rows = list(await session.scalars(select(Notification).order_by(col(Notification.id))))
        news: dict[str, list[str]] = {}
        for row in rows:
            if row.id not in self._heard:
                self._heard.add(row.id)
                name = names[row.user_id]
                news.setdefault(row.kind, []).append(name)
                self.links[row.kind, name] = row.link
                self.titles[row.kind, name] = render(row.kind, "vi", row.params).title
        return {kind: sorted(people) for kind, people in sorted(news.items())}


async def _nobody(_lane: str) -> None:
    """No lane runs here."""
