"""Circular 22/2021/TT-BGDĐT: assessment in lower and upper secondary schools. Never edited after use: marks that were
computed by it carry its id."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from backend.core.problem import Invalid
from backend.gradebook.rules.marks import Slot, SlotKey, SlotKind, Verdict, half_up, settled_marks


@dataclass(frozen=True)
class Circular22:
    """The rule set "TT22-2021"."""

    id: str = "TT22-2021"

    def ongoing_columns(self, periods_per_year: int) -> int:
        """Ongoing marks (ĐĐGtx) per semester: 2 up to 35 periods a year, 3 up to 70, 4 above. Art. 6.2.b.

        The circular begins at 35 periods; a shorter subject is treated as one of 35.
        """
        if periods_per_year <= 35:
            return 2
        return 3 if periods_per_year <= 70 else 4

    def required_slots(self, periods_per_year: int) -> tuple[SlotKey, ...]:
        """Every assessment a semester must have in a subject with marks: ongoing, one mid-term, one end-of-term."""
        ongoing = range(1, self.ongoing_columns(periods_per_year) + 1)
        return (
            *(SlotKey(SlotKind.ONGOING, ordinal) for ordinal in ongoing),
            SlotKey(SlotKind.MID, 1),
            SlotKey(SlotKind.END, 1),
        )

    def check_column(self, kind: str, ordinal: int, periods_per_year: int) -> None:
        """A gradebook has exactly the required columns; raises `Invalid("gradebook.column_not_allowed", allowed=n)`."""
        allowed = self.ongoing_columns(periods_per_year) if kind == SlotKind.ONGOING else 1
        if not 1 <= ordinal <= allowed:
            raise Invalid("gradebook.column_not_allowed", field="ordinal", allowed=allowed)

    def semester_average(self, ongoing: Sequence[Decimal], mid: Decimal, end: Decimal) -> Decimal:
        """ĐTBmhk = (Σ ĐĐGtx + 2·ĐĐGgk + 3·ĐĐGck) / (number of ĐĐGtx + 5), one decimal, a tie up. Art. 9."""
        return half_up((sum(ongoing, Decimal(0)) + 2 * mid + 3 * end) / (len(ongoing) + 5))

    def semester_result(self, slots: Sequence[Slot], periods_per_year: int) -> Decimal | None:
        """The semester's average of a pupil, or None until every required place has a mark or counts as 0. Art. 7."""
        marks = settled_marks(slots, self.required_slots(periods_per_year))
        if marks is None:
            return None
        ongoing = [mark for key, mark in marks.items() if key.kind is SlotKind.ONGOING]
        return self.semester_average(ongoing, marks[SlotKey(SlotKind.MID, 1)], marks[SlotKey(SlotKind.END, 1)])

    def year_average(self, semester_1: Decimal | None, semester_2: Decimal | None) -> Decimal | None:
        """ĐTBmcn = (ĐTBmhkI + 2·ĐTBmhkII) / 3 from the rounded averages; None unless both exist. Art. 9."""
        if semester_1 is None or semester_2 is None:
            return None
        return half_up((semester_1 + 2 * semester_2) / 3)

    def comment_semester_result(self, assessments: Iterable[Verdict], required: int = 2) -> Verdict:
        """Subject assessed by comments, at the semester's end: Đạt when as many assessments as required were done and
        every one is Đạt (mid-term and end-of-term: 2). Art. 9.1.a."""
        done = list(assessments)
        enough = len(done) >= required
        return Verdict.DAT if enough and all(verdict is Verdict.DAT for verdict in done) else Verdict.CHUA_DAT

    def comment_year_result(self, semester_1: Verdict | None, semester_2: Verdict) -> Verdict:
        """Subject assessed by comments: semester II decides the year, whatever semester I was. Art. 9.1.a."""
        return semester_2
