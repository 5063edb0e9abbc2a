"""What every paper is drawn with: its template, and the code that lets anybody verify it."""

import io
from functools import cache
from pathlib import Path
from typing import Final

import segno

from backend.core.settings import settings
from backend.eservices.papers import words as say

_TEMPLATES: Final = Path(__file__).with_name("templates")


@cache
def template(name: str) -> bytes:
    """The frame and the paper's own text, as one."""
    return (_TEMPLATES / "frame.typ").read_bytes() + b"\n" + (_TEMPLATES / f"{name}.typ").read_bytes()


def verification(code: str) -> dict[str, str]:
    return {
        "code": say.grouped(code),
        "address": f"{address()}/verify" if code else "",
        "qr": _qr(f"{settings().origin}/verify/{code}") if code else "",
    }


def address() -> str:
    return settings().origin.split("://", 1)[-1]


def _qr(address: str) -> str:
    target = io.BytesIO()
    segno.make(address, error="m", micro=False).save(target, kind="svg", border=0, xmldecl=False)
    return target.getvalue().decode()
