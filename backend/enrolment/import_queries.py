"""What an import compares its files with: the school as it is at this moment, in the words of the rules."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backend.core.db import Session
from backend.core.problem import Invalid, NotFound
from backend.core.text import search_key
from backend.enrolment.rules import ExistingPupil, ExistingStaff
from backend.enrolment.tables import Enrolment, GuardianContact, Homeroom, StaffMember, TeachingAssignment
from backend.identity.tables import Student, User
from backend.organisation.tables import ClassGroup, Level, School, SchoolYear, Subject, SubjectPlan

# Thông tư 32/2018: lower secondary is grades 6 to 9, upper secondary 10 to 12.
GRADES: Final[Mapping[Level, range]] = {Level.LOWER_SECONDARY: range(6, 10), Level.UPPER_SECONDARY: range(10, 13)}


@dataclass(frozen=True)
class Stay:
    """A pupil's latest time in a class this school year."""

    id: UUID
    class_group_id: UUID
    started_on: date
    ended_on: date | None


@dataclass(frozen=True)
class SchoolNow:
    """Everything an import looks at. Names of classes and keys of subjects lead to ids."""

    school: School
    year: SchoolYear
    classes: Mapping[str, UUID]
    pupils: tuple[ExistingPupil, ...]
    stays: Mapping[UUID, Stay]
    staff: Mapping[str, ExistingStaff]
    """By staff code; the id is the user's."""
    subjects: Mapping[str, UUID]
    """By `search_key` of the name."""
    teachers: Mapping[tuple[str, str], Mapping[str, UUID]]
    """Users by staff code, by class name and subject key."""
    homerooms: Mapping[str, tuple[str, UUID]]
    """Staff code and user by class name."""
    taken_phones: frozenset[str] = field(default=frozenset())
    """Of the phones asked for, those that belong to somebody's account."""

    @property
    def grades(self) -> range:
        return GRADES[self.school.level]


async def school_now(session: Session, school_id: UUID, phones: Iterable[str] = (), *, lock: bool = False) -> SchoolNow:
    """Read the school. `lock` keeps its pupils from being changed until the transaction ends.

    Raises Invalid("import.no_school_year") when no year is current.
    """
    school = await session.get(School, school_id)
    if school is None:
        raise NotFound("core.not_found")
    year = (
        await session.execute(
            select(SchoolYear).where(col(SchoolYear.school_id) == school_id, col(SchoolYear.is_current))
        )
    ).scalar_one_or_none()
    if year is None:
        raise Invalid("import.no_school_year")
    classes = await _classes(session, year.id)
    names = {id_: name for name, id_ in classes.items()}
    stays = await _stays(session, school_id, year.id)
    codes = await _staff_codes(session, school_id)
    return SchoolNow(
        school=school,
        year=year,
        classes=classes,
        pupils=await _pupils(session, school_id, stays, names, lock),
        stays=stays,
        staff=await _staff(session, school_id),
        subjects=await _subjects(session, school.level),
        teachers=await _teachers(session, names, codes),
        homerooms=await _homerooms(session, names, codes),
        taken_phones=await _taken(session, phones),
    )


async def _classes(session: Session, year_id: UUID) -> dict[str, UUID]:
    statement = select(col(ClassGroup.name), col(ClassGroup.id)).where(col(ClassGroup.school_year_id) == year_id)
    return {row[0]: row[1] for row in await session.execute(statement)}


async def _stays(session: Session, school_id: UUID, year_id: UUID) -> dict[UUID, Stay]:
    """The latest stay of each pupil: the open one, else the one that began last."""
    statement = (
        select(
            col(Enrolment.student_id),
            col(Enrolment.id),
            col(Enrolment.class_group_id),
            col(Enrolment.started_on),
            col(Enrolment.ended_on),
        )
        .where(col(Enrolment.school_id) == school_id, col(Enrolment.school_year_id) == year_id)
        .order_by(col(Enrolment.ended_on).is_(None), col(Enrolment.started_on), col(Enrolment.id))
    )
    return {row[0]: Stay(*row[1:]) for row in await session.execute(statement)}


async def _pupils(
    session: Session, school_id: UUID, stays: Mapping[UUID, Stay], names: Mapping[UUID, str], lock: bool
) -> tuple[ExistingPupil, ...]:
    statement = select(Student).where(col(Student.school_id) == school_id).order_by(col(Student.id))
    # Columns, not objects: two thousand rows that nobody will track.
    columns = statement.with_only_columns(
        col(Student.id),
        col(Student.code),
        col(Student.national_id),
        col(Student.full_name),
        col(Student.birth_date),
        col(Student.sex),
        col(Student.status),
    )
    rows = (await session.execute(columns.with_for_update() if lock else columns)).all()
    phones = await _contacts(session, school_id)
    return tuple(_pupil(row, stays, names, phones) for row in rows)


def _pupil(
    row: Any, stays: Mapping[UUID, Stay], names: Mapping[UUID, str], phones: Mapping[UUID, set[str]]
) -> ExistingPupil:
    stay = stays.get(row.id)
    return ExistingPupil(
        id=row.id,
        code=row.code,
        national_id=row.national_id,
        full_name=row.full_name,
        birth_date=row.birth_date,
        sex=row.sex.value,
        class_name=names.get(stay.class_group_id) if stay else None,
        status=row.status.value,
        contacts=frozenset(phones.get(row.id, ())),
    )


async def _contacts(session: Session, school_id: UUID) -> dict[UUID, set[str]]:
    statement = select(col(GuardianContact.student_id), col(GuardianContact.phone)).where(
        col(GuardianContact.school_id) == school_id
    )
    found: dict[UUID, set[str]] = defaultdict(set)
    for student_id, phone in await session.execute(statement):
        found[student_id].add(phone)
    return found


async def _staff(session: Session, school_id: UUID) -> dict[str, ExistingStaff]:
    statement = (
        select(col(User.id), col(StaffMember.code), col(User.full_name), col(User.phone))
        .join(User, col(User.id) == StaffMember.user_id)
        .where(col(StaffMember.school_id) == school_id)
    )
    return {row[1]: ExistingStaff(*row) for row in (await session.execute(statement))}


async def _staff_codes(session: Session, school_id: UUID) -> dict[UUID, str]:
    statement = select(col(StaffMember.user_id), col(StaffMember.code)).where(col(StaffMember.school_id) == school_id)
    return {row[0]: row[1] for row in await session.execute(statement)}


async def _subjects(session: Session, level: Level) -> dict[str, UUID]:
    planned = select(col(SubjectPlan.subject_id)).where(col(SubjectPlan.level) == level)
    statement = select(col(Subject.name), col(Subject.id)).where(col(Subject.id).in_(planned))
    return {search_key(name): id_ for name, id_ in (await session.execute(statement))}


async def _teachers(
    session: Session, names: Mapping[UUID, str], codes: Mapping[UUID, str]
) -> dict[tuple[str, str], dict[str, UUID]]:
    statement = (
        select(
            col(TeachingAssignment.class_group_id),
            col(Subject.name),
            col(User.id),
            func.coalesce(col(User.username), col(User.full_name)),
        )
        .join(Subject, col(Subject.id) == TeachingAssignment.subject_id)
        .join(User, col(User.id) == TeachingAssignment.user_id)
        .where(col(TeachingAssignment.class_group_id).in_(names))
    )
    found: dict[tuple[str, str], dict[str, UUID]] = defaultdict(dict)
    for class_id, subject, user_id, known_as in await session.execute(statement):
        found[names[class_id], search_key(subject)][codes.get(user_id, known_as)] = user_id
    return found


async def _homerooms(
    session: Session, names: Mapping[UUID, str], codes: Mapping[UUID, str]
) -> dict[str, tuple[str, UUID]]:
    statement = (
        select(col(Homeroom.class_group_id), col(User.id), func.coalesce(col(User.username), col(User.full_name)))
        .join(User, col(User.id) == Homeroom.user_id)
        .where(col(Homeroom.class_group_id).in_(names))
    )
    rows = await session.execute(statement)
    return {names[class_id]: (codes.get(user_id, known_as), user_id) for class_id, user_id, known_as in rows}


async def _taken(session: Session, phones: Iterable[str]) -> frozenset[str]:
    statement = select(col(User.phone)).where(col(User.phone).in_(list(phones)))
    return frozenset(phone for phone in (await session.execute(statement)).scalars() if phone)


async def free_usernames(session: Session, wanted: Iterable[str], fallback: str) -> dict[str, str]:
    """A user name for each wanted one: itself, or with `.fallback` and then a number when it is somebody's already."""
    asked = list(dict.fromkeys(wanted))
    local = func.split_part(col(User.username), ".", 1)
    statement = select(col(User.username)).where(local.in_({name.split(".")[0] for name in asked}))
    taken = set((await session.execute(statement)).scalars())
    given: dict[str, str] = {}
    for name in asked:
        choices = (name, f"{name}.{fallback}", *(f"{name}.{fallback}.{number}" for number in range(2, 1000)))
        given[name] = next(choice for choice in choices if choice not in taken)
        taken.add(given[name])
    return given
