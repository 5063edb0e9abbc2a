"""Delivery: takes what is due in a lane, lets go of the database, sends, writes every outcome back in one statement.

A claimed delivery is leased by moving its next try ahead. Whoever dies with a lease loses it when it runs out; nobody
else sends meanwhile. A lease is longer than a batch can take (`SENDING` + the longest request).
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Executable, Integer, Text, bindparam, select, text, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import INSTANT, Database
from backend.core.journal import Journal
from backend.core.settings import settings
from backend.identity.tables import SignInSession, User
from notifications import audience, rules
from notifications.catalogue import BY_KIND, tag
from notifications.channels import Action, Channel, Envelope
from notifications.messages import render
from notifications.rules import Step
from notifications.tables import ChannelKind, Delivery, Device, Lane, Notification

BATCH: Final = 500
LEASE: Final = timedelta(seconds=60)
SENDING: Final = 40.0  # seconds in which requests of a batch may begin

# `|| ''` keeps the planner from the partial index of what is due: in a generic plan (from the sixth run on) it would
# walk that index once for every outcome, 2 s for 500 of them, instead of looking each delivery up by its id.
_WRITE_BACK: Final = text(
    """
    with outcome as (
        select * from unnest(
            cast(:ids as uuid[]), cast(:statuses as text[]), cast(:due as timestamptz[]),
            cast(:tries as int[]), cast(:errors as text[]), cast(:drops as text[])
        ) as o(id, status, next_at, tries, error, dropped)
    ), written as (
        update delivery
        set status = o.status, next_at = o.next_at, attempts = delivery.attempts + o.tries, error = o.error,
            sent_at = case when o.status = 'SENT' then :now else delivery.sent_at end
        from outcome o where delivery.id = o.id and delivery.status || '' = 'PENDING'
        returning delivery.device_id, o.status, o.dropped
    )
    update device
    set last_sent_at = case when w.sent then :now else device.last_sent_at end,
        dropped_at = case when w.dropped is not null then coalesce(device.dropped_at, :now) else device.dropped_at end,
        drop_reason = coalesce(device.drop_reason, w.dropped)
    from (
        select device_id, bool_or(status = 'SENT') as sent, max(dropped) as dropped from written group by device_id
    ) w
    where device.id = w.device_id and (w.sent or w.dropped is not null)
    """
).bindparams(bindparam("now", type_=INSTANT))


@dataclass(frozen=True, slots=True)
class Due:
    """A claimed delivery with everything that sending needs, so that the database can be let go."""

    id: UUID
    attempts: int
    notification_id: UUID
    kind: str
    student_id: UUID | None
    params: Mapping[str, Any]
    created_at: datetime
    withdrawn: bool
    read_at: datetime | None
    language: str
    channel: ChannelKind
    address: str
    p256dh: bytes | None
    auth: bytes | None
    device_since: datetime
    device_live: bool
    may_see: bool

    @property
    def expires_at(self) -> datetime:
        return BY_KIND[self.kind].expires_at(self.created_at, self.params)


class Courier:
    """Empties lanes over the channels that are configured."""

    def __init__(self, database: Database, channels: Mapping[ChannelKind, Channel]) -> None:
        self._database = database
        self._channels = channels

    async def run(self, lane: Lane) -> int:
        """Send all that is due in the lane; how many deliveries were handled."""
        handled = 0
        while due := await self._claim(lane):
            until = asyncio.get_running_loop().time() + SENDING
            steps = await self._send(lane, due, until)
            await self._write_back(due, steps)
            handled += len(due)
            if len(due) < BATCH:
                break
        return handled

    async def close(self) -> None:
        for channel in self._channels.values():
            await channel.close()

    async def _claim(self, lane: Lane) -> list[Due]:
        """Lease up to 500 due deliveries that nobody else holds, oldest first, in one statement."""
        values = {"which": lane.value, "now": (now := clock.now()), "leased": now + LEASE, "most": BATCH}
        async with self._database.write(SYSTEM) as session:
            return [Due(**row) for row in (await session.execute(_claim_statement(), values)).mappings()]

    async def _send(self, lane: Lane, batch: Sequence[Due], until: float) -> list[Step]:
        """What becomes of each, in order. No database connection is held here."""
        now = clock.now()
        steps: dict[UUID, Step] = {}
        by_channel: defaultdict[ChannelKind, list[Due]] = defaultdict(list)
        for due in batch:
            reason = rules.why_not(
                now=now,
                expires_at=due.expires_at,
                withdrawn=due.withdrawn,
                read=due.read_at is not None,
                device_live=due.device_live,
                may_see=due.may_see,
            )
            if reason is not None:
                steps[due.id] = Step("DROPPED", now, reason, tried=False)
            elif due.channel not in self._channels:
                steps[due.id] = Step("FAILED", now, "channel_not_configured", tried=False)
            else:
                by_channel[due.channel].append(due)
        for kind, dues in by_channel.items():
            outcomes = await self._channels[kind].send([_envelope(due, lane, now) for due in dues], until)
            later = clock.now()
            for due, outcome in zip(dues, outcomes, strict=True):
                steps[due.id] = rules.next_step(
                    outcome, now=later, attempts=due.attempts, device_since=due.device_since
                )
        return [steps[due.id] for due in batch]

    async def _write_back(self, batch: Sequence[Due], steps: Sequence[Step]) -> None:
        values = {
            "ids": [due.id for due in batch],
            "statuses": [step.status for step in steps],
            "due": [step.next_at for step in steps],
            "tries": [int(step.tried) for step in steps],
            "errors": [step.error for step in steps],
            "drops": [step.drop_device for step in steps],
            "now": clock.now(),
        }
        async with self._database.write(SYSTEM) as session:
            await session.execute(_WRITE_BACK, values)


@cache
def _claim_statement() -> Executable:
    """Made once: it is long, and putting it together costs more than running it.

    A parameter named like a column of the updated table would be taken as its new value.
    """
    now = bindparam("now", type_=INSTANT)
    due = (
        select(col(Delivery.id))
        .where(
            col(Delivery.lane) == bindparam("which", type_=Text()),
            # Spelled out, so that the planner sees the partial index.
            text("delivery.status = 'PENDING'"),
            col(Delivery.next_at) <= now,
        )
        .order_by(col(Delivery.next_at))
        .limit(bindparam("most", type_=Integer()))
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    leased = (
        update(Delivery)
        .where(col(Delivery.id) == due.c.id)
        .values(next_at=bindparam("leased", type_=INSTANT))
        .returning(col(Delivery.id), col(Delivery.attempts), col(Delivery.notification_id), col(Delivery.device_id))
        .cte("leased")
    )
    live = col(Device.user_id) == Notification.user_id
    for condition in audience.live_device(now):
        live &= condition
    return (
        select(
            leased.c.id,
            leased.c.attempts,
            col(Notification.id).label("notification_id"),
            col(Notification.kind),
            col(Notification.student_id),
            col(Notification.params),
            col(Notification.created_at),
            col(Journal.withdrawn_at).is_not(None).label("withdrawn"),
            col(Notification.read_at),
            col(User.language),
            col(Device.channel),
            col(Device.address),
            col(Device.p256dh),
            col(Device.auth),
            col(Device.created_at).label("device_since"),
            (live & col(User.disabled_at).is_(None)).label("device_live"),
            audience.may_see(col(Notification.user_id), col(Notification.student_id)).label("may_see"),
        )
        .join(Notification, col(Notification.id) == leased.c.notification_id)
        .join(Journal, col(Journal.id) == Notification.journal_id)
        .join(Device, col(Device.id) == leased.c.device_id)
        .join(User, col(User.id) == Notification.user_id)
        .outerjoin(SignInSession, col(SignInSession.id) == Device.session_id)
    )


def _envelope(due: Due, lane: Lane, now: datetime) -> Envelope:
    entry = BY_KIND[due.kind]
    words = render(due.kind, due.language, due.params)
    return Envelope(
        notification_id=due.notification_id,
        address=due.address,
        p256dh=due.p256dh,
        auth=due.auth,
        title=words.title,
        body=words.body,
        link=f"{settings().origin}/n/{due.notification_id}",
        tag=tag(entry, due.params, due.student_id, due.notification_id),
        language=due.language,
        ttl=max(1, int((due.expires_at - now).total_seconds())),
        urgent=lane is Lane.URGENT,
        actions=tuple(
            Action(
                action, words.actions[action], settings().origin + entry.action_link.format(**due.params, action=action)
            )
            for action in entry.actions
        ),
        data={name: str(due.params[fact]) for name, fact in entry.data.items()},
    )
