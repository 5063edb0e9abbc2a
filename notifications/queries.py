"""Reads of one's own notifications and devices; screens read through `api.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlmodel import col

from backend.core.actor import Actor
from backend.core.db import Session
from backend.core.problem import NotFound
from notifications.tables import Device, Notification


def unread_count(user_id: Any) -> ColumnElement[int]:
    """SQL for the number of notifications a person has not read; for a column of any slice's type."""
    return (
        select(func.count())
        .select_from(Notification)
        .where(col(Notification.user_id) == user_id, col(Notification.read_at).is_(None))
        .scalar_subquery()
    )


async def own_device(session: Session, actor: Actor, device_id: UUID) -> Device:
    """A live device of the actor's. Raises NotFound."""
    device = await session.get(Device, device_id)
    if device is None or device.user_id != actor.user_id or device.dropped_at is not None:
        raise NotFound("notifications.device_not_found")
    return device


async def live_devices(session: Session, user_id: UUID) -> list[Device]:
    """A person's devices, oldest first."""
    rows = await session.scalars(
        select(Device)
        .where(col(Device.user_id) == user_id, col(Device.dropped_at).is_(None))
        .order_by(col(Device.created_at))
    )
    return list(rows)


async def own_notification(session: Session, actor: Actor, notification_id: UUID) -> Notification:
    """A notification to the actor. Raises NotFound."""
    row = await session.get(Notification, notification_id)
    if row is None or row.user_id != actor.user_id:
        raise NotFound("notifications.notification_not_found")
    return row


async def tests_since(session: Session, actor: Actor, since: datetime) -> int:
    """How many test pushes the actor was sent since then."""
    found = await session.execute(
        select(func.count())
        .select_from(Notification)
        .where(
            col(Notification.user_id) == actor.user_id,
            col(Notification.kind) == "push_test",
            col(Notification.created_at) >= since,
        )
    )
    return found.scalar_one()
