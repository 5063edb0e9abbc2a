"""Answering the office's list of defects: only what was asked for changes, and all of it is answered at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, elevated
from backend.core.problem import Invalid
from backend.eservices.actions import drafts, following
from backend.eservices.actions.moves import move
from backend.eservices.queries import dossiers as queries
from backend.eservices.queries.calendar import office_calendar
from backend.eservices.queries.drafts import Live
from backend.eservices.rules import forms, prefill, terms
from backend.eservices.rules.conditions import is_filled
from backend.eservices.rules.definition import Definition, target_names
from backend.eservices.rules.forms import Wrong
from backend.eservices.rules.states import DossierStatus
from backend.eservices.tables import Dossier, DossierFile, EntryAction, SupplementItem
from backend.files import actions as files
from backend.files.tables import StoredFile

MOST_FILES = 60


@dataclass(frozen=True)
class Given:
    """A file handed in for a document; `file_id` is the stored file's."""

    document: str
    file_id: UUID


@dataclass(frozen=True)
class _Answer:
    """What the applicant sends, beside what the dossier says."""

    definition: Definition
    items: Sequence[SupplementItem]
    before: Mapping[str, Any]
    after: dict[str, Any]
    sent: frozenset[str]
    files: Sequence[DossierFile]
    new: Mapping[str, Sequence[StoredFile]]

    @property
    def kept(self) -> list[DossierFile]:
        """The old files that go on counting: of documents that get no new ones."""
        return [file for file in self.files if file.document not in self.new]

    def counts(self) -> dict[str, int]:
        counted = {name: len(handed_in) for name, handed_in in self.new.items()}
        for file in self.kept:
            counted[file.document] = counted.get(file.document, 0) + 1
        return counted


async def answer(
    session: Session, actor: Actor, dossier_id: UUID, version: int, answers: Any, given: Sequence[Given]
) -> UUID | list[Wrong]:
    """The dossier, back at the office with its clock begun anew; or what is wrong, and nothing has been written.

    Old files of an answered document stay in the dossier, marked as replaced.
    Raises NotFound, Stale, Invalid: eservices.wrong_state, eservices.document_kind, eservices.answers_invalid, ….
    """
    forms.check_size(answers)
    if len(given) > MOST_FILES:
        raise Invalid("eservices.document_too_many", most=MOST_FILES)
    dossier = await queries.own_dossier(session, actor, dossier_id, version)
    asked = await queries.open_supplement(session, dossier.id)
    if dossier.status is not DossierStatus.SUPPLEMENT_REQUESTED or asked is None:
        raise Invalid("eservices.wrong_state")
    supplement, items = asked
    about = await queries.about(session, dossier)
    sent = await _read(session, actor, dossier, about.live.definition, items, answers, given)
    if wrong := _wrong(sent):
        return wrong
    await _write(session, dossier, sent)
    for item in items:
        item.answered = True
    supplement.answered_at = clock.now()
    await _return_to_office(session, actor, dossier, about.live, sent)
    await following.tell_office(session, actor, dossier, EntryAction.SUPPLEMENTED)
    return dossier.id


async def _read(
    session: Session,
    actor: Actor,
    dossier: Dossier,
    definition: Definition,
    items: Sequence[SupplementItem],
    answers: Mapping[str, Any],
    given: Sequence[Given],
) -> _Answer:
    new: dict[str, list[StoredFile]] = {}
    for each in dict.fromkeys(given):
        stored = await files.taken(session, actor, each.file_id)
        drafts.check_document(definition.documents, each.document, stored)
        new.setdefault(each.document, []).append(stored)
    before = {name: value for name, value in dossier.answers.items() if name != prefill.DISPUTED}
    sent = {name: value for name, value in answers.items() if name in definition.fields}
    return _Answer(
        definition,
        items,
        before,
        forms.pruned(definition, {**before, **sent}),
        frozenset(sent),
        await queries.live_files(session, dossier.id),
        new,
    )


def _wrong(sent: _Answer) -> list[Wrong]:
    """What was not asked for and has changed, what was asked for and has no answer, and what the form says."""
    fields, documents = target_names([item.target for item in sent.items])
    was_shown = forms.visible(sent.definition, sent.before)
    found: list[Wrong] = []
    for name in sent.definition.fields:
        changed = sent.before.get(name) != sent.after.get(name)
        # What a new answer brings into sight, or out of it, may follow.
        follows = name not in was_shown or name not in forms.visible(sent.definition, sent.after)
        if changed and name not in fields and not follows:
            found.append(Wrong(f"field:{name}", "eservices.not_asked"))
        if name in fields and not (name in sent.sent and is_filled(sent.after.get(name))) and not changed:
            found.append(Wrong(f"field:{name}", "eservices.not_answered"))
    had = {paper.id for paper in forms.asked_documents(sent.definition, sent.before)}
    found += [
        Wrong(f"document:{name}", "eservices.not_asked") for name in sent.new if name not in documents and name in had
    ]
    still = {paper.id for paper in forms.asked_documents(sent.definition, sent.after)}
    found += [
        Wrong(f"document:{name}", "eservices.not_answered")
        for name in sorted(documents & still)
        if name not in sent.new
    ]
    named = {wrong.path for wrong in found}
    return found + [
        wrong for wrong in forms.wrong(sent.definition, sent.after, sent.counts()) if wrong.path not in named
    ]


async def _write(session: Session, dossier: Dossier, sent: _Answer) -> None:
    disputed = dossier.answers.get(prefill.DISPUTED)
    dossier.answers = {**sent.after, **({prefill.DISPUTED: disputed} if disputed else {})}
    for file in sent.files:
        if file.document in sent.new:
            file.replaced_at = clock.now()
    for document, handed_in in sent.new.items():
        for stored in handed_in:
            row = drafts.file_row(stored, document, dossier.readers)
            row.dossier_id, row.school_id = dossier.id, dossier.school_id
            session.add(row)
    await session.flush()


async def _return_to_office(session: Session, actor: Actor, dossier: Dossier, live: Live, sent: _Answer) -> None:
    """The clock begins anew, with a full term."""
    days = await office_calendar(session)
    async with elevated(session):
        office = await queries.office(session, dossier.school_id, dossier.procedure_id)
    window = office.window(live, days)
    dossier.received_at = clock.now()
    due_on = terms.due(live.definition, sent.after, dossier.received_at, days, window[1] if window else None)
    await move(session, actor, dossier, DossierStatus.SUBMITTED, EntryAction.SUPPLEMENTED, step="", due_on=due_on)
