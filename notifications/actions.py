"""What a person does with notifications: add and remove devices, try one out, read."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, elevate, take_turns
from backend.core.journal import record
from backend.core.problem import Invalid, SignInRequired, TooMany
from backend.core.settings import settings
from backend.core.text import squeeze
from notifications import keys, queries
from notifications.addresses import check_address
from notifications.events import DeviceAdded, DeviceRemoved, PushTested
from notifications.tables import ChannelKind, Delivery, DeliveryStatus, Device, Notification

MOST_DEVICES: Final = 10  # live devices of one person; one more takes the oldest one's place
MOST_TESTS: Final = 10  # test pushes of one person
TEST_WINDOW: Final = timedelta(hours=1)
LONGEST_LABEL: Final = 80
LONGEST_FCM_TOKEN: Final = 500


async def add_web_push_device(
    session: Session, actor: Actor, endpoint: str, p256dh: str, auth: str, label: str
) -> Device:
    """Let a browser be rung. An endpoint that is known already moves to this person with its new keys.

    The host's addresses are checked before the transaction (`addresses.check_reachable`) and at every send.
    Raises Invalid with the field that is wrong.
    """
    check_address(endpoint, settings().push_private_hosts)
    point, secret = keys.receiver_key(p256dh), keys.receiver_secret(auth)
    return await _add(session, actor, ChannelKind.WEBPUSH, endpoint, label, p256dh=point, auth=secret)


async def add_fcm_device(session: Session, actor: Actor, token: str, label: str) -> Device:
    """Let an app wrapper be rung, by its Firebase installation id. Raises Invalid."""
    clean = token.strip()
    if not clean or len(clean) > LONGEST_FCM_TOKEN or not clean.isascii() or not clean.isprintable():
        raise Invalid("notifications.address_refused", field="token")
    return await _add(session, actor, ChannelKind.FCM, clean, label)


async def _add(
    session: Session,
    actor: Actor,
    channel: ChannelKind,
    address: str,
    label: str,
    *,
    p256dh: bytes | None = None,
    auth: bytes | None = None,
) -> Device:
    if actor.user_id is None:
        raise SignInRequired("core.sign_in_required")
    # The address may stand in another person's name, whose row the fence hides: a shared phone changes hands.
    await elevate(session)
    await take_turns(session, "device", address)
    now = clock.now()
    found = await session.scalars(select(Device).where(col(Device.address) == address).with_for_update())
    device = found.one_or_none()
    if device is None:
        await _make_room(session, actor.user_id)
        device = Device(user_id=actor.user_id, channel=channel, address=address, label="")
        session.add(device)
    elif device.user_id != actor.user_id or device.dropped_at is not None:
        device.created_at, device.last_sent_at, device.confirmed_at = now, None, None
    device.user_id, device.session_id, device.channel = actor.user_id, actor.session_id, channel
    device.p256dh, device.auth = p256dh, auth
    device.label = squeeze(label)[:LONGEST_LABEL]
    device.dropped_at, device.drop_reason = None, None
    record(session, actor, DeviceAdded(device_id=device.id, channel=channel.value))
    await session.flush()
    return device


async def _make_room(session: Session, user_id: UUID) -> None:
    for device in (await queries.live_devices(session, user_id))[: -(MOST_DEVICES - 1)]:
        device.dropped_at, device.drop_reason = clock.now(), "too_many"


async def remove_device(session: Session, actor: Actor, device_id: UUID) -> UUID:
    """Ring this device no more. Raises NotFound."""
    device = await queries.own_device(session, actor, device_id)
    device.dropped_at, device.drop_reason = clock.now(), "removed"
    record(session, actor, DeviceRemoved(device_id=device.id))
    return device.id


async def send_test_push(session: Session, actor: Actor, device_id: UUID) -> UUID:
    """Send a test through the whole pipeline to one device; the id its notification will have.

    Raises NotFound, TooMany.
    """
    device = await queries.own_device(session, actor, device_id)
    if await queries.tests_since(session, actor, clock.now() - TEST_WINDOW) >= MOST_TESTS:
        raise TooMany("notifications.too_many_tests", retry_after=int(TEST_WINDOW.total_seconds()))
    return record(session, actor, PushTested(device_id=device.id, user_id=device.user_id))


async def confirm_test_push(session: Session, actor: Actor, device_id: UUID) -> Device:
    """The person has seen the test on this device. Raises NotFound."""
    device = await queries.own_device(session, actor, device_id)
    device.confirmed_at = clock.now()
    return device


async def read_notification(session: Session, actor: Actor, notification_id: UUID) -> Notification:
    """The person has opened it: it counts as read, and what rang on this device counts as opened. Raises NotFound."""
    row = await queries.own_notification(session, actor, notification_id)
    now = clock.now()
    row.read_at = row.read_at or now
    await session.flush()
    # Nobody but our own machinery may touch deliveries; whose notification it is has just been checked.
    await elevate(session)
    here = select(col(Device.id)).where(
        col(Device.user_id) == row.user_id, col(Device.session_id).is_not_distinct_from(actor.session_id)
    )
    await session.execute(
        update(Delivery)
        .where(
            col(Delivery.notification_id) == row.id,
            col(Delivery.status) == DeliveryStatus.SENT,
            col(Delivery.device_id).in_(here),
        )
        .values(status=DeliveryStatus.OPENED, opened_at=now)
    )
    return row


async def read_all(session: Session, actor: Actor) -> None:
    """Everything counts as read."""
    await session.execute(
        update(Notification)
        .where(col(Notification.user_id) == actor.user_id, col(Notification.read_at).is_(None))
        .values(read_at=clock.now())
    )
