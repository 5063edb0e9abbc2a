"""Claim slips on paper: eight to a sheet of A4, to be cut apart and handed out."""

import io
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import segno

from backend.core.clock import VIETNAM
from backend.core.documents import render_pdf
from backend.core.graphql.problems import words
from backend.enrolment.claims import Slip, SlipSheet

_TEMPLATE: Final = Path(__file__).parent / "templates" / "slips.typ"
_TEXTS: Final = ("title", "class", "code", "expires", "how_to")


def slips_pdf(sheet: SlipSheet, origin: str) -> bytes:
    """The slips of a class as PDF. The QR code opens the app with the slip's code filled in."""
    data = {
        "school": sheet.school_name,
        "class": sheet.class_name,
        "address": origin.split("://", 1)[-1],
        "words": {name: words(f"enrolment.slip.{name}", "vi") for name in _TEXTS},
        "english": words("enrolment.slip.how_to", "en"),
        "slips": [_slip(slip, origin) for slip in sheet.slips],
    }
    return render_pdf(_TEMPLATE, data)


def _slip(slip: Slip, origin: str) -> dict[str, Any]:
    # The code stands behind the "#": browsers do not send that part to any server.
    return {
        "name": slip.student_name,
        "number": slip.student_code,
        "code": slip.code,
        "expires": _day(slip.expires_at),
        "qr": _qr(f"{origin}/claim#{slip.code}"),
    }


def _day(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%d/%m/%Y")


def _qr(address: str) -> str:
    target = io.BytesIO()
    segno.make(address, error="m", micro=False).save(target, kind="svg", border=0, xmldecl=False)
    return target.getvalue().decode()
