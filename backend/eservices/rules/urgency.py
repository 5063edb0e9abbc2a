"""How pressing a dossier is, who is told of its deadline, and when. Pure; days are Vietnamese days."""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from backend.eservices.rules.states import RUNNING, WAITING, DossierStatus
from backend.eservices.rules.working_days import WorkingDays

SOON_DAYS: Final = 2
"""At so many working days left a dossier is marked."""
NEAR_DAYS: Final = 1
"""At so many working days left whoever works on it is told."""
ESCALATION_DAYS: Final = 2
"""So many working days late, the department is told."""
OPENS: Final = time(7)
CLOSES: Final = time(18)
"""Nobody is told of deadlines outside these hours, nor on days off (Vietnamese time)."""


class Urgency(StrEnum):
    """OVERDUE, TODAY, SOON and CALM while the office has it; WAITING with the citizen; DONE at the end."""

    OVERDUE = "OVERDUE"
    TODAY = "TODAY"
    SOON = "SOON"
    CALM = "CALM"
    WAITING = "WAITING"
    DONE = "DONE"


def days_left(due_on: date | None, today: date, days: WorkingDays) -> int | None:
    """Working days until the deadline, 0 on its day, negative when it has passed; None while no clock runs."""
    return None if due_on is None else days.between(today, due_on)


def urgency(status: DossierStatus, due_on: date | None, today: date, days: WorkingDays) -> Urgency:
    """How pressing it is. A deadline that has passed makes it late on a day off too."""
    if status in WAITING:
        return Urgency.WAITING
    if status not in RUNNING:
        return Urgency.DONE
    if due_on is None:
        return Urgency.CALM
    if due_on < today:
        return Urgency.OVERDUE
    left = days.between(today, due_on)
    if left <= 0:
        return Urgency.TODAY
    return Urgency.SOON if left <= SOON_DAYS else Urgency.CALM


def office_hours(local: datetime, days: WorkingDays) -> bool:
    """Whether people may be told of deadlines at this Vietnamese time."""
    return days.works(local.date()) and OPENS <= local.time() < CLOSES


def last_day_left(today: date, days: WorkingDays) -> date:
    """The latest deadline that is near: at most NEAR_DAYS working days are left until it, days off behind it too."""
    day = days.add(today, NEAR_DAYS)
    while not days.works(day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def escalated_until(today: date, days: WorkingDays) -> date:
    """Deadlines up to this day are ESCALATION_DAYS working days late or more."""
    return back(today, ESCALATION_DAYS, days)


def back(day: date, count: int, days: WorkingDays) -> date:
    """The latest day from which `day` is `count` working days on: `days.between(back(day, n), day) >= n`."""
    found, left = day, count
    while left > 0:
        left -= days.works(found)
        found -= timedelta(days=1)
    return found


def resumed(today: date, left: int | None, days: WorkingDays) -> date:
    """The deadline when the clock goes on with what was left; what was late stays as late."""
    if left is not None and left < 0:
        return back(today, -left, days)
    return days.add(today, left or 0)
