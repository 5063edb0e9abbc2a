"""Reads of transfers. All but one's own rows is behind the fence: callers raise it after they checked the right."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backend.core import clock
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.core.problem import NotFound
from backend.enrolment.transfers import stay_of
from backend.eservices.rules.states import OPEN
from backend.eservices.tables import Dossier, Transfer, TransferCode, TransferStatus
from backend.identity.tables import Guardianship, Student
from backend.organisation.tables import School, Unit
from backend.records import queries as records


async def is_guardian(session: Session, user_id: UUID | None, student_id: UUID) -> bool:
    """Whether this person answers for the pupil now."""
    statement = select(col(Guardianship.id)).where(
        col(Guardianship.student_id) == student_id,
        col(Guardianship.user_id) == user_id,
        col(Guardianship.ended_at).is_(None),
    )
    return (await session.execute(statement)).first() is not None


async def guardians_of(session: Session, student_id: UUID) -> list[UUID]:
    """Everybody who answers for the pupil now."""
    statement = select(col(Guardianship.user_id)).where(
        col(Guardianship.student_id) == student_id, col(Guardianship.ended_at).is_(None)
    )
    return list((await session.execute(statement.order_by(col(Guardianship.id)))).scalars())


async def schools_of(session: Session, *schools: UUID) -> dict[UUID, School]:
    statement = select(School).where(one_of(col(School.id), schools))
    return {row.id: row for row in (await session.execute(statement)).scalars()}


async def same_province(session: Session, one: UUID, other: UUID) -> bool:
    """Whether two schools are in one province: it decides the term of a transfer."""
    province = func.coalesce(col(Unit.parent_id), col(Unit.id))
    statement = (
        select(func.count(func.distinct(province)))
        .select_from(School)
        .join(Unit, col(Unit.id) == School.unit_id)
        .where(one_of(col(School.id), (one, other)))
    )
    return (await session.execute(statement)).scalar_one() == 1


async def student(session: Session, student_id: UUID) -> Student:
    """Raises NotFound."""
    row = await session.get(Student, student_id)
    if row is None:
        raise NotFound("core.not_found")
    return row


async def live_code(session: Session, code_hash: bytes, *, lock: bool = False) -> TransferCode | None:
    """The code that a guardian shows, while it is young and nobody has used it."""
    statement = select(TransferCode).where(
        col(TransferCode.code_hash) == code_hash,
        col(TransferCode.used_at).is_(None),
        col(TransferCode.expires_at) > clock.now(),
    )
    statement = statement.with_for_update() if lock else statement
    return (await session.execute(statement)).scalar_one_or_none()


async def open_transfer(session: Session, student_id: UUID) -> Transfer | None:
    """A transfer of the pupil that is still on its way: its dossier is open."""
    statement = (
        select(Transfer)
        .join(Dossier, col(Dossier.id) == Transfer.dossier_id)
        .where(
            col(Transfer.student_id) == student_id,
            col(Transfer.status).in_((TransferStatus.PROPOSED, TransferStatus.CONSENTED)),
            col(Dossier.status).in_(OPEN),
        )
        .limit(1)
    )
    return (await session.execute(statement)).scalar_one_or_none()


async def transfer_for_update(session: Session, transfer_id: UUID) -> Transfer:
    """Locked. Raises NotFound beyond the actor's fence."""
    statement = select(Transfer).where(col(Transfer.id) == transfer_id).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return row


async def transfer_of(session: Session, dossier_id: UUID) -> Transfer | None:
    """The dossier's transfer, locked."""
    statement = select(Transfer).where(col(Transfer.dossier_id) == dossier_id).with_for_update()
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()


async def moves_of(session: Session, row: Student) -> dict[str, Any]:
    """What would move with the pupil: what a guardian agrees to and a receiving school sees beforehand. Plain JSON."""
    stay = await stay_of(session, row.id)
    school = (await schools_of(session, row.school_id))[row.school_id]
    results = len(await records.scores_of(session, row.id)) + len(await records.results_of(session, row.id))
    absences = await records.absences_of(session, row.id)
    return {
        "studentName": row.full_name,
        "birthDate": row.birth_date.isoformat() if row.birth_date else None,
        "className": stay.class_group.name if stay else "",
        "grade": stay.class_group.grade if stay else None,
        "schoolName": school.name,
        "enrolledOn": stay.enrolment.started_on.isoformat() if stay else None,
        "results": results,
        "absences": absences["excused"] + absences["unexcused"],
        "guardians": len(await guardians_of(session, row.id)),
    }


async def names_of(session: Session, transfer: Transfer) -> Sequence[str]:
    """The names of the receiving school and of the one the pupil comes from."""
    schools = await schools_of(session, transfer.school_id, transfer.from_school_id)
    return schools[transfer.school_id].name, schools[transfer.from_school_id].name
