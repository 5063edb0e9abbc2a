"""Recognise the workbooks schools already have, by their column titles, and turn their lines into plain rows.

Understood: C1-HocSinh (the sector's pupil list), the list of pupils with parents' phones, CSDL_GiaoVien (staff) and
the teaching assignments. The header may stand on any of the first rows and the columns in any order. What is wrong in
a line becomes a `Defect` of its row. Columns the system has no use for (ethnicity, disability, e-mail, parents' years
of birth) are not read at all.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from backend.core.problem import Invalid
from backend.core.sheets import (
    CellValue,
    SheetShape,
    Workbook,
    cell_address,
    check_plain,
    column_address,
    open_workbook,
)
from backend.core.text import parse_date, parse_phone, search_key, squeeze
from backend.enrolment.rules import (
    AssignmentRow,
    Contact,
    Defect,
    GuardianPhones,
    PupilRow,
    StaffRow,
    class_name_of,
    pupil_status,
)
from backend.enrolment.rules.identifiers import MINISTRY_CODE_DIGITS, NATIONAL_ID_DIGITS, PUPIL_CODE

# Official templates put at most some 15 lines of headings above the table.
HEADER_SEARCH_ROWS: Final = 50
LONGEST_NAME: Final = 120

_TITLES: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("Mã học sinh", "Mã HS", "Mã định danh Bộ GD&ĐT", "Mã định danh", "Mã định danh học sinh"),
    "full_name": ("Họ tên", "Họ và tên", "Họ tên học sinh", "Họ và tên học sinh", "Họ tên giáo viên"),
    "birth_date": ("Ngày sinh", "Ngày tháng năm sinh", "Ngày, tháng, năm sinh"),
    "sex": ("Giới tính", "Phái"),
    "class_name": ("Mã lớp", "Lớp", "Lớp học", "Tên lớp"),
    "status": ("Trạng thái HS", "Trạng thái", "Trạng thái học sinh"),
    "status_on": ("Ngày nhập trạng thái", "Ngày trạng thái"),
    "national_id": ("Số định danh cá nhân", "Số ĐDCN", "Số CCCD", "CCCD", "Số ĐDCN/CCCD"),
    "phone_1": ("SĐT liên hệ", "SĐT liên hệ 1", "SĐT", "Số điện thoại", "Điện thoại", "Số điện thoại liên hệ"),
    "phone_2": ("SĐT liên hệ 2", "Số điện thoại 2", "Điện thoại 2"),
    "father_name": ("Tên cha", "Họ tên cha", "Họ và tên cha", "Họ tên bố"),
    "mother_name": ("Tên mẹ", "Họ tên mẹ", "Họ và tên mẹ"),
    "father_phone": ("SĐT cha", "Số điện thoại cha", "Điện thoại cha", "SĐT bố"),
    "mother_phone": ("SĐT mẹ", "Số điện thoại mẹ", "Điện thoại mẹ"),
    "staff_code": ("Mã giáo viên", "Mã GV", "Mã cán bộ", "Mã CB"),
    "staff_name": ("Giáo viên", "Tên giáo viên", "Giáo viên dạy", "Giáo viên giảng dạy"),
    "staff_status": ("Trạng thái CB", "Trạng thái cán bộ", "Trạng thái GV"),
    "position": ("Vị trí việc làm", "Chức vụ"),
    "subject_name": ("Môn học", "Môn", "Tên môn"),
    "homeroom": ("Chủ nhiệm", "GVCN", "Giáo viên chủ nhiệm"),
    "mark": ("ĐĐGtx", "ĐĐGtx1", "ĐĐGtx2", "ĐĐGgk", "ĐĐGck", "ĐTBmhk"),
}


class Layout(StrEnum):
    """What a sheet lists."""

    GRADEBOOK = "GRADEBOOK"
    ASSIGNMENTS = "ASSIGNMENTS"
    STAFF = "STAFF"
    CONTACTS = "CONTACTS"
    PUPILS = "PUPILS"


# The first layout whose columns are all there is the sheet's; from the narrowest to the widest net.
_LAYOUTS: Final[Sequence[tuple[Layout, frozenset[str]]]] = (
    (Layout.GRADEBOOK, frozenset({"mark", "full_name"})),
    (Layout.ASSIGNMENTS, frozenset({"class_name", "subject_name", "staff_code"})),
    (Layout.STAFF, frozenset({"staff_code", "full_name"})),
    (Layout.CONTACTS, frozenset({"code", "full_name", "phone_1"})),
    (Layout.CONTACTS, frozenset({"code", "full_name", "father_phone"})),
    (Layout.CONTACTS, frozenset({"code", "full_name", "mother_phone"})),
    (Layout.PUPILS, frozenset({"code", "full_name", "class_name"})),
)
# A line is a line of data when one of these is filled; totals and signatures below the table fill none of them.
_IDENTIFYING: Final = ("code", "national_id", "full_name", "staff_code", "subject_name")
_SEXES: Final = {"nam": "MALE", "nu": "FEMALE"}
_WORKING: Final = {"dang lam viec", "chuyen den", "da chuyen den", ""}
_RELATIONS: Final = (
    ("father_phone", "FATHER", "father_name"),
    ("mother_phone", "MOTHER", "mother_name"),
    ("phone_1", "GUARDIAN", None),
    ("phone_2", "GUARDIAN", None),
)


@dataclass(frozen=True)
class WorkbookRows:
    """Everything one workbook says, in the order of its lines."""

    layouts: tuple[Layout, ...]
    pupils: tuple[PupilRow, ...]
    contacts: tuple[GuardianPhones, ...]
    staff: tuple[StaffRow, ...]
    assignments: tuple[AssignmentRow, ...]


def title_key(title: str) -> str:
    """A column title without case, diacritics, line breaks and marks: "Mã học\\nsinh" → "ma hoc sinh"."""
    return " ".join(re.sub(r"[^0-9a-z]+", " ", search_key(title)).split())


_FIELD_BY_TITLE: Final = {title_key(title): name for name, titles in _TITLES.items() for title in titles}


def read_workbook(content: bytes, filename: str) -> WorkbookRows:
    """Read a school's workbook.

    Raises the `sheet.*` problems of `backend.core.sheets`, `import.header_not_found(file)` when no sheet is
    understood, `import.header_repeated(title, cell, other)`, `import.gradebook_not_here(sheet)` and
    `import.no_rows(file)`.
    """
    workbook = open_workbook(content, filename)
    tables = [table for sheet in workbook.sheets if not sheet.hidden and (table := _table(workbook, sheet, filename))]
    if not tables:
        raise Invalid("import.header_not_found", file=filename)
    lines = [(table, line) for table in tables for line in table.lines]
    if not lines:
        raise Invalid("import.no_rows", file=filename)
    return WorkbookRows(
        layouts=tuple(dict.fromkeys(table.layout for table in tables)),
        pupils=tuple(_pupil(line) for table, line in lines if table.layout in (Layout.PUPILS, Layout.CONTACTS)),
        contacts=tuple(_contacts(line) for table, line in lines if table.layout is Layout.CONTACTS),
        staff=tuple(_person(line) for table, line in lines if table.layout is Layout.STAFF),
        assignments=tuple(_assignment(line) for table, line in lines if table.layout is Layout.ASSIGNMENTS),
    )


class _Line:
    """One line while it is read: its values by field, and the defects found so far."""

    def __init__(self, file: str, sheet: str, row: int, columns: Mapping[str, "_Column"], values: list[CellValue]):
        self.file, self.sheet, self.row = file, sheet, row
        self.values = {name: values[column.index] for name, column in columns.items() if column.index < len(values)}
        self.cells = {name: f"{column.address}{row}" for name, column in columns.items()}
        self.defects: list[Defect] = []

    def text(self, name: str) -> str:
        value = self.values.get(name, "")
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return squeeze(str(value))

    def digits(self, name: str, length: int) -> str:
        """An identifier as text; when Excel kept it as a number, the leading zeros it lost are put back."""
        value = self.values.get(name, "")
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return self.text(name).zfill(length) if is_number else self.text(name)

    def defect(self, code: str, name: str, *, blocking: bool = True, **params: object) -> None:
        cell = self.cells.get(name) or next(iter(self.cells.values()))
        self.defects.append(Defect(code, cell, params, blocking))

    def required(self, name: str, code: str) -> str:
        text = self.text(name)
        if not text:
            self.defect(code, name)
        return text


@dataclass(frozen=True)
class _Column:
    index: int
    """From 0, in the list of a row's values."""
    address: str


@dataclass(frozen=True)
class _Table:
    layout: Layout
    lines: tuple[_Line, ...]


def _table(workbook: Workbook, sheet: SheetShape, filename: str) -> _Table | None:
    """The table of a sheet, or None for a catalogue sheet or a page of explanations."""
    found: tuple[Layout, dict[str, _Column]] | None = None
    header_row, lines = 0, []
    for number, values in workbook.rows(sheet):
        if found is None:
            if number > HEADER_SEARCH_ROWS:
                return None
            found, header_row = _header(sheet, number, values), number
        elif not _is_same_header(values, found[1]):
            line = _Line(filename, sheet.name, number, found[1], values)
            if any(line.text(name) for name in _IDENTIFYING):
                lines.append(line)
    if found is None:
        return None
    if lines:
        check_plain(sheet, header_row + 1, lines[-1].row)
    return _Table(found[0], tuple(lines))


def _header(sheet: SheetShape, row: int, values: Sequence[CellValue]) -> tuple[Layout, dict[str, _Column]] | None:
    columns: dict[str, int] = {}
    repeated: dict[str, int] = {}
    for column, value in enumerate(values, start=1):
        name = _FIELD_BY_TITLE.get(title_key(value)) if isinstance(value, str) else None
        if name is not None and columns.setdefault(name, column) != column:
            repeated.setdefault(name, column)
    layout = next((layout for layout, required in _LAYOUTS if required <= columns.keys()), None)
    if layout is None:
        return None
    if layout is Layout.GRADEBOOK:
        raise Invalid("import.gradebook_not_here", sheet=sheet.name)
    for name, column in repeated.items():
        cell, other = (cell_address(sheet.name, row, place) for place in (column, columns[name]))
        raise Invalid("import.header_repeated", title=squeeze(str(values[column - 1])), cell=cell, other=other)
    return layout, {name: _Column(column - 1, column_address(sheet.name, column)) for name, column in columns.items()}


def _is_same_header(values: Sequence[CellValue], columns: Mapping[str, _Column]) -> bool:
    """Printed lists repeat the header on each page."""
    titles = [values[column.index] for column in columns.values() if column.index < len(values)]
    same = [isinstance(title, str) and _FIELD_BY_TITLE.get(title_key(title)) is not None for title in titles]
    return sum(same) > len(columns) / 2


def _pupil(line: _Line) -> PupilRow:
    code, national_id = _code(line), _national_id(line)
    row = PupilRow(
        sheet=line.sheet,
        row=line.row,
        cells=line.cells,
        file=line.file,
        code=code,
        national_id=national_id,
        full_name=_name(line),
        birth_date=_day(line, "birth_date", "import.birth_date_malformed"),
        sex=_sex(line),
        class_name=_class_name(line),
        status=_status(line),
        status_on=_day(line, "status_on", "import.status_date_malformed", blocking=False),
    )
    if row.birth_date is None and not line.text("birth_date"):
        line.defect("import.birth_date_missing", "birth_date", blocking=False)
    return replace(row, defects=tuple(line.defects))


def _code(line: _Line) -> str | None:
    text = line.digits("code", MINISTRY_CODE_DIGITS).upper()
    if not text:
        if not line.text("national_id"):
            line.defect("import.code_missing", "code")
        return None
    if not PUPIL_CODE.fullmatch(text):
        line.defect("import.code_malformed", "code", value=text)
        return None
    return text


def _national_id(line: _Line) -> str | None:
    text = line.digits("national_id", NATIONAL_ID_DIGITS).replace(" ", "")
    if not text:
        return None
    if not re.fullmatch(rf"[0-9]{{{NATIONAL_ID_DIGITS}}}", text):
        # Without the code this number is the only key of the pupil, and then the line cannot be used.
        line.defect("import.national_id_malformed", "national_id", blocking=not line.text("code"))
        return None
    return text


def _name(line: _Line) -> str:
    name = line.required("full_name", "import.name_missing")
    if name and (len(name) > LONGEST_NAME or any(char.isdigit() for char in name)):
        line.defect("import.name_malformed", "full_name", longest=LONGEST_NAME)
    return name


def _day(line: _Line, name: str, code: str, *, blocking: bool = True) -> date | None:
    value = line.values.get(name, "")
    if not line.text(name):
        return None
    found = parse_date(value) if isinstance(value, str | int | float | date) else None
    if found is None:
        line.defect(code, name, blocking=blocking, value=line.text(name))
    return found


def _sex(line: _Line) -> str | None:
    """Only the words: one source writes 0 for a girl, another for "unknown"."""
    text = line.text("sex")
    found = _SEXES.get(search_key(text))
    if text and found is None:
        line.defect("import.sex_unknown", "sex", blocking=False, value=text)
    return found


def _class_name(line: _Line) -> str | None:
    text = line.required("class_name", "import.class_missing") if "class_name" in line.cells else ""
    found = class_name_of(text) if text else None
    if text and found is None:
        line.defect("import.class_malformed", "class_name", value=text)
    return found


def _status(line: _Line) -> str | None:
    text = line.text("status")
    found = pupil_status(text) if text else None
    if text and found is None:
        line.defect("import.status_unknown", "status", value=text)
    return found


def _contacts(line: _Line) -> GuardianPhones:
    """The phones of a pupil's line. Only a titled "SĐT cha" or "SĐT mẹ" tells whose a phone is; nothing is guessed."""
    line.defects = []
    found: dict[str, Contact] = {}
    for name, relation, name_field in _RELATIONS:
        if not line.text(name):
            continue
        value = line.values[name]
        phone = parse_phone(value) if isinstance(value, str | int | float) else None
        if phone is None:
            line.defect("import.phone_malformed", name, blocking=False, value=line.text(name))
        else:
            found.setdefault(phone, Contact(phone, relation, line.text(name_field) if name_field else ""))
    code = line.digits("code", MINISTRY_CODE_DIGITS).upper()
    national_id = line.digits("national_id", NATIONAL_ID_DIGITS).replace(" ", "")
    return GuardianPhones(
        sheet=line.sheet,
        row=line.row,
        cells=line.cells,
        file=line.file,
        code=code or None,
        national_id=national_id or None,
        contacts=tuple(found.values()),
        defects=tuple(line.defects),
    )


def _person(line: _Line) -> StaffRow:
    code = line.required("staff_code", "import.staff_code_missing").upper()
    if code and not PUPIL_CODE.fullmatch(code):
        line.defect("import.staff_code_malformed", "staff_code", value=code)
    value = line.values.get("phone_1", "")
    phone = parse_phone(value) if isinstance(value, str | int | float) else None
    if phone is None and line.text("phone_1"):
        line.defect("import.phone_malformed", "phone_1", blocking=False, value=line.text("phone_1"))
    name = _name(line)
    return StaffRow(
        sheet=line.sheet,
        row=line.row,
        cells={**line.cells, "code": line.cells["staff_code"], "phone": line.cells.get("phone_1", "")},
        file=line.file,
        defects=tuple(line.defects),
        code=code,
        full_name=name,
        phone=phone,
        position=line.text("position"),
        is_working=search_key(line.text("staff_status")) in _WORKING,
    )


def _assignment(line: _Line) -> AssignmentRow:
    class_name = _class_name(line) or ""
    subject = line.required("subject_name", "import.subject_missing")
    staff_code = line.required("staff_code", "import.staff_code_missing").upper()
    return AssignmentRow(
        sheet=line.sheet,
        row=line.row,
        cells=line.cells,
        file=line.file,
        defects=tuple(line.defects),
        class_name=class_name,
        subject_name=subject,
        staff_code=staff_code,
        staff_name=line.text("staff_name"),
        is_homeroom=search_key(line.text("homeroom")) in ("x", "co", "1"),
    )
