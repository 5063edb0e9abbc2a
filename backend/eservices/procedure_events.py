"""What the journal can say about procedures and the calendar of offices. Nobody is told; it is there to be asked."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar
from uuid import UUID

from backend.core.audience import Audience


@dataclass(frozen=True)
class _Untold:
    """Of no school, told to nobody."""

    @property
    def school_id(self) -> UUID | None:
        return None

    def audience(self) -> Audience | None:
        return None


@dataclass(frozen=True)
class ProcedureCreated(_Untold):
    kind: ClassVar[str] = "eservices.procedure_created"
    procedure_id: UUID
    code: str


@dataclass(frozen=True)
class VersionPublished(_Untold):
    """From now on new dossiers begin with this version."""

    kind: ClassVar[str] = "eservices.version_published"
    procedure_id: UUID
    version_id: UUID
    code: str
    number: int


@dataclass(frozen=True)
class ProcedureRetired(_Untold):
    """Nobody can begin it any more; dossiers go on."""

    kind: ClassVar[str] = "eservices.procedure_retired"
    procedure_id: UUID
    code: str


@dataclass(frozen=True)
class OfficeDaySet(_Untold):
    kind: ClassVar[str] = "eservices.office_day_set"
    day: date
    works: bool
    name: str


@dataclass(frozen=True)
class OfficeDayRemoved(_Untold):
    """The day is as every such weekday again."""

    kind: ClassVar[str] = "eservices.office_day_removed"
    day: date


@dataclass(frozen=True)
class ServiceWindowSet:
    """A school said when it takes dossiers of a procedure; both days included."""

    kind: ClassVar[str] = "eservices.service_window_set"
    school_id: UUID
    procedure_id: UUID
    opens_on: date
    closes_on: date

    def audience(self) -> Audience | None:
        return None
