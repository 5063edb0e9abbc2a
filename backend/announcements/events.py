"""What the journal can say about announcements."""

from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

from backend.core.audience import Audience


@dataclass(frozen=True)
class AnnouncementPublished:
    kind: ClassVar[str] = "announcements.announcement_published"
    school_id: UUID
    announcement_id: UUID
    title: str
    needs_acknowledgement: bool
    to: dict[str, Any]

    def audience(self) -> Audience | None:
        return Audience.load(self.to)


@dataclass(frozen=True)
class AnnouncementReminded:
    """Sent again to those who have not read it, or not acknowledged it when that was asked."""

    kind: ClassVar[str] = "announcements.announcement_reminded"
    school_id: UUID
    announcement_id: UUID
    title: str
    needs_acknowledgement: bool
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, users=self.user_ids)


@dataclass(frozen=True)
class AnnouncementAcknowledged:
    kind: ClassVar[str] = "announcements.announcement_acknowledged"
    school_id: UUID
    announcement_id: UUID

    def audience(self) -> Audience | None:
        return None
