"""Workbooks built to do harm, or only unlucky, are refused with their own code before their values are read."""

import io
import time
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from backend.core import sheets
from backend.core.problem import Invalid
from backend.core.sheets import cell_address, check_plain, open_workbook

SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def built(fill: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def first_sheet(content: str) -> bytes:
    """A workbook whose first sheet is exactly this XML."""
    return replaced("xl/worksheets/sheet1.xml", content.encode())


def replaced(part: str, content: bytes) -> bytes:
    """A small workbook with this part, the last of the archive, instead of its own."""
    source = zipfile.ZipFile(io.BytesIO(built(lambda book: None)))
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in source.namelist():
            if name != part:
                archive.writestr(name, source.read(name))
        archive.writestr(part, content)
    return target.getvalue()


def sheet_xml(rows: str, before: str = "") -> str:
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{SPREADSHEET}"><sheetData>{rows}</sheetData></worksheet>'


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    target = io.BytesIO(content)
    with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return target.getvalue()


def read_all(content: bytes, filename: str = "so.xlsx") -> list[list[sheets.CellValue]]:
    book = open_workbook(content, filename)
    return [values for sheet in book.sheets for _, values in book.rows(sheet)]


def refusal(content: bytes, filename: str = "so.xlsx") -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_all(content, filename)
    return caught.value


def test_values_and_row_numbers() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet["B3"], sheet["C3"], sheet["D3"] = "Lưu", 40795, date(2015, 8, 17)
        book.create_sheet("Ẩn").sheet_state = "hidden"

    book = open_workbook(built(fill), "so.xlsx")
    assert [(sheet.name, sheet.hidden) for sheet in book.sheets] == [("Sheet", False), ("Ẩn", True)]
    rows = dict(book.rows(book.sheets[0]))
    assert list(rows) == [1, 2, 3]
    assert rows[3] == ["", "Lưu", 40795.0, date(2015, 8, 17)]
    assert (book.sheets[0].rows, book.sheets[0].columns) == (3, 4)


def test_cell_address() -> None:
    assert cell_address("Sheet1", 12, 4) == "Sheet1!D12"
    assert cell_address("Học sinh's", 1, 28) == "'Học sinh''s'!AB1"


@pytest.mark.parametrize(
    ("content", "filename", "code"),
    [
        (b"", "so.xlsx", "sheet.not_a_workbook"),
        (b"Ho ten,Lop\n", "so.xlsx", "sheet.not_a_workbook"),
        (b"PK\x03\x04 torn", "so.xlsx", "sheet.not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "so.xlsx", "sheet.old_format"),
        (b"Ho ten", "so.XLS", "sheet.old_format"),
        (b"PK", "so.xlsm", "sheet.macros"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"),
            "so.xlsx",
            "sheet.password_protected",
        ),
    ],
)
def test_other_formats(content: bytes, filename: str, code: str) -> None:
    assert refusal(content, filename).code == code


def test_too_big() -> None:
    refused = refusal(bytes(sheets.MAX_FILE_BYTES + 1))
    assert (refused.code, refused.params) == ("sheet.too_big", {"limit_mib": 10})


def test_plain_zip_is_no_workbook() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("thu.txt", "Kính gửi")
    assert refusal(target.getvalue()).code == "sheet.not_a_workbook"


def test_macros_inside() -> None:
    assert refusal(with_part(built(lambda book: None), "xl/vbaProject.bin", b"macro")).code == "sheet.macros"


def test_encrypted_entry() -> None:
    content = bytearray(built(lambda book: None))
    directory = content.index(b"PK\x01\x02")
    content[directory + 8] |= 1
    assert refusal(bytes(content)).code == "sheet.password_protected"


def test_zip_bomb_by_ratio_and_by_total() -> None:
    plain = built(lambda book: None)
    assert refusal(with_part(plain, "xl/media/a.bin", bytes(8 * sheets.MIB))).code == "sheet.bomb"
    assert refusal(with_part(plain, "xl/media/a.bin", bytes(65 * sheets.MIB))).code == "sheet.bomb"


def test_zip_bomb_that_lies_about_its_size() -> None:
    """The directory declares 1,000 bytes and their right checksum; the stream behind inflates to 32 MiB."""
    declared = f'<sst xmlns="{SPREADSHEET}"></sst>'.encode().ljust(1_000)
    content = bytearray(replaced("xl/sharedStrings.xml", declared + b" " * (32 * sheets.MIB)))
    place = content.rindex(b"PK\x01\x02")
    content[place + 24 : place + 28] = (1_000).to_bytes(4, "little")
    content[place + 16 : place + 20] = zlib.crc32(declared).to_bytes(4, "little")
    started = time.process_time()
    read_all(bytes(content))
    assert len(sheets._unpack(bytes(content))["xl/sharedStrings.xml"]) == 1_000
    assert time.process_time() - started < 2


def test_too_many_parts() -> None:
    target = io.BytesIO(built(lambda book: None))
    with zipfile.ZipFile(target, "a") as archive:
        for number in range(sheets.MAX_PARTS):
            archive.writestr(f"xl/media/{number}", b"")
    assert refusal(target.getvalue()).code == "sheet.bomb"


def test_the_same_part_twice() -> None:
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = with_part(built(lambda book: None), "xl/workbook.xml", b"<workbook/>")
    assert refusal(content).code == "sheet.not_a_workbook"


def test_entity_expansion_is_refused() -> None:
    doctype = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    assert refusal(first_sheet(sheet_xml("<row><c><v>&b;</v></c></row>", doctype))).code == "sheet.unsafe_xml"


@pytest.mark.parametrize("cell", ["A0", "A-1", "A", "1", "AAAA1", "a1", "A99999999999", "Ａ1"])
def test_malformed_references(cell: str) -> None:
    xml = sheet_xml(f'<row r="1"><c r="{cell}"><v>1</v></c></row>')
    assert refusal(first_sheet(xml)).code in ("sheet.not_a_workbook", "sheet.too_many_rows")


def test_torn_sheet() -> None:
    assert refusal(first_sheet("<worksheet><sheetData><row>")).code == "sheet.not_a_workbook"


def test_two_hundred_thousand_rows() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n * 7919 % 1000003}</v></c></row>' for n in range(1, 200_001))
    content = first_sheet(sheet_xml(rows))
    started = time.process_time()
    refused = refusal(content)
    assert (refused.code, refused.params) == ("sheet.too_many_rows", {"sheet": "Sheet", "limit": 20_000})
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("cell", "code"),
    [("A1048576", "sheet.too_many_rows"), ("XFD1", "sheet.too_many_columns"), ("GR20000", "sheet.too_many_cells")],
)
def test_one_far_cell(cell: str, code: str) -> None:
    row = cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    xml = sheet_xml(f'<row r="1"><c r="A1"><v>1</v></c></row><row r="{row}"><c r="{cell}"><v>1</v></c></row>')
    assert refusal(first_sheet(xml)).code == code


def test_dates_of_the_1904_system() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        from openpyxl.utils.datetime import CALENDAR_MAC_1904

        book.epoch = CALENDAR_MAC_1904

    assert refusal(built(fill)).code == "sheet.date_1904"


def test_formulas_and_merged_cells_in_the_data_only() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet = book.active
        assert sheet is not None
        sheet["A1"] = "=TODAY()"
        sheet.merge_cells("A2:D2")
        sheet["C12"] = "=1+1"
        sheet.merge_cells("A20:B21")
        sheet.merge_cells("A40:B40")

    sheet = open_workbook(built(fill), "so.xlsx").sheets[0]
    check_plain(sheet, 3, 11)
    with pytest.raises(Invalid) as caught:
        check_plain(sheet, 3, 30)
    assert (caught.value.code, caught.value.params) == ("sheet.formula", {"cell": "Sheet!C12"})
    with pytest.raises(Invalid) as caught:
        check_plain(sheet, 13, 30)
    assert (caught.value.code, caught.value.params) == ("sheet.merged_cells", {"range": "Sheet!A20:B21"})


def test_workbooks_of_another_writer(tmp_path: Path) -> None:
    path = tmp_path / "lop.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Lớp 6A1")
        sheet.write_row(0, 0, ["Mã lớp", "Họ tên"])
        sheet.write_row(1, 0, ["6A1", "Đặng Thị Lưu"])
        sheet.insert_textbox(5, 5, "ghi chú")
    book_read = open_workbook(path.read_bytes(), path.name)
    assert [row for _, row in book_read.rows(book_read.sheets[0])][1] == ["6A1", "Đặng Thị Lưu"]
