"""What the journal can say about the class register. No remark's text: what is told may reach a lock screen."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience, AudienceKind


@dataclass(frozen=True)
class LessonSigned:
    """A lesson was written into the class register, or written anew by the same teacher (`version` > 1)."""

    kind: ClassVar[str] = "lesson_log.lesson_signed"
    school_id: UUID
    lesson_log_id: UUID
    class_group_id: UUID
    version: int
    late: bool

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class RemarkReleased:
    """Families may see a remark about their child; which it is, praise or concern, they read in the app."""

    kind: ClassVar[str] = "lesson_log.remark_released"
    school_id: UUID
    class_group_id: UUID
    class_name: str
    subject_code: str
    subject_name: str
    subject_name_en: str
    day: date
    student_ids: tuple[UUID, ...]
    remark_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, kinds=(AudienceKind.GUARDIANS,), students=self.student_ids)


@dataclass(frozen=True)
class RemarkDropped:
    """A remark was taken back; nobody is told."""

    kind: ClassVar[str] = "lesson_log.remark_dropped"
    school_id: UUID
    remark_id: UUID

    def audience(self) -> Audience | None:
        return None
