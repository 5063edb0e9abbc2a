"""The second lock: a query that forgets its scope returns nothing, or only what is the actor's own anyway."""

from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel, col

from backend.core import clock
from backend.core.actor import NOBODY, SYSTEM
from backend.core.db import Database
from backend.enrolment.tables import Enrolment
from backend.gradebook.tables import Score, ScoreColumn
from backend.identity.tables import Student
from tests.actors import World, make_world
from tests.contract.extras import add_extras

FENCED = ("student", "enrolment", "guardianship", "score", "score_column", "subject_result", "class_group",
          "teaching_assignment", "homeroom", "announcement", "announcement_recipient", "import_batch", "staff_member",
          "school_year", "device", "role_grant", "leave_request", "leave_photo")  # fmt: skip


@pytest.fixture
async def world(database: Database) -> World:
    made = await make_world(database)
    await add_extras(database, made)
    return made


async def _all(database: Database, actor: Any, table: type[SQLModel]) -> list[Any]:
    async with database.write(actor) as session:
        return list((await session.execute(select(table))).scalars())


@pytest.mark.parametrize("table", FENCED)
async def test_without_an_actor_nothing_is_there(database: Database, world: World, table: str) -> None:
    async with database.write(NOBODY) as session:
        assert (await session.execute(text(f"select count(*) from {table}"))).scalar_one() == 0
    async with database.write(SYSTEM) as session:
        assert (await session.execute(text(f"select count(*) from {table}"))).scalar_one() > 0


@pytest.mark.parametrize("table", FENCED)
async def test_on_a_bare_connection_nothing_is_there(database: Database, world: World, table: str) -> None:
    """The fence does not stay behind on a connection that an action or a read has used."""
    assert await database.read(f"select count(*) from {table}", ()) == 0


async def test_a_guardian_who_forgets_the_scope_sees_her_own_children(database: Database, world: World) -> None:
    names = {student.full_name for student in await _all(database, world.actor("mother"), Student)}
    assert names == {"Nguyễn Thị Ngọc Lan", "Đặng Văn Dũng"}
    enrolled = {row.student_id for row in await _all(database, world.actor("mother"), Enrolment)}
    assert enrolled == {world["lan"], world["dung"]}


async def test_a_guardian_never_sees_an_unpublished_mark(database: Database, world: World) -> None:
    assert await _all(database, world.actor("mother"), Score) == []
    async with database.write(SYSTEM) as session:
        await session.execute(update(Score).values(published_at=clock.now()))
    seen = await _all(database, world.actor("mother"), Score)
    assert {score.student_id for score in seen} == {world["lan"]}


async def test_staff_of_another_school_see_nothing_here(database: Database, world: World) -> None:
    students = await _all(database, world.actor("other_clerk"), Student)
    assert {student.id for student in students} == {world["khac"]}
    assert await _all(database, world.actor("other_clerk"), ScoreColumn) == []


async def test_nobody_writes_into_another_school(database: Database, world: World) -> None:
    score = Score(
        school_id=world["school"],
        column_id=world["column"],
        student_id=world["lan"],
        mark=Decimal(10),
        entered_by=world["other_teacher"],
        entered_at=clock.now(),
    )
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.write(world.actor("other_teacher")) as session:
            session.add(score)
    async with database.write(world.actor("other_teacher")) as session:
        changed = await session.execute(update(Student).where(col(Student.id) == world["lan"]).values(full_name="X"))
        assert changed.rowcount == 0  # pyright: ignore[reportAttributeAccessIssue]


async def test_the_journal_is_written_in_ones_own_name_and_not_erased(database: Database, world: World) -> None:
    insert = (
        "insert into journal (id, created_at, kind, data, actor_user_id) "
        "values (gen_random_uuid(), now(), 'x', '{}', :who)"
    )
    async with database.write(world.actor("mother")) as session:
        await session.execute(text(insert), {"who": world["mother"]})
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.write(world.actor("mother")) as session:
            await session.execute(text(insert), {"who": world["clerk"]})
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.write(SYSTEM) as session:
            await session.execute(text("delete from journal"))
