"""GraphQL of lasting records: the register of originals, and what came with a pupil from another school."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, false, func, literal_column, or_
from strawberry.scalars import JSON

from backend.core.actor import WHOLE_SCHOOL, Permission
from backend.core.graphql import Info, Problem, Ref, column, edge, mutation, one_of, root, source
from backend.core.limits import Rate
from backend.enrolment.api import Student
from backend.identity.tables import Sex
from backend.organisation.api import School
from backend.records import actions, tables

strawberry.enum(tables.DiplomaKind)

PER_PERSON = Rate(300, 3600)
MOST_FOUND = 50
_LETTER_D = (272, 273)  # the letter that has a bar and no mark: it does not decompose


@source(tables.DiplomaCorrection)
class DiplomaCorrection:
    """What a decision changed; days as ISO texts."""

    id: UUID = column()
    field: str = column()
    old: str = column()
    new: str = column()
    reason: str = column()
    decision_number: str = column()
    decided_on: date = column()


@source(tables.Diploma)
class Diploma:
    """A line of the register, as it reads now."""

    id: UUID = column()
    kind: tables.DiplomaKind = column()
    serial_number: str = column()
    register_number: str = column()
    full_name: str = column()
    birth_date: date = column()
    birthplace: str = column()
    ethnicity: str = column()
    sex: Sex = column()
    graduation_year: int = column()
    classification: str = column()
    issued_on: date = column()
    corrections: list[DiplomaCorrection] = edge(
        lambda me, it: it.diploma_id == me.id, order=lambda it: (it.decided_on,), cap=40, usual=1
    )
    version: int = column()


@source(tables.TransferredRecord)
class TransferredRecord:
    id: UUID = column()
    student: Student = edge(lambda me, it: it.id == me.student_id)
    from_school: School = edge(lambda me, it: it.id == me.from_school_id)
    content: JSON = column(description="student, classes, results, scores, absences: as they stood on the day")
    created_at: datetime = column()


def _bare(text: Any) -> Any:
    """A typed text as search keys are: lower case, without marks."""
    for letter in _LETTER_D:
        text = func.replace(text, func.chr(letter), "d")
    decomposed = func.normalize(text, literal_column("NFD"))
    return func.lower(func.btrim(func.regexp_replace(decomposed, "[\u0300-\u036f]", "", "g")))


def _found(it: Any, search: Any) -> Any:
    key = _bare(search)
    numbers = or_(
        func.strpos(func.lower(it.register_number), key) > 0, func.strpos(func.lower(it.serial_number), key) > 0
    )
    return or_(func.strpos(it.search_key, key) > 0, numbers)


@strawberry.type
class RecordsQuery:
    diplomas: list[Diploma] = root(
        Permission.DIPLOMA_MANAGE,
        arguments={"school": UUID, "search": str},
        where=lambda it, args, actor: and_(
            it.school_id == args.school,
            one_of(it.school_id, actor.schools_as(*WHOLE_SCHOOL)),
            _found(it, args.search),
        ),
        order=lambda it: (it.sort_key, it.graduation_year),
        cap=MOST_FOUND,
        description="Of a school's register, by name without diacritics or by number",
    )
    transferred_records: list[TransferredRecord] = root(
        Permission.STUDENT_READ,
        arguments={"student": UUID},
        where=lambda it, args, actor: and_(
            it.student_id == args.student,
            or_(
                one_of(it.student_id, actor.students),
                false()
                if actor.roles.isdisjoint(WHOLE_SCHOOL)
                else one_of(it.school_id, actor.schools_as(*WHOLE_SCHOOL)),
            ),
        ),
        order=lambda it: (it.created_at,),
        cap=20,
        description="Of one's child; for leaders and clerks of a pupil of their school",
    )


@strawberry.input
class DiplomaInput:
    kind: tables.DiplomaKind
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


@strawberry.type
class DiplomaPayload:
    diploma: Diploma


@strawberry.type
class RecordsMutation:
    @mutation(Permission.DIPLOMA_MANAGE)
    async def add_diploma(self, info: Info, school: UUID, diploma: DiplomaInput) -> DiplomaPayload | Problem:
        """A line of the register, from the book on paper."""
        context = info.context
        await context.limit("records.diploma", str(context.actor.user_id), PER_PERSON)
        line = actions.NewDiploma(**vars(diploma))
        return DiplomaPayload(diploma=Ref.of(Diploma, await context.write(actions.add_diploma, school, line)))
