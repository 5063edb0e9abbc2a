"""Marks and the places they stand in, common to every circular."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final
from uuid import UUID

from backend.core.problem import Invalid

LOWEST: Final = Decimal(0)
HIGHEST: Final = Decimal(10)
_NUMBER: Final = re.compile(r"-?[0-9]{1,6}(?:[.,][0-9]{1,6})?")


class SlotKind(StrEnum):
    """ĐĐGtx, ĐĐGgk, ĐĐGck."""

    ONGOING = "ONGOING"
    MID = "MID"
    END = "END"


class SlotState(StrEnum):
    """What is known of one required assessment of one pupil."""

    PENDING = "PENDING"
    ENTERED = "ENTERED"
    EXEMPT = "EXEMPT"
    MAKEUP_ALLOWED = "MAKEUP_ALLOWED"
    MISSING_AS_ZERO = "MISSING_AS_ZERO"


class Verdict(StrEnum):
    """Result of an assessment by comments: Đạt, Chưa đạt."""

    DAT = "DAT"
    CHUA_DAT = "CHUA_DAT"


@dataclass(frozen=True)
class SlotKey:
    """One required assessment of a semester: its kind and its number within the kind, from 1."""

    kind: SlotKind
    ordinal: int


@dataclass(frozen=True)
class Slot:
    """One pupil's assessment in one place: a mark, or the stated reason why there is none, or neither yet."""

    key: SlotKey
    mark: Decimal | None = None
    reason: str | None = None

    @property
    def state(self) -> SlotState:
        if self.mark is not None:
            return SlotState.ENTERED
        return SlotState.PENDING if self.reason is None else SlotState(self.reason)


@dataclass(frozen=True)
class Entry:
    """One enrolled pupil in one column, as it stands before publishing."""

    student_id: UUID
    mark: Decimal | None
    reason: str | None


def parse_mark(text: str) -> Decimal:
    """A mark from what a teacher types: 0 to 10, at most one decimal, comma or dot.

    Raises `Invalid` with one code per kind of slip: gradebook.mark_empty, mark_not_a_number, mark_negative,
    mark_out_of_range (85 for 8,5 is the usual one), mark_too_precise.
    """
    stripped = text.strip()
    if not stripped:
        raise Invalid("gradebook.mark_empty", field="mark")
    if not _NUMBER.fullmatch(stripped):
        raise Invalid("gradebook.mark_not_a_number", field="mark")
    mark = Decimal(stripped.replace(",", "."))
    if stripped.startswith("-"):
        raise Invalid("gradebook.mark_negative", field="mark")
    return check_mark(mark)


def check_mark(mark: Decimal) -> Decimal:
    """The mark with one decimal; raises `Invalid` when it is outside 0 to 10 or more precise than one decimal."""
    if not mark.is_finite():
        raise Invalid("gradebook.mark_not_a_number", field="mark")
    if not LOWEST <= mark <= HIGHEST:
        raise Invalid("gradebook.mark_out_of_range", field="mark", lowest=0, highest=10)
    rounded = half_up(mark)
    if rounded != mark:
        raise Invalid("gradebook.mark_too_precise", field="mark", places=1)
    return rounded


def half_up(value: Decimal, places: int = 1) -> Decimal:
    """Rounded so that a tie goes up: 8,25 → 8,3. Binary floats cannot do this, hence Decimal."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def check_complete(entries: Iterable[Entry]) -> None:
    """A column may be published once every enrolled pupil has a mark or a stated reason.

    Raises `Invalid("gradebook.marks_missing", students=[ids])`.
    """
    missing = [entry.student_id for entry in entries if entry.mark is None and entry.reason is None]
    if missing:
        raise Invalid("gradebook.marks_missing", students=missing)


def settled_marks(slots: Sequence[Slot], required: Sequence[SlotKey]) -> dict[SlotKey, Decimal] | None:
    """The mark of every slot, a missing test counted as 0; None while any required one is pending, exempt or awaited.

    An empty place is never silently dropped: an average over fewer marks than required would flatter or harm the pupil.
    """
    found: dict[SlotKey, Decimal] = {}
    for slot in slots:
        if slot.mark is not None:
            found[slot.key] = slot.mark
        elif slot.state is SlotState.MISSING_AS_ZERO:
            found[slot.key] = LOWEST
        else:
            return None
    return found if all(key in found for key in required) else None
