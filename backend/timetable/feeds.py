"""A person's private calendar address, and what stands behind it: read anew in her name each time somebody asks.

The address is the whole secret, so it is long, kept as a hash, and can be taken back. It gives no right by itself: a
guardianship that has ended or a role that was lost stops the lessons at once.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.codes import token_hash
from backend.core.db import Database, Session, take_turns
from backend.core.graphql.problems import words
from backend.core.problem import NotFound
from backend.identity.queries import actor_of_user
from backend.timetable import ical
from backend.timetable.feed_content import happenings_of
from backend.timetable.ical import ZONE, Happening
from backend.timetable.tables import CalendarFeed

TOKEN_BYTES: Final = 32
SEEN_EVERY: Final = timedelta(hours=1)


async def create_feed(session: Session, actor: Actor) -> tuple[UUID, str]:
    """A new address for the actor, the older one taken back; returns the feed's id and its token, told only once."""
    assert actor.user_id is not None
    await take_turns(session, "calendar_feed", actor.user_id)
    await revoke_feed(session, actor)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    feed = CalendarFeed(user_id=actor.user_id, token_hash=token_hash(token))
    session.add(feed)
    return feed.id, token


async def revoke_feed(session: Session, actor: Actor) -> None:
    """The actor's address stops working; without one nothing happens."""
    live = update(CalendarFeed).where(
        col(CalendarFeed.user_id) == actor.user_id, col(CalendarFeed.revoked_at).is_(None)
    )
    await session.execute(live.values(revoked_at=clock.now()).execution_options(synchronize_session=False))


@dataclass(frozen=True)
class Feed:
    """What stands behind an address now. `tag` changes exactly when the calendar does."""

    name: str
    happenings: tuple[Happening, ...]
    stamp: datetime
    tag: str

    def text(self) -> bytes:
        """As iCalendar; some hundredths of a second for a teacher's year."""
        return ical.write(self.name, self.happenings, self.stamp)


async def read_feed(database: Database, token: str) -> Feed:
    """The calendar behind an address, as its owner may see it at this moment.

    Raises NotFound("core.not_found") for an unknown or revoked address and for an account that is closed, alike.
    """
    actor = await _owner(database, token)
    async with database.write(actor) as session:
        happenings = await happenings_of(session, actor)
    name = words("feed.name", actor.language)
    midnight = datetime.combine(clock.today(), time.min, tzinfo=ZONE).astimezone(UTC)
    tag = hashlib.sha256(repr((name, midnight, happenings)).encode()).hexdigest()[:32]
    return Feed(name, happenings, midnight, tag)


async def _owner(database: Database, token: str) -> Actor:
    """Whose address it is, looked up behind the fence, for there is no actor yet."""
    feed = select(CalendarFeed).where(
        col(CalendarFeed.token_hash) == token_hash(token), col(CalendarFeed.revoked_at).is_(None)
    )
    async with database.write(SYSTEM) as session:
        row = (await session.execute(feed)).scalar_one_or_none()
        if row is None:
            raise NotFound("core.not_found")
        now = clock.now()
        if row.last_read_at is None or now - row.last_read_at > SEEN_EVERY:
            row.last_read_at = now
    actor = await actor_of_user(database, row.user_id)
    if actor is None:
        raise NotFound("core.not_found")
    return actor
