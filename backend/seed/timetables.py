"""Bells, rooms, holidays and a timetable for every class, without a teacher in two places."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from typing import Final
from uuid import UUID

from backend.seed.calendar import Calendar
from backend.seed.chance import Chance
from backend.seed.data import read
from backend.seed.model import SeedClass, SeedLesson, SeedSchool, SeedSubject
from backend.seed.staff import HOMEROOM_TEACHES, TEACHING_WEEKS
from backend.seed.world import World

MORNING, AFTERNOON = "MORNING", "AFTERNOON"
BELLS: Final = {
    MORNING: ((7, 0), (7, 50), (8, 50), (9, 40), (10, 30)),
    AFTERNOON: ((13, 30), (14, 20), (15, 20), (16, 10), (17, 0)),
}
PERIOD: Final = timedelta(minutes=45)
WEEKDAYS: Final = range(1, 7)
# In the other half of the day, two or three periods together: physical and defence education.
AFTERNOONS: Final = ("giao_duc_the_chat", "giao_duc_quoc_phong_an_ninh")
FLAG, CLASS_HOUR = (1, 1), (6, 4)  # the week begins at the flag and ends with the homeroom teacher

Slot = tuple[int, int]  # weekday, period


@dataclass(slots=True)
class _Unit:
    """One slot a week to be found: a subject every week, or one in odd and one in even weeks."""

    taught: list[tuple[SeedSubject, UUID, str]]  # subject, teacher, parity
    slot: Slot | None = None


@dataclass(slots=True)
class _Taken:
    """When teachers are busy, by session."""

    busy: defaultdict[UUID, set[tuple[str, int, int]]] = field(default_factory=lambda: defaultdict(set))

    def free(self, unit: _Unit, session: str, slot: Slot) -> bool:
        return all((session, *slot) not in self.busy[teacher] for _, teacher, _ in unit.taught)

    def take(self, unit: _Unit, session: str, slot: Slot) -> None:
        for _, teacher, _ in unit.taught:
            self.busy[teacher].add((session, *slot))

    def leave(self, unit: _Unit, session: str, slot: Slot) -> None:
        for _, teacher, _ in unit.taught:
            self.busy[teacher].discard((session, *slot))


class Timetables:
    """Writes the department's holidays once, and each school's bells, rooms and timetable."""

    def __init__(self, world: World, province: UUID) -> None:
        self._world, self._chance = world, Chance("timetables")
        self._made = world.calendar.prepared
        self._holidays(province)

    def fill(self, school: SeedSchool) -> None:
        """The school's bells, rooms and one published timetable; `school.lessons` holds its entries."""
        for session, bells in BELLS.items():
            for number, (hour, minute) in enumerate(bells, 1):
                begins = time(hour, minute)
                ends = time((hour * 60 + minute + 45) // 60, (hour * 60 + minute + 45) % 60)
                self._add("period", school_id=school.id, session=session, number=number, starts_at=begins, ends_at=ends)
        timetable = self._add(
            "timetable",
            school_id=school.id,
            school_year_id=school.year_id,
            name=read("daily_life")["timetable"],
            starts_on=self._world.calendar.starts_on,
            published_at=self._made,
            version=1,
        )
        taken = _Taken()
        for number, group in enumerate(school.classes):
            room = self._add("room", school_id=school.id, name=f"P.{1 + number // 8}0{1 + number % 8}")
            self._add("class_session", school_id=school.id, class_group_id=group.id, session=MORNING)
            units = self._morning(group, taken)
            school.lessons += [
                SeedLesson(group, *unit.slot, MORNING, parity, subject, teacher, room)
                for unit in units
                if unit.slot is not None
                for subject, teacher, parity in unit.taught
            ]
            school.lessons += self._afternoon(group, taken, 1 + number % 5)
        for lesson in school.lessons:
            self._add(
                "timetable_entry",
                school_id=school.id,
                timetable_id=timetable,
                class_group_id=lesson.group.id,
                weekday=lesson.weekday,
                session=lesson.session,
                period=lesson.period,
                parity=lesson.parity,
                subject_id=lesson.subject.id,
                user_id=lesson.teacher,
                room_id=lesson.room,
            )

    def _morning(self, group: SeedClass, taken: _Taken) -> list[_Unit]:
        """Every unit of the class in a slot of its own, early periods first, a subject rarely twice a day."""
        fixed, units = self._units(group)
        for unit, slot in zip(fixed, (FLAG, CLASS_HOUR), strict=False):
            unit.slot = slot
            taken.take(unit, MORNING, slot)
        slots: dict[Slot, _Unit] = {unit.slot: unit for unit in fixed if unit.slot}
        days: Counter[tuple[int, str]] = Counter()
        self._chance.shuffle(units)
        for unit in sorted(units, key=lambda unit: len(unit.taught), reverse=True):
            if not _place(unit, slots, taken, days):
                raise RuntimeError(f"no slot is left for {group.name}: the teachers of the seed have too many periods")
        _close_gaps(slots, taken)
        return [*fixed, *units]

    def _units(self, group: SeedClass) -> tuple[list[_Unit], list[_Unit]]:
        """The homeroom teacher's two fixed hours, and everything else that is taught in the morning."""
        fixed: list[_Unit] = []
        units: list[_Unit] = []
        halves: list[tuple[SeedSubject, UUID]] = []
        for subject in group.subjects:
            if subject.code in AFTERNOONS:
                continue
            teacher = group.teachers[subject.code]
            whole, rest = divmod(subject.periods[group.grade], TEACHING_WEEKS)
            made = [_Unit([(subject, teacher, "EVERY")]) for _ in range(whole)]
            if subject.code == HOMEROOM_TEACHES:
                fixed, made = made[:2], made[2:]
            units += made
            if rest:
                halves.append((subject, teacher))
        while halves:
            pair = [halves.pop(0), *([halves.pop(0)] if halves else [])]
            units.append(_Unit([(s, t, parity) for (s, t), parity in zip(pair, ("ODD", "EVEN"), strict=False)]))
        return fixed, units

    def _afternoon(self, group: SeedClass, taken: _Taken, first: int) -> list[SeedLesson]:
        """Physical (and defence) education on one afternoon, in the yard."""
        units = [
            _Unit([(subject, group.teachers[subject.code], "EVERY")])
            for subject in group.subjects
            if subject.code in AFTERNOONS
            for _ in range(subject.periods[group.grade] // TEACHING_WEEKS)
        ]
        for weekday in [(first + step - 1) % 5 + 1 for step in range(5)]:
            for begin in range(1, 6 - len(units) + 1):
                slots = [(weekday, begin + place) for place in range(len(units))]
                if all(taken.free(unit, AFTERNOON, slot) for unit, slot in zip(units, slots, strict=True)):
                    for unit, slot in zip(units, slots, strict=True):
                        taken.take(unit, AFTERNOON, slot)
                    return [
                        SeedLesson(group, *slot, AFTERNOON, "EVERY", unit.taught[0][0], unit.taught[0][1], None)
                        for unit, slot in zip(units, slots, strict=True)
                    ]
        raise RuntimeError(f"no afternoon is left for {group.name}")

    def _holidays(self, province: UUID) -> None:
        """The department's frame of the year and its holidays."""
        calendar = self._world.calendar
        self._add(
            "year_frame",
            unit_id=province,
            name=calendar.name,
            starts_on=calendar.starts_on,
            second_semester_on=calendar.second_semester_on,
            ends_on=calendar.ends_on,
        )
        for holiday in holidays_of(calendar):
            self._add(
                "holiday",
                unit_id=province,
                school_id=None,
                kind="HOLIDAY",
                name=holiday.name,
                starts_on=holiday.starts_on,
                ends_on=holiday.ends_on,
                as_weekday=None,
            )

    def _add(self, table: str, **values: object) -> UUID:
        return self._world.add(table, self._chance, self._made, **values)


def _place(unit: _Unit, slots: dict[Slot, _Unit], taken: _Taken, days: Counter[tuple[int, str]]) -> bool:
    """Put the unit where it costs least; when every such slot is taken, move another unit of the class away."""
    code = unit.taught[0][0].code
    every = [(weekday, period) for weekday in WEEKDAYS for period in range(1, 6)]
    free = [slot for slot in every if slot not in slots and taken.free(unit, MORNING, slot)]
    if free:
        slot = min(free, key=lambda s: (days[s[0], code], s[1] if s[0] < 6 else s[1] + 1, s[0]))
        _put(unit, slot, slots, taken, days)
        return True
    for slot in every:
        other = slots.get(slot)
        if other is None or slot in (FLAG, CLASS_HOUR) or not taken.free(unit, MORNING, slot):
            continue
        away = next((s for s in every if s not in slots and taken.free(other, MORNING, s)), None)
        if away is not None:
            taken.leave(other, MORNING, slot)
            days[slot[0], other.taught[0][0].code] -= 1
            _put(other, away, slots, taken, days)
            _put(unit, slot, slots, taken, days)
            return True
    return False


def _close_gaps(slots: dict[Slot, _Unit], taken: _Taken) -> None:
    """No free period between two lessons, wherever the last unit of this or another day can come forward."""
    for weekday in WEEKDAYS:
        for period in range(1, 5):
            hole = (weekday, period)
            if hole in slots or not any((weekday, later) in slots for later in range(period + 1, 6)):
                continue
            ends = sorted((_last(slots, day) for day in WEEKDAYS), key=lambda slot: (slot[0] != weekday, -slot[1]))
            move = next((s for s in ends if s != CLASS_HOUR and taken.free(slots[s], MORNING, hole)), None)
            if move is not None:
                unit = slots.pop(move)
                taken.leave(unit, MORNING, move)
                taken.take(unit, MORNING, hole)
                unit.slot, slots[hole] = hole, unit


def _last(slots: dict[Slot, _Unit], weekday: int) -> Slot:
    return max(slot for slot in slots if slot[0] == weekday)


def _put(unit: _Unit, slot: Slot, slots: dict[Slot, _Unit], taken: _Taken, days: Counter[tuple[int, str]]) -> None:
    unit.slot, slots[slot] = slot, unit
    taken.take(unit, MORNING, slot)
    days[slot[0], unit.taught[0][0].code] += 1


@dataclass(frozen=True, slots=True)
class SeedHoliday:
    name: str
    starts_on: date
    ends_on: date


def holidays_of(calendar: Calendar) -> list[SeedHoliday]:
    """Public holidays of the year (Labour Code art. 112), and two weeks around Tết."""
    data, year = read("daily_life"), calendar.starts_on.year + 1
    words, tet, kings = data["holidays"], data["lunar_new_year"].get(str(year)), data["kings_day"].get(str(year))
    found = [
        SeedHoliday(words["new_year"], date(year, 1, 1), date(year, 1, 1)),
        SeedHoliday(words["liberation"], date(year, 4, 30), date(year, 5, 1)),
    ]
    if tet is not None:
        first = date.fromisoformat(tet)
        found.append(SeedHoliday(words["tet"], first - timedelta(days=5), first + timedelta(days=8)))
    if kings is not None:
        found.append(SeedHoliday(words["kings"], date.fromisoformat(kings), date.fromisoformat(kings)))
    return found
