"""What the journal can say about classes, slips and imports."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience


@dataclass(frozen=True)
class SlipsPrinted:
    """Claim slips were printed for these pupils; earlier slips of theirs are worth nothing from now on."""

    kind: ClassVar[str] = "enrolment.slips_printed"
    school_id: UUID
    class_group_id: UUID
    student_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class ImportChecked:
    kind: ClassVar[str] = "enrolment.import_checked"
    school_id: UUID
    batch_id: UUID
    counts: dict[str, int]

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class RosterImported:
    """A dry run was applied; the clerk who did it is told when it took a while."""

    kind: ClassVar[str] = "enrolment.roster_imported"
    school_id: UUID
    batch_id: UUID
    clerk_id: UUID
    counts: dict[str, int]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, users=(self.clerk_id,))


@dataclass(frozen=True)
class ImportDiscarded:
    kind: ClassVar[str] = "enrolment.import_discarded"
    school_id: UUID
    batch_id: UUID

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class StaffPasswordIssued:
    """A colleague's account was given a new password and its sessions ended. The password is nowhere."""

    kind: ClassVar[str] = "enrolment.staff_password_issued"
    school_id: UUID
    user_id: UUID

    def audience(self) -> Audience | None:
        return None
