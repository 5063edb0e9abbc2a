"""What the journal can say about e-services: codes, states, days and names of procedures. Answers are not in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, Protocol
from uuid import UUID

from backend.core.audience import Audience, AudienceKind


@dataclass(frozen=True)
class OfDossier:
    """What every event of a dossier tells. `child` is the pupil's full name, empty without one.

    `user_ids` are those who are told; nobody when it is empty.
    """

    school_id: UUID
    dossier_id: UUID
    code: str
    procedure_code: str
    procedure_name: str
    procedure_name_en: str
    student_id: UUID | None
    child: str
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, users=self.user_ids) if self.user_ids else None


class _Dossier(Protocol):
    """A dossier's row, or a line of a query with these columns."""

    @property
    def id(self) -> UUID: ...
    @property
    def school_id(self) -> UUID: ...
    @property
    def code(self) -> str: ...
    @property
    def student_id(self) -> UUID | None: ...


def facts(
    dossier: _Dossier, procedure_code: str, name: Mapping[str, str], child: str, users: Sequence[UUID]
) -> dict[str, Any]:
    """What every event of a dossier has in common, to be given to it; `users` are told."""
    return {
        "school_id": dossier.school_id,
        "dossier_id": dossier.id,
        "code": dossier.code,
        "procedure_code": procedure_code,
        "procedure_name": name["vi"],
        "procedure_name_en": name["en"],
        "student_id": dossier.student_id,
        "child": child,
        "user_ids": tuple(users),
    }


@dataclass(frozen=True)
class DossierFiled(OfDossier):
    """A new dossier; the clerks of the school are told."""

    kind: ClassVar[str] = "eservices.dossier_filed"
    due_on: date | None


@dataclass(frozen=True)
class DossierMoved(OfDossier):
    """A dossier is in another state; those who follow it from outside are told."""

    kind: ClassVar[str] = "eservices.dossier_moved"
    status: str
    due_on: date | None


@dataclass(frozen=True)
class DossierAnswered(OfDossier):
    """The citizen did something the office waits for or must know: `action` is SUPPLEMENTED or WITHDRAWN."""

    kind: ClassVar[str] = "eservices.dossier_answered"
    action: str


@dataclass(frozen=True)
class SupplementRequested(OfDossier):
    """The office listed what is missing; those who follow the dossier are told."""

    kind: ClassVar[str] = "eservices.supplement_requested"
    items: int
    answer_by: date


@dataclass(frozen=True)
class DossierExtended(OfDossier):
    """The office apologised and named a new day (form 04); those who follow the dossier are told."""

    kind: ClassVar[str] = "eservices.dossier_extended"
    due_on: date


@dataclass(frozen=True)
class ResultRevoked(OfDossier):
    """The result that was issued does not hold any more; those who follow the dossier are told."""

    kind: ClassVar[str] = "eservices.result_revoked"


@dataclass(frozen=True)
class DossierRated(OfDossier):
    """The applicant said how it went; nobody is told."""

    kind: ClassVar[str] = "eservices.dossier_rated"
    satisfaction: str


@dataclass(frozen=True)
class DossierHandedOver(OfDossier):
    """A dossier lies on somebody else's desk now; she is told."""

    kind: ClassVar[str] = "eservices.dossier_handed_over"


@dataclass(frozen=True)
class DeadlineNear(OfDossier):
    """One working day is left; whoever works on it is told."""

    kind: ClassVar[str] = "eservices.deadline_near"
    due_on: date


@dataclass(frozen=True)
class DeadlinePassed(OfDossier):
    """A dossier is late; the leader and whoever has it are told."""

    kind: ClassVar[str] = "eservices.deadline_passed"
    due_on: date


@dataclass(frozen=True)
class DeadlineEscalated(OfDossier):
    """A dossier has been late for days; the department is told."""

    kind: ClassVar[str] = "eservices.deadline_escalated"
    due_on: date


@dataclass(frozen=True)
class CorrectionApplied(OfDossier):
    """The school put a pupil's data right; `changes` are the names of what changed. Every guardian is told."""

    kind: ClassVar[str] = "eservices.correction_applied"
    changes: tuple[str, ...]

    def audience(self) -> Audience | None:
        students = (self.student_id,) if self.student_id else ()
        kinds = (AudienceKind.GUARDIANS,) if students else ()
        return Audience(school_id=self.school_id, kinds=kinds, students=students, users=() if kinds else self.user_ids)


@dataclass(frozen=True)
class SignatureAsked:
    """One guardian asks the other to sign a request with her; she is told."""

    kind: ClassVar[str] = "eservices.signature_asked"
    school_id: UUID | None
    draft_id: UUID
    procedure_code: str
    procedure_name: str
    procedure_name_en: str
    student_id: UUID | None
    child: str
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, users=self.user_ids)


@dataclass(frozen=True)
class DraftSigned:
    """The other guardian signed; who asked is told."""

    kind: ClassVar[str] = "eservices.draft_signed"
    school_id: UUID | None
    draft_id: UUID
    procedure_code: str
    procedure_name: str
    procedure_name_en: str
    student_id: UUID | None
    child: str
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, users=self.user_ids)


@dataclass(frozen=True)
class OfTransfer:
    """What every event of a transfer tells. `school_id` is the receiving school, which `school_name` names."""

    school_id: UUID
    from_school_id: UUID
    transfer_id: UUID
    dossier_id: UUID | None
    student_id: UUID
    child: str
    school_name: str
    from_school_name: str
    user_ids: tuple[UUID, ...]

    def audience(self) -> Audience | None:
        return Audience(school_id=self.school_id, users=self.user_ids) if self.user_ids else None


@dataclass(frozen=True)
class TransferProposed(OfTransfer):
    """A school would receive the pupil; her guardians are asked."""

    kind: ClassVar[str] = "eservices.transfer_proposed"


@dataclass(frozen=True)
class TransferAnswered(OfTransfer):
    """The guardian agreed or refused; the receiving school is told."""

    kind: ClassVar[str] = "eservices.transfer_answered"
    consent: bool


@dataclass(frozen=True)
class TransferDone(OfTransfer):
    """The pupil has moved; the guardians are told."""

    kind: ClassVar[str] = "eservices.transfer_done"
    class_name: str


@dataclass(frozen=True)
class TransferClosed(OfTransfer):
    """The pupil has moved; the offices of both schools are told."""

    kind: ClassVar[str] = "eservices.transfer_closed"
    class_name: str


@dataclass(frozen=True)
class StudentCorrected:
    """A pupil's data were put right by a dossier; `old` and `new` by datum. Nobody is told by it: it is the audit."""

    kind: ClassVar[str] = "eservices.student_corrected"
    school_id: UUID
    student_id: UUID
    dossier_id: UUID
    old: dict[str, str | None]
    new: dict[str, str]

    def audience(self) -> Audience | None:
        return None


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
