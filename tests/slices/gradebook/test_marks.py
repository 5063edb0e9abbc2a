"""Marks: typing them, publishing them, correcting them; what each person sees."""

from typing import Any

from sqlalchemy import select
from sqlmodel import col

from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.core.journal import Journal
from tests.actors import World
from tests.client import Answer, Client

ENTER = """mutation($column: UUID!, $rows: [ScoreInput!]!, $why: String) {
  enterScores(column: $column, rows: $rows, correctionReason: $why) {
    __typename
    ... on EnterScoresPayload {
      saved { studentId mark reason version }
      refused { student problem { code message } current { mark version } }
    }
    ... on Problem { code message fields { path } }
  }
}"""
PUBLISH = """mutation($column: UUID!, $version: Int!) {
  publishScores(column: $column, version: $version) {
    __typename
    ... on ScoreColumnPayload { column { id version publishedAt } }
    ... on Problem { code }
  }
}"""
MARKS = """query($student: UUID!) {
  subjectMarks(student: $student, semester: SEM1) { subject { name } average scores { mark reason kind } }
}"""
PUPILS = ("lan", "minh", "anh")


async def enter(client: Client, world: World, rows: list[dict[str, Any]], **more: Any) -> Answer:
    given = {"column": world["column"], "rows": rows, **more}
    return await client(world.actor(more.pop("who", "math_teacher")), ENTER, **given)


async def fill(client: Client, world: World, **marks: str) -> None:
    rows = [{"student": world[pupil], "mark": marks.get(pupil, "8")} for pupil in PUPILS]
    assert len((await enter(client, world, rows))["enterScores"]["saved"]) == 3


async def publish(client: Client, world: World, version: int = 1) -> Answer:
    return await client(world.actor("math_teacher"), PUBLISH, column=world["column"], version=version)


async def test_bad_cells_are_refused_one_by_one_and_good_ones_are_kept(client: Client, world: World) -> None:
    rows = [
        {"student": world["lan"], "mark": "8,5"},
        {"student": world["minh"], "mark": "8,55"},
        {"student": world["anh"], "mark": "tám"},
    ]
    result = (await enter(client, world, rows))["enterScores"]
    assert [(s["studentId"], s["mark"], s["version"]) for s in result["saved"]] == [(str(world["lan"]), "8.5", 1)]
    assert [r["problem"]["code"] for r in result["refused"]] == [
        "gradebook.mark_too_precise",
        "gradebook.mark_not_a_number",
    ]
    assert "8,5" in result["refused"][0]["problem"]["message"]


async def test_a_pupil_of_another_class_is_refused(client: Client, world: World) -> None:
    result = (await enter(client, world, [{"student": world["dung"], "mark": "8"}]))["enterScores"]
    assert result["refused"][0]["problem"]["code"] == "gradebook.student_not_in_class"
    assert result["saved"] == []


async def test_a_stale_cell_shows_what_stands_there_now_and_loses_nothing(client: Client, world: World) -> None:
    await enter(client, world, [{"student": world["lan"], "mark": "8"}])
    late = (await enter(client, world, [{"student": world["lan"], "mark": "9", "version": 0}]))["enterScores"]
    assert late["refused"][0]["problem"]["code"] == "gradebook.score_stale"
    assert late["refused"][0]["current"] == {"mark": "8.0", "version": 1}


async def test_a_column_with_a_gap_cannot_be_published(client: Client, world: World) -> None:
    await enter(client, world, [{"student": world["lan"], "mark": "8"}])
    assert (await publish(client, world)).problem == "gradebook.marks_missing"


async def test_a_reason_fills_the_gap(client: Client, world: World) -> None:
    await fill(client, world)
    empty = [{"student": world["anh"], "reason": "EXEMPT", "version": 1}]
    await enter(client, world, empty)
    assert (await publish(client, world)).problem is None
    marks = await client(world.actor("headteacher"), MARKS, student=world["anh"])
    assert marks["subjectMarks"][0]["scores"] == [{"mark": None, "reason": "EXEMPT", "kind": "ONGOING"}]


async def test_families_see_marks_only_after_publishing(client: Client, world: World) -> None:
    await fill(client, world, lan="8,5")
    before = await client(world.actor("mother"), MARKS, student=world["lan"])
    assert before["subjectMarks"] == []
    await publish(client, world)
    after = await client(world.actor("mother"), MARKS, student=world["lan"])
    assert after["subjectMarks"] == [
        {"subject": {"name": "Toán"}, "average": None, "scores": [{"mark": "8.5", "reason": None, "kind": "ONGOING"}]}
    ]
    other = await client(world.actor("other_mother"), MARKS, student=world["lan"])
    assert other["subjectMarks"] == []


async def test_publishing_is_refused_when_the_column_changed_or_is_out(client: Client, world: World) -> None:
    await fill(client, world)
    assert (await publish(client, world, version=7)).problem == "gradebook.column_stale"
    assert (await publish(client, world)).problem is None
    assert (await publish(client, world, version=2)).problem == "gradebook.already_published"


async def test_a_published_mark_is_corrected_only_with_a_reason(client: Client, world: World) -> None:
    await fill(client, world, lan="8")
    await publish(client, world)
    rows = [{"student": world["lan"], "mark": "9", "version": 1}]
    assert (await enter(client, world, rows)).problem == "gradebook.reason_required"
    corrected = await enter(client, world, rows, why="Cộng nhầm điểm câu 3")
    assert corrected["enterScores"]["saved"][0]["mark"] == "9.0"
    seen = await client(world.actor("mother"), MARKS, student=world["lan"])
    assert seen["subjectMarks"][0]["scores"][0]["mark"] == "9.0"


async def test_the_semester_average_appears_when_every_slot_is_published(client: Client, world: World) -> None:
    """Vector A1 of the circular: 8; 9 | 7 | 8 → 7,9. The subject has 35 periods a year, so two ongoing marks."""
    await fill(client, world, lan="8")
    await publish(client, world)
    create = (
        "mutation($c: UUID!, $s: UUID!, $k: ColumnKind!) { createScoreColumn(classGroup: $c, subject: $s, "
        "semester: SEM1, kind: $k) { __typename ... on ScoreColumnPayload { column { id ordinal } } "
        "... on Problem { code } } }"
    )
    teacher = world.actor("math_teacher")
    for kind, mark in (("ONGOING", "9"), ("MID", "7"), ("END", "8")):
        made = await client(teacher, create, c=world["class_7a"], s=world["toan"], k=kind)
        world.ids["column"] = made["createScoreColumn"]["column"]["id"]
        await fill(client, world, lan=mark)
        await publish(client, world)
    marks = await client(world.actor("pupil"), MARKS, student=world["lan"])
    assert marks["subjectMarks"][0]["average"] == "7.9"
    third = await client(teacher, create, c=world["class_7a"], s=world["toan"], k="ONGOING")
    assert third.problem == "gradebook.column_not_allowed"


async def test_what_changed_by_whom_stays_in_the_journal(client: Client, world: World, database: Database) -> None:
    await fill(client, world, lan="8")
    await publish(client, world)
    await enter(client, world, [{"student": world["lan"], "mark": "9", "version": 1}], why="Nhập nhầm")
    async with database.write(SYSTEM) as session:
        rows = list((await session.execute(select(Journal).order_by(col(Journal.id)))).scalars())
    assert [row.kind for row in rows] == [
        "gradebook.scores_entered",
        "gradebook.scores_published",
        "gradebook.score_corrected",
    ]
    assert rows[2].data["changes"] == [[str(world["lan"]), "8.0", "9.0"]]
    assert {row.actor_user_id for row in rows} == {world["math_teacher"]}


async def test_publishing_takes_the_same_number_of_statements_whatever_the_class(
    client: Client, world: World, database: Database
) -> None:
    await fill(client, world)
    with database.count_statements() as statements:
        assert (await publish(client, world)).problem is None
    assert len(statements) <= 12, statements.statements
