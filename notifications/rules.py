"""The decisions of sending, on plain values: is it still worth it, what follows from an outcome, when to try again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Final, Literal

RETRY_SECONDS: Final = (30, 120, 600, 3600, 21_600)
LONGEST_RETRY_AFTER: Final = 3600
# A push service sometimes answers 410 for a subscription it handed out seconds ago.
NEW_DEVICE: Final = timedelta(minutes=1)


class Verdict(StrEnum):
    """What a push service said. TAKEN: it has the message. BUSY: not now. GONE: the device is no more.

    REFUSED: never, and the device may still be good. NOT_TRIED: we ran out of time before asking.
    """

    TAKEN = "TAKEN"
    BUSY = "BUSY"
    GONE = "GONE"
    REFUSED = "REFUSED"
    NOT_TRIED = "NOT_TRIED"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict, its reason in a word or two (never an address), and the service's wish in seconds."""

    verdict: Verdict
    reason: str | None = None
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a delivery: its status, when it is next due, why, and why its device is dropped if it is."""

    status: Literal["SENT", "PENDING", "FAILED", "DROPPED"]
    next_at: datetime
    error: str | None = None
    drop_device: str | None = None
    tried: bool = True


def why_not(
    *, now: datetime, expires_at: datetime, withdrawn: bool, read: bool, device_live: bool, may_see: bool
) -> Literal["withdrawn", "read", "device_gone", "no_right", "expired"] | None:
    """Why a notification is not pushed any more; None = send it.

    `may_see` is whether the person still answers for the child: a push about somebody else's child never leaves,
    even if the right ended a second ago. `withdrawn`: it has turned out not to be so.
    """
    if withdrawn:
        return "withdrawn"
    if not may_see:
        return "no_right"
    if not device_live:
        return "device_gone"
    if read:
        return "read"
    return "expired" if expires_at <= now else None


def next_step(outcome: Outcome, *, now: datetime, attempts: int, device_since: datetime) -> Step:
    """What follows from an outcome. `attempts` counts the tries before this one."""
    match outcome.verdict:
        case Verdict.TAKEN:
            return Step("SENT", now)
        case Verdict.NOT_TRIED:
            return Step("PENDING", now, tried=False)
        case Verdict.REFUSED:
            return Step("FAILED", now, outcome.reason)
        case Verdict.GONE if attempts > 0 or now - device_since >= NEW_DEVICE:
            return Step("DROPPED", now, outcome.reason, drop_device=outcome.reason or "gone")
    if attempts >= len(RETRY_SECONDS):
        return Step("FAILED", now, outcome.reason)
    wished = min(outcome.retry_after or 0, LONGEST_RETRY_AFTER)
    return Step("PENDING", now + timedelta(seconds=max(wished, RETRY_SECONDS[attempts])), outcome.reason)


def verdict_of(status: int) -> Verdict:
    """What an HTTP status of a push service means (RFC 8030 §5 and §7.3)."""
    if 200 <= status < 300:
        return Verdict.TAKEN
    if status in (404, 410):
        return Verdict.GONE
    return Verdict.BUSY if status == 429 or status >= 500 else Verdict.REFUSED


def parse_retry_after(value: str | None, now: datetime) -> int | None:
    """A Retry-After header in seconds from `now`: it is a number or a date. None when absent or unreadable."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return int(value.strip()[:9])
    try:
        moment = parsedate_to_datetime(value)
        return max(0, int((moment - now).total_seconds()))
    except (TypeError, ValueError):
        return None
