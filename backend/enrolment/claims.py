"""Claiming a child: the slips a clerk prints, and what a guardian does with one.

A slip names one pupil, expires, and each guardian may use it once. Its code is kept as a keyed hash. Looking at it
needs a signed-in phone, so a found or guessed slip alone tells nothing; guesses are counted in `api.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import col

from backend.core import clock, codes
from backend.core.actor import Actor, Permission
from backend.core.db import Session, elevate
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound
from backend.core.settings import settings
from backend.core.text import name_sort_key
from backend.enrolment import access, events
from backend.enrolment.tables import Enrolment, GuardianContact
from backend.identity.events import GuardianLinked
from backend.identity.rules import clean_name
from backend.identity.tables import ClaimSlip, Guardianship, Relation, Student, User
from backend.organisation.tables import ClassGroup, School

MOST_GUARDIANS: Final = 4


@dataclass(frozen=True)
class Slip:
    """One printed slip."""

    student_name: str
    student_code: str
    code: str
    expires_at: datetime


@dataclass(frozen=True)
class SlipSheet:
    """The slips of a class, ready to print."""

    school_name: str
    class_name: str
    slips: list[Slip]


@dataclass(frozen=True)
class Claimed:
    """The pupil behind a code, as shown for confirmation."""

    student: Student
    class_name: str
    school_name: str
    slip_id: UUID


async def print_slips(session: Session, actor: Actor, class_group_id: UUID) -> SlipSheet:
    """New slips for every pupil of a class; older slips of these pupils stop working.

    Raises NotFound for a class of another school, Invalid("enrolment.class_empty").
    """
    place = (
        await session.execute(
            select(ClassGroup, col(School.name))
            .join(School, col(School.id) == ClassGroup.school_id)
            .where(col(ClassGroup.id) == class_group_id, access.sees_class(actor, class_group_id, ClassGroup.school_id))
        )
    ).first()
    if place is None:
        raise NotFound("core.not_found")
    class_group, school_name = place
    actor.require(Permission.SLIP_PRINT, class_group.school_id)
    pupils = await _pupils(session, class_group_id)
    if not pupils:
        raise Invalid("enrolment.class_empty")
    await _revoke(session, [pupil.id for pupil in pupils])
    expires_at = clock.now() + timedelta(days=settings().slip_days)
    sheet = SlipSheet(school_name, class_group.name, [])
    for pupil in pupils:
        code = codes.new_slip_code()
        session.add(_slip(actor, pupil, code, expires_at))
        sheet.slips.append(Slip(pupil.full_name, pupil.code, codes.show_slip_code(code), expires_at))
    student_ids = tuple(pupil.id for pupil in pupils)
    record(session, actor, events.SlipsPrinted(class_group.school_id, class_group_id, student_ids))
    return sheet


def _slip(actor: Actor, pupil: Student, code: str, expires_at: datetime) -> ClaimSlip:
    assert actor.user_id is not None
    return ClaimSlip(
        school_id=pupil.school_id,
        student_id=pupil.id,
        code_hash=codes.slip_hash(settings().secret(), code),
        expires_at=expires_at,
        created_by=actor.user_id,
    )


async def _pupils(session: Session, class_group_id: UUID) -> list[Student]:
    statement = (
        select(Student)
        .join(Enrolment, (col(Enrolment.student_id) == Student.id) & col(Enrolment.ended_on).is_(None))
        .where(col(Enrolment.class_group_id) == class_group_id)
        .order_by(col(Student.sort_key), col(Student.id))
    )
    return list((await session.execute(statement)).scalars())


async def _revoke(session: Session, students: list[UUID]) -> None:
    await session.execute(
        update(ClaimSlip)
        .where(col(ClaimSlip.student_id).in_(students), col(ClaimSlip.revoked_at).is_(None))
        .values(revoked_at=clock.now())
        .execution_options(synchronize_session=False)
    )


async def slip_is_valid(session: Session, code: str) -> bool:
    """Whether a slip with this code is in force: decides if an unknown phone may receive a code."""
    await elevate(session)
    return await _find(session, code) is not None


async def look_at(session: Session, code: str) -> Claimed:
    """The pupil a slip names; NotFound("enrolment.slip_invalid") for a wrong, expired or replaced one.

    Raises the fence, because nobody has a right to the pupil yet.
    """
    await elevate(session)
    claimed = await _find(session, code)
    if claimed is None:
        raise NotFound("enrolment.slip_invalid", field="code")
    return claimed


async def preview_claim(session: Session, actor: Actor, code: str) -> Claimed:
    """What a guardian sees before she confirms: the child's name, class and school."""
    return await look_at(session, code)


async def _find(session: Session, code: str) -> Claimed | None:
    statement = (
        select(Student, func.coalesce(col(ClassGroup.name), ""), col(School.name), col(ClaimSlip.id))
        .select_from(ClaimSlip)
        .join(Student, col(Student.id) == ClaimSlip.student_id)
        .join(School, col(School.id) == Student.school_id)
        .outerjoin(Enrolment, (col(Enrolment.student_id) == Student.id) & col(Enrolment.ended_on).is_(None))
        .outerjoin(ClassGroup, col(ClassGroup.id) == Enrolment.class_group_id)
        .where(
            col(ClaimSlip.code_hash) == codes.slip_hash(settings().secret(), code),
            col(ClaimSlip.revoked_at).is_(None),
            col(ClaimSlip.expires_at) > clock.now(),
        )
    )
    row = (await session.execute(statement)).first()
    return Claimed(row[0], row[1], row[2], row[3]) if row else None


async def claim_student(
    session: Session, actor: Actor, code: str, relation: Relation, full_name: str | None
) -> Student:
    """Link the signed-in guardian to the pupil of the slip; her other guardians are told.

    Raises NotFound("enrolment.slip_invalid"), Invalid("enrolment.already_linked"), Invalid("enrolment.slip_used") when
    this guardian has used this slip before, Invalid("enrolment.too_many_guardians").
    """
    claimed = await look_at(session, code)
    user = await session.get(User, actor.user_id)
    if user is None:
        raise NotFound("core.not_found")
    await _check_room(session, user, claimed)
    await _name_guardian(session, user, claimed.student, full_name)
    student = claimed.student
    session.add(
        Guardianship(
            school_id=student.school_id,
            student_id=student.id,
            user_id=user.id,
            relation=relation,
            claim_slip_id=claimed.slip_id,
        )
    )
    record(session, actor, GuardianLinked(student.school_id, student.id, user.id, user.full_name))
    return student


async def _check_room(session: Session, user: User, claimed: Claimed) -> None:
    """One live link per guardian, one use of a slip per guardian, at most four guardians. Locks the pupil's row."""
    await session.execute(select(col(Student.id)).where(col(Student.id) == claimed.student.id).with_for_update())
    statement = select(Guardianship).where(col(Guardianship.student_id) == claimed.student.id)
    links = list((await session.execute(statement)).scalars())
    mine = [link for link in links if link.user_id == user.id]
    if any(link.ended_at is None for link in mine):
        raise Invalid("enrolment.already_linked")
    if any(link.claim_slip_id == claimed.slip_id for link in mine):
        raise Invalid("enrolment.slip_used", field="code")
    if sum(link.ended_at is None for link in links) >= MOST_GUARDIANS:
        raise Invalid("enrolment.too_many_guardians", most=MOST_GUARDIANS)


async def _name_guardian(session: Session, user: User, student: Student, full_name: str | None) -> None:
    """A guardian's name: what she types, else what the school holds for her phone; asked for when neither is there."""
    if full_name and user.username is None:  # the school names its staff
        user.full_name = clean_name(full_name)
    elif not user.full_name:
        statement = select(col(GuardianContact.name)).where(
            col(GuardianContact.student_id) == student.id, col(GuardianContact.phone) == user.phone
        )
        user.full_name = (await session.execute(statement)).scalars().first() or ""
    if not user.full_name:
        raise Invalid("identity.name_required", field="fullName")
    user.sort_key = name_sort_key(user.full_name)
