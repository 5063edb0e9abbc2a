"""The demonstration's office: dossiers that could have been filed, with a history that led where they are."""

import json

from backend.eservices.rules.definition import Definition
from backend.eservices.rules.forms import wrong
from tests.seed.conftest import SPRING, Ask

DOSSIERS = """
select d.code, d.answers, v.definition from dossier d join procedure_version v on v.id = d.procedure_version_id
where not exists (select from transfer t where t.dossier_id = d.id) -- proposed at a counter: no form was filled in
"""


def test_every_dossier_could_have_been_filed(ask: Ask) -> None:
    rows = ask(DOSSIERS)
    assert len(rows) > 70
    for code, answers, definition in rows:
        assert wrong(Definition.of(json.loads(definition)), json.loads(answers), {}) == [], code


def test_the_history_ends_where_the_dossier_is(ask: Ask) -> None:
    apart = ask(
        "select d.code from dossier d where d.status is distinct from"
        " (select e.status from dossier_entry e where e.dossier_id = d.id order by position desc limit 1)"
    )
    assert apart == []


def test_the_clock_runs_only_while_the_office_has_it(ask: Ask) -> None:
    office = "d.status in ('SUBMITTED', 'ACCEPTED', 'PROCESSING')"
    assert ask(f"select 1 from dossier d where (d.due_on is not null) <> ({office})") == []
    assert ask("select 1 from dossier where filed_at >= $1 or finished_at >= $1", SPRING) == []
    assert ask("select 1 from dossier where finished_at < filed_at") == []


def test_a_desk_has_everything_to_show(ask: Ask) -> None:
    """Waiting, overdue, with the citizen and done, in every school; something for the start screen's mother."""
    statuses = ask("select school_id, count(distinct status) from dossier group by 1")
    assert [count >= 4 for _, count in statuses] == [True, True, True]
    overdue = ask("select count(distinct school_id) from dossier where due_on < $1", SPRING)
    assert overdue[0][0] == 3
    mother = (
        "select status from dossier d join \"user\" u on u.id = d.owner_id where u.phone = '+84912000001' order by 1"
    )
    assert {row[0] for row in ask(mother)} >= {"COMPLETED", "SUPPLEMENT_REQUESTED"}
    assert ask("select count(*) from diploma")[0][0] == 180


def test_nobody_works_on_a_dossier_of_her_own(ask: Ask) -> None:
    own = (
        "select 1 from dossier_entry e join dossier d on d.id = e.dossier_id where e.actor_id = d.owner_id and e.action"
    )
    assert ask(f"{own} in ('ACCEPTED', 'STARTED', 'COMPLETED', 'HANDED_OVER')") == []


MOTHER = "exists (select from guardianship g join \"user\" u on u.id = g.user_id where u.phone = '+84912000005'"
MOVES = f"""
select t.status, t.id, d.status dossier, n.name to_school, o.name from_school, t.consented_at, t.done_at,
    d.filed_at, d.on_time, (select array_agg(p.kind) from paper p where p.dossier_id = d.id) papers
from transfer t join dossier d on d.id = t.dossier_id join school n on n.id = t.school_id
join school o on o.id = t.from_school_id where {MOTHER} and g.student_id = t.student_id) order by d.filed_at
"""


def test_a_family_has_one_child_at_the_new_school_and_one_who_waits(ask: Ask) -> None:
    done, waiting = ask(MOVES)
    for row in (done, waiting):
        assert (row["from_school"], row["to_school"]) == ("Trường THCS Tiền Phong", "Trường THCS Suối Hoa")
    assert (done["status"], done["dossier"], done["papers"], done["on_time"]) == ("DONE", "COMPLETED", ["RESULT"], True)
    assert done["filed_at"] < done["consented_at"] < done["done_at"] < waiting["filed_at"]
    assert (waiting["status"], waiting["dossier"], waiting["consented_at"]) == ("PROPOSED", "SUBMITTED", None)
    [kept] = ask(
        "select s.full_name, r.school_id = s.school_id ours from transferred_record r join student s"
        " on s.id = r.student_id"
    )
    assert tuple(kept) == ("Nguyễn Thanh Dung", True)


def test_nothing_is_known_of_her_at_the_old_school_after_she_left(ask: Ask) -> None:
    left = "select e.student_id, e.ended_on from enrolment e where e.ended_on is not null"
    assert len(ask(left)) == 1
    assert ask(f"select 1 from ({left}) e join attendance_mark m using (student_id) where m.day > e.ended_on") == []
    assert ask(f"select 1 from ({left}) e join register r on r.day > e.ended_on") == []


def test_both_desks_and_the_mother_were_told_of_the_moves(ask: Ask) -> None:
    told = ask(
        'select n.kind, coalesce(u.username, u.phone) who from notification n join "user" u on u.id = n.user_id'
        " where n.kind like 'transfer%'"
    )
    offices = [f"{who}.{school}" for who in ("giaovu", "hieutruong") for school in ("suoihoa", "tienphong")]
    mother = "+84912000005"
    assert sorted(map(tuple, told)) == sorted(
        [("transfer_proposed", mother), ("transfer_proposed", mother), ("transfer_done", mother)]
        + [("transfer_closed", who) for who in offices]
        + [("transfer_answered", who) for who in offices if who.endswith("suoihoa")]
    )


def test_every_office_has_issued_a_result(ask: Ask) -> None:
    issued = ask(
        "select d.school_id, p.created_at = d.finished_at at_once from paper p join dossier d on d.id = p.dossier_id"
        " where p.kind = 'RESULT' and p.revoked_at is null"
    )
    assert len({row["school_id"] for row in issued}) == 3 and all(row["at_once"] for row in issued)
    mother = (
        'select 1 from paper p join dossier d on d.id = p.dossier_id join "user" u on u.id = d.owner_id'
        " where u.phone = '+84912000001' and d.status = 'COMPLETED'"
    )
    assert len(ask(mother)) == 1


def test_no_code_of_a_dossier_is_given_again(ask: Ask) -> None:
    """The counters stand where the codes of the demonstration end."""
    behind = ask(
        "select 1 from (select school_id, (filed_at at time zone 'Asia/Ho_Chi_Minh')::date as day, count(*) n"
        " from dossier group by 1, 2) d left join dossier_counter c using (school_id, day)"
        " where c.last is distinct from d.n"
    )
    assert behind == []
