"""Moving a pupil to another school: the stay in a class, the row at the new school, those who answer for her.

Both schools' rows change, which no actor may do alone: whoever calls this has raised the fence and checked the right
at the receiving school and the guardian's consent. What a school knows of the pupil is `backend.records`' to hand on.
"""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col

from backend.core import clock
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.core.problem import Invalid
from backend.enrolment.tables import Enrolment, GuardianContact
from backend.identity.tables import ClaimSlip, Guardianship, Student, StudentStatus
from backend.organisation.tables import ClassGroup, SchoolYear

LARGEST_CLASS: Final = 100
"""As many as a class list shows. The 45 of the charter of schools are the headteacher's to keep."""
LONGEST_CODE: Final = 20


@dataclass(frozen=True)
class Stay:
    """Where a pupil is now."""

    enrolment: Enrolment
    class_group: ClassGroup


@dataclass(frozen=True)
class Moved:
    """Who moved: her row at the old school and at the new one, and the class she is in now."""

    old: Student
    new: Student
    class_group: ClassGroup


async def stay_of(session: Session, student_id: UUID) -> Stay | None:
    """The class the pupil is in; None when she is in none."""
    statement = (
        select(Enrolment, ClassGroup)
        .join(ClassGroup, col(ClassGroup.id) == Enrolment.class_group_id)
        .where(col(Enrolment.student_id) == student_id, col(Enrolment.ended_on).is_(None))
        .order_by(col(Enrolment.started_on).desc())
        .limit(1)
    )
    row = (await session.execute(statement)).first()
    return Stay(row[0], row[1]) if row else None


async def place_for(session: Session, school_id: UUID, class_group_id: UUID, grade: int) -> ClassGroup:
    """The class at the receiving school, held so that two do not take its last place.

    Raises Invalid: enrolment.class_unknown, enrolment.other_grade, enrolment.class_full.
    """
    statement = (
        select(ClassGroup)
        .join(SchoolYear, col(SchoolYear.id) == ClassGroup.school_year_id)
        .where(col(ClassGroup.id) == class_group_id, col(ClassGroup.school_id) == school_id, col(SchoolYear.is_current))
        .with_for_update(of=ClassGroup)
    )
    found = (await session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise Invalid("enrolment.class_unknown", field="classGroup")
    if found.grade != grade:
        raise Invalid("enrolment.other_grade", field="classGroup", grade=grade)
    there = select(func.count()).where(
        col(Enrolment.class_group_id) == class_group_id, col(Enrolment.ended_on).is_(None)
    )
    if (await session.execute(there)).scalar_one() >= LARGEST_CLASS:
        raise Invalid("enrolment.class_full", field="classGroup", most=LARGEST_CLASS)
    return found


async def move_pupil(session: Session, student_id: UUID, school_id: UUID, class_group_id: UUID) -> Moved:
    """End the stay at the old school today and begin one in this class of the other; the guardians come along.

    The old row stays for what happened there; its slips are worth nothing any more. Raises Invalid:
    enrolment.pupil_left, enrolment.same_school and those of `place_for`.
    """
    old = (
        await session.execute(
            select(Student)
            .where(col(Student.id) == student_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).scalar_one()
    stay = await stay_of(session, old.id)
    if old.status is not StudentStatus.STUDYING or stay is None:
        raise Invalid("enrolment.pupil_left")
    if old.school_id == school_id:
        raise Invalid("enrolment.same_school")
    place = await place_for(session, school_id, class_group_id, stay.class_group.grade)
    new = await _row_there(session, old, school_id)
    today = clock.today()
    stay.enrolment.ended_on = max(today, stay.enrolment.started_on)
    old.status, old.moved_to_id = StudentStatus.TRANSFERRED, new.id
    old.user_id, new.user_id = None, old.user_id or new.user_id
    await _enter(session, new, place)
    await _bring_guardians(session, old, new)
    await _bring_contacts(session, old, new)
    await session.execute(
        update(ClaimSlip)
        .where(col(ClaimSlip.student_id) == old.id, col(ClaimSlip.revoked_at).is_(None))
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    await session.flush()
    return Moved(old, new, place)


async def _row_there(session: Session, old: Student, school_id: UUID) -> Student:
    """The pupil's row at the new school: the one she left there or that a class list brought, else a new one."""
    known = await _known_there(session, old, school_id)
    if known is not None:
        known.status, known.moved_to_id = StudentStatus.STUDYING, None
        return known
    row = Student(
        school_id=school_id,
        code=await _free_code(session, school_id, old.code),
        national_id=old.national_id,
        full_name=old.full_name,
        sort_key=old.sort_key,
        search_key=old.search_key,
        birth_date=old.birth_date,
        sex=old.sex,
    )
    session.add(row)
    await session.flush()
    return row


async def _known_there(session: Session, old: Student, school_id: UUID) -> Student | None:
    """Somebody of the same code or personal number there, if she really is the same: name and birth date agree."""
    same_number = col(Student.national_id) == old.national_id if old.national_id else col(Student.code) == old.code
    statement = (
        select(Student)
        .where(
            col(Student.school_id) == school_id,
            (col(Student.code) == old.code) | same_number,
            col(Student.search_key) == old.search_key,
            col(Student.birth_date).is_not_distinct_from(old.birth_date),
        )
        .order_by(col(Student.code) != old.code, col(Student.id))
        .with_for_update()
    )
    return (await session.execute(statement)).scalars().first()


async def _free_code(session: Session, school_id: UUID, code: str) -> str:
    """The pupil's code; with a number behind it when another pupil has it there (codes of the school's own)."""
    statement = select(col(Student.code)).where(
        col(Student.school_id) == school_id, func.starts_with(col(Student.code), code[: LONGEST_CODE - 4])
    )
    taken = set((await session.execute(statement)).scalars())
    tried, number = code, 1
    while tried in taken:
        number += 1
        tried = f"{code[: LONGEST_CODE - 4]}-{number}"
    return tried


async def _enter(session: Session, new: Student, place: ClassGroup) -> None:
    """Into the class from today; out of another in which a class list may have put her."""
    there = await stay_of(session, new.id)
    today = clock.today()
    if there is not None:
        if there.class_group.id == place.id:
            return
        there.enrolment.ended_on = max(today, there.enrolment.started_on)
        await session.flush()
    session.add(
        Enrolment(
            school_id=new.school_id,
            student_id=new.id,
            class_group_id=place.id,
            school_year_id=place.school_year_id,
            started_on=today,
        )
    )


async def _bring_guardians(session: Session, old: Student, new: Student) -> None:
    """Live guardianships of the old row that the new one does not have yet."""
    both = select(Guardianship).where(
        one_of(col(Guardianship.student_id), (old.id, new.id)), col(Guardianship.ended_at).is_(None)
    )
    rows = (await session.execute(both.order_by(col(Guardianship.id)))).scalars().all()
    there = {row.user_id for row in rows if row.student_id == new.id}
    for row in rows:
        if row.student_id == old.id and row.user_id not in there:
            session.add(
                Guardianship(school_id=new.school_id, student_id=new.id, user_id=row.user_id, relation=row.relation)
            )


async def _bring_contacts(session: Session, old: Student, new: Student) -> None:
    """The phones the old school holds, so that the new one can reach a family without an account."""
    both = select(GuardianContact).where(one_of(col(GuardianContact.student_id), (old.id, new.id)))
    rows = (await session.execute(both.order_by(col(GuardianContact.id)))).scalars().all()
    there = {row.phone for row in rows if row.student_id == new.id}
    for row in rows:
        if row.student_id == old.id and row.phone not in there:
            session.add(
                GuardianContact(
                    school_id=new.school_id, student_id=new.id, name=row.name, phone=row.phone, relation=row.relation
                )
            )
