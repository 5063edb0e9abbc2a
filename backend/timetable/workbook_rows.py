"""Read a timetable as schools draw it: a line for each weekday, session and period, a column for each class.

The header may stand on any of the first lines; a weekday or session that is written once holds for the lines below it.
What is wrong with the drawing becomes a `Defect` of its cell; what a cell says is read in `workbook_lessons.py`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from openpyxl.utils.cell import get_column_letter, range_boundaries

from backend.core.problem import Invalid
from backend.core.sheets import CellValue, SheetShape, Workbook, cell_address, open_workbook
from backend.core.text import nfc, search_key, squeeze

HEADER_SEARCH_ROWS: Final = 50
MOST_LINES: Final = 500
_TITLES: Final[Mapping[str, str]] = {
    "thu": "weekday", "ngay": "weekday", "thu ngay": "weekday", "buoi": "session", "tiet": "period",
    "tiet hoc": "period",
}  # fmt: skip
# Columns beside the classes that say nothing about a lesson.
_BESIDE: Final = frozenset({"", "stt", "tt", "gio", "thoi gian", "ghi chu"})
_WEEKDAYS: Final[Mapping[str, int]] = {
    "2": 1, "hai": 1, "3": 2, "ba": 2, "4": 3, "tu": 3, "5": 4, "nam": 4, "6": 5, "sau": 5, "7": 6, "bay": 6,
    "8": 7, "cn": 7, "chu nhat": 7,
}  # fmt: skip
_SESSIONS: Final[Mapping[str, str]] = {"sang": "MORNING", "s": "MORNING", "chieu": "AFTERNOON", "c": "AFTERNOON"}
MOST_PERIODS: Final = 7


@dataclass(frozen=True)
class Defect:
    """Something wrong in one cell ("TKB!C7")."""

    code: str
    cell: str
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Cell:
    """What a class has at one time of the week, as it is written."""

    address: str
    class_key: str
    weekday: int
    session: str
    period: int
    text: str


@dataclass(frozen=True)
class Column:
    """A class's column, by the cell of its title."""

    address: str
    key: str
    name: str


@dataclass
class Drawn:
    """Everything a workbook says, in the order of its cells."""

    columns: list[Column] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    defects: list[Defect] = field(default_factory=list)


def class_key(name: str) -> str:
    """A class's name without spaces, case, diacritics and the word for "class" before it."""
    return search_key(name).replace(" ", "").removeprefix("lop")


def read_drawing(content: bytes, filename: str) -> Drawn:
    """All visible sheets that draw a timetable.

    Raises the `sheet.*` problems of `backend.core.sheets`, Invalid("timetable_import.header_not_found") and
    Invalid("timetable_import.too_many_lines", sheet, most).
    """
    workbook = open_workbook(content, filename)
    drawn = Drawn()
    found = [_read(workbook, sheet, drawn) for sheet in workbook.sheets if not sheet.hidden]
    if not any(found):
        raise Invalid("timetable_import.header_not_found")
    return drawn


@dataclass
class _Header:
    row: int
    places: dict[str, int]  # weekday, session, period → index
    classes: list[tuple[int, Column]]


def _read(workbook: Workbook, sheet: SheetShape, drawn: Drawn) -> bool:
    lines = list(workbook.rows(sheet))
    header = next((h for row, values in lines[:HEADER_SEARCH_ROWS] if (h := _header(sheet, row, values, drawn))), None)
    if header is None:
        return False
    below = [(row, values) for row, values in lines if row > header.row]
    with_period = [row for row, values in below if _text(values, header.places["period"])]
    last = max(with_period, default=header.row)  # signatures and remarks stand below the last line with a period
    if len(below) > MOST_LINES and last - header.row > MOST_LINES:
        raise Invalid("timetable_import.too_many_lines", sheet=sheet.name, most=MOST_LINES)
    drawn.columns += [column for _, column in header.classes]
    _check_plain(sheet, header, last, drawn)
    weekday, session = "", _session_of_sheet(sheet.name)
    for row, values in below:
        if row > last:
            break
        weekday = _text(values, header.places["weekday"]) or weekday
        if "session" in header.places:
            session = _text(values, header.places["session"]) or session
        _line(sheet, row, values, header, (weekday, session), drawn)
    return True


def _header(sheet: SheetShape, row: int, values: Sequence[CellValue], drawn: Drawn) -> _Header | None:
    titles = [_text(values, index) for index in range(len(values))]
    places: dict[str, int] = {}
    for index, title in enumerate(titles):
        name = _TITLES.get(_key(title))
        if name is not None:
            places.setdefault(name, index)
    if not {"weekday", "period"} <= places.keys() or not ("session" in places or _session_of_sheet(sheet.name)):
        return None
    first = max(places.values()) + 1
    classes: list[tuple[int, Column]] = []
    seen: dict[str, str] = {}
    for index, title in enumerate(titles[first:], start=first):
        if _key(title) in _BESIDE:
            continue
        column = Column(cell_address(sheet.name, row, index + 1), class_key(title), title)
        if other := seen.get(column.key):
            drawn.defects.append(
                Defect("timetable_import.class_repeated", column.address, {"name": title, "other": other})
            )
            continue
        seen[column.key] = column.address
        classes.append((index, column))
    return _Header(row, places, classes) if classes else None


def _check_plain(sheet: SheetShape, header: _Header, last: int, drawn: Drawn) -> None:
    """A formula's stored value may be stale, and a merged lesson belongs to no one line; both are told, not guessed."""
    for row, column in sorted(sheet.formulas.items()):
        if header.row < row <= last:
            drawn.defects.append(Defect("timetable_import.formula", cell_address(sheet.name, row, column)))
    first_class = min(index for index, _ in header.classes) + 1
    for merged in sheet.merged:
        left, top, right, bottom = range_boundaries(merged)
        if None in (left, top, right, bottom):
            continue
        if right >= first_class and bottom > header.row and top <= last:  # pyright: ignore[reportOptionalOperand]
            where = cell_address(sheet.name, top or 1, left or 1)
            until = f"{get_column_letter(right or 1)}{bottom}"
            drawn.defects.append(Defect("timetable_import.merged", where, {"until": until}))


def _line(
    sheet: SheetShape, row: int, values: Sequence[CellValue], header: _Header, when: tuple[str, str], drawn: Drawn
) -> None:
    texts = [(index, column, _text(values, index)) for index, column in header.classes]
    if not any(text for _, _, text in texts):
        return
    period_text = _text(values, header.places["period"])
    weekday, session, period = _weekday(when[0]), _session(when[1]), _period(period_text)
    said = (("weekday", weekday, when[0]), ("session", session, when[1]), ("period", period, period_text))
    for name, value, text in said:
        if value is None:
            address = cell_address(sheet.name, row, header.places.get(name, 0) + 1)
            drawn.defects.append(Defect(f"timetable_import.{name}_unknown", address, {"text": text}))
    if weekday is None or session is None or period is None:
        return
    drawn.cells += [
        Cell(cell_address(sheet.name, row, index + 1), column.key, weekday, session, period, text)
        for index, column, text in texts
        if text
    ]


def _text(values: Sequence[CellValue], index: int) -> str:
    """A cell as text; its line breaks stay, for schools write the teacher below the subject."""
    value = values[index] if index < len(values) else ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return "\n".join(line for part in nfc(str(value)).splitlines() if (line := squeeze(part)))


def _key(text: str) -> str:
    """Without case, diacritics and marks, and without the word for "session" before it."""
    return " ".join(re.sub(r"[^0-9a-z]+", " ", search_key(text)).split())


def _weekday(text: str) -> int | None:
    key = _key(text)
    return _WEEKDAYS.get(re.sub(r"^(thu ?|t)(?=\S)", "", key), _WEEKDAYS.get(key))


def _session(text: str) -> str | None:
    return _SESSIONS.get(_key(text).removeprefix("buoi").strip())


def _period(text: str) -> int | None:
    match = re.fullmatch(r"(?:tiet ?)?([1-9])", _key(text))
    return int(match[1]) if match and int(match[1]) <= MOST_PERIODS else None


def _session_of_sheet(name: str) -> str:
    """Some schools draw each session on a sheet of its own, named after it."""
    return next((word for word in _key(name).split() if word in ("sang", "chieu")), "")
