"""Read rows from an Excel workbook (.xlsx) that a stranger may have built to do harm.

The archive is inflated here, within limits, and packed again before the reader of values sees it: whatever its
directory claims, nothing bigger than what was counted can be unpacked later. Every refusal is `Invalid("sheet.…")`.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from xml.parsers import expat

from openpyxl.utils.cell import get_column_letter, range_boundaries
from python_calamine import CalamineError, CalamineWorkbook

from backend.core.problem import Invalid

MIB: Final = 1024 * 1024
# A school's biggest list (4,000 pupils, 72 columns) is under 2 MiB; 10 MiB also fits one mobile upload.
MAX_FILE_BYTES: Final = 10 * MIB
# What one worker may hold in memory for one file, all parts together.
MAX_UNPACKED_BYTES: Final = 64 * MIB
# Sheets made by Excel pack 5 to 30 times; deflate can reach 1,032. Small parts are exempt: they can do no harm.
MAX_RATIO: Final = 100
RATIO_FREE_BYTES: Final = MIB
# Official templates have about 20 sheets, each with a few parts.
MAX_PARTS: Final = 1_000
# The largest school has some 4,000 pupils; a whole commune fits.
MAX_ROWS: Final = 20_000
# The widest official template has 72 columns.
MAX_COLUMNS: Final = 200
# The reader lays a sheet out as a full rectangle: 20,000 rows of 50 columns.
MAX_CELLS: Final = 1_000_000

_OLE_MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORKBOOK_PART: Final = "xl/workbook.xml"
_WORKBOOK_LINKS: Final = "xl/_rels/workbook.xml.rels"
# Only these parts are needed for values; pictures, links to other files and embedded objects are left out.
_NEEDED_PART: Final = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\.xml|xl/_rels/workbook\.xml\.rels|xl/sharedStrings\.xml"
    r"|xl/styles\.xml|xl/worksheets/[^/]+\.xml",
    re.IGNORECASE,
)
_CHUNK: Final = 256 * 1024

CellValue = str | float | int | bool | date | datetime | time | timedelta


@dataclass(frozen=True)
class SheetShape:
    """What a sheet is made of, known before its values are read."""

    name: str
    hidden: bool
    rows: int
    columns: int
    formulas: dict[int, int]
    """First column with a formula, by row."""
    merged: tuple[str, ...]


class Workbook:
    """An opened workbook. Rows and columns are numbered from 1, as Excel shows them."""

    def __init__(self, reader: CalamineWorkbook, shapes: tuple[SheetShape, ...]) -> None:
        self._reader = reader
        self.sheets = shapes

    def rows(self, sheet: SheetShape) -> Iterator[tuple[int, list[CellValue]]]:
        """Row number and values, from row 1, blank rows included; an empty cell is an empty string."""
        try:
            values = self._reader.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        except CalamineError as error:
            raise Invalid("sheet.not_a_workbook") from error
        yield from enumerate(values, start=1)


def cell_address(sheet: str, row: int, column: int) -> str:
    """A cell as Excel names it: "Sheet1!D12"; a name with a space or a mark is quoted."""
    return f"{column_address(sheet, column)}{row}"


def column_address(sheet: str, column: int) -> str:
    """What the addresses of a column's cells begin with: "Sheet1!D"."""
    return f"{_quoted(sheet)}!{get_column_letter(column)}"


def _quoted(sheet: str) -> str:
    return sheet if re.fullmatch(r"\w+", sheet) else "'" + sheet.replace("'", "''") + "'"


def open_workbook(content: bytes, filename: str = "") -> Workbook:
    """Open an .xlsx within the limits above.

    Raises `Invalid`: sheet.too_big(limit_mib), sheet.old_format, sheet.password_protected, sheet.macros,
    sheet.not_a_workbook, sheet.bomb, sheet.unsafe_xml, sheet.date_1904, sheet.too_many_rows(sheet, limit),
    sheet.too_many_columns(sheet, limit), sheet.too_many_cells(sheet, limit).
    """
    _refuse_foreign_formats(content, filename)
    parts = _unpack(content)
    for part in parts.values():
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part or part[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise Invalid("sheet.unsafe_xml")
    shapes = tuple(_shapes(parts))
    try:
        reader = CalamineWorkbook.from_filelike(io.BytesIO(_pack(parts)))
    except CalamineError as error:
        raise Invalid("sheet.not_a_workbook") from error
    readable = set(reader.sheet_names)
    return Workbook(reader, tuple(shape for shape in shapes if shape.name in readable))


def check_plain(sheet: SheetShape, first_row: int, last_row: int) -> None:
    """Data rows hold plain values: a formula's stored value may be stale, a merged cell belongs to no one row.

    Raises `Invalid("sheet.formula", cell=…)` or `Invalid("sheet.merged_cells", range=…)` for the first one found.
    """
    formula_rows = [row for row in sheet.formulas if first_row <= row <= last_row]
    if formula_rows:
        row = min(formula_rows)
        raise Invalid("sheet.formula", cell=cell_address(sheet.name, row, sheet.formulas[row]))
    for merged in sheet.merged:
        _, top, _, bottom = range_boundaries(merged)
        if top is None or bottom is None or (top <= last_row and bottom >= first_row):
            raise Invalid("sheet.merged_cells", range=f"{_quoted(sheet.name)}!{merged}")


def _refuse_foreign_formats(content: bytes, filename: str) -> None:
    if len(content) > MAX_FILE_BYTES:
        raise Invalid("sheet.too_big", limit_mib=MAX_FILE_BYTES // MIB)
    if content.startswith(_OLE_MAGIC):
        # Excel wraps an encrypted .xlsx in the container of the old format, under this name.
        protected = "EncryptedPackage".encode("utf-16-le") in content
        raise Invalid("sheet.password_protected" if protected else "sheet.old_format")
    suffix = filename.lower().rpartition(".")[2]
    if suffix == "xls":
        raise Invalid("sheet.old_format")
    if suffix in ("xlsm", "xltm", "xlam", "xlsb"):
        raise Invalid("sheet.macros")


def _unpack(content: bytes) -> dict[str, bytes]:
    """The parts that matter, inflated under the limits; the directory is checked first, the bytes while they come."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_directory(entries, len(content))
            budget = MAX_UNPACKED_BYTES
            parts: dict[str, bytes] = {}
            for entry in entries:
                if _NEEDED_PART.fullmatch(entry.filename):
                    parts[entry.filename] = _inflate(archive, entry, budget)
                    budget -= len(parts[entry.filename])
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise Invalid("sheet.not_a_workbook") from error
    if _WORKBOOK_PART not in parts or _WORKBOOK_LINKS not in parts:
        raise Invalid("sheet.not_a_workbook")
    return parts


def _check_directory(entries: list[zipfile.ZipInfo], file_bytes: int) -> None:
    names = [entry.filename for entry in entries]
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Invalid("sheet.macros")
    if any(entry.flag_bits & 0x1 for entry in entries):
        raise Invalid("sheet.password_protected")
    if len(set(names)) != len(names):
        raise Invalid("sheet.not_a_workbook")
    declared = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_PARTS or declared > MAX_UNPACKED_BYTES:
        raise Invalid("sheet.bomb")
    if declared > RATIO_FREE_BYTES and declared > MAX_RATIO * file_bytes:
        raise Invalid("sheet.bomb")


def _inflate(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, budget: int) -> bytes:
    pieces, size = [], 0
    with archive.open(entry) as stream:
        while piece := stream.read(_CHUNK):
            size += len(piece)
            if size > budget or (size > RATIO_FREE_BYTES and size > MAX_RATIO * max(entry.compress_size, 1)):
                raise Invalid("sheet.bomb")
            pieces.append(piece)
    return b"".join(pieces)


def _pack(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return target.getvalue()


def _shapes(parts: dict[str, bytes]) -> Iterator[SheetShape]:
    targets: dict[str, str] = {}
    for _, attributes in _elements(parts[_WORKBOOK_LINKS], "Relationship"):
        targets[attributes.get("Id", "")] = attributes.get("Target", "")
    for name, attributes in _elements(parts[_WORKBOOK_PART], "sheet", "workbookPr"):
        if name == "workbookPr":
            if attributes.get("date1904") in ("1", "true"):
                raise Invalid("sheet.date_1904")
            continue
        link = next((value for key, value in attributes.items() if key.endswith("}id")), "")
        target = targets.get(link, "")
        path = target.lstrip("/") if target.startswith("/") else "xl/" + target
        if path in parts:
            hidden = attributes.get("state", "visible") != "visible"
            yield _Scan(attributes.get("name", "")).run(parts[path], hidden)


def _elements(part: bytes, *wanted: str) -> list[tuple[str, dict[str, str]]]:
    """Local name and attributes of the wanted elements of a small part."""
    found: list[tuple[str, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition("}")[2]
        if local in wanted:
            found.append((local, attributes))

    _parse(part, start)
    return found


def _parse(part: bytes, start: Callable[[str, dict[str, str]], None]) -> None:
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler = start
    try:
        parser.Parse(part, True)
    except expat.ExpatError as error:
        raise Invalid("sheet.not_a_workbook") from error


class _Scan:
    """One pass over a sheet's XML for its size, formulas and merged ranges, before the values are laid out."""

    def __init__(self, sheet: str) -> None:
        self.sheet = sheet
        self.row = self.column = self.rows = self.columns = 0
        self.formulas: dict[int, int] = {}
        self.merged: list[str] = []
        self.letters: dict[str, int] = {}

    def run(self, part: bytes, hidden: bool) -> SheetShape:
        _parse(part, self._start)
        if self.rows * self.columns > MAX_CELLS:
            raise Invalid("sheet.too_many_cells", sheet=self.sheet, limit=MAX_CELLS)
        return SheetShape(self.sheet, hidden, self.rows, self.columns, self.formulas, tuple(self.merged))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name[name.rfind("}") + 1 :]
        if local == "c":
            self._cell(attributes.get("r", ""))
        elif local == "row":
            number = attributes.get("r", "")
            self.row = self._number(number) if number else self.row + 1
            self.column = 0
            self._check_row()
        elif local == "f":
            self.formulas.setdefault(self.row, self.column)
        elif local == "mergeCell":
            reference = attributes.get("ref", "").replace("$", "").upper()
            if re.fullmatch(r"[A-Z]{1,3}[0-9]{1,7}(:[A-Z]{1,3}[0-9]{1,7})?", reference):
                self.merged.append(reference)

    def _cell(self, reference: str) -> None:
        """The position from the cell's own reference when it has one: the reader of values believes it too."""
        if reference:
            letters = reference.rstrip("0123456789")
            if letters not in self.letters:
                self.letters[letters] = _column_number(letters)
            self.column = self.letters[letters]
            self.row = self._number(reference[len(letters) :])
            self._check_row()
        else:
            self.column += 1
        if self.column > MAX_COLUMNS:
            raise Invalid("sheet.too_many_columns", sheet=self.sheet, limit=MAX_COLUMNS)
        self.columns = max(self.columns, self.column)

    def _number(self, digits: str) -> int:
        if not re.fullmatch("[1-9][0-9]{0,8}", digits):
            raise Invalid("sheet.not_a_workbook")
        return int(digits)

    def _check_row(self) -> None:
        if self.row > MAX_ROWS:
            raise Invalid("sheet.too_many_rows", sheet=self.sheet, limit=MAX_ROWS)
        self.rows = max(self.rows, self.row)


def _column_number(letters: str) -> int:
    if not re.fullmatch("[A-Z]{1,3}", letters):
        raise Invalid("sheet.not_a_workbook")
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number
