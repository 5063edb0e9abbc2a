"""Tables of announcements."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.core.db import INSTANT, SORTED, Row, reference


class Announcement(Row, table=True):
    """What was said, by whom, to which audience (a selector of `core/audience.py`)."""

    school_id: UUID = reference("school.id")
    author_id: UUID = reference("user.id")
    title: str = Field(max_length=120)
    body: str = Field(max_length=5000)
    audience: dict[str, Any] = Field(sa_type=JSONB)
    needs_acknowledgement: bool = False
    published_at: datetime = Field(sa_type=INSTANT)
    recipient_count: int = 0
    reminded_at: datetime | None = Field(default=None, sa_type=INSTANT)


class AnnouncementRecipient(Row, table=True):
    """One person who was told, and what we know of it: opened, acknowledged. Not opened is not unread elsewhere."""

    __table_args__ = (
        UniqueConstraint("announcement_id", "user_id"),
        Index("ix_announcement_recipient_user", "user_id", "published_at", "id"),
    )

    school_id: UUID = reference("school.id")
    announcement_id: UUID = reference("announcement.id", index=False)
    user_id: UUID = reference("user.id", index=False)
    sort_key: str = Field(sa_type=SORTED)
    published_at: datetime = Field(sa_type=INSTANT)
    read_at: datetime | None = Field(default=None, sa_type=INSTANT)
    acknowledged_at: datetime | None = Field(default=None, sa_type=INSTANT)
