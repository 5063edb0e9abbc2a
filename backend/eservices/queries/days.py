"""Vietnamese days and instants, in SQL."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Date, DateTime, SQLColumnExpression, cast, func, literal

from backend.core.clock import VIETNAM
from backend.core.db import INSTANT
from backend.core.problem import Invalid

MOST_DAYS: Final = 366


def check_span(starts: date, ends: date) -> None:
    """Raises Invalid("eservices.span", most) for days that end before they begin, or too many."""
    if not 0 <= (ends - starts).days < MOST_DAYS:
        raise Invalid("eservices.span", field="to", most=MOST_DAYS)


def instants(starts: date, ends: date) -> tuple[Any, Any]:
    """From midnight to midnight in Vietnam, the last day included."""
    begin, end = (datetime.combine(day, time(), VIETNAM) for day in (starts, ends + timedelta(days=1)))
    return literal(begin, INSTANT), literal(end, INSTANT)


def day_of(moment: SQLColumnExpression[Any]) -> SQLColumnExpression[date]:
    return cast(func.timezone("Asia/Ho_Chi_Minh", moment, type_=DateTime()), Date)
