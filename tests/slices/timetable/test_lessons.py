"""The world's own timetable, read as dated lessons."""

from sqlalchemy import select

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.timetable.lessons import LESSONS
from tests.actors import World


async def test_the_world_has_lessons_today(database: Database, world: World) -> None:
    dated = LESSONS.subquery()
    async with database.write(SYSTEM) as session:
        rows = (await session.execute(select(dated).where(dated.c.day == clock.today()))).all()
    found = {(row.class_group_id, row.session.value, row.period, row.subject_id, row.user_id) for row in rows}
    assert found == {
        (world["class_7a"], "MORNING", 1, world["toan"], world["math_teacher"]),
        (world["class_7a"], "MORNING", 2, world["ngu_van"], world["literature_teacher"]),
        (world["class_7b"], "MORNING", 1, world["ngu_van"], world["literature_teacher"]),
        (world["other_class"], "MORNING", 1, world["toan"], world["other_teacher"]),
    }
    assert all(row.change is None and str(row.starts_at) for row in rows)
