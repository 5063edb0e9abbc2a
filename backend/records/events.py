"""What the journal can say about lasting records. It is their audit: old and new values stand in it."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience


@dataclass(frozen=True)
class _Quiet:
    """Nobody is told; it is kept."""

    school_id: UUID

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class DiplomaEntered(_Quiet):
    """A line was written into the register of originals."""

    kind: ClassVar[str] = "records.diploma_entered"
    diploma_id: UUID
    register_number: str


@dataclass(frozen=True)
class DiplomaCorrected(_Quiet):
    """A decision changed a line; `old` and `new` by column."""

    kind: ClassVar[str] = "records.diploma_corrected"
    diploma_id: UUID
    decision_number: str
    old: dict[str, str]
    new: dict[str, str]


@dataclass(frozen=True)
class RecordTransferred(_Quiet):
    """What another school knew of a pupil has arrived; `sha256` of its content, in hex."""

    kind: ClassVar[str] = "records.record_transferred"
    from_school_id: UUID
    student_id: UUID
    record_id: UUID
    sha256: str
