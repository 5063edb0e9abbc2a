"""The demonstration's office: dossiers that could have been filed, with a history that led where they are."""

import json

from backend.eservices.rules.definition import Definition
from backend.eservices.rules.forms import wrong
from tests.seed.conftest import SPRING, Ask

DOSSIERS = """
select d.code, d.answers, v.definition from dossier d join procedure_version v on v.id = d.procedure_version_id
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
