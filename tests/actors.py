"""The people of the tests: one small school with a neighbour, and somebody for every role."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import insert, text

from backend.core import clock
from backend.core.actor import NOBODY, SYSTEM, Actor, Grant, Role
from backend.core.db import Database, Row, Session, table_of
from backend.core.ids import new_id
from backend.core.text import name_sort_key, search_key
from backend.enrolment.tables import Enrolment, Homeroom, TeachingAssignment
from backend.eservices.shipped import install
from backend.eservices.tables import OfficeDay, Procedure, ProcedureVersion
from backend.gradebook.tables import ColumnKind, ScoreColumn, Semester
from backend.identity.tables import Guardianship, Relation, RoleGrant, Student, User
from backend.organisation.tables import (
    AssessmentMode,
    ClassGroup,
    Level,
    School,
    SchoolYear,
    Subject,
    SubjectPlan,
    Unit,
    UnitKind,
)  # fmt: skip
from backend.timetable.tables import (
    CalendarEvent,
    ClassSession,
    EventKind,
    HalfDay,
    Holiday,
    HolidayKind,
    Period,
    Room,
    SchoolDay,
    Timetable,
    TimetableEntry,
)  # fmt: skip


@dataclass
class World:
    """Ids of everything that exists, by plain names; and the actors."""

    ids: dict[str, UUID] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getitem__(self, name: str) -> UUID:
        return self.ids[name]

    def actor(self, name: str) -> Actor:
        return self.actors[name]


ACTORS: tuple[str, ...] = (
    "nobody", "stranger", "mother", "father", "pupil", "other_mother", "math_teacher", "literature_teacher",
    "homeroom_teacher", "headteacher", "clerk", "officer", "other_clerk", "other_teacher",
)  # fmt: skip
_PEOPLE: Mapping[str, tuple[str, Role | None, str | None]] = {
    "stranger": ("Người Lạ", None, None),
    "mother": ("Trần Thị Hoa", None, None),
    "father": ("Nguyễn Văn Nam", None, None),
    "pupil": ("Nguyễn Thị Ngọc Lan", None, None),
    "other_mother": ("Lê Thị Mai", None, None),
    "math_teacher": ("Phạm Văn Toán", Role.SUBJECT_TEACHER, "school"),
    "literature_teacher": ("Vũ Thị Văn", Role.SUBJECT_TEACHER, "school"),
    "homeroom_teacher": ("Đỗ Thị Chủ Nhiệm", Role.HOMEROOM_TEACHER, "school"),
    "headteacher": ("Bùi Văn Hiệu", Role.HEADTEACHER, "school"),
    "clerk": ("Ngô Thị Giáo Vụ", Role.ACADEMIC_CLERK, "school"),
    "officer": ("Hoàng Văn Sở", Role.PROVINCIAL_OFFICER, None),
    "other_clerk": ("Lý Thị Khác", Role.ACADEMIC_CLERK, "other_school"),
    "other_teacher": ("Mai Văn Khác", Role.SUBJECT_TEACHER, "other_school"),
}


@dataclass(frozen=True)
class _Kept:
    """A world of some day, and its rows as JSON by table, in the order in which they may be put in."""

    world: World
    rows: Mapping[str, str]


_WORLDS: dict[date, _Kept] = {}


async def make_world(database: Database) -> World:
    """A province, two schools, two classes of three pupils each, two subjects, and everybody in `ACTORS`.

    Lessons are on Monday to Friday mornings, and today always, whatever its weekday: 7A has maths then literature, 7B
    literature, the class of the other school maths. Four weeks ago and in four weeks a day is a holiday.

    It is built once a day and process; after that PostgreSQL puts the same rows in, which is five times quicker.
    """
    kept = _WORLDS.get(clock.today())
    async with database.write(SYSTEM) as session:
        if kept is None:
            kept = _WORLDS[clock.today()] = await _build(session)
        else:
            for table, rows in kept.rows.items():
                them = f'jsonb_populate_recordset(null::"{table}", cast(:rows as jsonb))'
                await session.execute(text(f'insert into "{table}" select * from {them}'), {"rows": rows})
    return deepcopy(kept.world)


async def _build(session: Session) -> _Kept:
    world = World()
    rows = [*_places(world), *_people(world), *_pupils(world), *_work(world), *_lessons(world), *_days(world)]
    for kind, alike in groupby(rows, type):
        await session.execute(insert(kind), [row.model_dump() for row in alike])
    await install(session)
    _actors(world)
    written: dict[str, str] = {}
    for kind in dict.fromkeys([*map(type, rows), Procedure, ProcedureVersion, OfficeDay]):
        table = table_of(kind).name
        written[table] = (
            await session.execute(text(f'select jsonb_agg(to_jsonb(r))::text from "{table}" r'))
        ).scalar_one()
    return _Kept(world, written)


def _new(world: World, name: str) -> UUID:
    world.ids[name] = new_id()
    return world.ids[name]


def _places(world: World) -> list[Row]:
    today = clock.today()
    province = Unit(id=_new(world, "province"), kind=UnitKind.PROVINCE, code="24", name="Bắc Ninh")
    rows: list[Row] = [province]
    for school, code in (("school", "24010001"), ("other_school", "24010002")):
        rows.append(
            School(
                id=_new(world, school), code=code, name=f"THCS {code}", level=Level.LOWER_SECONDARY, unit_id=province.id
            )
        )
        year = SchoolYear(
            id=_new(world, f"{school}_year"),
            school_id=world[school],
            name="2026-2027",
            starts_on=today - timedelta(days=60),
            second_semester_on=today + timedelta(days=60),
            ends_on=today + timedelta(days=200),
            is_current=True,
        )
        rows.append(year)
    for name, school in (("class_7a", "school"), ("class_7b", "school"), ("other_class", "other_school")):
        rows.append(
            ClassGroup(
                id=_new(world, name),
                school_id=world[school],
                school_year_id=world[f"{school}_year"],
                name=name[-2:].upper(),
                grade=7,
                sort_key=name,
            )
        )
    for position, (code, name, english, mode) in enumerate(
        (
            ("toan", "Toán", "Mathematics", AssessmentMode.COMMENT_AND_MARK),
            ("ngu_van", "Ngữ văn", "Literature", AssessmentMode.COMMENT_AND_MARK),
            ("giao_duc_the_chat", "Giáo dục thể chất", "Physical education", AssessmentMode.COMMENT_ONLY),
        )
    ):
        subject = Subject(id=_new(world, code), code=code, name=name, name_en=english, mode=mode, position=position)
        plan = SubjectPlan(subject_id=subject.id, level=Level.LOWER_SECONDARY, grade=7, periods=35)
        rows += [subject, plan]
    return rows


def _people(world: World) -> list[Row]:
    rows: list[Row] = []
    for number, (name, (full_name, role, school)) in enumerate(_PEOPLE.items()):
        phone = f"+84912{number:06d}"
        rows.append(
            User(
                id=_new(world, name),
                full_name=full_name,
                sort_key=name_sort_key(full_name),
                phone=phone,
                username=name if role else None,
            )
        )
        if role:
            unit = world["province"] if school is None else None
            rows.append(
                RoleGrant(user_id=world[name], role=role, school_id=world[school] if school else None, unit_id=unit)
            )
    return rows


def _pupils(world: World) -> list[Row]:
    rows: list[Row] = []
    people = (
        ("lan", "Nguyễn Thị Ngọc Lan", "class_7a", "school"),
        ("minh", "Trần Văn Minh", "class_7a", "school"),
        ("anh", "Lê Hoàng Ánh", "class_7a", "school"),
        ("dung", "Đặng Văn Dũng", "class_7b", "school"),
        ("khac", "Ngô Văn Khác", "other_class", "other_school"),
    )
    for number, (name, full_name, class_group, school) in enumerate(people):
        student = Student(
            id=_new(world, name),
            school_id=world[school],
            code=f"240000000{number}",
            full_name=full_name,
            sort_key=name_sort_key(full_name),
            search_key=search_key(full_name),
            birth_date=date(2014, 5, 1 + number),
            user_id=world["pupil"] if name == "lan" else None,
        )
        enrolment = Enrolment(
            school_id=student.school_id,
            student_id=student.id,
            class_group_id=world[class_group],
            school_year_id=world[f"{school}_year"],
            started_on=clock.today() - timedelta(days=60),
        )
        rows += [student, enrolment]
    for guardian, student, relation in (
        ("mother", "lan", Relation.MOTHER),
        ("father", "lan", Relation.FATHER),
        ("mother", "dung", Relation.GUARDIAN),
        ("other_mother", "minh", Relation.MOTHER),
    ):
        rows.append(
            Guardianship(
                school_id=world["school"], student_id=world[student], user_id=world[guardian], relation=relation
            )
        )
    return rows


def _work(world: World) -> list[Row]:
    rows: list[Row] = [
        Homeroom(school_id=world["school"], class_group_id=world["class_7a"], user_id=world["homeroom_teacher"]),
        TeachingAssignment(
            school_id=world["other_school"],
            class_group_id=world["other_class"],
            subject_id=world["toan"],
            user_id=world["other_teacher"],
        ),
    ]
    for teacher, subject in (("math_teacher", "toan"), ("literature_teacher", "ngu_van")):
        rows.append(
            TeachingAssignment(
                school_id=world["school"],
                class_group_id=world["class_7a"],
                subject_id=world[subject],
                user_id=world[teacher],
            )
        )
    rows.append(
        ScoreColumn(
            id=_new(world, "column"),
            school_id=world["school"],
            class_group_id=world["class_7a"],
            subject_id=world["toan"],
            semester=Semester.SEM1,
            kind=ColumnKind.ONGOING,
            ordinal=1,
        )
    )
    return rows


def _lessons(world: World) -> list[Row]:
    """Bells, rooms and a published timetable of both schools, their holidays, and a test in 7A in three days."""
    today = clock.today()
    rows: list[Row] = []
    for school, prefix in (("school", ""), ("other_school", "other_")):
        rows += [*_bells(world, school, prefix), *_holidays(world, school, prefix)]
        rows += [
            Room(id=_new(world, f"{prefix}room"), school_id=world[school], name="P.201"),
            Timetable(
                id=_new(world, f"{prefix}timetable"),
                school_id=world[school],
                school_year_id=world[f"{school}_year"],
                name="Học kì I",
                starts_on=today - timedelta(days=60),
                published_at=clock.now(),
            ),
        ]
    given = (
        ("class_7a", 1, "toan", "math_teacher", "room"),
        ("class_7a", 2, "ngu_van", "literature_teacher", "room"),
        ("class_7b", 1, "ngu_van", "literature_teacher", None),
        ("other_class", 1, "toan", "other_teacher", "other_room"),
    )
    for class_group, number, subject, teacher, room in given:
        school, prefix = ("other_school", "other_") if class_group == "other_class" else ("school", "")
        for weekday in range(1, 6):
            entry = TimetableEntry(
                school_id=world[school],
                timetable_id=world[f"{prefix}timetable"],
                class_group_id=world[class_group],
                weekday=weekday,
                session=HalfDay.MORNING,
                period=number,
                subject_id=world[subject],
                user_id=world[teacher],
                room_id=world[room] if room else None,
            )
            rows.append(entry)
            if weekday == _taught_as(today):
                world.ids.setdefault(f"{prefix}entry", entry.id)
        if number == 1:
            rows.append(
                ClassSession(school_id=world[school], class_group_id=world[class_group], session=HalfDay.MORNING)
            )
    rows.append(
        CalendarEvent(
            id=_new(world, "event"),
            school_id=world["school"],
            class_group_id=world["class_7a"],
            subject_id=world["toan"],
            kind=EventKind.TEST,
            day=today + timedelta(days=3),
            title="Kiểm tra 15 phút",
            created_by=world["math_teacher"],
        )
    )
    return rows


def _bells(world: World, school: str, prefix: str) -> list[Row]:
    """Five periods of 45 minutes from 07:00 and from 13:00."""
    rows: list[Row] = []
    for session, hour in ((HalfDay.MORNING, 7), (HalfDay.AFTERNOON, 13)):
        for number in range(1, 6):
            begins = hour * 60 + (number - 1) * 50
            rows.append(
                Period(
                    school_id=world[school],
                    session=session,
                    number=number,
                    starts_at=time(begins // 60, begins % 60),
                    ends_at=time((begins + 45) // 60, (begins + 45) % 60),
                )
            )
    world.ids[f"{prefix}period"] = rows[0].id
    return rows


def _taught_as(day: date) -> int:
    """The weekday whose lessons are taught on a day that teaches: at weekends Monday's."""
    return day.isoweekday() if day.isoweekday() <= 5 else 1


def _holidays(world: World, school: str, prefix: str) -> list[Row]:
    """Two days off, each on today's weekday; and a make-up day today when today is at a weekend."""
    today = clock.today()
    rows: list[Row] = [
        Holiday(
            id=_new(world, f"{prefix}{name}"),
            school_id=world[school],
            kind=HolidayKind.HOLIDAY,
            name=title,
            starts_on=today + timedelta(days=days),
            ends_on=today + timedelta(days=days),
        )
        for name, title, days in (("past_holiday", "Hội thao", -28), ("holiday", "Nghỉ lễ", 28))
    ]
    if today.isoweekday() > 5:
        rows.append(
            Holiday(
                school_id=world[school],
                kind=HolidayKind.MAKE_UP,
                name="Học bù",
                starts_on=today,
                ends_on=today,
                as_weekday=_taught_as(today),
            )
        )
    return rows


def _days(world: World) -> list[SchoolDay]:
    """Forty days before and after today at both schools, as `backend.timetable.days` works them out."""
    today = clock.today()
    first = today - timedelta(days=60)
    monday = first - timedelta(days=first.weekday())
    days: list[SchoolDay] = []
    for school, prefix in (("school", ""), ("other_school", "other_")):
        for offset in range(-40, 41):
            day = today + timedelta(days=offset)
            week = (day - monday).days // 7 + 1
            off = {-28: "Hội thao", 28: "Nghỉ lễ"}.get(offset)
            made_up = offset == 0 and day.isoweekday() > 5
            days.append(
                SchoolDay(
                    school_id=world[school],
                    school_year_id=world[f"{school}_year"],
                    day=day,
                    teaches=off is None and (made_up or day.isoweekday() <= 5),
                    weekday=_taught_as(day) if made_up else day.isoweekday(),
                    week=week,
                    odd=week % 2 == 1,
                    timetable_id=world[f"{prefix}timetable"],
                    holiday="Học bù" if made_up else off,
                )
            )
    return days


def _actors(world: World) -> None:
    """The actors as the door of a request would build them."""
    world.actors["nobody"] = NOBODY
    children = {"mother": ("lan", "dung"), "father": ("lan",), "other_mother": ("minh",), "pupil": ("lan",)}
    for name, (full_name, role, school) in _PEOPLE.items():
        grants: tuple[Grant, ...] = ()
        if role is Role.PROVINCIAL_OFFICER:
            grants = tuple(Grant(role, world[school_]) for school_ in ("school", "other_school"))
        elif role and school:
            grants = (Grant(role, world[school]),)
        elif name in children:
            grants = (Grant(Role.STUDENT if name == "pupil" else Role.GUARDIAN, world["school"]),)
        world.actors[name] = Actor(
            user_id=world[name],
            full_name=full_name,
            grants=grants,
            students=tuple(sorted(world[child] for child in children.get(name, ()))),
        )
