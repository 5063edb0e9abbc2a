"""Holidays, make-up days and the frame of a year: set once by the department for every school below, or by a school."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.db import Session, elevate, take_turns
from backend.core.journal import record
from backend.core.problem import Invalid, NotAllowed, NotFound
from backend.identity.tables import RoleGrant
from backend.organisation.tables import School, SchoolYear, Unit
from backend.timetable import days, events, queries, rules
from backend.timetable.rules.checks import NEAR_DAYS
from backend.timetable.tables import Holiday, HolidayKind, YearFrame

MOST_HOLIDAYS: Final = 100  # of one unit or school


async def own_unit(session: Session, actor: Actor) -> UUID:
    """The unit at which the actor is an officer, the highest if there are several; NotFound for everybody else."""
    statement = (
        select(col(RoleGrant.unit_id))
        .join(Unit, col(Unit.id) == RoleGrant.unit_id)
        .where(col(RoleGrant.user_id) == actor.user_id, col(RoleGrant.role) == Role.PROVINCIAL_OFFICER)
        .order_by(col(Unit.parent_id).is_not(None), col(Unit.code))
    )
    unit_id = (await session.execute(statement)).scalars().first()
    if unit_id is None:
        raise NotFound("core.not_found")
    return unit_id


async def schools_below(session: Session, unit_id: UUID) -> Sequence[UUID]:
    """The schools of a unit and of the units in it."""
    statement = (
        select(col(School.id))
        .join(Unit, col(Unit.id) == School.unit_id)
        .where(or_(col(Unit.id) == unit_id, col(Unit.parent_id) == unit_id))
    )
    return (await session.execute(statement)).scalars().all()


async def add_holiday(
    session: Session,
    actor: Actor,
    school_id: UUID | None,
    kind: HolidayKind,
    name: str,
    starts_on: date,
    ends_on: date,
    as_weekday: int | None,
) -> UUID:
    """Days off or a make-up day, of one school or, without one, of every school below the officer's unit.

    Raises what `rules.check_break` does, Invalid: timetable.name_length, timetable.too_many_holidays.
    """
    name = rules.clean_name(name, 80)
    rules.check_break(kind, starts_on, ends_on, as_weekday, clock.today())
    if school_id is None:
        unit_id = await own_unit(session, actor)
    else:
        queries.check_office(actor, school_id)
        unit_id = None
    row = Holiday(
        unit_id=unit_id, school_id=school_id, kind=kind, name=name, starts_on=starts_on, ends_on=ends_on,
        as_weekday=as_weekday,
    )  # fmt: skip
    await take_turns(session, "holidays", unit_id or school_id)
    whose = col(Holiday.unit_id) == unit_id if unit_id else col(Holiday.school_id) == school_id
    near = col(Holiday.ends_on) >= clock.today() - timedelta(days=NEAR_DAYS)
    known = select(func.count()).select_from(Holiday).where(whose, near)
    if (await session.execute(known)).scalar_one() >= MOST_HOLIDAYS:
        raise Invalid("timetable.too_many_holidays", most=MOST_HOLIDAYS)
    session.add(row)
    await _take_effect(session, row)
    record(session, actor, events.HolidayAdded(school_id, unit_id, row.id, starts_on, ends_on))
    return row.id


async def remove_holiday(session: Session, actor: Actor, holiday_id: UUID) -> UUID:
    """Take it back. A school cannot remove what the department set: NotAllowed("timetable.holiday_inherited")."""
    row = await session.get(Holiday, holiday_id)
    if row is None:
        raise NotFound("core.not_found")
    if row.school_id is not None:
        queries.check_office(actor, row.school_id)
    elif Role.PROVINCIAL_OFFICER not in actor.roles:
        raise NotAllowed("timetable.holiday_inherited")
    elif row.unit_id != await own_unit(session, actor):
        raise NotFound("core.not_found")
    await session.delete(row)
    await _take_effect(session, row)
    event = events.HolidayRemoved(row.school_id, row.unit_id, row.id, row.name, row.starts_on, row.ends_on)
    record(session, actor, event)
    return holiday_id


async def _take_effect(session: Session, row: Holiday) -> None:
    """The days it covers are worked out anew, at the school or at every school below the unit."""
    await session.flush()
    if row.school_id is not None:
        await days.rebuild(session, [row.school_id], row.starts_on, row.ends_on)
    elif row.unit_id is not None:
        below = await schools_below(session, row.unit_id)
        await elevate(session)  # the officer's right was checked; the fence would compare each day with each school
        await days.rebuild(session, below, row.starts_on, row.ends_on)


async def set_year_frame(
    session: Session, actor: Actor, name: str, starts_on: date, second_semester_on: date, ends_on: date
) -> tuple[UUID, int]:
    """The frame of a school year for every school below the officer's unit; returns it and how many follow it.

    Raises what `rules.check_frame` does.
    """
    rules.check_frame(name, starts_on, second_semester_on, ends_on)
    unit_id = await own_unit(session, actor)
    await take_turns(session, "frame", unit_id, name)
    found = select(YearFrame).where(col(YearFrame.unit_id) == unit_id, col(YearFrame.name) == name)
    frame = (await session.execute(found)).scalar_one_or_none()
    if frame is None:
        frame = YearFrame(
            unit_id=unit_id, name=name, starts_on=starts_on, second_semester_on=second_semester_on, ends_on=ends_on
        )
        session.add(frame)
    frame.starts_on, frame.second_semester_on, frame.ends_on = starts_on, second_semester_on, ends_on
    below = await schools_below(session, unit_id)
    await elevate(session)
    changed = await session.execute(
        update(SchoolYear)
        .where(col(SchoolYear.name) == name, col(SchoolYear.school_id).in_(below))
        .values(starts_on=starts_on, second_semester_on=second_semester_on, ends_on=ends_on)
        .returning(col(SchoolYear.school_id))
        .execution_options(synchronize_session=False)
    )
    schools = changed.scalars().all()
    await days.rebuild(session, schools)
    event = events.YearFrameSet(None, unit_id, name, starts_on, second_semester_on, ends_on, len(schools))
    record(session, actor, event)
    return frame.id, len(schools)
