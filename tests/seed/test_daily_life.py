"""The demonstration's days: a timetable that holds, registers of every session until yesterday, and work for today."""

from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.timetable import days
from tests.seed.conftest import SPRING, Ask, fetch

BUSY = """
select user_id, weekday, session, period, count(*) from timetable_entry e
join (values ('EVERY', 'ODD'), ('EVERY', 'EVEN'), ('ODD', 'ODD'), ('EVEN', 'EVEN')) w(parity, week) using (parity)
group by 1, 2, 3, 4, week having count(*) > 1
"""
SESSIONS = """
select d.day, e.class_group_id, e.session from school_day d
join timetable_entry e on e.timetable_id = d.timetable_id and e.weekday = d.weekday
    and (e.parity = 'EVERY' or (e.parity = 'ODD') = d.odd)
where d.teaches and d.day between $1::date - 60 and $1::date - 1 group by 1, 2, 3
"""


def test_nobody_and_no_class_is_in_two_places(ask: Ask) -> None:
    assert ask(BUSY) == []
    assert ask(BUSY.replace("user_id", "class_group_id")) == []
    assert ask(BUSY.replace("user_id", "room_id") + " and room_id is not null") == []


def test_every_class_learns_its_subjects_as_often_as_the_curriculum_says(ask: Ask) -> None:
    taught = "sum(case e.parity when 'EVERY' then 35 else 17.5 end)"
    wrong = ask(
        f"select c.name, s.code, p.periods, {taught} taught"
        " from class_group c join school k on k.id = c.school_id join teaching_assignment a on a.class_group_id = c.id"
        " join subject s on s.id = a.subject_id"
        " join subject_plan p on p.subject_id = s.id and p.level = k.level and p.grade = c.grade"
        " left join timetable_entry e on e.class_group_id = c.id and e.subject_id = s.id and e.user_id = a.user_id"
        f" group by c.id, 1, 2, 3 having abs(p.periods - coalesce({taught}, 0)) > 1"
    )
    assert wrong == []


def test_mornings_have_no_free_period_between_lessons(ask: Ask) -> None:
    gaps = ask(
        "select class_group_id, weekday, session from timetable_entry where parity = 'EVERY' or parity = 'ODD'"
        " group by 1, 2, 3 having max(period) - min(period) + 1 <> count(*)"
    )
    assert gaps == []


def test_every_session_until_yesterday_has_its_register_and_today_none(ask: Ask) -> None:
    missing = ask(
        f"select 1 from ({SESSIONS}) s left join register r using (class_group_id, day, session) where r.id is null",
        SPRING,
    )
    assert missing == []
    assert ask("select 1 from register where day >= $1", SPRING) == []
    unmarked = ask(
        "select r.id from register r join enrolment e on e.class_group_id = r.class_group_id and e.ended_on is null"
        " left join attendance_mark m on m.student_id = e.student_id and m.day = r.day and m.session = r.session"
        " where m.id is null and r.day > e.started_on limit 1"
    )
    assert unmarked == []


def test_some_are_away_and_one_worries_everybody(ask: Ask) -> None:
    (all_marks,) = ask("select avg((status in ('EXCUSED', 'UNEXCUSED'))::int)::float away from attendance_mark")
    assert 0.01 < all_marks["away"] < 0.06
    (worst,) = ask("select count(*) n from attendance_mark where counted group by student_id order by 1 desc limit 1")
    assert 15 <= worst["n"] <= 33


def test_today_teaches_and_something_is_to_be_done(ask: Ask) -> None:
    assert len(ask("select 1 from school_day where day = $1 and teaches", SPRING)) == 3
    assert ask("select 1 from leave_request where status = 'PENDING'") != []
    assert ask("select 1 from lesson_remark where released_at is null") != []
    assert ask("select 1 from calendar_event where day > $1 and kind = 'TEST'", SPRING) != []
    assert (
        ask(
            "select 1 from leave_request l left join absence_note n on n.source_id = l.id"
            " where l.status = 'APPROVED' and n.id is null"
        )
        == []
    )


async def test_working_the_days_out_anew_changes_none(province: str) -> None:
    """The days are those the product itself makes of the year, the holidays and the timetable."""
    columns = "school_id, day, teaches, weekday, week, odd, timetable_id, holiday"
    before = await fetch(province, f"select {columns} from school_day order by 1, 2")
    schools = [row["id"] for row in await fetch(province, "select id from school")]
    database = await Database.open(province, size=2)
    async with database.write(SYSTEM) as session:
        await days.rebuild(session, schools)
    await database.close()
    assert await fetch(province, f"select {columns} from school_day order by 1, 2") == before
