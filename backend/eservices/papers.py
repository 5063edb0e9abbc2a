"""Papers of a dossier: the forms of TT 03/2025/TT-VPCP and the result, as PDF with a code that anybody can verify.

Whoever calls this has checked the right to the dossier; the fence is open while a paper is written, because it names
people and records beyond its reader. Templates are in `paper_templates/`.
"""

import asyncio
import hashlib
import io
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final, Protocol

import segno
from sqlalchemy import update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.codes import SLIP_ALPHABET
from backend.core.db import Session, elevated, take_turns
from backend.core.documents import render_pdf
from backend.core.ids import new_id
from backend.core.settings import settings
from backend.eservices import paper_queries as queries
from backend.eservices import paper_words as say
from backend.eservices.board_queries import RegisterRow
from backend.eservices.paper_content import CONTENT, DONE, common, office_data
from backend.eservices.paper_queries import Matter
from backend.eservices.rules.definition import Effect
from backend.eservices.tables import Dossier, Paper, PaperKind
from backend.files import actions as files
from backend.files.tables import FileKind

CODE_LENGTH: Final = 16
"""80 bits of an alphabet without lookalikes: nobody finds a paper by guessing."""
LONGEST_TITLE: Final = 200
MOST_TAGGED: Final = 500
"""Rows of a register up to which its cells are marked for screen readers."""
_TEMPLATES: Final = Path(__file__).with_name("paper_templates")
_OWN_HOLDER: Final = frozenset({Effect.REGISTER_COPY, Effect.DIPLOMA_CORRECTION})


@dataclass(frozen=True)
class Signed:
    """A PDF as it leaves the office, and whether it carries a digital signature."""

    content: bytes
    signed: bool


class Signer(Protocol):
    """Who puts the office's digital signature on a paper."""

    @property
    def signs(self) -> bool:
        """Whether `sign` will put one on; the paper says so before it is signed."""
        ...

    async def sign(self, pdf: bytes) -> Signed: ...


class CodeOnly:
    """No signature: a paper is verified by its code, and says so."""

    signs = False

    async def sign(self, pdf: bytes) -> Signed:
        return Signed(pdf, signed=False)


SIGNER: Final[Signer] = CodeOnly()


async def ensure(session: Session, actor: Actor, dossier: Dossier, kind: PaperKind) -> Paper:
    """The valid paper of this kind; issued when there is none, or when the clock began anew since."""
    await take_turns(session, "paper", dossier.id, kind)
    async with elevated(session):
        found = await queries.valid_papers(session, dossier.id, kind)
    if found and found[0].created_at >= dossier.received_at:
        return found[0]
    return await issue(session, actor, dossier, kind)


async def issue(session: Session, actor: Actor, dossier: Dossier, kind: PaperKind) -> Paper:
    """Write a paper and keep it. An earlier one of the kind is replaced by it.

    Raises Invalid("eservices.paper_without_content") when the dossier has nothing that such a paper could say.
    """
    await take_turns(session, "paper", dossier.id, kind)
    await session.flush()
    async with elevated(session):
        matter = await queries.matter_of(session, dossier)
        paper_id, code = new_id(), _new_code()
        title = _title(matter, kind)
        signed = await SIGNER.sign(await _render(session, actor, matter, kind, title, code))
        stored = await files.keep(
            session, session.info["store"], signed.content, f"{dossier.code}-{_file_name(kind)}.pdf", FileKind.PDF, None
        )
        paper = Paper(
            id=paper_id,
            school_id=dossier.school_id,
            readers=dossier.readers,
            dossier_id=dossier.id,
            kind=kind,
            title=title[:LONGEST_TITLE],
            holder=_holder(matter),
            stored_file_id=stored.id,
            sha256=hashlib.sha256(signed.content).digest(),
            size=len(signed.content),
            verify_code=code,
            issued_by=actor.user_id,
            signed=signed.signed,
        )
        former = [each.id for each in await queries.valid_papers(session, dossier.id, kind)]
        session.add(paper)
        await session.flush()
        if former:
            await session.execute(update(Paper).where(col(Paper.id).in_(former)).values(replaced_by_id=paper_id))
    return paper


async def revoke(session: Session, paper: Paper) -> None:
    """It does not hold any more; whoever checks its code learns that."""
    paper.revoked_at = paper.revoked_at or clock.now()
    await session.flush()


async def control_slip(session: Session, actor: Actor, dossier: Dossier) -> bytes:
    """Form 06 as it stands now. It is the office's own and not kept, so it has no code to verify."""
    async with elevated(session):
        matter = await queries.matter_of(session, dossier)
        return await _render(session, actor, matter, PaperKind.FORM_06, _title(matter, PaperKind.FORM_06), "")


def register_pdf(office: queries.Office, starts: date, ends: date, rows: Sequence[RegisterRow]) -> bytes:
    """Form 07: the dossiers of a school between two days. Takes CPU: call it in a thread."""
    data = {
        "title": say.said("form_07"),
        "number": f"{say.day(starts)}-{say.day(ends)}",
        "wide": True,
        "office": office_data(office),
        "signed": False,
        "signer": None,
        "child": None,
        "verify": _verification(""),
        "starts": say.day(starts),
        "ends": say.day(ends),
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
            for row in rows
        ],
    }
    return render_pdf(_template("form_07"), data, tags=len(data["rows"]) <= MOST_TAGGED)


async def _render(session: Session, actor: Actor, matter: Matter, kind: PaperKind, title: str, code: str) -> bytes:
    """Read what it says, then typeset it in a thread."""
    signer = await queries.signer_of(session, actor.user_id, matter.dossier.school_id)
    data = {
        **common(matter),
        **await CONTENT[kind](session, matter),
        "title": title,
        "signer": {"name": signer[0], "role": signer[1].value} if signer else None,
        "signed": SIGNER.signs,
        "track": f"{_address()}/track",
        "verify": _verification(code),
    }
    return await asyncio.to_thread(render_pdf, _template(_template_of(matter, kind)), data)


def _verification(code: str) -> dict[str, str]:
    return {
        "code": say.grouped(code),
        "address": f"{_address()}/verify" if code else "",
        "qr": _qr(f"{settings().origin}/verify/{code}") if code else "",
    }


def _address() -> str:
    return settings().origin.split("://", 1)[-1]


def _template_of(matter: Matter, kind: PaperKind) -> str:
    made = matter.definition.result
    return made.template if kind is PaperKind.RESULT and made else kind.value.lower()


@cache
def _template(name: str) -> bytes:
    """The frame and the paper's own text, as one."""
    return (_TEMPLATES / "frame.typ").read_bytes() + b"\n" + (_TEMPLATES / f"{name}.typ").read_bytes()


def _title(matter: Matter, kind: PaperKind) -> str:
    made = matter.definition.result
    return made.name["vi"] if kind is PaperKind.RESULT and made else say.said(kind.value.lower())


def _file_name(kind: PaperKind) -> str:
    return "ket-qua" if kind is PaperKind.RESULT else f"mau-{kind.value.removeprefix('FORM_')}"


def _holder(matter: Matter) -> str:
    """Whom the paper is about: the diploma's holder, the pupil, else the applicant."""
    if matter.definition.effect in _OWN_HOLDER and (holder := matter.dossier.result_data.get(DONE, {}).get("holder")):
        return str(holder)
    return matter.pupil.row.full_name if matter.pupil else matter.dossier.applicant_name


def _new_code() -> str:
    return "".join(secrets.choice(SLIP_ALPHABET) for _ in range(CODE_LENGTH))


def _qr(address: str) -> str:
    target = io.BytesIO()
    segno.make(address, error="m", micro=False).save(target, kind="svg", border=0, xmldecl=False)
    return target.getvalue().decode()
