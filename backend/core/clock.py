"""The only place that reads the time. Instants are aware UTC; school days are Vietnamese days."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Today's date in Vietnam (UTC+7 all year)."""
    return datetime.now(VIETNAM).date()
