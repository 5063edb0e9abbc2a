"""What the journal can say about notifications."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience


@dataclass(frozen=True, slots=True)
class PushTested:
    """Somebody asked for a test push on a device of their own."""

    kind: ClassVar[str] = "notifications.push_tested"
    device_id: UUID
    user_id: UUID

    @property
    def school_id(self) -> UUID | None:
        return None

    def audience(self) -> Audience:
        return Audience(users=(self.user_id,))


@dataclass(frozen=True, slots=True)
class DeviceAdded:
    """A phone or browser may be rung from now on. The address is not recorded: whoever knows it can ring it."""

    kind: ClassVar[str] = "notifications.device_added"
    device_id: UUID
    channel: str

    @property
    def school_id(self) -> UUID | None:
        return None

    def audience(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class DeviceRemoved:
    """Its owner took a device away."""

    kind: ClassVar[str] = "notifications.device_removed"
    device_id: UUID

    @property
    def school_id(self) -> UUID | None:
        return None

    def audience(self) -> None:
        return None
