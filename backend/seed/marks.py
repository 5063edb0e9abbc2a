"""Gradebooks: the columns that were due, marks that hang together for each pupil, and the averages they give."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from statistics import fmean
from typing import Any, Final
from uuid import UUID

from backend.gradebook.rules import CURRENT, Slot, SlotKey, SlotKind, rule_set
from backend.gradebook.tables import NoMarkReason, Semester
from backend.seed.calendar import at, school_day
from backend.seed.chance import Chance
from backend.seed.data import exam_rows, read
from backend.seed.model import SeedClass, SeedPupil, SeedSchool, SeedSubject
from backend.seed.world import World

TENTHS: Final = tuple(Decimal(tenth).scaleb(-1) for tenth in range(101))
ONGOING_DUE: Final = {2: (0.26, 0.66), 3: (0.20, 0.40, 0.70), 4: (0.16, 0.32, 0.60, 0.76)}
MID_DUE, END_DUE = 0.48, 0.90
# Which marks of the examination say something about a subject of school.
KIN: Final = {
    "ngu_van": ("ngu_van",),
    "toan": ("toan",),
    "ngoai_ngu_1": ("ngoai_ngu", "ngu_van"),
    "lich_su_dia_li": ("lich_su", "dia_li"),
    "lich_su": ("lich_su",),
    "dia_li": ("dia_li",),
    "khoa_hoc_tu_nhien": ("vat_li", "hoa_hoc", "sinh_hoc", "toan"),
    "vat_li": ("vat_li", "toan"),
    "hoa_hoc": ("hoa_hoc", "toan"),
    "sinh_hoc": ("sinh_hoc", "hoa_hoc"),
    "tin_hoc": ("tin_hoc", "toan"),
}
# A school's tests are kinder than the examination: 2 becomes 4.6, 6 becomes 7, 9 becomes 8.8.
KIND_BASE, KIND_SHARE = 3.4, 0.6
SCORE_COLUMNS: Final = (
    "id",
    "created_at",
    "school_id",
    "column_id",
    "student_id",
    "mark",
    "reason",
    "entered_by",
    "entered_at",
    "published_at",
    "version",
)
SPREAD: Final = {SlotKind.ONGOING: 0.8, SlotKind.MID: 0.6, SlotKind.END: 0.6}


@dataclass(frozen=True, slots=True)
class SeedColumn:
    """A column that exists, with what the news need to know of it."""

    id: UUID
    school: SeedSchool
    group: SeedClass
    subject: SeedSubject
    semester: str
    key: SlotKey
    published_at: datetime | None


class Gradebooks:
    """Fills every gradebook of a school up to today."""

    def __init__(self, world: World) -> None:
        self._world, self._chance = world, Chance("marks")
        self._rules = rule_set(CURRENT)
        self._exam = exam_rows()
        self._score_rows = world.sheet("score", SCORE_COLUMNS).rows  # by hand: three rows in four are marks
        named = [(plan["key"], who) for plan in read("places")["schools"] for who in plan["teachers"]]
        self._half_entered = {(key, who["class"], who["subject"]) for key, who in named if not who.get("homeroom")}
        self._yesterday = school_day(world.calendar.today - timedelta(days=1))
        self.columns: list[SeedColumn] = []

    def fill(self, school: SeedSchool) -> None:
        for group in school.classes:
            levels = [self._levels(group) for _ in group.pupils]
            for subject in group.subjects:
                if subject.marked:
                    self._subject(school, group, subject, [level[subject.code] for level in levels])

    def _levels(self, group: SeedClass) -> dict[str, float]:
        """What a pupil usually gets in each subject, from one real row of examination marks."""
        row = self._chance.choice(self._exam)
        usual = fmean(row.values())
        return {
            subject.code: KIND_BASE
            + KIND_SHARE * fmean([row.get(exam, usual) for exam in KIN.get(subject.code, ())] or [usual + 1])
            for subject in group.subjects
        }

    def _subject(self, school: SeedSchool, group: SeedClass, subject: SeedSubject, levels: list[float]) -> None:
        averages: list[dict[str, Decimal | None]] = [{} for _ in group.pupils]
        periods, exempt = subject.periods[group.grade], self._exempt(group, subject)
        semesters, yesterday = self._world.calendar.semesters(), self._yesterday
        for semester, first, last in semesters:
            planned = self._planned(periods, first, last)
            due = [(key, day) for key, day in planned if day < self._world.calendar.today]
            open_gradebook = first <= yesterday and (school.key, group.name, subject.code) in self._half_entered
            open_gradebook = open_gradebook and semester == semesters[-1][0]
            if open_gradebook:
                due = due[: len(planned) - 1]
            columns = [(self._column(school, group, subject, semester, key, day), day) for key, day in due]
            slots = [list(self._scores(column, levels, day, exempt)) for column, day in columns]
            if open_gradebook:
                self._half(school, group, subject, semester, planned[len(due)][0], levels)
            shown = [own for (column, _), own in zip(columns, slots, strict=True) if column.published_at]
            for own, found in zip(zip(*shown, strict=True), averages, strict=bool(shown)):
                found[semester] = self._rules.semester_result(own, periods)
        self._results(school, group, subject, averages)

    def _planned(self, periods: int, first: date, last: date) -> list[tuple[SlotKey, date]]:
        """The columns a semester must have, in the order of their tests, each with its day."""
        shift = timedelta(days=self._chance.randint(-4, 4))
        shares = {SlotKind.MID: (MID_DUE,), SlotKind.END: (END_DUE,)}
        shares[SlotKind.ONGOING] = ONGOING_DUE[self._rules.ongoing_columns(periods)]
        planned = [
            (key, school_day(first + shift + (last - first) * shares[key.kind][key.ordinal - 1]))
            for key in self._rules.required_slots(periods)
        ]
        return sorted(planned, key=lambda pair: pair[1])

    def _half(
        self,
        school: SeedSchool,
        group: SeedClass,
        subject: SeedSubject,
        semester: str,
        key: SlotKey,
        levels: list[float],
    ) -> None:
        """The column its teacher was entering yesterday: marks for the first half of the class, not published."""
        day = self._yesterday
        column = self._column(school, group, subject, semester, key, day, publish=False)
        half = len(levels) // 2
        for pupil, level in list(zip(group.pupils, levels, strict=True))[:half]:
            self._score(column, pupil, self._mark(key.kind, level), None, at(day, 20, 15))

    def _exempt(self, group: SeedClass, subject: SeedSubject) -> UUID | None:
        """One pupil in some classes is excused from national defence for health."""
        if subject.code == "giao_duc_quoc_phong_an_ninh" and self._chance.happens(0.25):
            return self._chance.choice(group.pupils).id
        return None

    def _column(
        self,
        school: SeedSchool,
        group: SeedClass,
        subject: SeedSubject,
        semester: str,
        key: SlotKey,
        day: date,
        *,
        publish: bool = True,
    ) -> SeedColumn:
        published = at(day + timedelta(days=self._chance.randint(1, 4)), 17, self._chance.randrange(60))
        published_at = published if publish and published < self._world.calendar.now else None
        column_id = self._world.add(
            "score_column",
            self._chance,
            at(day, 7, 0),
            school_id=school.id,
            class_group_id=group.id,
            subject_id=subject.id,
            semester=semester,
            kind=key.kind.value,
            ordinal=key.ordinal,
            title="",
            published_at=published_at,
            version=1,
        )
        column = SeedColumn(column_id, school, group, subject, semester, key, published_at)
        self.columns.append(column)
        return column

    def _scores(self, column: SeedColumn, levels: list[float], day: date, exempt: UUID | None) -> Iterator[Slot]:
        """One row per pupil; yields each as the rules see it."""
        entered_at = at(day, 20, self._chance.randrange(60))
        recent = self._world.calendar.today - day < timedelta(days=21)
        for pupil, level in zip(column.group.pupils, levels, strict=True):
            mark, reason = self._mark(column.key.kind, level), None
            if pupil.id == exempt:
                mark, reason = None, NoMarkReason.EXEMPT.value
            elif self._chance.happens(0.003):
                mark, reason = None, (NoMarkReason.MAKEUP_ALLOWED if recent else NoMarkReason.MISSING_AS_ZERO).value
            self._score(column, pupil, mark, reason, entered_at)
            yield Slot(column.key, mark, reason)

    def _mark(self, kind: SlotKind, level: float) -> Decimal:
        """Around the pupil's level; ongoing marks in halves, tests in quarters rounded to one decimal, a tie up."""
        drawn = min(10.0, max(0.0, self._chance.gauss(level, SPREAD[kind])))
        tenths = round(drawn * 2) * 5 if kind is SlotKind.ONGOING else int(round(drawn * 4) * 2.5 + 0.5)
        return TENTHS[tenths]

    def _score(
        self, column: SeedColumn, pupil: SeedPupil, mark: Decimal | None, reason: str | None, entered_at: datetime
    ) -> None:
        self._score_rows.append(
            (
                self._chance.id(entered_at),
                entered_at,
                column.school.id,
                column.id,
                pupil.id,
                mark,
                reason,
                column.group.teachers[column.subject.code],
                entered_at,
                column.published_at,
                1,
            )
        )

    def _results(
        self,
        school: SeedSchool,
        group: SeedClass,
        subject: SeedSubject,
        averages: list[dict[str, Decimal | None]],
    ) -> None:
        """One row per semester in which something is published, as publishing makes it; without an average until the
        marks are complete. The year's after both.
        """
        for pupil, found in zip(group.pupils, averages, strict=True):
            results: dict[str, Any] = dict(found)
            year = self._rules.year_average(found.get("SEM1"), found.get("SEM2"))
            if year is not None:
                results["YEAR"] = year
            for semester, average in results.items():
                self._world.add(
                    "subject_result",
                    self._chance,
                    self._world.calendar.now - timedelta(hours=1),
                    school_id=school.id,
                    student_id=pupil.id,
                    subject_id=subject.id,
                    school_year_id=school.year_id,
                    semester=Semester(semester).value,
                    average=average,
                    ruleset_id=CURRENT,
                    computed_at=self._world.calendar.now - timedelta(hours=1),
                )
