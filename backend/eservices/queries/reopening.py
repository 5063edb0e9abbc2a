"""Until when a finished dossier may be taken up again: once, by its owner, within working days after its end.

Said twice, in Python for the action and in SQL for reads; a test holds them equal.
"""

from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Date, Integer, and_, case, cast, exists, func, not_, null, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.core.clock import VIETNAM
from backend.enrolment.access import Asker
from backend.eservices import scopes
from backend.eservices.rules.states import DossierStatus
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.tables import Dossier, OfficeDay, ProcedureVersion

REOPENED: Final = (
    DossierStatus.COMPLETED, DossierStatus.RETURNED, DossierStatus.REJECTED, DossierStatus.STOPPED,
)  # fmt: skip
"""The ends from which one may begin again; who has withdrawn files anew."""
_FAR: Final = 120
"""Days after the end among which the last working day is looked for; a definition allows fewer working days."""


def last_day(dossier: Dossier, days: WorkingDays, most: int) -> date | None:
    """The last day of reopening; None for a dossier that is not at such an end, or when there is none."""
    if dossier.status not in REOPENED or dossier.finished_at is None or most <= 0:
        return None
    return days.add(dossier.finished_at.astimezone(VIETNAM).date(), most)


def until(actor: Asker, it: Any) -> ColumnElement[Any]:
    """The last day of reopening for the actor; null when she may not, or has done so."""
    number = func.generate_series(1, _FAR).column_valued("number")
    day = cast(func.timezone("Asia/Ho_Chi_Minh", it.finished_at), Date) + cast(number, Integer)
    special, off = aliased(OfficeDay), aliased(OfficeDay)
    worked = exists().where(col(special.day) == day, col(special.works))
    closed = exists().where(col(off.day) == day, not_(col(off.works)))
    works = or_(worked, and_(func.extract("isodow", day) < 6, not_(closed)))
    version, later = aliased(ProcedureVersion), aliased(Dossier)
    most = (
        select(cast(col(version.definition)["reopen_days"].astext, Integer))  # pyright: ignore[reportAttributeAccessIssue]
        .where(col(version.id) == it.procedure_version_id)
        .scalar_subquery()
    )
    counted = select(cast(day, Date).label("day")).where(works).order_by("day").limit(most).subquery("counted")
    allowed = and_(
        it.owner_id == scopes.me(actor),
        or_(*(it.status == status.value for status in REOPENED)),
        not_(exists().where(col(later.reopens_id) == it.id)),
    )
    return case((allowed, select(func.max(counted.c.day)).scalar_subquery()), else_=cast(null(), Date))
