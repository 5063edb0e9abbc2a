"""Reads that drafts and filing need."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, exists, func, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.clock import VIETNAM
from backend.core.db import Session
from backend.core.problem import Invalid, NotFound
from backend.enrolment.tables import Enrolment
from backend.eservices import scopes
from backend.eservices.rules.definition import Definition
from backend.eservices.rules.prefill import Facts
from backend.eservices.tables import DossierFile, Draft, Procedure, ProcedureVersion, VersionStatus
from backend.identity.tables import Guardianship, Sex, Student, User
from backend.organisation.tables import ClassGroup, School, SchoolYear


@dataclass(frozen=True)
class Live:
    """A version of a procedure, with what it belongs to."""

    version_id: UUID
    procedure_id: UUID
    code: str
    status: VersionStatus
    definition: Definition

    @property
    def name(self) -> Mapping[str, str]:
        return self.definition.name


async def version(session: Session, version_id: UUID) -> Live:
    """A version that people may begin with or have begun with. Raises NotFound."""
    return await _version(session, col(ProcedureVersion.id) == version_id)


async def live_version(session: Session, code: str) -> Live:
    """The version of a procedure that is in force. Raises NotFound."""
    return await _version(
        session, (col(Procedure.code) == code) & (col(ProcedureVersion.status) == VersionStatus.PUBLISHED)
    )


async def _version(session: Session, condition: ColumnElement[bool]) -> Live:
    statement = (
        select(
            col(ProcedureVersion.id),
            col(Procedure.id),
            col(Procedure.code),
            col(ProcedureVersion.status),
            col(ProcedureVersion.definition),
        )
        .join(Procedure, col(Procedure.id) == ProcedureVersion.procedure_id)
        .where(condition, col(ProcedureVersion.status) != VersionStatus.DRAFT)
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return Live(row[0], row[1], row[2], row[3], Definition.of(row[4]))


@dataclass(frozen=True)
class Pupil:
    """The pupil a draft is about, and what the actor is to her."""

    id: UUID
    school_id: UUID
    full_name: str
    is_guardian: bool
    is_self: bool


async def pupil(session: Session, actor: Actor, student_id: UUID) -> Pupil:
    """A pupil behind the actor's fence. Raises NotFound."""
    guards = exists().where(
        col(Guardianship.student_id) == Student.id,
        col(Guardianship.user_id) == actor.user_id,
        col(Guardianship.ended_at).is_(None),
    )
    herself = func.coalesce(col(Student.user_id) == actor.user_id, False)
    statement = select(col(Student.id), col(Student.school_id), col(Student.full_name), guards, herself).where(
        col(Student.id) == student_id
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return Pupil(*row)


async def facts(session: Session, student_id: UUID | None, user_id: UUID | None) -> Facts:
    """What the sector knows of the pupil, and the account of a person, as prefilled values. One statement.

    `user_id` is the applicant with an account; None at the counter, where the officer types who has come.
    """
    class_name = (
        select(col(ClassGroup.name))
        .join(Enrolment, col(Enrolment.class_group_id) == ClassGroup.id)
        .where(col(Enrolment.student_id) == Student.id, col(Enrolment.ended_on).is_(None))
        .order_by(col(Enrolment.started_on).desc())
        .limit(1)
        .scalar_subquery()
    )
    year = (
        select(col(SchoolYear.name))
        .where(col(SchoolYear.school_id) == Student.school_id, col(SchoolYear.is_current))
        .limit(1)
        .scalar_subquery()
    )
    relation = (
        select(col(Guardianship.relation))
        .where(
            col(Guardianship.student_id) == Student.id,
            col(Guardianship.user_id) == user_id,
            col(Guardianship.ended_at).is_(None),
        )
        .limit(1)
        .scalar_subquery()
    )
    one = select(func.now().label("n")).subquery()
    statement = (
        select(Student, col(School.name), class_name, year, relation, col(User.full_name), col(User.phone))
        .select_from(one)
        .outerjoin(Student, col(Student.id) == student_id)
        .outerjoin(School, col(School.id) == Student.school_id)
        .outerjoin(User, col(User.id) == user_id)
    )
    return _facts(*(await session.execute(statement)).one())


def _facts(
    student: Student | None,
    school_name: str | None,
    class_name: str | None,
    year: str | None,
    relation: str | None,
    full_name: str | None,
    phone: str | None,
) -> Facts:
    values: dict[str, Any] = {
        "account.fullName": full_name,
        "account.phone": phone,
        "account.relation": relation,
    }
    entered: date | None = None
    if student is not None:
        entered = student.created_at.astimezone(VIETNAM).date()
        values |= {
            "student.fullName": student.full_name,
            "student.birthDate": student.birth_date.isoformat() if student.birth_date else None,
            "student.sex": None if student.sex is Sex.UNKNOWN else student.sex.value,
            "student.code": student.code,
            "student.nationalId": student.national_id,
            "student.className": class_name,
            "student.schoolName": school_name,
            "student.schoolYear": year,
        }
    return Facts({k: str(v) for k, v in values.items() if v is not None}, entered, clock.today())


async def own_draft(session: Session, actor: Actor, draft_id: UUID) -> Draft | None:
    """The actor's draft, locked until the transaction ends; None when it is not hers or not there any more."""
    statement = select(Draft).where(col(Draft.id) == draft_id, scopes.writes(actor, Draft)).with_for_update()
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def draft_to_sign(session: Session, actor: Actor, draft_id: UUID) -> Draft:
    """A draft that waits for the actor's signature, locked. Raises NotFound."""
    statement = (
        select(Draft)
        .where(
            col(Draft.id) == draft_id,
            col(Draft.cosigner_id) == actor.user_id,
            col(Draft.signature_asked_at).is_not(None),
        )
        .with_for_update()
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return row


async def count_drafts(session: Session, actor: Actor) -> int:
    statement = select(func.count()).select_from(Draft).where(col(Draft.owner_id) == actor.user_id)
    return (await session.execute(statement)).scalar_one()


async def files_of(session: Session, draft_id: UUID) -> Sequence[DossierFile]:
    """The files of a draft, in the order they were added."""
    statement = select(DossierFile).where(col(DossierFile.draft_id) == draft_id).order_by(col(DossierFile.id))
    return (await session.execute(statement)).scalars().all()


async def other_guardians(session: Session, student_id: UUID, but: UUID | None) -> list[UUID]:
    """The other people with an account who answer for the pupil now. Their names are hidden from a family's fence:
    call it in an elevated block, after the right to the pupil has been checked."""
    statement = (
        select(col(User.id))
        .join(Guardianship, col(Guardianship.user_id) == User.id)
        .where(
            col(Guardianship.student_id) == student_id,
            col(Guardianship.ended_at).is_(None),
            col(User.disabled_at).is_(None),
            col(User.id) != but,
        )
        .order_by(col(User.sort_key), col(User.id))
    )
    return list((await session.execute(statement)).scalars())


async def school_exists(session: Session, school_id: UUID) -> None:
    """Raises Invalid: eservices.school_unknown."""
    found = await session.execute(select(exists().where(col(School.id) == school_id)))
    if not found.scalar_one():
        raise Invalid("eservices.school_unknown", field="applicant:school")


def signed_digest(draft: Draft, answers: Mapping[str, Any], files: Sequence[DossierFile]) -> bytes:
    """What a co-signature stands for: the request in this version, about this pupil, with these answers and files."""
    said = {
        "version": str(draft.procedure_version_id),
        "school": str(draft.school_id),
        "student": str(draft.student_id),
        "answers": answers,
        "disputes": draft.disputes,
        "files": sorted([file.document, str(file.stored_file_id)] for file in files),
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).digest()
