"""What the journal can say about people and rights."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience, AudienceKind


@dataclass(frozen=True)
class SignInCodeRequested:
    """A one-time code is to be delivered to the challenge's phone. The phone itself is not in the journal."""

    kind: ClassVar[str] = "identity.sign_in_code_requested"
    challenge_id: UUID
    school_id: UUID | None = None

    def audience(self) -> Audience | None:
        """Nobody with an account: the relay reads the challenge."""
        return Audience()


@dataclass(frozen=True)
class SignedIn:
    """A new device on an account; its owner is told."""

    kind: ClassVar[str] = "identity.signed_in"
    user_id: UUID
    session_id: UUID
    device_label: str
    school_id: UUID | None = None

    def audience(self) -> Audience | None:
        return Audience(users=(self.user_id,))


@dataclass(frozen=True)
class SessionsEnded:
    kind: ClassVar[str] = "identity.sessions_ended"
    user_id: UUID
    everywhere: bool
    school_id: UUID | None = None

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class PasswordChanged:
    kind: ClassVar[str] = "identity.password_changed"
    user_id: UUID
    school_id: UUID | None = None

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class SettingsChanged:
    kind: ClassVar[str] = "identity.settings_changed"
    user_id: UUID
    changes: dict[str, str]
    school_id: UUID | None = None

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class GuardianLinked:
    """Somebody can now see the pupil; the pupil's other guardians are told."""

    kind: ClassVar[str] = "identity.guardian_linked"
    school_id: UUID
    student_id: UUID
    user_id: UUID
    guardian_name: str

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, kinds=(AudienceKind.GUARDIANS,), students=(self.student_id,))
