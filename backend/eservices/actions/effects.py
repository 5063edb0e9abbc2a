"""What a completed dossier does to the registers: by its definition's effect, in the transaction that completes it.

Whoever calls this holds the dossier's lock and has checked who may complete it. What an effect did is kept among the
dossier's result data, so that its paper says exactly that.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session
from backend.core.journal import record
from backend.core.problem import Invalid
from backend.core.text import name_sort_key, parse_date, search_key
from backend.enrolment.transfers import stay_of
from backend.eservices import events
from backend.eservices.actions import transfers
from backend.eservices.papers import words as say
from backend.eservices.papers.content import DONE
from backend.eservices.queries import dossiers as dossier_queries
from backend.eservices.queries.dossiers import About
from backend.eservices.rules.definition import Definition, Effect
from backend.eservices.tables import Dossier
from backend.identity.rules import clean_name
from backend.identity.tables import Sex, Student
from backend.records import actions as records
from backend.records import queries as record_queries
from backend.records.rules import SEXES
from backend.records.tables import Diploma

CLAIMS: Final[Mapping[str, str]] = {
    "rightFullName": "fullName", "rightBirthDate": "birthDate", "rightSex": "sex", "rightNationalId": "nationalId",
}  # fmt: skip
"""The form's fields that claim another value, and which datum of the pupil each is about."""
COLUMNS: Final[Mapping[str, str]] = {
    "fullName": "full_name", "birthDate": "birth_date", "sex": "sex", "nationalId": "national_id",
}  # fmt: skip
NATIONAL_ID_LENGTH: Final = 12


async def run(session: Session, actor: Actor, dossier: Dossier, definition: Definition) -> None:
    """Do it, or refuse: raises Invalid with what is missing or wrong. Nothing happens without an effect."""
    if DONE in dossier.result_data:  # ours to say, nobody's to send
        dossier.result_data = {name: value for name, value in dossier.result_data.items() if name != DONE}
    if definition.effect is None:
        return
    done = await _EFFECTS[definition.effect](session, actor, dossier, definition)
    if done:
        dossier.result_data = {**dossier.result_data, DONE: done}
        await session.flush()


async def _transfer(session: Session, actor: Actor, dossier: Dossier, _definition: Definition) -> dict[str, Any] | None:
    """Without a pupil of the system nobody moves: the school enters her like any new one. Raises as `complete` does."""
    if dossier.student_id is None:
        return None
    chosen = dossier.result_data.get("classGroup")
    class_group_id = _id(chosen, "enrolment.class_unknown", "classGroup") if chosen else None
    return await transfers.complete(session, actor, dossier, class_group_id)


async def _certificate(
    session: Session, _actor: Actor, dossier: Dossier, _definition: Definition
) -> dict[str, Any] | None:
    """Only for somebody who is a pupil now. Raises Invalid("enrolment.pupil_left")."""
    row = await _own_pupil(session, dossier)
    if await stay_of(session, row.id) is None:
        raise Invalid("enrolment.pupil_left")
    return None


async def _transcript(
    session: Session, _actor: Actor, dossier: Dossier, _definition: Definition
) -> dict[str, Any] | None:
    """Draws on published marks and stored results. Raises Invalid("eservices.no_results") when there are none."""
    row = await _own_pupil(session, dossier)
    found = await record_queries.scores_of(session, row.id) or await record_queries.results_of(session, row.id)
    if not found and not await record_queries.transferred_to(session, row.id):
        raise Invalid("eservices.no_results")
    return None


async def _register_copy(
    session: Session, _actor: Actor, dossier: Dossier, _definition: Definition
) -> dict[str, Any] | None:
    """Draws on a line of the school's register. Raises Invalid("eservices.diploma_unknown")."""
    line = await _diploma(session, dossier)
    return {"holder": line.full_name, "diploma": str(line.id)}


async def _diploma_correction(
    session: Session, actor: Actor, dossier: Dossier, _definition: Definition
) -> dict[str, Any] | None:
    """The register's appendix, by the decision's number. Raises what `records.actions.correct_diploma` raises."""
    line, given = await _diploma(session, dossier), dossier.result_data
    changes = given.get("changes")
    if not isinstance(changes, dict):
        raise Invalid("records.nothing_to_correct", field="changes")
    decided_on = parse_date(str(given.get("decidedOn") or "")) or clock.today()
    reason = str(given.get("reason") or dossier.result_note)
    decision = records.Decision(changes, str(given.get("decisionNumber") or ""), decided_on, reason)
    holder = line.full_name
    written = await records.correct_diploma(session, actor, dossier.school_id, line.id, decision)
    return {
        "holder": holder,
        "diploma": {"name": holder, "serial_number": line.serial_number, "register_number": line.register_number},
        "decision_number": written[0].decision_number,
        "decided_on": say.day(decided_on),
        "changes": [{"field": each.field, "old": each.old, "new": each.new} for each in written],
    }


async def _data_correction(
    session: Session, actor: Actor, dossier: Dossier, _definition: Definition
) -> dict[str, Any] | None:
    """The claimed values the school agrees with, into the pupil's row; the journal keeps old and new.

    Raises Invalid: eservices.nothing_to_apply, eservices.not_claimed, eservices.same_already,
    eservices.value_wrong, eservices.national_id_taken.
    """
    row = await _own_pupil(session, dossier, lock=True)
    apply = dossier.result_data.get("apply")
    if not isinstance(apply, list) or not apply:
        raise Invalid("eservices.nothing_to_apply", field="apply")
    claimed = {name: dossier.answers.get(name) for name in CLAIMS if dossier.answers.get(name)}
    if not all(isinstance(name, str) and name in claimed for name in apply):
        raise Invalid("eservices.not_claimed", field="apply")
    new = {CLAIMS[name]: _clean(CLAIMS[name], str(claimed[name])) for name in CLAIMS if name in apply}
    old = {name: _text(getattr(row, COLUMNS[name])) for name in new}
    changed = {name: value for name, value in new.items() if value != old[name]}
    if not changed:
        raise Invalid("eservices.same_already", field="apply")
    if "nationalId" in changed:
        await _check_free(session, row, changed["nationalId"])
    for name, value in changed.items():
        setattr(row, COLUMNS[name], _typed(name, value))
    row.sort_key, row.search_key = name_sort_key(row.full_name), search_key(row.full_name)
    before = {name: old[name] for name in changed}
    record(session, actor, events.StudentCorrected(row.school_id, row.id, dossier.id, before, changed))
    told = About((await dossier_queries.about(session, dossier)).live, row.full_name)
    said = told.facts(dossier, dossier.readers)
    record(session, actor, events.CorrectionApplied(**said, changes=tuple(changed)))
    return {"changes": [{"field": name, "old": old[name], "new": value} for name, value in changed.items()]}


async def _answer(_session: Session, _actor: Actor, dossier: Dossier, _definition: Definition) -> dict[str, Any] | None:
    """Raises Invalid("eservices.answer_missing")."""
    if not dossier.result_note.strip():
        raise Invalid("eservices.answer_missing", field="resultNote")
    return None


_EFFECTS: Final[Mapping[Effect, Callable[[Session, Actor, Dossier, Definition], Awaitable[dict[str, Any] | None]]]] = {
    Effect.TRANSFER: _transfer,
    Effect.CERTIFICATE: _certificate,
    Effect.TRANSCRIPT: _transcript,
    Effect.REGISTER_COPY: _register_copy,
    Effect.DIPLOMA_CORRECTION: _diploma_correction,
    Effect.DATA_CORRECTION: _data_correction,
    Effect.ANSWER: _answer,
}


async def _own_pupil(session: Session, dossier: Dossier, *, lock: bool = False) -> Student:
    """The dossier's pupil, who is the school's own still. Raises Invalid("enrolment.pupil_left")."""
    statement = select(Student).where(
        col(Student.id) == dossier.student_id,
        col(Student.school_id) == dossier.school_id,
        col(Student.moved_to_id).is_(None),
    )
    statement = statement.with_for_update() if lock else statement
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise Invalid("enrolment.pupil_left")
    return row


async def _diploma(session: Session, dossier: Dossier) -> Diploma:
    chosen = _id(dossier.result_data.get("diploma"), "eservices.diploma_unknown", "diploma")
    line = await record_queries.diploma_at(session, dossier.school_id, chosen)
    if line is None:
        raise Invalid("eservices.diploma_unknown", field="diploma")
    return line


def _id(value: Any, code: str, field: str) -> UUID:
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise Invalid(code, field=field) from None


def _clean(name: str, value: str) -> str:
    if name == "fullName":
        return clean_name(value)
    if name == "birthDate":
        day = parse_date(value)
        good = day is not None and day <= clock.today()
        value = day.isoformat() if day else value
    elif name == "sex":
        good = value in SEXES
    else:
        good = len(value) == NATIONAL_ID_LENGTH and value.isdigit()
    if not good:
        raise Invalid("eservices.value_wrong", field="apply")
    return value


def _text(value: Any) -> str | None:
    return value.isoformat() if isinstance(value, date) else str(value) if value is not None else None


def _typed(name: str, value: str) -> Any:
    if name == "birthDate":
        return date.fromisoformat(value)
    return Sex(value) if name == "sex" else value


async def _check_free(session: Session, row: Student, national_id: str) -> None:
    statement = select(col(Student.id)).where(
        col(Student.school_id) == row.school_id, col(Student.national_id) == national_id, col(Student.id) != row.id
    )
    if (await session.execute(statement)).first() is not None:
        raise Invalid("eservices.national_id_taken", field="apply")
