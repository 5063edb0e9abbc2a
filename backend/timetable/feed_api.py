"""GraphQL of one's private calendar address."""

from datetime import datetime
from typing import Final
from uuid import UUID

import strawberry
from sqlalchemy import and_

from backend.core.actor import Permission
from backend.core.graphql import Info, Problem, Ref, column, mutation, root, source
from backend.core.limits import Rate
from backend.timetable import feeds, tables

CREATING: Final = Rate(20, 3600)


@source(tables.CalendarFeed)
class CalendarFeed:
    """The address itself is told once, when it is made; here only that there is one."""

    id: UUID = column()
    created_at: datetime = column()
    last_read_at: datetime | None = column(description="When a program last asked, to the hour")


@strawberry.type
class CalendarFeedQuery:
    calendar_feed: CalendarFeed | None = root(
        Permission.SIGNED_IN,
        where=lambda it, actor: and_(it.user_id == actor.user_id, it.revoked_at.is_(None)),
        description="One's own, while it works",
    )


@strawberry.type
class CreateCalendarFeedPayload:
    feed: CalendarFeed
    path: str = strawberry.field(description='"/calendar/<token>.ics", shown this once')


@strawberry.type
class RevokeCalendarFeedPayload:
    ok: bool


@strawberry.type
class CalendarFeedMutation:
    @mutation(Permission.SIGNED_IN)
    async def create_calendar_feed(self, info: Info) -> CreateCalendarFeedPayload | Problem:
        """A new address; an older one stops working."""
        context = info.context
        await context.limit("calendar.create", str(context.actor.user_id), CREATING)
        feed, token = await context.write(feeds.create_feed)
        return CreateCalendarFeedPayload(feed=Ref.of(CalendarFeed, feed), path=f"/calendar/{token}.ics")

    @mutation(Permission.SIGNED_IN)
    async def revoke_calendar_feed(self, info: Info) -> RevokeCalendarFeedPayload | Problem:
        """The address stops working; without one nothing happens."""
        await info.context.write(feeds.revoke_feed)
        return RevokeCalendarFeedPayload(ok=True)
