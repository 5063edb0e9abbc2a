"""Province, wards, schools, years, classes, subjects."""

from typing import Any
from uuid import UUID

from backend.organisation.curriculum import subjects
from backend.organisation.tables import AssessmentMode, UnitKind
from backend.seed.chance import Chance
from backend.seed.data import read
from backend.seed.model import SeedClass, SeedSchool, SeedSubject
from backend.seed.staff import Staff
from backend.seed.world import World

SMALL_CLASSES = {"7": 2}
SMALL_SIZE = (12, 12)


def build_places(world: World, staff: Staff, *, small: bool) -> list[SeedSchool]:
    """The units, the national subjects, and the schools with their classes and management."""
    chance = Chance("places")
    made = world.calendar.prepared
    places = read("places")
    province = world.add("unit", chance, made, kind=UnitKind.PROVINCE.value, parent_id=None, **places["province"])
    communes = {
        commune["code"]: world.add("unit", chance, made, kind=UnitKind.COMMUNE.value, parent_id=province, **commune)
        for commune in places["communes"]
    }
    staff.officer(province, places["officer"])
    subjects = _subjects(world, chance)
    wanted = places["schools"][:1] if small else places["schools"]
    return [_school(world, chance, staff, plan, communes[plan["commune"]], subjects, small=small) for plan in wanted]


def _subjects(world: World, chance: Chance) -> dict[str, dict[str, SeedSubject]]:
    """Every subject of the curriculum by level of school and code."""
    made = world.calendar.prepared
    found: dict[str, dict[str, SeedSubject]] = {}
    for position, row in enumerate(subjects(), 1):
        code, name, name_en, mode = row["code"], row["name"], row["name_en"], row["mode"]
        subject_id = world.add(
            "subject", chance, made, code=code, name=name, name_en=name_en, mode=mode, position=position
        )
        for level, periods in row["periods"].items():
            by_grade = {int(grade): count for grade, count in periods.items()}
            for grade, count in by_grade.items():
                world.add("subject_plan", chance, made, subject_id=subject_id, level=level, grade=grade, periods=count)
            marked = mode == AssessmentMode.COMMENT_AND_MARK.value
            found.setdefault(level, {})[code] = SeedSubject(subject_id, code, name, name_en, marked, by_grade)
    return found


# Optional in the curriculum, or chosen by a class in upper secondary school: taught only where the plan says so.
_OPTIONAL = {"ngoai_ngu_2", "tieng_dan_toc_thieu_so"}


def _school(
    world: World,
    chance: Chance,
    staff: Staff,
    plan: dict[str, Any],
    commune: UUID,
    subjects: dict[str, dict[str, SeedSubject]],
    *,
    small: bool,
) -> SeedSchool:
    calendar, made = world.calendar, world.calendar.prepared
    school_id = world.add(
        "school", chance, made, code=plan["code"], name=plan["name"], level=plan["level"], unit_id=commune
    )
    year_id = world.add(
        "school_year",
        chance,
        made,
        school_id=school_id,
        name=calendar.name,
        starts_on=calendar.starts_on,
        second_semester_on=calendar.second_semester_on,
        ends_on=calendar.ends_on,
        is_current=True,
    )
    school = SeedSchool(school_id, plan["key"], plan["name"], year_id, *staff.management(school_id, plan["people"]))
    counts = SMALL_CLASSES if small else plan["classes"]
    chosen = {code for choice in plan["electives"] for code in choice} | _OPTIONAL
    common = [subject for code, subject in subjects[plan["level"]].items() if code not in chosen]
    for grade, count in counts.items():
        for number in range(1, count + 1):
            elective = plan["electives"][(number - 1) % len(plan["electives"])]
            taught = common + [subjects[plan["level"]][code] for code in elective]
            size = chance.randint(*(SMALL_SIZE if small else plan["class_size"]))
            school.classes.append(_class(world, chance, school, f"{grade}A{number}", int(grade), size, taught))
    staff.teachers(school, plan["teachers"])
    return school


def _class(
    world: World,
    chance: Chance,
    school: SeedSchool,
    name: str,
    grade: int,
    size: int,
    taught: list[SeedSubject],
) -> SeedClass:
    class_id = world.add(
        "class_group",
        chance,
        world.calendar.prepared,
        school_id=school.id,
        school_year_id=school.year_id,
        name=name,
        grade=grade,
        sort_key=class_sort_key(name, grade),
    )
    return SeedClass(class_id, name, grade, size, taught)


def class_sort_key(name: str, grade: int) -> str:
    """Classes in the order of a school's list: by grade, then number: 6A2 before 6A10."""
    letters = name.lstrip("0123456789")
    track, number = letters.rstrip("0123456789"), letters.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    return f"{grade:02d} {track} {int(number or 0):03d}"
