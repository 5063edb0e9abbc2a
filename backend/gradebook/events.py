"""What the journal can say about marks. No mark is in the journal's audience data: names and places only."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience, AudienceKind


@dataclass(frozen=True)
class ColumnCreated:
    kind: ClassVar[str] = "gradebook.column_created"
    school_id: UUID
    column_id: UUID

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class ScoresEntered:
    """Marks were typed; `changes` keeps (student, old mark, new mark) as the audit trail. Nobody is told."""

    kind: ClassVar[str] = "gradebook.scores_entered"
    school_id: UUID
    column_id: UUID
    changes: tuple[tuple[UUID, str | None, str | None], ...]

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class ScoresPublished:
    """A column of marks can now be seen by pupils and guardians, who are told per child."""

    kind: ClassVar[str] = "gradebook.scores_published"
    school_id: UUID
    column_id: UUID
    class_group_id: UUID
    class_name: str
    subject_code: str
    subject_name: str
    subject_name_en: str
    semester: str
    student_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, kinds=(AudienceKind.FAMILIES,), students=self.student_ids)


@dataclass(frozen=True)
class ScoreCorrected:
    """Published marks were changed, for a stated reason; the families concerned are told."""

    kind: ClassVar[str] = "gradebook.score_corrected"
    school_id: UUID
    column_id: UUID
    class_group_id: UUID
    class_name: str
    subject_code: str
    subject_name: str
    subject_name_en: str
    semester: str
    student_ids: tuple[UUID, ...]
    reason: str
    changes: tuple[tuple[UUID, str | None, str | None], ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, kinds=(AudienceKind.FAMILIES,), students=self.student_ids)
