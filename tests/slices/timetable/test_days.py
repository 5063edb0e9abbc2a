"""School days and dated lessons: what SQL says is what the rules say, whatever the timetable."""

import random
from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Session
from backend.core.ids import new_id
from backend.organisation.tables import School, SchoolYear, Unit, UnitKind
from backend.timetable import days, rules
from backend.timetable.lessons import LESSONS
from backend.timetable.tables import (
    ChangeKind,
    HalfDay,
    Holiday,
    HolidayKind,
    LessonChange,
    Room,
    SchoolDay,
    Timetable,
    TimetableEntry,
    WeekParity,
)
from tests.actors import World

FIRST, LAST = date(2026, 9, 5), date(2027, 5, 29)


async def fresh_year(session: Session, world: World) -> None:
    """Both schools begin anew: the world's own timetable is a draft, its days are gone."""
    await session.execute(update(SchoolYear).values(starts_on=FIRST, ends_on=LAST))
    await session.execute(update(Timetable).values(published_at=None))
    await session.execute(update(SchoolDay).values(timetable_id=None))


def random_breaks(chance: random.Random, world: World) -> list[Holiday]:
    """Overlapping holidays and make-up days of the province and of both schools."""
    breaks = []
    for _ in range(10):
        make_up = chance.random() < 0.4
        starts_on = FIRST + timedelta(days=chance.randrange(-3, 60))
        breaks.append(
            Holiday(
                id=new_id(),
                unit_id=None if (own := chance.choice(["school", "other_school", None])) else world["province"],
                school_id=world[own] if own else None,
                kind=HolidayKind.MAKE_UP if make_up else HolidayKind.HOLIDAY,
                name=f"b{chance.randrange(100)}",
                starts_on=starts_on,
                ends_on=starts_on + timedelta(days=0 if make_up else chance.randrange(6)),
                as_weekday=chance.randrange(1, 8) if make_up else None,
            )
        )
    return breaks


def random_entries(chance: random.Random, world: World, timetable: Timetable, room: Room) -> list[TimetableEntry]:
    """Thirty lessons of two classes, one to a slot; which teachers are busy is not asked here."""
    slots = [(w, s, p, g) for w in range(1, 7) for s in HalfDay for p in range(1, 4) for g in ("class_7a", "class_7b")]
    rows = []
    for weekday, session, period, group in chance.sample(slots, 30):
        parities = chance.choice([[WeekParity.EVERY], [WeekParity.ODD], [WeekParity.ODD, WeekParity.EVEN]])
        for parity in parities:
            rows.append(
                TimetableEntry(
                    school_id=timetable.school_id,
                    timetable_id=timetable.id,
                    class_group_id=world[group],
                    weekday=weekday,
                    session=session,
                    period=period,
                    parity=parity,
                    subject_id=world[chance.choice(["toan", "ngu_van"])],
                    user_id=world[chance.choice(["math_teacher", "literature_teacher"])],
                    room_id=chance.choice([None, world["room"], room.id]),
                )
            )
    return rows


def random_changes(chance: random.Random, world: World) -> list[LessonChange]:
    found = {}
    for _ in range(60):
        key = (
            chance.choice(["class_7a", "class_7b"]),
            FIRST + timedelta(days=chance.randrange(60)),
            chance.choice(list(HalfDay)),
            chance.randrange(1, 4),
        )
        found[key] = LessonChange(
            school_id=world["school"],
            class_group_id=world[key[0]],
            day=key[1],
            session=key[2],
            period=key[3],
            kind=chance.choice(list(ChangeKind)),
            subject_id=world["giao_duc_the_chat"],
            user_id=world["homeroom_teacher"],
            room_id=chance.choice([None, world["room"]]),
            note=chance.choice(["", "ốm"]),
            created_by=world["clerk"],
        )
    return list(found.values())


def plain_break(row: Holiday) -> rules.Break:
    return rules.Break(row.kind, row.name, row.starts_on, row.ends_on, row.as_weekday)


@pytest.mark.parametrize("seed", range(4))
async def test_sql_and_rules_agree(seed: int, database: Database, world: World) -> None:
    """Days of the year, and every dated lesson of two timetables that follow one another."""
    chance = random.Random(seed)
    school = world["school"]
    breaks, changes = random_breaks(chance, world), random_changes(chance, world)
    second = FIRST + timedelta(days=chance.randrange(10, 40))
    room = Room(school_id=school, name="P.9")
    made = [
        Timetable(
            school_id=school, school_year_id=world["school_year"], name=f"t{n}", starts_on=starts_on,
            published_at=clock.now(),
        )
        for n, starts_on in enumerate((FIRST, second))
    ]  # fmt: skip
    entries = [random_entries(chance, world, timetable, room) for timetable in made]
    async with database.write(SYSTEM) as session:
        await fresh_year(session, world)
        await session.execute(update(Holiday).values(starts_on=date(2020, 1, 1), ends_on=date(2020, 1, 1)))
        for row in (room, *breaks, *made, *entries[0], *entries[1], *changes):
            await session.execute(insert(type(row)).values(**row.model_dump()))
        await days.rebuild(session, [school, world["other_school"]])
        stored = (
            await session.execute(
                select(SchoolDay).where(col(SchoolDay.school_id) == school).order_by(col(SchoolDay.day))
            )
        ).scalars()
        dated = LESSONS.subquery()
        found = (await session.execute(select(dated).where(dated.c.school_id == school))).all()

        ours = [pause for pause in breaks if pause.school_id in (None, school)]
        ours.sort(key=lambda pause: (pause.school_id is not None, pause.created_at, pause.id), reverse=True)
        expected_days, expected = [], []
        spans = ((FIRST, second - timedelta(days=1)), (second, LAST))
        for (since, until), rows in zip(spans, entries, strict=True):
            year = rules.calendar(FIRST, LAST, [plain_break(p) for p in ours], {row.weekday for row in rows})
            span = [day for day in year if since <= day.day <= until]
            expected_days += span
            expected += rules.expand([plain_entry(row) for row in rows], span, [plain_change(row) for row in changes])
    assert [rules.Day(d.day, d.weekday, d.week, d.odd, d.teaches, d.holiday) for d in stored] == expected_days
    assert len(expected) > 500
    assert {
        (x.day, x.week, x.session, x.period, x.class_group_id, x.subject_id, x.user_id, x.room_id, x.regular_user_id,
         x.regular_room_id, x.change, x.note)
        for x in found
    } == {tuple(lesson) for lesson in expected}  # fmt: skip
    assert len(found) == len(expected) == len({x.id for x in found})


def plain_entry(row: TimetableEntry) -> rules.Entry:
    slot = rules.Slot(row.weekday, row.session, row.period, row.parity)
    return rules.Entry(slot, row.class_group_id, row.subject_id, row.user_id, row.room_id)


def plain_change(row: LessonChange) -> rules.Change:
    return rules.Change(
        row.class_group_id, row.day, row.session, row.period, row.kind, row.subject_id, row.user_id, row.room_id,
        row.note,
    )  # fmt: skip


async def test_a_holiday_of_the_commune_and_of_the_province_reaches_the_school(
    database: Database, world: World
) -> None:
    async with database.write(SYSTEM) as session:
        await fresh_year(session, world)
        commune = Unit(kind=UnitKind.COMMUNE, code="09187", name="Võ Cường", parent_id=world["province"])
        session.add(commune)
        await session.flush()
        await session.execute(update(School).where(col(School.id) == world["school"]).values(unit_id=commune.id))
        for unit, name, day in ((commune.id, "hội làng", 10), (world["province"], "bão", 11)):
            session.add(
                Holiday(
                    unit_id=unit,
                    kind=HolidayKind.HOLIDAY,
                    name=name,
                    starts_on=FIRST + timedelta(days=day),
                    ends_on=FIRST + timedelta(days=day),
                )
            )
        await days.rebuild(session, [world["school"], world["other_school"]])
        rows = (
            await session.execute(select(SchoolDay).where(col(SchoolDay.holiday).in_(["hội làng", "bão"])))
        ).scalars()
        named = {(row.school_id, row.holiday) for row in rows}
    assert named == {(world["school"], "hội làng"), (world["school"], "bão"), (world["other_school"], "bão")}


async def test_days_keep_their_ids_and_leave_with_the_year(database: Database, world: World) -> None:
    """Working days out again writes nothing; a shorter year forgets the days outside it."""
    async with database.write(SYSTEM) as session:
        await days.rebuild(session, [world["school"]])
        mine = select(col(SchoolDay.day), col(SchoolDay.id)).where(col(SchoolDay.school_id) == world["school"])
        first = dict((await session.execute(mine)).all())
        with database.count_statements() as counted:
            await days.rebuild(session, [world["school"], world["other_school"]])
        assert len(counted) == 2
        await session.execute(update(SchoolYear).values(ends_on=clock.today() + timedelta(days=30)))
        await days.rebuild(session, [world["school"]])
        kept = dict((await session.execute(mine)).all())
    assert max(kept) == clock.today() + timedelta(days=30)
    assert min(kept) == clock.today() - timedelta(days=60)
    assert all(first[day] == kept[day] for day in kept)


async def test_the_worlds_days_are_what_the_product_works_out(database: Database, world: World) -> None:
    """`tests.actors` writes them by hand, for speed: the same days come out here."""

    async def stored(session: Session) -> set[tuple[object, ...]]:
        near = [clock.today() - timedelta(days=40), clock.today() + timedelta(days=40)]
        rows = (await session.execute(select(SchoolDay).where(col(SchoolDay.day).between(near[0], near[1])))).scalars()
        return {
            (row.school_id, row.day, row.teaches, row.weekday, row.week, row.odd, row.timetable_id, row.holiday)
            for row in rows.all()
        }

    async with database.write(SYSTEM) as session:
        by_hand = await stored(session)
        session.expire_all()
        await days.rebuild(session, [world["school"], world["other_school"]])
        assert await stored(session) == by_hand
