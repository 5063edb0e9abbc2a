"""School days, and registers with their marks up to yesterday. Today's registers are still to be taken."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.seed.calendar import SUNDAY, at
from backend.seed.chance import Chance
from backend.seed.data import read
from backend.seed.model import SeedClass, SeedLesson, SeedPupil, SeedSchool
from backend.seed.timetables import AFTERNOON, BELLS, MORNING, holidays_of
from backend.seed.world import World

ABSENT: Final = 0.012  # a session, of a pupil who is well
OFTEN_ABSENT: Final = 0.13
OFTEN: Final = 0.012  # so many pupils are
LATE: Final = 0.008
UNEXCUSED: Final = 0.2  # of absences
SPELL: Final = (1, 1, 2, 3)  # sessions an absence lasts
SINCE: Final = 60  # days of registers; the school kept paper before
HISTORY: Final = 7  # days whose operations are kept
LONGEST: Final = 32  # counted sessions of the one pupil whom everybody worries about

MARK_COLUMNS: Final = (
    "id",
    "created_at",
    "school_id",
    "class_group_id",
    "student_id",
    "day",
    "session",
    "period",
    "status",
    "minutes",
    "reason",
    "counted",
    "explicit",
    "decided_at",
    "operation_id",
    "recorded_by",
)
OPERATION_COLUMNS: Final = (
    "id",
    "created_at",
    "school_id",
    "class_group_id",
    "student_id",
    "day",
    "session",
    "period",
    "status",
    "minutes",
    "explicit",
    "decided_at",
    "recorded_by",
)


@dataclass(frozen=True, slots=True)
class SeedDay:
    """A day of the year as it is taught."""

    day: date
    teaches: bool
    weekday: int
    odd: bool


@dataclass(slots=True)
class _Attends:
    """How a pupil comes to school: how often not, and what is left of the absence under way."""

    pupil: SeedPupil
    rate: float
    left: int = 0
    status: str = ""
    counted: int = 0


@dataclass(frozen=True, slots=True)
class Excused:
    """A session that a pupil missed with permission."""

    pupil: SeedPupil
    day: date
    session: str
    reason: str


class Attendances:
    """Fills the registers of a school up to yesterday."""

    def __init__(self, world: World, shown: set[UUID]) -> None:
        self._world, self._chance, self._shown = world, Chance("attendance"), shown
        self.excused: defaultdict[UUID, list[Excused]] = defaultdict(list)
        """By class."""
        self._marks = world.sheet("attendance_mark", MARK_COLUMNS).rows
        self._operations = world.sheet("attendance_operation", OPERATION_COLUMNS).rows

    def days(self, school: SeedSchool) -> list[SeedDay]:
        """The year of the school, written; a Sunday or holiday on which somebody looks is made up for."""
        calendar = self._world.calendar
        closed = {
            holiday.starts_on + timedelta(days=step): holiday.name
            for holiday in holidays_of(calendar)
            for step in range((holiday.ends_on - holiday.starts_on).days + 1)
        }
        monday = calendar.starts_on - timedelta(days=calendar.starts_on.weekday())
        (timetable,) = (row[0] for row in self._world.sheets["timetable"].rows if row[2] == school.id)
        found: list[SeedDay] = []
        day = calendar.starts_on
        while day <= calendar.ends_on:
            free = day.weekday() == SUNDAY or day in closed
            made_up = free and day == calendar.today
            weekday = day.toordinal() % 5 + 1 if made_up else day.isoweekday()
            week = (day - monday).days // 7 + 1
            one = SeedDay(day, not free or made_up, weekday, week % 2 == 1)
            if made_up:
                self._make_up(school, day, weekday)
            self._world.add(
                "school_day",
                self._chance,
                calendar.prepared,
                school_id=school.id,
                school_year_id=school.year_id,
                day=day,
                teaches=one.teaches,
                weekday=weekday,
                week=week,
                odd=one.odd,
                timetable_id=timetable,
                holiday=self._words["make_up"] if made_up else closed.get(day),
            )
            found.append(one)
            day += timedelta(days=1)
        return found

    def fill(self, school: SeedSchool, days: list[SeedDay]) -> None:
        """Registers and marks of every session with lessons before today."""
        today = self._world.calendar.today
        kept = [day for day in days if day.teaches and today - timedelta(days=SINCE) <= day.day < today]
        for group in school.classes:
            lessons = [lesson for lesson in school.lessons if lesson.group is group]
            attends = [self._attends(pupil) for pupil in group.pupils]
            if group is school.classes[0]:
                attends[-1].rate = 0.5
            for day in kept:
                for session in (MORNING, AFTERNOON):
                    first = first_lesson(lessons, day, session)
                    if first is not None:
                        self._register(school, group, day.day, session, first.teacher, attends)

    @property
    def _words(self) -> dict[str, str]:
        return read("daily_life")["holidays"]

    def _make_up(self, school: SeedSchool, day: date, weekday: int) -> None:
        self._world.add(
            "holiday",
            self._chance,
            self._world.calendar.prepared,
            unit_id=None,
            school_id=school.id,
            kind="MAKE_UP",
            name=self._words["make_up"],
            starts_on=day,
            ends_on=day,
            as_weekday=weekday,
        )

    def _attends(self, pupil: SeedPupil) -> _Attends:
        often = pupil.id not in self._shown and self._chance.happens(OFTEN)
        return _Attends(pupil, OFTEN_ABSENT if often else ABSENT)

    def _register(
        self, school: SeedSchool, group: SeedClass, day: date, session: str, teacher: UUID, attends: list[_Attends]
    ) -> None:
        hour, minute = BELLS[session][0]
        taken = at(day, hour, minute + 2 + self._chance.randrange(8), self._chance.randrange(60))
        self._world.add(
            "register",
            self._chance,
            taken,
            school_id=school.id,
            class_group_id=group.id,
            day=day,
            session=session,
            period=0,
            taken_by=teacher,
            taken_at=taken,
        )
        for one in attends:
            status, minutes = self._status(one, session)
            self._mark(school, group, one.pupil, day, session, taken, teacher, status, minutes)

    def _status(self, one: _Attends, session: str) -> tuple[str, int | None]:
        """What the teacher found; an absence lasts its spell."""
        if one.left == 0 and one.counted < LONGEST and self._chance.happens(one.rate):
            one.left = self._chance.choice(SPELL)
            one.status = "UNEXCUSED" if self._chance.happens(UNEXCUSED) else "EXCUSED"
        if one.left:
            one.left -= 1
            one.counted += session == MORNING
            return one.status, None
        if self._chance.happens(LATE):
            return "LATE", self._chance.choice((5, 10, 15, 20))
        return "PRESENT", None

    def _mark(
        self,
        school: SeedSchool,
        group: SeedClass,
        pupil: SeedPupil,
        day: date,
        session: str,
        taken: datetime,
        teacher: UUID,
        status: str,
        minutes: int | None,
    ) -> None:
        absent, explicit = status in ("EXCUSED", "UNEXCUSED"), status != "PRESENT"
        operation = self._chance.id(taken)
        place: tuple[Any, ...] = (taken, school.id, group.id, pupil.id, day, session, 0, status, minutes)
        if self._world.calendar.today - day <= timedelta(days=HISTORY):
            self._operations.append((operation, *place, explicit, taken, teacher))
        reason = None
        if status == "EXCUSED":
            reason = self._chance.choice(("SICK", "SICK", "FAMILY"))
            self.excused[group.id].append(Excused(pupil, day, session, reason))
        self._marks.append(
            (
                self._chance.id(taken),
                *place,
                reason,
                absent and session == MORNING,
                explicit,
                taken,
                operation,
                teacher,
            )
        )


def first_lesson(lessons: list[SeedLesson], day: SeedDay, session: str) -> SeedLesson | None:
    """The first lesson of a session of a class, if it has one that day."""
    found = [lesson for lesson in taught(lessons, day) if lesson.session == session]
    return min(found, key=lambda lesson: lesson.period) if found else None


def taught(lessons: list[SeedLesson], day: SeedDay) -> list[SeedLesson]:
    """The lessons of a day."""
    parities = ("EVERY", "ODD" if day.odd else "EVEN")
    return [lesson for lesson in lessons if lesson.weekday == day.weekday and lesson.parity in parities]
