"""The only place that reads the time. Instants are aware UTC; school days are Vietnamese days."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """This instant, aware, in UTC."""
    return _told.get() or datetime.now(UTC)


def today() -> date:
    """Today's date in Vietnam (UTC+7 all year)."""
    return now().astimezone(VIETNAM).date()


@contextmanager
def told(moment: datetime) -> Iterator[None]:
    """Have the block's own actions happen at this moment: the demonstration has a past. `moment` is aware, in UTC."""
    before = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(before)
