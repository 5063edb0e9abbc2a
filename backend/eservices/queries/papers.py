"""What papers are written from: the office, the dossier, its pupil, its history, and the records a result draws on.

Read behind the raised fence: whoever issues a paper has the right to its dossier, and a paper names people whom she
may not look up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.core.actor import Role
from backend.core.db import Session
from backend.enrolment.tables import Enrolment
from backend.eservices.rules.definition import Definition
from backend.eservices.tables import (
    Dossier,
    DossierEntry,
    DossierFile,
    EntryAction,
    Paper,
    PaperKind,
    PaperState,
    Procedure,
    ProcedureVersion,
    Supplement,
    SupplementItem,
)
from backend.files.tables import StoredFile
from backend.identity.tables import RoleGrant, Student, User
from backend.organisation.tables import ClassGroup, School, SchoolYear, Unit, UnitKind

RANK: Final = (Role.HEADTEACHER, Role.ACADEMIC_CLERK, Role.HOMEROOM_TEACHER, Role.SUBJECT_TEACHER)


@dataclass(frozen=True)
class Office:
    """The school as it stands at the head of a paper: what it is called, who is above it, in which province."""

    name: str
    unit_kind: UnitKind
    unit: str
    place: str


@dataclass(frozen=True)
class Pupil:
    """The dossier's pupil and the class she is in, if any."""

    row: Student
    class_name: str
    school_year: str
    since: date | None


@dataclass(frozen=True)
class Matter:
    """Everything about a dossier that any of its papers may say."""

    dossier: Dossier
    office: Office
    code: str
    definition: Definition
    pupil: Pupil | None


@dataclass(frozen=True)
class Line:
    """A line of the history with the people in it."""

    entry: DossierEntry
    by: str
    to: str


async def matter_of(session: Session, dossier: Dossier) -> Matter:
    """Two statements; three with a pupil."""
    statement = (
        select(col(Procedure.code), col(ProcedureVersion.definition))
        .join(Procedure, col(Procedure.id) == ProcedureVersion.procedure_id)
        .where(col(ProcedureVersion.id) == dossier.procedure_version_id)
    )
    code, definition = (await session.execute(statement)).one()
    office = await office_of(session, dossier.school_id)
    pupil = await _pupil(session, dossier.student_id) if dossier.student_id else None
    return Matter(dossier, office, code, Definition.of(definition), pupil)


async def office_of(session: Session, school_id: UUID) -> Office:
    province = aliased(Unit)
    statement = (
        select(col(School.name), col(Unit.kind), col(Unit.name), func.coalesce(col(province.name), col(Unit.name)))
        .join(Unit, col(Unit.id) == School.unit_id)
        .outerjoin(province, col(province.id) == Unit.parent_id)
        .where(col(School.id) == school_id)
    )
    return Office(*(await session.execute(statement)).one())


async def _pupil(session: Session, student_id: UUID) -> Pupil:
    statement = (
        select(Student, col(ClassGroup.name), col(SchoolYear.name), col(Enrolment.started_on))
        .outerjoin(Enrolment, (col(Enrolment.student_id) == Student.id) & col(Enrolment.ended_on).is_(None))
        .outerjoin(ClassGroup, col(ClassGroup.id) == Enrolment.class_group_id)
        .outerjoin(SchoolYear, col(SchoolYear.id) == Enrolment.school_year_id)
        .where(col(Student.id) == student_id)
        .order_by(col(Enrolment.started_on).desc())
        .limit(1)
    )
    row, class_name, year, _ = (await session.execute(statement)).one()
    first = select(func.min(col(Enrolment.started_on))).where(col(Enrolment.student_id) == student_id)
    since = (await session.execute(first)).scalar_one()
    return Pupil(row, class_name or "", year or "", since)


async def signer_of(session: Session, user_id: UUID | None, school_id: UUID) -> tuple[str, Role] | None:
    """The name of who issues a paper and the highest role she has at the school; None for nobody of the school."""
    statement = (
        select(col(User.full_name), func.array_agg(col(RoleGrant.role)))
        .join(RoleGrant, col(RoleGrant.user_id) == User.id)
        .where(col(User.id) == user_id, col(RoleGrant.school_id) == school_id)
        .group_by(col(User.full_name))
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    held = {Role(role) for role in row[1]}
    return next(((row[0], role) for role in RANK if role in held), None)


async def files_of(session: Session, dossier_id: UUID) -> Sequence[tuple[DossierFile, StoredFile]]:
    """The files that count now, in the order they came."""
    statement = (
        select(DossierFile, StoredFile)
        .join(StoredFile, col(StoredFile.id) == DossierFile.stored_file_id)
        .where(col(DossierFile.dossier_id) == dossier_id, col(DossierFile.replaced_at).is_(None))
        .order_by(col(DossierFile.id))
    )
    return [(file, stored) for file, stored in await session.execute(statement)]


async def supplement_of(session: Session, dossier_id: UUID) -> tuple[Supplement, Sequence[SupplementItem]] | None:
    """The latest list of defects, with its items."""
    latest = (
        select(Supplement)
        .where(col(Supplement.dossier_id) == dossier_id)
        .order_by(col(Supplement.round).desc())
        .limit(1)
    )
    row = (await session.execute(latest)).scalar_one_or_none()
    if row is None:
        return None
    items = select(SupplementItem).where(col(SupplementItem.supplement_id) == row.id)
    return row, (await session.execute(items.order_by(col(SupplementItem.position)))).scalars().all()


async def last_entry(session: Session, dossier_id: UUID, action: EntryAction) -> DossierEntry | None:
    statement = (
        select(DossierEntry)
        .where(col(DossierEntry.dossier_id) == dossier_id, col(DossierEntry.action) == action)
        .order_by(col(DossierEntry.position).desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def due_before(session: Session, entry: DossierEntry) -> date | None:
    """The deadline as it was before this line of the history."""
    statement = (
        select(col(DossierEntry.due_on))
        .where(
            col(DossierEntry.dossier_id) == entry.dossier_id,
            col(DossierEntry.position) < entry.position,
            col(DossierEntry.due_on).is_not(None),
        )
        .order_by(col(DossierEntry.position).desc())
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def lines_of(session: Session, dossier_id: UUID) -> list[Line]:
    """The whole history but for notes, oldest first."""
    by, to = aliased(User), aliased(User)
    statement = (
        select(DossierEntry, func.coalesce(col(by.full_name), ""), func.coalesce(col(to.full_name), ""))
        .outerjoin(by, col(by.id) == DossierEntry.actor_id)
        .outerjoin(to, col(to.id) == DossierEntry.to_user_id)
        .where(col(DossierEntry.dossier_id) == dossier_id, col(DossierEntry.action) != EntryAction.NOTED)
        .order_by(col(DossierEntry.position))
    )
    return [Line(*row) for row in await session.execute(statement)]


async def valid_papers(session: Session, dossier_id: UUID, kind: PaperKind) -> Sequence[Paper]:
    """Those that still hold, newest first."""
    statement = (
        select(Paper)
        .where(
            col(Paper.dossier_id) == dossier_id,
            col(Paper.kind) == kind,
            col(Paper.revoked_at).is_(None),
            col(Paper.replaced_by_id).is_(None),
        )
        .order_by(col(Paper.id).desc())
    )
    return (await session.execute(statement)).scalars().all()


@dataclass(frozen=True)
class Verified:
    """What anybody learns who holds a paper's code."""

    paper: Paper
    office: str
    dossier_code: str

    @property
    def state(self) -> PaperState:
        if self.paper.revoked_at is not None:
            return PaperState.REVOKED
        return PaperState.VALID if self.paper.replaced_by_id is None else PaperState.REPLACED


async def verified(session: Session, code: str) -> Verified | None:
    """For the system: the paper behind a code, written in any way."""
    typed = "".join(char for char in code.upper() if char.isalnum())
    statement = (
        select(Paper, col(School.name), col(Dossier.code))
        .join(School, col(School.id) == Paper.school_id)
        .join(Dossier, col(Dossier.id) == Paper.dossier_id)
        .where(col(Paper.verify_code) == typed)
    )
    row = (await session.execute(statement)).one_or_none()
    return Verified(*row) if row else None
