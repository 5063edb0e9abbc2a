"""The process's part: the relay, the three lanes and the sweep, registered with Jobs."""

from datetime import timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.bus import Bus
from backend.core.db import Database
from backend.core.jobs import Jobs, Work
from backend.core.settings import Settings, settings
from notifications.channels import Channel
from notifications.channels.console import Console, NoSender
from notifications.delivery import Courier
from notifications.keys import key_pair
from notifications.relay import LANE_NAMES, CodeSender, Relay
from notifications.tables import ChannelKind, Delivery, DeliveryStatus, Device, Lane

RELAY_SECONDS: Final = 2.0  # a wake-up may be lost; nobody waits longer than this
LANE_SECONDS: Final = 5.0
GATHER_SECONDS: Final = 0.15  # at eight o'clock thirty alerts a second share a run instead of having one each
SWEEP_SECONDS: Final = 3600.0
KEPT: Final = timedelta(days=90)  # outcomes of deliveries, and devices that were dropped
SWEEP_BATCH: Final = 5_000


def register(jobs: Jobs, database: Database, bus: Bus, *, code_sender: CodeSender | None = None) -> Courier:
    """Have `jobs` run the pipeline. Close what is returned after `jobs.working()` has ended.

    `code_sender` takes one-time codes to phones; without one, development prints them in the terminal.
    """
    choice = code_sender or (Console() if settings().development else NoSender())
    relay = Relay(database, bus, jobs.wake, choice)
    courier = Courier(database, open_channels(settings()))

    async def relay_all() -> None:
        await relay.run()

    jobs.lane("relay", relay_all, every=RELAY_SECONDS, pause=GATHER_SECONDS)
    for lane, name in LANE_NAMES.items():
        jobs.lane(name, _deliver(courier, lane), every=LANE_SECONDS, pause=GATHER_SECONDS)
    jobs.every("notifications.sweep", SWEEP_SECONDS, lambda: sweep(database))
    return courier


def open_channels(chosen: Settings) -> dict[ChannelKind, Channel]:
    """The channels this process can send by. Their libraries are heavy and loaded here only."""
    from notifications.channels.webpush import WebPush

    channels: dict[ChannelKind, Channel] = {
        ChannelKind.WEBPUSH: WebPush(key_pair(chosen), chosen.vapid_contact, chosen.push_private_hosts)
    }
    if chosen.fcm_credentials is not None:
        from notifications.channels.fcm import Fcm

        channels[ChannelKind.FCM] = Fcm(chosen.fcm_credentials, chosen.fcm_url)
    return channels


async def sweep(database: Database) -> None:
    """Forget deliveries and dropped devices that are 90 days old; notifications stay in the inbox."""
    before = clock.now() - KEPT
    old = select(col(Delivery.id)).where(
        col(Delivery.created_at) < before, col(Delivery.status) != DeliveryStatus.PENDING
    )
    gone = select(col(Device.id)).where(col(Device.dropped_at) < before)
    async with database.write(SYSTEM) as session:
        await session.execute(delete(Delivery).where(col(Delivery.id).in_(old.limit(SWEEP_BATCH))))
        await session.execute(delete(Device).where(col(Device.id).in_(gone.limit(SWEEP_BATCH))))


def _deliver(courier: Courier, lane: Lane) -> Work:
    async def work() -> None:
        await courier.run(lane)

    return work
