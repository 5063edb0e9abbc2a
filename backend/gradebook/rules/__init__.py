"""Rules of assessment: one file per circular, chosen by the id stored with every computed result."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, Protocol

from backend.core.problem import NotFound
from backend.gradebook.rules.marks import (
    Entry,
    Slot,
    SlotKey,
    SlotKind,
    SlotState,
    Verdict,
    check_complete,
    check_mark,
    half_up,
    parse_mark,
)
from backend.gradebook.rules.tt22_2021 import Circular22

__all__ = [
    "CURRENT",
    "Entry",
    "RuleSet",
    "Slot",
    "SlotKey",
    "SlotKind",
    "SlotState",
    "Verdict",
    "check_complete",
    "check_mark",
    "half_up",
    "parse_mark",
    "rule_set",
]


class RuleSet(Protocol):
    """What the gradebook asks of a circular. Marks are `Decimal`, 0 to 10; None means "not known yet"."""

    @property
    def id(self) -> str: ...

    def ongoing_columns(self, periods_per_year: int) -> int: ...

    def required_slots(self, periods_per_year: int) -> tuple[SlotKey, ...]: ...

    def check_column(self, kind: str, ordinal: int, periods_per_year: int) -> None: ...

    def semester_average(self, ongoing: Sequence[Decimal], mid: Decimal, end: Decimal) -> Decimal: ...

    def semester_result(self, slots: Sequence[Slot], periods_per_year: int) -> Decimal | None: ...

    def year_average(self, semester_1: Decimal | None, semester_2: Decimal | None) -> Decimal | None: ...

    def comment_semester_result(self, assessments: Iterable[Verdict], required: int = 2) -> Verdict: ...

    def comment_year_result(self, semester_1: Verdict | None, semester_2: Verdict) -> Verdict: ...


CURRENT: Final = "TT22-2021"
_RULE_SETS: Final[dict[str, RuleSet]] = {CURRENT: Circular22()}


def rule_set(ruleset_id: str = CURRENT) -> RuleSet:
    """The circular of this id; raises `NotFound("gradebook.ruleset_unknown", ruleset=id)`."""
    if ruleset_id not in _RULE_SETS:
        raise NotFound("gradebook.ruleset_unknown", ruleset=ruleset_id)
    return _RULE_SETS[ruleset_id]
