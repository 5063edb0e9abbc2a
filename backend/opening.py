"""Opening a school: what an operator does once, from the command line, before anybody there can sign in.

Makes the province and the commune when they are new, the school, its current year and bells, the national subjects, and
the first account, whose password is shown once. Everything after that happens in the app.
"""

import secrets
from dataclasses import dataclass
from datetime import date, time
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Role
from backend.core.db import Database, Session
from backend.core.problem import Invalid
from backend.core.text import name_sort_key
from backend.identity.passwords import hash_password
from backend.identity.rules import clean_name
from backend.identity.tables import Credential, RoleGrant, User
from backend.organisation.curriculum import ensure_subjects
from backend.organisation.tables import Level, School, SchoolYear, Unit, UnitKind
from backend.timetable import days
from backend.timetable.tables import HalfDay, Period, YearFrame

FIRST_MONTH: Final = 8  # a date from August on belongs to the school year that begins then
FIRST_BELLS: Final = {HalfDay.MORNING: 7 * 60, HalfDay.AFTERNOON: 13 * 60 + 30}  # minutes of the day
BELLS_AFTER: Final = (0, 50, 110, 160, 210)
_SYLLABLES: Final = ("ba", "be", "bo", "da", "do", "ga", "go", "ha", "ho", "ka", "la", "lo", "ma", "mo", "na", "no")


@dataclass(frozen=True)
class Place:
    """A unit's official code and name (QĐ 19/2025/QĐ-TTg: 2 digits for a province, 5 for a commune)."""

    code: str
    name: str


@dataclass(frozen=True)
class Opened:
    """The new school and how its first clerk signs in. The password is nowhere else."""

    school_id: UUID
    username: str
    password: str


async def open_school(
    dsn: str, *, province: Place, commune: Place, code: str, name: str, level: Level, username: str, full_name: str
) -> Opened:
    """Open a school.

    Raises Invalid: organisation.school_exists, identity.username_taken, identity.name_invalid.
    """
    database = await Database.open(dsn, size=2)
    try:
        async with database.write(SYSTEM) as session:
            await ensure_subjects(session)
            parent = await _unit(session, UnitKind.PROVINCE, province, None)
            unit = await _unit(session, UnitKind.COMMUNE, commune, parent.id)
            if (await session.execute(select(School).where(col(School.code) == code))).first():
                raise Invalid("organisation.school_exists", field="code", school=code)
            school = School(code=code, name=name, level=level, unit_id=unit.id)
            session.add(school)
            await session.flush()
            session.add(await _year(session, school.id, parent.id, clock.today()))
            session.add_all(usual_bells(school.id))
            await days.rebuild(session, [school.id])
            password = await _first_clerk(session, school.id, username.strip().lower(), clean_name(full_name))
            return Opened(school.id, username.strip().lower(), password)
    finally:
        await database.close()


def current_year(school_id: UUID, today: date) -> SchoolYear:
    """The school year today belongs to, in the ministry's frame: 5 September, 18 January, 31 May."""
    first = today.year if today.month >= FIRST_MONTH else today.year - 1
    return SchoolYear(
        school_id=school_id,
        name=f"{first}-{first + 1}",
        starts_on=date(first, 9, 5),
        second_semester_on=date(first + 1, 1, 18),
        ends_on=date(first + 1, 5, 31),
        is_current=True,
    )


async def _year(session: Session, school_id: UUID, province_id: UUID, today: date) -> SchoolYear:
    """The current year, in the department's frame where it has set one."""
    year = current_year(school_id, today)
    frame = (
        await session.execute(
            select(YearFrame).where(col(YearFrame.unit_id) == province_id, col(YearFrame.name) == year.name)
        )
    ).scalar_one_or_none()
    if frame is not None:
        year.starts_on, year.second_semester_on, year.ends_on = frame.starts_on, frame.second_semester_on, frame.ends_on
    return year


def usual_bells(school_id: UUID) -> list[Period]:
    """Five periods of 45 minutes in each half of the day, with a long break after the second; a school changes them."""
    return [
        Period(
            school_id=school_id, session=session, number=number, starts_at=_clock(begins), ends_at=_clock(begins + 45)
        )
        for session, first in FIRST_BELLS.items()
        for number, begins in enumerate((first + after for after in BELLS_AFTER), 1)
    ]


def _clock(minutes: int) -> time:
    return time(minutes // 60, minutes % 60)


async def _unit(session: Session, kind: UnitKind, place: Place, parent_id: UUID | None) -> Unit:
    unit = (await session.execute(select(Unit).where(col(Unit.code) == place.code))).scalar_one_or_none()
    if unit is None:
        unit = Unit(kind=kind, code=place.code, name=place.name, parent_id=parent_id)
        session.add(unit)
        await session.flush()
    return unit


async def _first_clerk(session: Session, school_id: UUID, username: str, full_name: str) -> str:
    if (await session.execute(select(User).where(col(User.username) == username))).first():
        raise Invalid("identity.username_taken", field="username", username=username)
    user = User(full_name=full_name, sort_key=name_sort_key(full_name), username=username)
    session.add(user)
    await session.flush()
    password = "-".join("".join(secrets.choice(_SYLLABLES) for _ in range(3)) for _ in range(4))
    session.add(Credential(user_id=user.id, password_hash=await hash_password(password)))
    for role in (Role.ACADEMIC_CLERK, Role.HEADTEACHER):
        session.add(RoleGrant(user_id=user.id, role=role, school_id=school_id))
    return password
