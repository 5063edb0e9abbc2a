"""Form 07: the dossiers of a school between two days, on paper and as a workbook."""

import io
from datetime import date
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from backend.core.documents import render_pdf
from backend.core.graphql.problems import words
from backend.eservices.papers import words as say
from backend.eservices.papers.content import office_data
from backend.eservices.papers.drawing import template, verification
from backend.eservices.queries.register import Register, RegisterRow

MOST_TAGGED: Final = 500
"""Rows of a register up to which its cells are marked for screen readers."""


def register_pdf(found: Register) -> bytes:
    """Form 07: the dossiers of a school between two days. Takes CPU: call it in a thread."""
    data = {
        "title": say.said("form_07"),
        "number": f"{say.day(found.starts)}-{say.day(found.ends)}",
        "wide": True,
        "office": office_data(found.office),
        "signed": False,
        "signer": None,
        "child": None,
        "verify": verification(""),
        "starts": say.day(found.starts),
        "ends": say.day(found.ends),
        "rows": [
            {
                "code": row.code,
                "procedure": row.procedure_name,
                "applicant": row.applicant_name,
                "filed": say.day(row.filed_on),
                "due": say.day(row.due_on),
                "status": row.status.value,
                "finished": say.day(row.finished_on),
                "on_time": row.on_time,
            }
            for row in found.rows
        ],
    }
    return render_pdf(template("form_07"), data, tags=len(data["rows"]) <= MOST_TAGGED)


_COLUMNS: Final = (
    ("number", 6), ("code", 24), ("procedure", 44), ("applicant", 28), ("phone", 16), ("channel", 14), ("filed", 12),
    ("due", 12), ("finished", 12), ("returned", 12), ("status", 22), ("on_time", 12), ("holder", 26),
)  # fmt: skip


def register_workbook(found: Register) -> bytes:
    """Form 07 as .xlsx, in Vietnamese as the form is. Takes CPU for a while: call it in a thread."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = _said("title")
    sheet.append([_said("heading")])
    sheet.append([found.office.name])
    sheet.append([words("eservices.register_span", "vi", starts=found.starts, ends=found.ends)])
    sheet.append([])
    sheet.append([_said(f"column_{name}") for name, _ in _COLUMNS])
    for number, row in enumerate(found.rows, start=1):
        for column, value in enumerate(register_line(number, row), start=1):
            cell = sheet.cell(number + 5, column, value)
            if isinstance(value, str):
                cell.data_type = "s"  # a text that begins with "=" is no formula
            elif isinstance(value, date):
                cell.number_format = "dd/mm/yyyy"
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in (*sheet[1], *sheet[5]):
        cell.font = Font(bold=True)
    for column, (_, width) in enumerate(_COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C6"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def register_line(number: int, row: RegisterRow) -> list[str | int | date | None]:
    """The cells of a line, in the order of the form."""
    kept = None if row.on_time is None else _said("on_time_yes" if row.on_time else "on_time_no")
    return [
        number, row.code, f"{row.procedure_code} {row.procedure_name}", row.applicant_name,
        say.phone(row.applicant_phone),
        _said(f"channel_{row.channel.value}"), row.filed_on, row.due_on, row.finished_on, row.returned_on,
        _said(f"status_{row.status.value}"), kept, row.holder,
    ]  # fmt: skip


def _said(name: str) -> str:
    return words(f"eservices.register_{name}", "vi")
