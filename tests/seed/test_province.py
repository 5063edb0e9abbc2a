"""What the demonstration province must be: whole, legal, inside its fences, and quiet at first start."""

import re
import unicodedata
from collections import Counter
from datetime import timedelta

from backend.core.text import name_sort_key
from backend.gradebook.rules import check_mark
from backend.seed.calendar import at
from backend.seed.data import read
from tests.seed.conftest import SPRING, Ask


def test_it_has_two_schools_of_real_size_and_a_small_one(ask: Ask) -> None:
    rows = ask(
        "select s.name, count(distinct c.id) classes, count(e.id) pupils, min(n) smallest, max(n) largest"
        " from school s join class_group c on c.school_id = s.id"
        " join lateral (select count(*) n from enrolment where class_group_id = c.id and ended_on is null) k on true"
        " join enrolment e on e.class_group_id = c.id and e.ended_on is null group by 1"
    )
    found = {row["name"]: row for row in rows}
    lower, upper, small = (
        found[name] for name in ("Trường THCS Tiền Phong", "Trường THPT Kinh Bắc", "Trường THCS Suối Hoa")
    )
    assert [school["classes"] for school in (lower, upper, small)] == [16, 20, 4]
    assert 620 <= lower["pupils"] <= 670 and 840 <= upper["pupils"] <= 880 and 50 <= small["pupils"] <= 65
    assert min(lower["smallest"], upper["smallest"]) >= 38 and max(lower["largest"], upper["largest"]) <= 44
    assert small["smallest"] >= 12 and small["largest"] <= 17
    (staff,) = ask('select count(*) n from "user" where username is not null')
    assert 120 <= staff["n"] <= 140
    assert [(r["code"], r["kind"]) for r in ask("select code, kind from unit order by code")] == [
        ("07696", "COMMUNE"),
        ("09187", "COMMUNE"),
        ("24", "PROVINCE"),
    ]


def test_a_family_of_the_start_screen_is_in_one_class_only(ask: Ask) -> None:
    """Two schools have a 7A1: each named pupil sits in the one the data says."""
    assert [
        tuple(row)
        for row in ask(
            "select p.full_name, s.name, count(*) over () from student p join school s on s.id = p.school_id"
            " join \"user\" u on u.id = p.user_id where u.phone = '+84912000003'"
        )
    ] == [("Nguyễn Thị Ngọc Lan", "Trường THCS Tiền Phong", 1)]


def test_every_reference_leads_somewhere(ask: Ask) -> None:
    """The owner of the embedded server writes without these checks, so they are made here, one by one."""
    keys = ask(
        "select conrelid::regclass::text child, confrelid::regclass::text parent,"
        " (select attname from pg_attribute where attrelid = conrelid and attnum = conkey[1]) as column"
        " from pg_constraint where contype = 'f' and array_length(conkey, 1) = 1"
    )
    assert len(keys) > 40
    for key in keys:
        child, parent, column = key["child"], key["parent"], key["column"]
        orphan = f"{column} is not null and not exists (select from {parent} where id = c.{column})"
        assert not ask(f"select 1 from {child} c where {orphan} limit 1"), (child, column)


def test_nothing_crosses_from_one_school_to_the_other(ask: Ask) -> None:
    ours = {
        row["table_name"]
        for row in ask(
            "select c.table_name from information_schema.columns c join information_schema.tables t using (table_name)"
            " where c.table_schema = 'public' and t.table_schema = 'public' and column_name = 'school_id'"
        )
    }
    links = {"student_id": "student", "class_group_id": "class_group", "column_id": "score_column"}
    links |= {"school_year_id": "school_year", "announcement_id": "announcement", "journal_id": "journal"}
    for column, target in links.items():
        holders = ask("select table_name from information_schema.columns where column_name = $1", column)
        for table in {row["table_name"] for row in holders} & ours:
            crossing = f"select 1 from {table} c join {target} t on t.id = c.{column} where t.school_id <> c.school_id"
            if table == "dossier":  # a request to come from another school; it is the receiving one's
                crossing += " and not exists (select from transfer m where m.dossier_id = c.id)"
            elif table == "transfer":
                crossing += " and t.school_id <> c.from_school_id"
            assert not ask(crossing + " limit 1"), (table, column)
    for table in ("teaching_assignment", "homeroom"):
        stranger = (
            f"select 1 from {table} t where not exists"
            " (select from role_grant g where g.user_id = t.user_id and g.school_id = t.school_id)"
        )
        assert not ask(stranger), table


def test_every_pupil_sits_in_exactly_one_class(ask: Ask) -> None:
    """But for the row that one left at the school she moved away from."""
    found = ask(
        "select s.id from student s left join enrolment e on e.student_id = s.id and e.ended_on is null"
        " group by s.id having count(e.id) <> (s.status = 'STUDYING')::int"
    )
    assert found == []
    assert len(ask("select 1 from student where status <> 'STUDYING'")) == 1


def test_every_class_is_taught_every_subject_once_and_led_by_somebody_who_teaches_it(ask: Ask) -> None:
    doubled = ask("select 1 from teaching_assignment group by class_group_id, subject_id having count(*) > 1")
    assert doubled == []
    sizes = Counter(
        (row["level"], row["n"])
        for row in ask(
            "select s.level, count(*) n from teaching_assignment t join school s on s.id = t.school_id"
            " group by t.class_group_id, s.level"
        )
    )
    assert sizes == {("LOWER_SECONDARY", 13): 16 + 4, ("UPPER_SECONDARY", 12): 20}
    outside = ask(
        "select 1 from class_group c left join homeroom h on h.class_group_id = c.id where not exists"
        " (select from teaching_assignment t where t.class_group_id = c.id and t.user_id = h.user_id)"
    )
    assert outside == []


def test_every_mark_is_legal_and_every_published_column_complete(ask: Ask) -> None:
    marks = [row["mark"] for row in ask("select distinct mark from score where mark is not null")]
    assert len(marks) > 30
    assert all(check_mark(mark) == mark for mark in marks)
    assert ask("select 1 from score where mark is null and reason is null limit 1") == []
    assert (
        ask(
            "select 1 from score s join score_column c on c.id = s.column_id"
            " where s.published_at is distinct from c.published_at limit 1"
        )
        == []
    )
    missing = ask(
        "select c.id from score_column c join enrolment e on e.class_group_id = c.class_group_id"
        " left join score s on s.column_id = c.id and s.student_id = e.student_id"
        " where c.published_at::date > e.started_on and c.published_at is not null and s.id is null limit 1"
    )
    assert missing == []


def test_columns_are_those_of_the_circular(ask: Ask) -> None:
    """Semester I is over: 2, 3 or 4 ongoing marks by the periods a year, one mid-term, one end-of-term."""
    rows = ask(
        "select p.periods, c.kind, count(*) n from score_column c join class_group g on g.id = c.class_group_id"
        " join school s on s.id = c.school_id"
        " join subject_plan p on p.subject_id = c.subject_id and p.grade = g.grade and p.level = s.level"
        " where c.semester = 'SEM1' group by c.class_group_id, c.subject_id, p.periods, c.kind"
    )
    for row in rows:
        ongoing = 2 if row["periods"] <= 35 else 3 if row["periods"] <= 70 else 4
        assert row["n"] == (ongoing if row["kind"] == "ONGOING" else 1), dict(row)
    assert ask("select 1 from score_column c join subject s on s.id = c.subject_id where s.mode = 'COMMENT_ONLY'") == []


def test_a_pupils_marks_hang_together(ask: Ask) -> None:
    """Within a pupil and subject marks differ less than between pupils, as they do in a school."""
    (row,) = ask(
        "with by_pupil as (select avg(mark) m, stddev_pop(mark) d from score s"
        " join score_column c on c.id = s.column_id where c.semester = 'SEM1' and mark is not null"
        " group by student_id, subject_id)"
        " select avg(d) within_pupil, stddev_pop(m) between_pupils, avg(m) mean from by_pupil"
    )
    assert row["within_pupil"] < row["between_pupils"]
    assert 6 < row["mean"] < 8


def test_the_teacher_of_the_start_screen_has_a_half_entered_column(ask: Ask) -> None:
    rows = ask(
        "select h.code school, g.name, s.code, c.id, count(x.id) entered,"
        " (select count(*) from enrolment e where e.class_group_id = g.id and e.started_on <= c.created_at::date) n"
        " from score_column c join class_group g on g.id = c.class_group_id join subject s on s.id = c.subject_id"
        " join school h on h.id = c.school_id"
        " left join score x on x.column_id = c.id where c.published_at is null group by 1, 2, 3, 4, g.id"
    )
    assert len(rows) > 1
    half = [(r["school"], r["name"], r["code"]) for r in rows if r["entered"] < r["n"]]
    assert half == [("240769601", "7A1", "toan")]


def test_nothing_happens_in_the_future(ask: Ask) -> None:
    midnight = at(SPRING, 0, 0)
    columns = ask(
        "select table_name, column_name from information_schema.columns where table_schema = 'public'"
        " and data_type = 'timestamp with time zone' and column_name <> 'expires_at'"
    )
    for row in columns:
        late = ask(f'select 1 from "{row["table_name"]}" where {row["column_name"]} > $1 limit 1', midnight)
        assert late == [], dict(row)
    (year,) = ask("select distinct name, starts_on, second_semester_on, ends_on from school_year where is_current")
    assert year["starts_on"] < year["second_semester_on"] <= SPRING <= year["ends_on"]


def test_the_first_start_sends_nothing(ask: Ask) -> None:
    assert ask("select 1 from journal where relayed_at is null") == []
    assert ask("select 1 from delivery") == []


def test_about_six_families_in_ten_are_linked(ask: Ask) -> None:
    (row,) = ask(
        "select avg((exists (select from guardianship g where g.student_id = s.id))::int) share from student s"
    )
    assert 0.55 < row["share"] < 0.66
    families = ask(
        "select user_id, count(distinct student_id) children, count(distinct school_id) schools"
        " from guardianship group by 1 having count(distinct student_id) > 1"
    )
    assert len(families) > 30
    assert any(family["schools"] == 2 for family in families)
    assert ask("select 1 from guardianship g join role_grant r on r.user_id = g.user_id") != []
    contacts = ask("select count(*) n from student s left join guardian_contact c on c.student_id = s.id group by s.id")
    assert {row["n"] for row in contacts} == {1, 2}


def test_names_are_vietnamese_names(ask: Ask) -> None:
    pupils = ask("select full_name, sort_key, sex from student")
    letters = re.compile(r"[A-ZĐÀ-Ỹ][a-zđà-ỹ]*( [A-ZĐÀ-Ỹ][a-zđà-ỹ]*){1,5}")
    given = {sex: set(counts) for sex, counts in read("names")["given"].items()}
    for row in pupils:
        name = row["full_name"]
        assert unicodedata.is_normalized("NFC", name) and letters.fullmatch(name), name
        assert not set(name) & set("øöñïëäü"), name
        assert row["sort_key"] == name_sort_key(name)
        assert name.split()[-1] in given[row["sex"]], name
        assert row["sex"] == "FEMALE" or "Thị" not in name.split(), name
    (most, _) = Counter(row["full_name"].split()[0] for row in pupils).most_common(1)[0]
    assert most == "Nguyễn"


def test_phones_and_numbers_belong_to_nobody(ask: Ask) -> None:
    shown = {who["phone"] for who in read("places")["family"].values() if "phone" in who}
    shown.add(read("places")["moving"]["phone"])
    for table in ('"user"', "guardian_contact"):
        phones = {row["phone"] for row in ask(f"select distinct phone from {table} where phone is not null")}
        assert all(phone.startswith("+8450") for phone in phones - shown), table
    wrong = ask(
        "select national_id from student where national_id !~ '^024[23][0-9]{8}$'"
        " or substr(national_id, 5, 2) <> to_char(birth_date, 'YY')"
        " or (substr(national_id, 4, 1) = '3') <> (sex = 'FEMALE')"
    )
    assert wrong == []


def test_some_have_read_and_some_have_not(ask: Ask) -> None:
    (row,) = ask(
        "select avg((read_at is not null)::int) read, avg((acknowledged_at is not null)::int) acknowledged"
        " from announcement_recipient r join announcement a on a.id = r.announcement_id where needs_acknowledgement"
    )
    assert 0.5 < row["read"] < 0.97
    assert 0.3 < row["acknowledged"] < row["read"]
    assert ask("select 1 from announcement_recipient where acknowledged_at < read_at") == []
    assert ask("select 1 from announcement a where a.title || a.body ~ '[{}]'") == []
    recent = ask("select max(published_at) at from announcement")[0]["at"]
    assert at(SPRING, 0, 0) - recent < timedelta(days=3)
