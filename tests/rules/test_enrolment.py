"""What an import of pupils, staff and assignments plans, and what it refuses."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.enrolment.rules import (
    AssignmentRow,
    Contact,
    Defect,
    ExistingPupil,
    ExistingStaff,
    GuardianPhones,
    Outcome,
    PupilPlan,
    PupilRow,
    StaffRow,
    class_name_of,
    code_of_new_pupil,
    contacts_of,
    grade_of,
    national_id_warnings,
    plan_assignments,
    plan_pupils,
    plan_staff,
    pupil_status,
    role_hint,
)

FIELDS = ("class_name", "code", "full_name", "birth_date", "sex", "status", "status_on", "national_id", "phone_1")


def line(row: int, **said: Any) -> PupilRow:
    values: dict[str, Any] = {
        "code": "2478837457",
        "national_id": "024315474999",
        "full_name": "Đặng Thị Lưu",
        "birth_date": date(2015, 8, 17),
        "sex": "FEMALE",
        "class_name": "6A1",
        "status": "STUDYING",
        "status_on": date(2026, 9, 5),
        "file": "C1.xlsx",
    }
    cells = {name: f"Sheet1!{chr(65 + column)}{row}" for column, name in enumerate(FIELDS)}
    return PupilRow(sheet="Sheet1", row=row, cells=cells, **values | said)


def pupil(**known: Any) -> ExistingPupil:
    values: dict[str, Any] = {
        "id": UUID(int=1),
        "code": "2478837457",
        "national_id": "024315474999",
        "full_name": "Đặng Thị Lưu",
        "birth_date": date(2015, 8, 17),
        "sex": "FEMALE",
        "class_name": "6A1",
        "status": "STUDYING",
    }
    return ExistingPupil(**values | known)


OTHER = {"code": "2488912471", "national_id": "024315113039", "full_name": "Phan Thị Duyên"}


def codes(plan: PupilPlan, index: int = 0) -> list[str]:
    return [defect.code for defect in plan.rows[index].defects]


def outcomes(plan: PupilPlan) -> list[Outcome]:
    return [planned.outcome for planned in plan.rows]


def test_new_unchanged_changed_moved() -> None:
    assert outcomes(plan_pupils([], [line(10)])) == [Outcome.NEW]
    assert outcomes(plan_pupils([pupil()], [line(10)])) == [Outcome.UNCHANGED]
    plan = plan_pupils([pupil(sex="UNKNOWN")], [line(10)])
    assert outcomes(plan) == [Outcome.CHANGED]
    change = plan.rows[0].changes[0]
    assert (change.field, change.old, change.new, change.cell) == ("sex", "UNKNOWN", "FEMALE", "Sheet1!E10")
    plan = plan_pupils([pupil(class_name="6A2", sex="UNKNOWN")], [line(10)])
    assert outcomes(plan) == [Outcome.MOVED]
    assert {change.field for change in plan.rows[0].changes} == {"class_name", "sex"}
    assert outcomes(plan_pupils([pupil(class_name=None)], [line(10)])) == [Outcome.CHANGED]


def test_what_the_file_does_not_say_stays() -> None:
    row = line(10, national_id=None, birth_date=None, sex=None, class_name=None, status=None)
    assert outcomes(plan_pupils([pupil()], [row])) == [Outcome.UNCHANGED]


def test_match_by_national_id_gives_a_temporary_pupil_the_official_code() -> None:
    plan = plan_pupils([pupil(code="TAM-024315474999")], [line(10)])
    assert outcomes(plan) == [Outcome.CHANGED]
    assert [change.field for change in plan.rows[0].changes] == ["code"]
    assert codes(plan) == []
    assert codes(plan_pupils([pupil(code="2499999999")], [line(10)])) == ["import.code_changed"]


def test_new_pupil_without_official_code() -> None:
    row = line(10, code=None)
    assert outcomes(plan_pupils([], [row])) == [Outcome.NEW]
    assert code_of_new_pupil(row) == "TAM-024315474999"
    plan = plan_pupils([], [line(10, code=None, national_id=None)])
    assert (outcomes(plan), codes(plan)) == ([Outcome.BROKEN], ["import.code_missing"])


def test_name_and_birth_date_only_suggest() -> None:
    plan = plan_pupils([pupil(code="2400000000", national_id=None)], [line(10, full_name="ĐẶNG THỊ LƯU")])
    assert (outcomes(plan), plan.rows[0].suggested_ids) == ([Outcome.SUGGESTED], (UUID(int=1),))
    assert plan.absent_ids == ()


def test_a_code_that_belongs_to_another_child_is_refused() -> None:
    plan = plan_pupils([pupil()], [line(10, full_name="Phan Văn Khoa", birth_date=date(2014, 1, 2), national_id=None)])
    assert (outcomes(plan), codes(plan)) == ([Outcome.BROKEN], ["import.code_of_another"])


def test_code_and_national_id_of_two_children_conflict() -> None:
    both = [pupil(), pupil(id=UUID(int=2), **OTHER)]
    plan = plan_pupils(both, [line(10, national_id=OTHER["national_id"])])
    assert outcomes(plan) == [Outcome.BROKEN]
    assert "import.identity_conflict" in codes(plan)


def test_exact_copy_keeps_the_first_line() -> None:
    plan = plan_pupils([], [line(10), line(12)])
    assert outcomes(plan) == [Outcome.NEW, Outcome.BROKEN]
    assert plan.rows[1].defects == (Defect("import.duplicate_row", "Sheet1!B12", {"other": "Sheet1!B10"}),)


@pytest.mark.parametrize(
    ("second", "code", "cells"),
    [
        ({"full_name": "Phan Thị Duyên", "national_id": None}, "import.duplicate_code", ("B10", "B12")),
        ({"full_name": "Phan Thị Duyên", "code": "2488912471"}, "import.duplicate_national_id", ("H10", "H12")),
    ],
)
def test_one_key_on_two_lines_breaks_both(second: dict[str, Any], code: str, cells: tuple[str, str]) -> None:
    plan = plan_pupils([], [line(10), line(12, **second)])
    assert outcomes(plan) == [Outcome.BROKEN, Outcome.BROKEN]
    here, there = (f"Sheet1!{cell}" for cell in cells)
    found = [defect for planned in plan.rows for defect in planned.defects]
    assert found == [Defect(code, here, {"other": there}), Defect(code, there, {"other": here})]


def test_two_lines_that_reach_the_same_pupil() -> None:
    rows = [line(10, national_id=None), line(12, code="2499999999")]
    plan = plan_pupils([pupil()], rows)
    assert (outcomes(plan)[1], codes(plan, 1)[-1]) == (Outcome.BROKEN, "import.same_pupil_twice")


def test_official_list_goes_before_the_contact_list() -> None:
    contact_list = line(3, file="DS.xlsx", status_on=None, status="STUDYING")
    plan = plan_pupils([], [contact_list, line(10, status="SUSPENDED")])
    assert [(planned.row.file, planned.row.status) for planned in plan.rows] == [("C1.xlsx", "SUSPENDED")]
    stranger = line(3, file="DS.xlsx", status_on=None, full_name="Phan Duyên", birth_date=date(2014, 1, 1))
    plan = plan_pupils([], [line(10), stranger])
    assert outcomes(plan)[1] is Outcome.BROKEN
    assert "import.files_disagree" in codes(plan, 1)


def test_a_contact_list_does_not_bring_a_pupil_back() -> None:
    plan = plan_pupils([pupil(status="TRANSFERRED")], [line(3, status_on=None)])
    assert (outcomes(plan), codes(plan)) == ([Outcome.UNCHANGED], ["import.status_not_reopened"])
    assert outcomes(plan_pupils([pupil(status="TRANSFERRED")], [line(3)])) == [Outcome.CHANGED]


def test_classes_and_absent_pupils() -> None:
    away = pupil(id=uuid4(), **OTHER)
    plan = plan_pupils([pupil(), away], [line(10, class_name="10A1")], classes=["6A1"])
    assert (plan.new_classes, plan.absent_ids) == (("10A1",), (away.id,))
    plan = plan_pupils([], [line(10, class_name="10A1")], grades=range(6, 10))
    assert (outcomes(plan), codes(plan)) == ([Outcome.BROKEN], ["import.grade_not_taught"])
    assert plan.rows[0].defects[0].params == {"grade": 10, "lowest": 6, "highest": 9}
    assert plan.new_classes == ()


def phones(row: PupilRow, *numbers: str) -> GuardianPhones:
    contacts = tuple(Contact(number, "GUARDIAN", "") for number in numbers)
    return GuardianPhones(
        sheet=row.sheet,
        row=row.row,
        cells=row.cells,
        file=row.file,
        code=row.code,
        national_id=row.national_id,
        contacts=contacts,
    )


def test_contacts_follow_their_pupil() -> None:
    row = line(3)
    given_phones = [phones(row, "+84912345678", "+84912345679")]
    plan = plan_pupils([], [row], given_phones)
    assert [len(contacts_of(planned)) for planned in plan.contacts] == [2]
    known = pupil(contacts=frozenset({"+84912345678"}))
    plan = plan_pupils([known], [row], given_phones)
    assert plan.contacts[0].outcome is Outcome.CHANGED
    assert [contact.phone for contact in contacts_of(plan.contacts[0])] == ["+84912345679"]
    plan = plan_pupils([pupil()], [], [phones(row, "+84912345678")])
    assert plan.contacts[0].existing_id == UUID(int=1)


def test_contacts_of_a_pupil_who_is_listed_twice_alike() -> None:
    plan = plan_pupils([], [line(10), line(12)], [phones(line(3, file="DS.xlsx"), "+84912345678")])
    assert [planned.outcome for planned in plan.contacts] == [Outcome.NEW]


def test_contacts_of_a_broken_or_unknown_line_are_not_taken() -> None:
    wrong = line(3, full_name="Phan Văn Khoa", birth_date=date(2014, 1, 2))
    plan = plan_pupils([pupil()], [wrong], [phones(wrong, "+84912345678")])
    assert plan.contacts[0].outcome is Outcome.BROKEN
    assert plan.contacts[0].defects[-1].code == "import.pupil_row_broken"
    assert contacts_of(plan.contacts[0]) == ()
    plan = plan_pupils([], [], [phones(line(3), "+84912345678")])
    assert plan.contacts[0].defects[-1].code == "import.pupil_unknown"


@pytest.mark.parametrize(
    ("number", "born", "sex", "warnings"),
    [
        ("024315474999", date(2015, 8, 17), "FEMALE", []),
        ("024215414033", date(2015, 7, 25), "MALE", []),
        ("024099000001", date(1999, 1, 1), "MALE", []),
        ("024199000001", date(1999, 1, 1), "FEMALE", []),
        ("024315474999", date(2014, 8, 17), "FEMALE", ["national_id_birth_year"]),
        ("024315474999", date(2015, 8, 17), "MALE", ["national_id_sex"]),
        ("024115474999", date(2015, 8, 17), "FEMALE", ["national_id_century"]),
        ("024315474999", None, None, []),
        ("24315474999", None, None, ["national_id_malformed"]),
        ("02431547499٩", None, None, ["national_id_malformed"]),
    ],
)
def test_national_id_warnings(number: str, born: date | None, sex: str | None, warnings: list[str]) -> None:
    assert list(national_id_warnings(number, born, sex)) == [f"import.{code}" for code in warnings]


def test_national_id_warnings_do_not_keep_a_line_out() -> None:
    plan = plan_pupils([], [line(10, sex="MALE")])
    assert (outcomes(plan), codes(plan)) == ([Outcome.NEW], ["import.national_id_sex"])
    assert not plan.rows[0].defects[0].blocking


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Đang học", "STUDYING"),
        ("Chuyển đến kỳ 1", "STUDYING"),
        ("Nghỉ học xin học lại kỳ 1", "STUDYING"),
        ("Chuyển đi kỳ 1", "TRANSFERRED"),
        ("Thôi học kỳ 1", "DROPPED_OUT"),
        ("Chuyển đến kỳ 2", "STUDYING"),
        ("Nghỉ học xin học lại kỳ 2", "STUDYING"),
        ("Chuyển đi kỳ 2", "TRANSFERRED"),
        ("Thôi học kỳ 2", "DROPPED_OUT"),
        ("Chuyển đến trong hè", "STUDYING"),
        ("Chuyển đi trong hè", "TRANSFERRED"),
        ("Thôi học trong hè", "DROPPED_OUT"),
        ("Thôi học học kì II", "DROPPED_OUT"),
        ("Chuyển đi", "TRANSFERRED"),
        ("Bỏ học", "DROPPED_OUT"),
        ("BẢO LƯU", "SUSPENDED"),
        ("Đã tốt nghiệp", "COMPLETED"),
        ("Không rõ", None),
        ("", None),
    ],
)
def test_status_of_a_pupil(said: str, status: str | None) -> None:
    assert pupil_status(said) == status


@pytest.mark.parametrize(
    ("said", "name", "grade"),
    [("6A1", "6A1", 6), (" 10 a12 ", "10A12", 10), ("Lớp 9/2", "9/2", 9), ("12Đ", "12Đ", 12), ("1A", "1A", 1)],
)
def test_class_name_and_grade(said: str, name: str, grade: int) -> None:
    assert (class_name_of(said), grade_of(name)) == (name, grade)


@pytest.mark.parametrize("said", ["", "A1", "13A1", "0A", "6A1; DROP"])
def test_no_class_name(said: str) -> None:
    assert class_name_of(said) is None
    assert grade_of(said) is None


def test_only_position_names_hint_at_a_role() -> None:
    assert role_hint("Hiệu trưởng") == "HEADTEACHER"
    assert role_hint("Giáo viên") == "SUBJECT_TEACHER"
    assert [role_hint(said) for said in ("Phó hiệu trưởng", "Kế toán", "admin", "")] == [None] * 4


@given(st.lists(st.sampled_from("ABC"), max_size=8), st.integers(0, 3))
def test_every_line_is_planned_once_and_planning_again_changes_nothing(letters: list[str], known: int) -> None:
    people = {
        letter: {
            "code": f"240000000{index}",
            "national_id": f"02431500000{index}",
            "full_name": f"Nguyễn {letter}",
            "birth_date": date(2015, 1, index + 1),
        }
        for index, letter in enumerate("ABC")
    }
    existing = [pupil(id=UUID(int=index + 1), **people[letter]) for index, letter in enumerate("ABC"[:known])]
    rows = [line(index + 2, **people[letter]) for index, letter in enumerate(letters)]
    plan = plan_pupils(existing, rows)
    assert [planned.row for planned in plan.rows] == rows
    assert plan.counts[Outcome.BROKEN] == len(rows) - len(set(letters))
    assert plan.counts[Outcome.UNCHANGED] == len(set(letters) & set("ABC"[:known]))


def person(row: int, **said: Any) -> StaffRow:
    values = {"code": "GV240006", "full_name": "Trần Ngọc Chi", "phone": "+84814798705", "position": "Giáo viên"}
    cells = {"code": f"GV!B{row}", "full_name": f"GV!C{row}", "phone": f"GV!F{row}"}
    known: dict[str, Any] = {"is_working": True, **values, **said}
    return StaffRow(sheet="GV", row=row, cells=cells, **known)


def test_staff_match_by_code() -> None:
    known = ExistingStaff(uuid4(), "GV240006", "Trần Ngọc Chi", None)
    rows = [person(6), person(7, code="GV240007", full_name="Trần Ngọc Chi", phone=None)]
    plan = plan_staff([known], rows)
    assert [planned.outcome for planned in plan.rows] == [Outcome.CHANGED, Outcome.NEW]
    assert plan.rows[0].changes[0].field == "phone"
    left = plan_staff([], [replace(rows[1], is_working=False)])
    assert left.rows[0].outcome is Outcome.UNCHANGED


def test_staff_duplicates_name_the_other_cell() -> None:
    plan = plan_staff([], [person(6), person(7, phone=None), person(8, code="GV240008")])
    assert [planned.outcome for planned in plan.rows] == [Outcome.NEW, Outcome.BROKEN, Outcome.BROKEN]
    assert plan.rows[1].defects == (Defect("import.duplicate_staff_code", "GV!B7", {"other": "GV!B6"}),)
    assert plan.rows[2].defects == (Defect("import.duplicate_phone", "GV!F8", {"other": "GV!F6"}),)


def assignment(row: int, **said: Any) -> AssignmentRow:
    values = {"class_name": "6A1", "subject_name": "Ngữ văn", "staff_code": "GV240006", "staff_name": "Trần Ngọc Chi"}
    columns = {"class_name": "B", "subject_name": "C", "staff_code": "D", "staff_name": "E", "homeroom": "F"}
    cells = {name: f"PC!{letter}{row}" for name, letter in columns.items()}
    known: dict[str, Any] = {"is_homeroom": False, **values, **said}
    return AssignmentRow(sheet="PC", row=row, cells=cells, **known)


STAFF = {"GV240006": "Trần Ngọc Chi", "GV240012": "Vương Văn Tín"}


def test_assignments() -> None:
    rows = [
        assignment(3, is_homeroom=True),
        assignment(4, subject_name="Toán", staff_code="GV240012", staff_name="Vương Văn Tín"),
        assignment(5, class_name="6A2"),
    ]
    before = {("6A1", "ngu van"): frozenset({"GV240006"}), ("6A1", "toan"): frozenset({"GV240006"})}
    homerooms = {"6A1": "GV240006"}
    plan = plan_assignments(before, rows, ["6A1", "6A2"], ["Ngữ văn", "TOÁN"], STAFF, homerooms)
    assert [planned.outcome for planned in plan.rows] == [Outcome.UNCHANGED, Outcome.CHANGED, Outcome.NEW]
    assert (plan.rows[1].changes[0].old, plan.rows[1].changes[0].new) == ("GV240006", "GV240012")
    assert plan.classes_without_homeroom == ("6A2",)


@pytest.mark.parametrize(
    ("said", "code", "cell"),
    [
        ({"class_name": "6A9"}, "import.class_unknown", "PC!B3"),
        ({"subject_name": "Thiên văn"}, "import.subject_unknown", "PC!C3"),
        ({"staff_code": "GV9"}, "import.teacher_unknown", "PC!D3"),
        ({"staff_name": "Vương Văn Tín"}, "import.teacher_name_differs", "PC!E3"),
    ],
)
def test_unknown_names_break_an_assignment(said: dict[str, str], code: str, cell: str) -> None:
    plan = plan_assignments({}, [assignment(3, **said)], ["6A1"], ["Ngữ văn"], STAFF)
    assert plan.rows[0].outcome is Outcome.BROKEN
    assert [(defect.code, defect.cell) for defect in plan.rows[0].defects] == [(code, cell)]


def test_two_teachers_or_two_homerooms_for_one_class() -> None:
    rows = [
        assignment(3, is_homeroom=True),
        assignment(4, subject_name="Toán", staff_code="GV240012", staff_name="", is_homeroom=True),
        assignment(5),
    ]
    plan = plan_assignments({}, rows, ["6A1"], ["Ngữ văn", "Toán"], STAFF)
    assert [planned.outcome for planned in plan.rows] == [Outcome.NEW, Outcome.BROKEN, Outcome.BROKEN]
    assert plan.rows[1].defects == (Defect("import.homeroom_twice", "PC!F4", {"other": "PC!F3"}),)
    assert plan.rows[2].defects == (Defect("import.class_subject_twice", "PC!C5", {"other": "PC!C3"}),)
