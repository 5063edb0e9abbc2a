"""Tables of e-services: procedures and dossiers. `readers` are the users who may follow a dossier from outside."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Index, UniqueConstraint, text
from sqlalchemy import UUID as SQL_UUID
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from backend.core.db import INSTANT, Row, choice, reference
from backend.eservices.rules.states import DossierStatus

USER_IDS: Any = ARRAY(SQL_UUID())


class ProcedureKind(StrEnum):
    """NATIONAL: with its code of the national list. SCHOOL: a service of the school, in our own namespace."""

    NATIONAL = "NATIONAL"
    SCHOOL = "SCHOOL"


class VersionStatus(StrEnum):
    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    RETIRED = "RETIRED"


class Channel(StrEnum):
    """How a dossier came: 1 at the counter, 2 online (3, by post, is entered at the counter)."""

    COUNTER = "COUNTER"
    ONLINE = "ONLINE"


class EntryAction(StrEnum):
    """What one line of a dossier's history tells."""

    FILED = "FILED"
    ACCEPTED = "ACCEPTED"
    REJECTED = "REJECTED"
    SUPPLEMENT_REQUESTED = "SUPPLEMENT_REQUESTED"
    SUPPLEMENTED = "SUPPLEMENTED"
    STARTED = "STARTED"
    HANDED_OVER = "HANDED_OVER"
    PAYMENT_REQUESTED = "PAYMENT_REQUESTED"
    PAID = "PAID"
    EXTENDED = "EXTENDED"
    WITHDRAWN = "WITHDRAWN"
    STOPPED = "STOPPED"
    COMPLETED = "COMPLETED"
    RETURNED = "RETURNED"
    REVOKED = "REVOKED"
    NOTED = "NOTED"


class Satisfaction(StrEnum):
    VERY_SATISFIED = "VERY_SATISFIED"
    SATISFIED = "SATISFIED"
    UNSATISFIED = "UNSATISFIED"


class PaperKind(StrEnum):
    """The forms of TT 03/2025/TT-VPCP that belong to one dossier, and its result. Form 07 is a list, not kept."""

    FORM_01 = "FORM_01"
    FORM_02 = "FORM_02"
    FORM_03 = "FORM_03"
    FORM_04 = "FORM_04"
    FORM_05 = "FORM_05"
    FORM_06 = "FORM_06"
    RESULT = "RESULT"


class PaperState(StrEnum):
    """Whether a paper still holds. Not kept: it follows from `revoked_at` and `replaced_by_id`."""

    VALID = "VALID"
    REPLACED = "REPLACED"
    REVOKED = "REVOKED"


class ReminderLevel(StrEnum):
    """DUE_SOON: one working day left. OVERDUE: the leader is told. ESCALATED: the department is told."""

    DUE_SOON = "DUE_SOON"
    OVERDUE = "OVERDUE"
    ESCALATED = "ESCALATED"


class TransferStatus(StrEnum):
    """PROPOSED by a school and waiting for the guardian; CONSENTED; REFUSED by the guardian; DONE."""

    PROPOSED = "PROPOSED"
    CONSENTED = "CONSENTED"
    REFUSED = "REFUSED"
    DONE = "DONE"


class OfficeDay(Row, table=True):
    """A day on which offices do not work as on every such weekday: a holiday, or a Saturday that is worked."""

    day: date = Field(unique=True)
    works: bool
    name: str = Field(max_length=80)


class Procedure(Row, table=True):
    """A service people can ask for. What it is stands in its versions."""

    code: str = Field(unique=True, max_length=20)
    kind: ProcedureKind = Field(sa_type=choice(ProcedureKind))
    position: int


class ProcedureVersion(Row, table=True):
    """A procedure as data (`rules/definition.py`). Dossiers keep the version they began with."""

    __table_args__ = (
        UniqueConstraint("procedure_id", "number"),
        Index("uq_procedure_version_live", "procedure_id", unique=True, postgresql_where=text("status = 'PUBLISHED'")),
    )

    procedure_id: UUID = reference("procedure.id", index=False)
    number: int
    status: VersionStatus = Field(default=VersionStatus.DRAFT, sa_type=choice(VersionStatus))
    definition: dict[str, Any] = Field(sa_type=JSONB)
    edited_by: UUID | None = reference("user.id", index=False, nullable=True)
    published_at: datetime | None = Field(default=None, sa_type=INSTANT)
    version: int = 1


class ServiceWindow(Row, table=True):
    """When a school takes dossiers of a procedure that has a window; both days included."""

    __table_args__ = (UniqueConstraint("school_id", "procedure_id", "opens_on"),)

    school_id: UUID = reference("school.id", index=False)
    procedure_id: UUID = reference("procedure.id")
    opens_on: date
    closes_on: date
    set_by: UUID = reference("user.id", index=False)


class Draft(Row, table=True):
    """A request somebody is still writing; one's own until it is filed. Forgotten 30 days after the last change.

    `disputes` are prefilled values that are said to be wrong: field → what is right. `signed_digest` is the SHA-256 of
    what the second guardian signed.
    """

    owner_id: UUID = reference("user.id")
    cosigner_id: UUID | None = reference("user.id", nullable=True)
    procedure_version_id: UUID = reference("procedure_version.id")
    school_id: UUID | None = reference("school.id", nullable=True, index=False)
    student_id: UUID | None = reference("student.id", nullable=True, index=False)
    channel: Channel = Field(default=Channel.ONLINE, sa_type=choice(Channel))
    applicant_name: str = Field(default="", max_length=120)
    applicant_phone: str = Field(default="", max_length=16)
    answers: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    disputes: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    signature_asked_at: datetime | None = Field(default=None, sa_type=INSTANT)
    signed_at: datetime | None = Field(default=None, sa_type=INSTANT)
    signed_digest: bytes | None = None
    reopens_id: UUID | None = reference("dossier.id", nullable=True, index=False)
    changed_at: datetime = Field(sa_type=INSTANT)
    version: int = 1


class Dossier(Row, table=True):
    """One request at one office. `due_on` is empty while the citizen has it; `days_left` is what was left then.

    `answers` are as filed (and supplemented). `overdue` is not a state: it is `today > due_on` while the office has it.
    """

    __table_args__ = (
        Index("ix_dossier_queue", "school_id", "status", "due_on"),
        Index("ix_dossier_filed", "school_id", "filed_at"),
        Index("ix_dossier_owner", "owner_id", "filed_at"),
        Index("ix_dossier_due", "due_on", postgresql_where=text("due_on is not null")),
    )

    school_id: UUID = reference("school.id", index=False)
    procedure_id: UUID = reference("procedure.id", index=False)
    procedure_version_id: UUID = reference("procedure_version.id", index=False)
    draft_id: UUID | None = Field(default=None, unique=True)
    code: str = Field(unique=True, max_length=40)
    channel: Channel = Field(sa_type=choice(Channel))
    owner_id: UUID | None = reference("user.id", nullable=True, index=False)
    cosigner_id: UUID | None = reference("user.id", nullable=True)
    readers: list[UUID] = Field(sa_type=USER_IDS)
    filed_by: UUID = reference("user.id", index=False)
    applicant_name: str = Field(max_length=120)
    applicant_phone: str = Field(max_length=16)
    student_id: UUID | None = reference("student.id", nullable=True)
    answers: dict[str, Any] = Field(sa_type=JSONB)
    status: DossierStatus = Field(default=DossierStatus.SUBMITTED, sa_type=choice(DossierStatus))
    step: str = Field(default="", max_length=40)
    assignee_id: UUID | None = reference("user.id", nullable=True)
    filed_at: datetime = Field(sa_type=INSTANT)
    received_at: datetime = Field(sa_type=INSTANT)
    """When the clock began: filed, or supplemented."""
    due_on: date | None = None
    days_left: int | None = None
    extended_at: datetime | None = Field(default=None, sa_type=INSTANT)
    supplement_rounds: int = 0
    fee: int = 0
    """Dong still to be paid, while payment is required; else what was paid."""
    fee_receipt: str = Field(default="", max_length=60)
    finished_at: datetime | None = Field(default=None, sa_type=INSTANT)
    on_time: bool | None = None
    result_note: str = Field(default="", max_length=4000)
    result_data: dict[str, Any] = Field(default_factory=dict, sa_type=JSONB)
    satisfaction: Satisfaction | None = Field(default=None, sa_type=choice(Satisfaction))
    satisfaction_note: str = Field(default="", max_length=500)
    rated_at: datetime | None = Field(default=None, sa_type=INSTANT)
    reopens_id: UUID | None = reference("dossier.id", nullable=True, index=False)
    opened_by_id: UUID | None = reference("dossier.id", nullable=True, index=False)
    """The dossier in which a value was said to be wrong, for a correction that follows from it."""
    version: int = 1


class DossierFile(Row, table=True):
    """A file of a draft or dossier, under one of the procedure's documents. What it is, is copied from the store."""

    school_id: UUID | None = reference("school.id", nullable=True, index=False)
    readers: list[UUID] = Field(sa_type=USER_IDS)
    draft_id: UUID | None = reference("draft.id", nullable=True)
    dossier_id: UUID | None = reference("dossier.id", nullable=True)
    document: str = Field(max_length=40)
    stored_file_id: UUID = reference("stored_file.id", index=False)
    name: str = Field(max_length=200)
    kind: str = Field(max_length=10)
    size: int
    pages: int = 1
    has_thumbnail: bool = False
    replaced_at: datetime | None = Field(default=None, sa_type=INSTANT)
    """Since when a supplement put another in its place; it stays in the dossier."""


class DossierEntry(Row, table=True):
    """One line of a dossier's history, oldest first by `position`. `internal` ones are the office's own."""

    __table_args__ = (UniqueConstraint("dossier_id", "position"),)

    school_id: UUID = reference("school.id", index=False)
    readers: list[UUID] = Field(sa_type=USER_IDS)
    dossier_id: UUID = reference("dossier.id", index=False)
    position: int
    action: EntryAction = Field(sa_type=choice(EntryAction))
    status: DossierStatus = Field(sa_type=choice(DossierStatus))
    """The state after it."""
    step: str = Field(default="", max_length=40)
    actor_id: UUID | None = reference("user.id", nullable=True, index=False)
    to_user_id: UUID | None = reference("user.id", nullable=True, index=False)
    note: str = Field(default="", max_length=2000)
    due_on: date | None = None
    internal: bool = False


class Supplement(Row, table=True):
    """One list of defects, all at once (form 02), and until when the citizen may answer it."""

    __table_args__ = (UniqueConstraint("dossier_id", "round"),)

    school_id: UUID = reference("school.id", index=False)
    readers: list[UUID] = Field(sa_type=USER_IDS)
    dossier_id: UUID = reference("dossier.id", index=False)
    round: int
    asked_by: UUID = reference("user.id", index=False)
    note: str = Field(default="", max_length=1000)
    answer_by: date
    answered_at: datetime | None = Field(default=None, sa_type=INSTANT)


class SupplementItem(Row, table=True):
    """One defect: which field or document, what is wrong, what would be right.

    `target` is `field:<name>` or `document:<id>`; `defect` one of the definition's checks, or OTHER.
    """

    school_id: UUID = reference("school.id", index=False)
    readers: list[UUID] = Field(sa_type=USER_IDS)
    supplement_id: UUID = reference("supplement.id")
    position: int
    target: str = Field(max_length=60)
    defect: str = Field(max_length=40)
    note: str = Field(default="", max_length=500)
    answered: bool = False


class Paper(Row, table=True):
    """A PDF issued in a dossier. `verify_code` is in its QR; anybody who holds it may ask whether it is true."""

    __table_args__ = (Index("ix_paper_dossier", "dossier_id", "kind"),)

    school_id: UUID = reference("school.id", index=False)
    readers: list[UUID] = Field(sa_type=USER_IDS)
    dossier_id: UUID = reference("dossier.id", index=False)
    kind: PaperKind = Field(sa_type=choice(PaperKind))
    title: str = Field(max_length=200)
    holder: str = Field(max_length=120)
    stored_file_id: UUID = reference("stored_file.id", index=False)
    sha256: bytes
    size: int
    verify_code: str = Field(unique=True, max_length=20)
    issued_by: UUID | None = reference("user.id", nullable=True, index=False)
    signed: bool = False
    """Whether it carries a digital signature, not only our code."""
    revoked_at: datetime | None = Field(default=None, sa_type=INSTANT)
    replaced_by_id: UUID | None = reference("paper.id", nullable=True, index=False)


class DossierCounter(Row, table=True):
    """The last number given to a dossier of a school on a day."""

    __table_args__ = (UniqueConstraint("school_id", "day"),)

    school_id: UUID = reference("school.id", index=False)
    day: date
    last: int


class DossierReminder(Row, table=True):
    """That people were told of a deadline: once a level and due day."""

    __table_args__ = (UniqueConstraint("dossier_id", "level", "due_on"),)

    school_id: UUID = reference("school.id", index=False)
    dossier_id: UUID = reference("dossier.id", index=False)
    level: ReminderLevel = Field(sa_type=choice(ReminderLevel))
    due_on: date


class TransferCode(Row, table=True):
    """A guardian's leave to look: the code behind the QR, shown to the receiving school; only its hash is kept."""

    user_id: UUID = reference("user.id")
    student_id: UUID = reference("student.id", index=False)
    code_hash: bytes = Field(unique=True)
    expires_at: datetime = Field(sa_type=INSTANT)
    used_at: datetime | None = Field(default=None, sa_type=INSTANT)


class Transfer(Row, table=True):
    """A pupil's move between two schools; `school_id` receives. `moves` is what the guardian agreed to."""

    school_id: UUID = reference("school.id")
    from_school_id: UUID = reference("school.id")
    readers: list[UUID] = Field(sa_type=USER_IDS)
    dossier_id: UUID | None = reference("dossier.id", nullable=True)
    student_id: UUID = reference("student.id")
    new_student_id: UUID | None = reference("student.id", nullable=True, index=False)
    class_group_id: UUID | None = reference("class_group.id", nullable=True, index=False)
    status: TransferStatus = Field(sa_type=choice(TransferStatus))
    moves: dict[str, Any] = Field(sa_type=JSONB)
    proposed_by: UUID | None = reference("user.id", nullable=True, index=False)
    consented_by: UUID | None = reference("user.id", nullable=True, index=False)
    consented_at: datetime | None = Field(default=None, sa_type=INSTANT)
    done_at: datetime | None = Field(default=None, sa_type=INSTANT)
    version: int = 1
