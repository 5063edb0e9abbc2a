"""Papers of a dossier: the forms of TT 03/2025/TT-VPCP and the result, as PDF with a code that anybody can verify.

Whoever calls this has checked the right to the dossier; the fence is open while a paper is written, because it names
people and records beyond its reader. Templates are in `papers/templates/`.
"""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.codes import SLIP_ALPHABET
from backend.core.db import Session, elevated, take_turns
from backend.core.documents import render_pdf
from backend.core.ids import new_id
from backend.eservices.papers import drawing
from backend.eservices.papers import words as say
from backend.eservices.papers.content import CONTENT, DONE, common
from backend.eservices.queries import papers as queries
from backend.eservices.queries.papers import Matter
from backend.eservices.rules.definition import Effect
from backend.eservices.tables import Dossier, Paper, PaperKind
from backend.files import actions as files
from backend.files.tables import FileKind

CODE_LENGTH: Final = 16
"""80 bits of an alphabet without lookalikes: nobody finds a paper by guessing."""
LONGEST_TITLE: Final = 200
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


async def revoke(session: Session, dossier: Dossier, kind: PaperKind) -> bool:
    """The valid paper of this kind does not hold any more: whoever checks its code learns that. False without one."""
    found = await queries.valid_papers(session, dossier.id, kind)
    for paper in found:
        paper.revoked_at = clock.now()
    return bool(found)


async def control_slip(session: Session, actor: Actor, dossier: Dossier) -> bytes:
    """Form 06 as it stands now. It is the office's own and not kept, so it has no code to verify."""
    async with elevated(session):
        matter = await queries.matter_of(session, dossier)
        return await _render(session, actor, matter, PaperKind.FORM_06, _title(matter, PaperKind.FORM_06), "")


async def _render(session: Session, actor: Actor, matter: Matter, kind: PaperKind, title: str, code: str) -> bytes:
    """Read what it says, then typeset it in a thread."""
    signer = await queries.signer_of(session, actor.user_id, matter.dossier.school_id)
    data = {
        **common(matter),
        **await CONTENT[kind](session, matter),
        "title": title,
        "signer": {"name": signer[0], "role": signer[1].value} if signer else None,
        "signed": SIGNER.signs,
        "track": f"{drawing.address()}/track",
        "verify": drawing.verification(code),
    }
    return await asyncio.to_thread(render_pdf, drawing.template(_template_of(matter, kind)), data)


def _template_of(matter: Matter, kind: PaperKind) -> str:
    made = matter.definition.result
    return made.template if kind is PaperKind.RESULT and made else kind.value.lower()


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
