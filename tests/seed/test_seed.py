"""Seeding itself: repeatable, once only, for any day of the year; and the accounts it promises."""

import asyncio
import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from backend import seed
from backend.core.actor import SYSTEM
from backend.core.audience import Audience
from backend.core.codes import slip_hash
from backend.core.db import Database
from backend.core.store import Store
from backend.enrolment.audience import members
from backend.gradebook.rules import CURRENT, Slot, SlotKey, SlotKind, rule_set
from backend.seed.calendar import calendar_of
from notifications.catalogue import CATALOGUE
from tests.seed.conftest import SECRET, SUMMER, Ask, fetch

BORDERS = [
    "2026-09-04",
    "2026-09-05",
    "2026-09-06",
    "2026-09-14",
    "2027-01-17",
    "2027-01-18",
    "2027-01-19",
    "2027-05-31",
]
YEAR = [date(2026, 10, 1) + timedelta(days=31 * step) for step in range(11)] + [date.fromisoformat(d) for d in BORDERS]


def test_two_runs_agree_to_the_last_id() -> None:
    first, second = (seed.build(date(2026, 11, 22), small=True, secret=SECRET) for _ in range(2))
    assert first.sheets == second.sheets


def test_people_keep_their_ids_through_the_year() -> None:
    autumn, spring = (seed.build(day, small=True, secret=SECRET) for day in (date(2026, 11, 22), date(2027, 4, 20)))
    for table in ("school", "class_group", "user", "student", "guardianship", "teaching_assignment"):
        assert autumn.sheets[table] == spring.sheets[table]


@pytest.mark.parametrize("today", YEAR, ids=str)
def test_any_day_lies_in_a_year_in_progress(today: date) -> None:
    calendar = calendar_of(today)
    assert calendar.starts_on <= calendar.today <= min(calendar.ends_on, today)
    assert (
        date(calendar.starts_on.year + 1, 1, 12)
        <= calendar.second_semester_on
        < date(calendar.starts_on.year + 1, 1, 19)
    )
    assert calendar.second_semester_on.weekday() == 0
    world = seed.build(today, small=True, secret=SECRET)
    ids = [row[0] for sheet in world.sheets.values() for row in sheet.rows]
    assert len(ids) == len(set(ids))
    assert all(i.version == 7 for i in ids)
    assert len(world.sheets["student"].rows) == 24
    assert world.sheets["announcement"].rows


def test_a_database_is_seeded_once(dsn: str) -> None:
    heard: list[tuple[str, int, int]] = []
    store = Store.in_memory()
    assert seed.is_empty(dsn)
    seed.run(dsn, small=True, today=SUMMER, secret=SECRET, store=store, progress=lambda *step: heard.append(step))
    assert not seed.is_empty(dsn)
    assert heard[0] == ("unit", 0, len(heard) - 1) and heard[-1][0] == "" and heard[-1][1] == heard[-1][2]
    with pytest.raises(RuntimeError):
        seed.run(dsn, small=True, today=SUMMER, secret=SECRET, store=store)
    assert [row["n"] for row in asyncio.run(fetch(dsn, "select count(*) n from school"))] == [1]


@pytest.mark.parametrize("small", [True, False], ids=["small", "whole"])
def test_every_account_of_the_start_screen_opens(request: pytest.FixtureRequest, small: bool) -> None:
    ask: Ask = request.getfixturevalue("ask_small" if small else "ask")
    for account in seed.accounts(small=small):
        if account.username:
            rows = ask(
                'select u.full_name, g.role, c.password_hash from "user" u join credential c on c.user_id = u.id'
                " join role_grant g on g.user_id = u.id where username = $1",
                account.username,
            )
            assert account.role in {row["role"] for row in rows}
            assert PasswordHasher().verify(rows[0]["password_hash"], account.password or "")
        elif account.phone:
            rows = ask('select full_name from "user" where phone = $1', account.phone)
        else:
            rows = ask(
                "select p.full_name from claim_slip s join student p on p.id = s.student_id where code_hash = $1"
                " and not exists (select from guardianship g where g.student_id = p.id)",
                slip_hash(SECRET, account.slip_code or ""),
            )
        assert [row["full_name"] for row in rows][:1] == [account.name], account
        assert len({row["full_name"] for row in rows}) == 1


def test_the_mother_has_a_child_in_each_school_and_something_unread(ask: Ask) -> None:
    mother = seed.accounts()[0].phone
    children = ask(
        "select p.full_name, c.name from guardianship g join student p on p.id = g.student_id"
        " join enrolment e on e.student_id = p.id join class_group c on c.id = e.class_group_id"
        ' join "user" u on u.id = g.user_id where u.phone = $1 order by 1',
        mother,
    )
    assert [tuple(row) for row in children] == [("Nguyễn Minh Quân", "11A2"), ("Nguyễn Thị Ngọc Lan", "7A1")]
    inbox = ask(
        'select n.kind, n.read_at is null unread from notification n join "user" u on u.id = n.user_id'
        " where u.phone = $1 order by n.id desc",
        mother,
    )
    assert {row["kind"] for row in inbox} == {"announcement_published", "scores_published"}
    assert len(inbox) >= 8
    assert {row["unread"] for row in inbox} == {True, False}
    waiting = ask(
        "select 1 from announcement_recipient r join announcement a on a.id = r.announcement_id"
        ' join "user" u on u.id = r.user_id where u.phone = $1 and needs_acknowledgement and acknowledged_at is null',
        mother,
    )
    assert waiting


def test_stored_averages_are_those_of_the_rules(ask_small: Ask) -> None:
    """The year is over: both semesters and the year, recomputed from the marks in the database."""
    rules, slots = rule_set(CURRENT), defaultdict[tuple[object, ...], list[Slot]](list)
    periods: dict[tuple[object, ...], int] = {}
    for row in ask_small(
        "select s.student_id, c.subject_id, c.semester, c.kind, c.ordinal, s.mark, s.reason, p.periods"
        " from score s join score_column c on c.id = s.column_id join class_group g on g.id = c.class_group_id"
        " join school h on h.id = c.school_id"
        " join subject_plan p on p.subject_id = c.subject_id and p.grade = g.grade and p.level = h.level"
        " where c.published_at is not null"
    ):
        key = (row["student_id"], row["subject_id"], row["semester"])
        slots[key].append(Slot(SlotKey(SlotKind(row["kind"]), row["ordinal"]), row["mark"], row["reason"]))
        periods[key] = row["periods"]
    expected = {key: rules.semester_result(found, periods[key]) for key, found in slots.items()}
    stored: dict[tuple[object, ...], Decimal | None] = {
        (r["student_id"], r["subject_id"], r["semester"]): r["average"]
        for r in ask_small(
            "select student_id, subject_id, semester, average from subject_result where ruleset_id = $1", CURRENT
        )
    }
    halves = {key: average for key, average in stored.items() if key[2] != "YEAR"}
    assert len(halves) > 350
    assert halves == {key: average for key, average in expected.items() if key in halves}
    assert all(average is None for key, average in expected.items() if key not in halves)
    for (student, subject, semester), average in stored.items():
        if semester == "YEAR":
            both = (stored[student, subject, "SEM1"], stored[student, subject, "SEM2"])
            assert average == rules.year_average(*both)


@pytest.mark.anyio
async def test_an_announcement_went_to_its_audience(hamlet: str) -> None:
    """The recipients are whom the product itself would have told, but for the author."""
    database = await Database.open(hamlet, size=2)
    try:
        rows = await fetch(hamlet, "select id, author_id, audience, recipient_count from announcement")
        assert len(rows) > 8
        for row in rows:
            told = await fetch(
                hamlet, "select user_id from announcement_recipient where announcement_id = $1", row["id"]
            )
            wanted = members(Audience.load(json.loads(row["audience"]))).subquery()
            async with database.write(SYSTEM) as session:
                expected = set((await session.scalars(select(wanted.c.user_id).distinct())).all())
            assert {one["user_id"] for one in told} == expected - {row["author_id"]}
            assert row["recipient_count"] == len(told)
    finally:
        await database.close()


def test_inbox_rows_are_those_the_relay_would_make(ask: Ask) -> None:
    rows = ask(
        "select n.kind, n.params, n.link, n.student_id, j.kind journal, j.data from notification n"
        " join journal j on j.id = n.journal_id"
    )
    assert len(rows) > 5_000
    for row in rows:
        entry, params, data = CATALOGUE[row["journal"]], json.loads(row["params"]), json.loads(row["data"])
        assert row["kind"] == entry.kind
        assert params.items() >= {name: data[name] for name in entry.params}.items()
        assert params["school"]
        assert ("child" in params) == (row["student_id"] is not None or "child" in entry.params)
        assert row["link"] == entry.link.format(**params, student_id=row["student_id"])
        assert (row["student_id"] is not None) == entry.per_child
