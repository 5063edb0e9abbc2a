"""What a school decides about attendance: read by everybody who needs a number, changed by the headteacher."""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from backend.attendance import events
from backend.attendance.tables import AttendanceSetting
from backend.core.actor import Actor, Permission, Role
from backend.core.db import Session
from backend.core.ids import new_id
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound

NAMES = ("by_period", "answer_minutes", "safety_minutes", "reminder_minutes", "homeroom_leave_days", "hold_remarks")
LIMITS: dict[str, tuple[int, int]] = {
    "answer_minutes": (5, 120),
    "safety_minutes": (2, 30),
    "reminder_minutes": (5, 120),
    "homeroom_leave_days": (0, 30),
}


async def settings_of(session: Session, school_id: UUID) -> AttendanceSetting:
    """The school's settings; the defaults, not stored, when it has decided nothing."""
    statement = select(AttendanceSetting).where(col(AttendanceSetting.school_id) == school_id)
    return (await session.execute(statement)).scalar_one_or_none() or AttendanceSetting(school_id=school_id)


async def set_attendance_settings(
    session: Session,
    actor: Actor,
    school_id: UUID,
    by_period: bool,
    answer_minutes: int,
    safety_minutes: int,
    reminder_minutes: int,
    homeroom_leave_days: int,
    hold_remarks: bool,
) -> UUID:
    """Keep all six; only the school's headteacher. Raises Invalid("attendance.setting_out_of_range") with the range."""
    if school_id not in actor.schools_as(Role.HEADTEACHER):
        raise NotFound("core.not_found")
    actor.require(Permission.ATTENDANCE_MANAGE, school_id)
    made = AttendanceSetting(
        id=new_id(),
        school_id=school_id,
        by_period=by_period,
        answer_minutes=answer_minutes,
        safety_minutes=safety_minutes,
        reminder_minutes=reminder_minutes,
        homeroom_leave_days=homeroom_leave_days,
        hold_remarks=hold_remarks,
    )
    chosen: dict[str, Any] = {name: getattr(made, name) for name in NAMES}
    for name, (least, most) in LIMITS.items():
        if not least <= chosen[name] <= most:
            field = name.split("_")[0] + "".join(part.title() for part in name.split("_")[1:])
            raise Invalid("attendance.setting_out_of_range", field=field, least=least, most=most)
    await session.execute(
        insert(AttendanceSetting)
        .values(**made.model_dump())
        .on_conflict_do_update(index_elements=["school_id"], set_=chosen)
    )
    record(session, actor, events.SettingsChanged(school_id, **chosen))
    return school_id
