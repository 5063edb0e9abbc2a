"""Documents on paper: a Typst template and its data become a PDF, with the font that is shipped and no other."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import typst

FONTS: Final = Path(__file__).with_name("fonts")


def render_pdf(template: Path | bytes, data: dict[str, Any], *, tags: bool = True) -> bytes:
    """The template (a file, or its text) as PDF. It reads `data` with `json(bytes(sys.inputs.data))`, and no file.

    Takes CPU for a while: call it in a thread. `tags` let a screen reader find headings and cells; a table of thousands
    of rows is many times as big with them.
    """
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    source = template if isinstance(template, bytes) else template.read_bytes()
    pdf = typst.compile(source, format="pdf", font_paths=_fonts(), sys_inputs=inputs, pdf_tags=tags)
    assert isinstance(pdf, bytes)
    return pdf


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
