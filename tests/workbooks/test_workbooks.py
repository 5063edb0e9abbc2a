"""The layouts schools have are recognised by their titles, and what is wrong in a line is told with its cell."""

import io
import time
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from backend.core.problem import Invalid
from backend.enrolment.rules import Contact, plan_pupils
from backend.enrolment.workbooks import Layout, WorkbookRows, read_workbook

C1 = ["STT", "Mã lớp", "Mã học\nsinh", "Họ tên", "Ngày sinh", "Giới tính", "Trạng thái HS", "Ngày nhập\ntrạng thái"]
C1 += ["Dân tộc", "Loại khuyết tật", "Số định danh cá nhân"]
LUU: list[Any] = [1, "6A1", "2478837457", "Đặng Thị Lưu", "17/08/2015", "Nữ", "Đang học", "05/09/2026", "Kinh", ""]
LUU += ["024315474999"]
CONTACTS = ["STT", "Mã định danh Bộ GD&ĐT", "Họ tên", "Ngày sinh", "SĐT liên hệ", "SĐT liên hệ 2", "Tên cha"]
CONTACTS += ["Tên mẹ", "SĐT mẹ", "Lớp học", "Số định danh cá nhân"]
STAFF = ["STT", "Mã giáo viên", "Họ tên", "Số điện thoại", "Email", "Trạng thái CB", "Vị trí việc làm", "Môn dạy"]
ASSIGNMENTS = ["STT", "Lớp", "Môn học", "Mã giáo viên", "Giáo viên", "Chủ nhiệm"]


def workbook(*lists: Sequence[Sequence[Any]], header_at: int = 6, catalogues: int = 0) -> bytes:
    """One sheet per list, its first line at row `header_at` under a merged title, then catalogue sheets."""
    book = openpyxl.Workbook()
    for number, lines in enumerate(lists):
        sheet = book.active if number == 0 else book.create_sheet()
        assert sheet is not None
        sheet.title = f"Sheet{number + 1}"
        if header_at > 1:
            sheet["A1"] = "TRƯỜNG THCS TIỀN PHONG"
            sheet.merge_cells("A1:E1")
        for row, line in enumerate(lines, start=header_at):
            for column, value in enumerate(line, start=1):
                sheet.cell(row, column, value)
    for number in range(catalogues):
        book.create_sheet(f"DM_{number:02}").append(["Đang học"])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(*lists: Sequence[Sequence[Any]], header_at: int = 6, catalogues: int = 0) -> WorkbookRows:
    return read_workbook(workbook(*lists, header_at=header_at, catalogues=catalogues), "truong.xlsx")


def changed(line: Sequence[Any], titles: Sequence[str], **values: Any) -> list[Any]:
    """The line with other values by (shortened) title."""
    found = list(line)
    for title, value in values.items():
        found[next(n for n, name in enumerate(titles) if name.replace("\n", " ").startswith(title))] = value
    return found


def defects(line: Sequence[Any]) -> list[tuple[str, str, bool]]:
    return [(found.code, found.cell, found.blocking) for found in read([C1, line]).pupils[0].defects]


@pytest.mark.parametrize("header_at", [1, 6, 50])
def test_pupil_list_with_its_header_anywhere(header_at: int) -> None:
    found = read([C1, LUU], header_at=header_at, catalogues=14)
    assert found.layouts == (Layout.PUPILS,)
    (pupil,) = found.pupils
    assert (pupil.sheet, pupil.row, pupil.file) == ("Sheet1", header_at + 1, "truong.xlsx")
    assert (pupil.code, pupil.national_id, pupil.full_name) == ("2478837457", "024315474999", "Đặng Thị Lưu")
    assert (pupil.birth_date, pupil.status_on) == (date(2015, 8, 17), date(2026, 9, 5))
    assert (pupil.sex, pupil.class_name, pupil.status, pupil.defects) == ("FEMALE", "6A1", "STUDYING", ())
    assert (pupil.cell("full_name"), pupil.cell("national_id")) == (
        f"Sheet1!D{header_at + 1}",
        f"Sheet1!K{header_at + 1}",
    )


def test_a_header_too_far_down_is_not_found() -> None:
    with pytest.raises(Invalid) as caught:
        read([C1, LUU], header_at=51)
    assert (caught.value.code, caught.value.params) == ("import.header_not_found", {"file": "truong.xlsx"})


def test_decomposed_titles_other_order_and_synonyms() -> None:
    titles = ["LỚP", "Họ và tên\nhọc sinh", " mã  HS", "Ghi chú"]
    decomposed = [unicodedata.normalize("NFD", title) for title in titles]
    (pupil,) = read([decomposed, ["6a1", unicodedata.normalize("NFD", "  Dư  Thanh Quang "), "hs-01", "x"]]).pupils
    assert (pupil.class_name, pupil.full_name, pupil.code) == ("6A1", "Dư Thanh Quang", "HS-01")
    assert (pupil.status, pupil.sex, pupil.national_id) == (None, None, None)


def test_numbers_that_lost_their_zeros_and_serial_dates() -> None:
    line = changed(LUU, C1, **{"Mã học": 178837457, "Ngày sinh": 42233, "Số định danh": 24315474999})
    (pupil,) = read([C1, line]).pupils
    assert (pupil.code, pupil.national_id) == ("0178837457", "024315474999")
    assert (pupil.birth_date, pupil.defects) == (date(2015, 8, 17), ())
    (pupil,) = read([C1, changed(LUU, C1, **{"Ngày sinh": date(2015, 8, 17)})]).pupils
    assert pupil.birth_date == date(2015, 8, 17)


@pytest.mark.parametrize(
    ("title", "value", "found"),
    [
        ("Mã học", "", []),
        ("Mã học", "24 78", [("import.code_malformed", "Sheet1!C7", True)]),
        ("Mã học", "2,48E+09", [("import.code_malformed", "Sheet1!C7", True)]),
        ("Họ tên", "", [("import.name_missing", "Sheet1!D7", True)]),
        ("Họ tên", "Lưu 2", [("import.name_malformed", "Sheet1!D7", True)]),
        ("Mã lớp", "", [("import.class_missing", "Sheet1!B7", True)]),
        ("Mã lớp", "A6", [("import.class_malformed", "Sheet1!B7", True)]),
        ("Ngày sinh", "", [("import.birth_date_missing", "Sheet1!E7", False)]),
        ("Ngày sinh", "31/02/2015", [("import.birth_date_malformed", "Sheet1!E7", True)]),
        ("Giới tính", "0", [("import.sex_unknown", "Sheet1!F7", False)]),
        ("Trạng thái", "Lên mây", [("import.status_unknown", "Sheet1!G7", True)]),
        ("Ngày nhập", "hôm qua", [("import.status_date_malformed", "Sheet1!H7", False)]),
        ("Số định danh", "0243", [("import.national_id_malformed", "Sheet1!K7", False)]),
    ],
)
def test_defects_of_a_line(title: str, value: str, found: list[tuple[str, str, bool]]) -> None:
    assert defects(changed(LUU, C1, **{title: value})) == found


def test_a_line_without_any_key() -> None:
    line = changed(LUU, C1, **{"Mã học": "", "Số định danh": ""})
    assert defects(line) == [("import.code_missing", "Sheet1!C7", True)]
    line = changed(LUU, C1, **{"Mã học": "", "Số định danh": "12"})
    assert defects(line) == [("import.national_id_malformed", "Sheet1!K7", True)]


def test_blank_lines_repeated_headers_and_signatures_are_no_pupils() -> None:
    lines = [C1, LUU, [], C1, changed(LUU, C1, **{"Mã học": "2488912471"}), [], ["Tổng số: 2"], ["", "Người lập"]]
    assert [pupil.row for pupil in read(lines).pupils] == [7, 10]


def test_contact_list() -> None:
    lines = [
        CONTACTS,
        [1, "2478837457", "Đặng Thị Lưu", "17/08/2015", "0929 081 003", 590757938, "Đặng Minh Trí", "Huỳnh Đức"]
        + ["+84929081003", "6A1", "024315474999"],
        [2, "2488912471", "Phan Thị Duyên", "01/08/2015", "không có", "", "", "", "", "6A1", "024315113039"],
    ]
    found = read(lines, header_at=3)
    assert found.layouts == (Layout.CONTACTS,)
    assert len(found.pupils) == 2
    first, second = found.contacts
    assert first.contacts == (
        Contact("+84929081003", "MOTHER", "Huỳnh Đức"),
        Contact("+84590757938", "GUARDIAN", ""),
    )
    assert second.contacts == ()
    assert [(found.code, found.cell, found.blocking) for found in second.defects] == [
        ("import.phone_malformed", "Sheet1!E5", False)
    ]


def test_staff_list_reads_no_email() -> None:
    lines = [
        STAFF,
        [1, "gv240001", "Hồ Văn Tuấn", "0345032530", "vanphong@truong.example", "Đang làm việc", "Hiệu trưởng", ""],
        [2, "GV240002", "Nguyễn Minh Yến", "x", "vanphong@truong.example", "Đã nghỉ hưu", "Kế toán", ""],
        [3, "", "Trần Ngọc Chi", "", "", "", "Giáo viên", "Toán"],
    ]
    head, retired, nameless = read(lines).staff
    assert (head.code, head.phone, head.position) == ("GV240001", "+84345032530", "Hiệu trưởng")
    assert (head.is_working, retired.is_working) == (True, False)
    assert "example" not in repr((head, retired))
    assert (retired.defects[0].code, retired.defects[0].cell) == ("import.phone_malformed", "Sheet1!D8")
    assert (nameless.defects[0].code, nameless.cell("code")) == ("import.staff_code_missing", "Sheet1!B9")


def test_assignment_list() -> None:
    lines = [
        ASSIGNMENTS,
        [1, "6A1", "Nghệ thuật (Âm nhạc)", "GV240006", "Trần Ngọc Chi", "x"],
        [2, "", "Toán", "", "", ""],
    ]
    first, second = read(lines).assignments
    assert (first.class_name, first.subject_name, first.staff_code) == ("6A1", "Nghệ thuật (Âm nhạc)", "GV240006")
    assert (first.staff_name, first.is_homeroom, second.is_homeroom) == ("Trần Ngọc Chi", True, False)
    assert [found.code for found in second.defects] == ["import.class_missing", "import.staff_code_missing"]


def test_several_lists_in_one_workbook() -> None:
    found = read([C1, LUU], [C1, changed(LUU, C1, **{"Mã học": "2488912471"})], [STAFF, [1, "GV1", "Hồ Tuấn"]])
    assert found.layouts == (Layout.PUPILS, Layout.STAFF)
    assert [pupil.sheet for pupil in found.pupils] == ["Sheet1", "Sheet2"]


def test_a_gradebook_is_sent_elsewhere() -> None:
    titles = ["STT", "Lớp", "Mã định danh Bộ GD&ĐT", "Họ và tên", "Ngày sinh", "ĐĐGtx1", "ĐĐGtx2", "ĐĐGgk", "ĐĐGck"]
    with pytest.raises(Invalid) as caught:
        read([titles, [1, "6A1", "2478837457", "Đặng Thị Lưu", "17/08/2015", 6.3, "5,0", 5.8, ""]])
    assert (caught.value.code, caught.value.params) == ("import.gradebook_not_here", {"sheet": "Sheet1"})


@pytest.mark.parametrize(
    ("lines", "code", "params"),
    [
        ([["STT", "Món ăn"], [1, "Phở"]], "import.header_not_found", {"file": "truong.xlsx"}),
        ([C1], "import.no_rows", {"file": "truong.xlsx"}),
        (
            [[*C1, "Lớp"], LUU],
            "import.header_repeated",
            {"title": "Lớp", "cell": "Sheet1!L6", "other": "Sheet1!B6"},
        ),
        ([C1, changed(LUU, C1, STT="=ROW()")], "sheet.formula", {"cell": "Sheet1!A7"}),
    ],
)
def test_whole_workbook_refused(lines: list[list[Any]], code: str, params: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        read(lines)
    assert (caught.value.code, caught.value.params) == (code, params)


def test_merged_cells_among_the_pupils() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook([C1, LUU, changed(LUU, C1, **{"Mã học": "2488912471"})])))
    book["Sheet1"].merge_cells("B7:B8")
    target = io.BytesIO()
    book.save(target)
    with pytest.raises(Invalid) as caught:
        read_workbook(target.getvalue(), "truong.xlsx")
    assert (caught.value.code, caught.value.params) == ("sheet.merged_cells", {"range": "Sheet1!B7:B8"})


def test_two_thousand_pupils_in_two_seconds() -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(5, 0, C1)
        for number in range(2_000):
            values = {"Mã học": f"24{number:08}", "Số định danh": f"024315{number:06}", "Họ tên": f"Nguyễn {'A' * 3}"}
            sheet.write_row(6 + number, 0, changed(LUU, C1, **values))
    started = time.process_time()
    found = read_workbook(target.getvalue(), "truong.xlsx")
    plan = plan_pupils([], found.pupils)
    assert time.process_time() - started < 2
    assert len(plan.rows) == 2_000
    assert plan.counts == {"NEW": 2_000}
