"""Tables of notifications: what a person is told, on which devices, and what became of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.core.db import INSTANT, Row, choice, reference


class ChannelKind(StrEnum):
    WEBPUSH = "WEBPUSH"
    FCM = "FCM"


class Lane(StrEnum):
    URGENT = "URGENT"
    NORMAL = "NORMAL"
    BULK = "BULK"


class DeliveryStatus(StrEnum):
    """What we know and nothing more. SENT: a push service took it. OPENED: somebody tapped it."""

    PENDING = "PENDING"
    SENT = "SENT"
    OPENED = "OPENED"
    FAILED = "FAILED"
    DROPPED = "DROPPED"


class Notification(Row, table=True):
    """What one person is told about one journal row. `params` feed the words; `link` is a path of the app."""

    __table_args__ = (
        UniqueConstraint("user_id", "journal_id", "student_id", postgresql_nulls_not_distinct=True),
        Index("ix_notification_inbox", "user_id", text("id desc")),
        Index("ix_notification_unread", "user_id", postgresql_where=text("read_at is null")),
    )

    user_id: UUID = reference("user.id", index=False)
    school_id: UUID | None = reference("school.id", nullable=True)
    journal_id: UUID = reference("journal.id")
    kind: str = Field(max_length=40)
    student_id: UUID | None = reference("student.id", nullable=True)
    params: dict[str, Any] = Field(sa_type=JSONB)
    link: str = Field(max_length=200)
    read_at: datetime | None = Field(default=None, sa_type=INSTANT)


class Device(Row, table=True):
    """A phone or browser that can be rung. Keys are raw bytes, checked to lie on the curve when they arrive."""

    __table_args__ = (
        Index("uq_device_address", "address", unique=True),
        Index("ix_device_live", "user_id", postgresql_where=text("dropped_at is null")),
    )

    user_id: UUID = reference("user.id", index=False)
    session_id: UUID | None = reference("session.id", nullable=True)
    channel: ChannelKind = Field(sa_type=choice(ChannelKind))
    address: str = Field(max_length=1000)
    p256dh: bytes | None = None
    auth: bytes | None = None
    label: str = Field(max_length=80)
    last_sent_at: datetime | None = Field(default=None, sa_type=INSTANT)
    confirmed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    dropped_at: datetime | None = Field(default=None, sa_type=INSTANT)
    drop_reason: str | None = Field(default=None, max_length=40)


class Delivery(Row, table=True):
    """One notification on one device: tries, next try, outcome."""

    __table_args__ = (
        UniqueConstraint("notification_id", "device_id"),
        Index("ix_delivery_due", "lane", "next_at", postgresql_where=text("status = 'PENDING'")),
    )

    notification_id: UUID = reference("notification.id", index=False, cascade=True)
    device_id: UUID = reference("device.id", cascade=True)
    lane: Lane = Field(sa_type=choice(Lane))
    status: DeliveryStatus = Field(default=DeliveryStatus.PENDING, sa_type=choice(DeliveryStatus))
    attempts: int = 0
    next_at: datetime = Field(sa_type=INSTANT)
    sent_at: datetime | None = Field(default=None, sa_type=INSTANT)
    opened_at: datetime | None = Field(default=None, sa_type=INSTANT)
    error: str | None = Field(default=None, max_length=80)
