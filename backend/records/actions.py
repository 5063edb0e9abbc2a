"""Writes of lasting records: lines of the register, decisions that change them, records that move with a pupil."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from backend.core import clock
from backend.core.actor import Actor, Permission
from backend.core.db import Session, take_turns
from backend.core.journal import record
from backend.core.problem import Invalid, NotFound
from backend.core.text import name_sort_key, search_key, squeeze
from backend.identity.rules import clean_name
from backend.identity.tables import Sex, Student
from backend.records import events, queries, rules
from backend.records.tables import Diploma, DiplomaCorrection, DiplomaKind, TransferredRecord

MOST_REASON = 300
MOST_DECISION_NUMBER = 60


@dataclass(frozen=True)
class NewDiploma:
    """A line as it is entered; see `tables.Diploma`."""

    kind: DiplomaKind
    serial_number: str
    register_number: str
    full_name: str
    birth_date: date
    birthplace: str
    ethnicity: str
    sex: Sex
    graduation_year: int
    classification: str
    issued_on: date


async def add_diploma(session: Session, actor: Actor, school_id: UUID, line: NewDiploma) -> UUID:
    """Write a line into a school's register of originals.

    Raises NotAllowed, Invalid: records.number_taken and those of `rules`.
    """
    actor.require(Permission.DIPLOMA_MANAGE, school_id)
    rules.check_days(line.birth_date, line.graduation_year, line.issued_on, clock.today())
    number = rules.clean_text("registerNumber", line.register_number)
    name = clean_name(line.full_name)
    await take_turns(session, "diploma", school_id, line.kind, number)
    if await queries.number_taken(session, school_id, line.kind, number):
        raise Invalid("records.number_taken", field="registerNumber")
    row = Diploma(
        school_id=school_id,
        kind=line.kind,
        serial_number=rules.clean_text("serialNumber", line.serial_number),
        register_number=number,
        full_name=name,
        sort_key=name_sort_key(name),
        search_key=search_key(name),
        birth_date=line.birth_date,
        sex=line.sex,
        birthplace=rules.clean_text("birthplace", line.birthplace),
        ethnicity=rules.clean_text("ethnicity", line.ethnicity),
        graduation_year=line.graduation_year,
        classification=rules.clean_text("classification", line.classification),
        issued_on=line.issued_on,
        entered_by=actor.user_id,
    )
    session.add(row)
    try:
        await session.flush()
    except IntegrityError:  # somebody who did not wait for her turn
        raise Invalid("records.number_taken", field="registerNumber") from None
    record(session, actor, events.DiplomaEntered(school_id, row.id, number))
    return row.id


@dataclass(frozen=True)
class Decision:
    """What a line is to say instead, and by which decision. `changes` by the names of the form."""

    changes: Mapping[str, object]
    number: str
    decided_on: date
    reason: str


async def correct_diploma(
    session: Session, actor: Actor, school_id: UUID, diploma_id: UUID, decision: Decision
) -> list[DiplomaCorrection]:
    """Change a line by a decision: the register's appendix keeps what stood there. Only real changes are written.

    Raises NotAllowed, NotFound, Invalid: records.decision_missing, records.same_already and those of `rules`.
    """
    actor.require(Permission.DIPLOMA_MANAGE, school_id)
    number = squeeze(decision.number)[:MOST_DECISION_NUMBER]
    if not number:
        raise Invalid("records.decision_missing", field="decisionNumber")
    row = await queries.diploma_at(session, school_id, diploma_id, lock=True)
    if row is None:
        raise NotFound("records.diploma_unknown", field="diploma")
    said = rules.corrected(decision.changes, clock.today())
    before = {name: _text(getattr(row, rules.CORRECTABLE[name])) for name in said}
    changed = {name: value for name, value in said.items() if value != before[name]}
    if not changed:
        raise Invalid("records.same_already", field="changes")
    assert actor.user_id is not None
    appendix = [
        DiplomaCorrection(
            school_id=school_id,
            diploma_id=row.id,
            field=name,
            old=before[name],
            new=value,
            reason=squeeze(decision.reason)[:MOST_REASON],
            decision_number=number,
            decided_on=decision.decided_on,
            decided_by=actor.user_id,
        )
        for name, value in changed.items()
    ]
    session.add_all(appendix)
    _write(row, changed)
    old = {name: before[name] for name in changed}
    record(session, actor, events.DiplomaCorrected(school_id, row.id, number, old, changed))
    await session.flush()
    return appendix


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _write(row: Diploma, changed: Mapping[str, str]) -> None:
    for name, value in changed.items():
        column = rules.CORRECTABLE[name]
        typed: object = value
        if column == "birth_date":
            typed = date.fromisoformat(value)
        elif column == "sex":
            typed = Sex(value)
        setattr(row, column, typed)
    row.sort_key, row.search_key = name_sort_key(row.full_name), search_key(row.full_name)
    row.version += 1


async def hand_over(session: Session, actor: Actor, old: Student, new: Student) -> TransferredRecord:
    """What the old school knows of a pupil, as it stands now, for her new school; with what came to the old one before.

    Whoever calls it has raised the fence and checked that the pupil moves.
    """
    for earlier in await queries.transferred_to(session, old.id):
        _keep(session, actor, new, earlier.from_school_id, earlier.from_student_id, earlier.content)
    return _keep(session, actor, new, old.school_id, old.id, await queries.record_of(session, old))


def _keep(
    session: Session, actor: Actor, new: Student, from_school: UUID, from_student: UUID, content: dict[str, Any]
) -> TransferredRecord:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    row = TransferredRecord(
        school_id=new.school_id,
        student_id=new.id,
        from_school_id=from_school,
        from_student_id=from_student,
        content=content,
        sha256=hashlib.sha256(text.encode()).digest(),
    )
    session.add(row)
    record(session, actor, events.RecordTransferred(new.school_id, from_school, new.id, row.id, row.sha256.hex()))
    return row
