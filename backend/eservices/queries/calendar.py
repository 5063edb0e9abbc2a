"""The days on which offices work."""

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from backend.core import clock
from backend.core.db import Session
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.tables import OfficeDay

FAR: Final = timedelta(days=400)
"""How far around today the calendar of offices is read: no term is longer than a year."""


async def office_calendar(session: Session) -> WorkingDays:
    """The days offices work, a year back and ahead."""
    today = clock.today()
    near = col(OfficeDay.day).between(today - FAR, today + FAR)
    rows = await session.execute(select(col(OfficeDay.day), col(OfficeDay.works)).where(near))
    return WorkingDays.of((day, works) for day, works in rows)
