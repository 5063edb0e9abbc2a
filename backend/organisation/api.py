"""GraphQL of places and time."""

from datetime import date
from uuid import UUID

import strawberry

from backend.core.actor import Permission
from backend.core.graphql import column, edge, one_of, root, source
from backend.organisation import tables

for _kind in (tables.Level, tables.AssessmentMode):
    strawberry.enum(_kind)


@source(tables.School)
class School:
    id: UUID = column()
    code: str = column()
    name: str = column()
    level: tables.Level = column()


@source(tables.SchoolYear)
class SchoolYear:
    id: UUID = column()
    name: str = column()
    starts_on: date = column()
    second_semester_on: date = column()
    ends_on: date = column()
    is_current: bool = column()


@source(tables.ClassGroup)
class ClassGroup:
    id: UUID = column()
    name: str = column()
    grade: int = column()
    school: School = edge(lambda me, it: it.id == me.school_id)
    school_year: SchoolYear = edge(lambda me, it: it.id == me.school_year_id)


@source(tables.Subject)
class Subject:
    id: UUID = column()
    code: str = column()
    name: str = column()
    name_en: str = column()
    mode: tables.AssessmentMode = column()


@strawberry.type
class OrganisationQuery:
    schools: list[School] = root(
        Permission.SIGNED_IN,
        where=lambda it, actor: one_of(it.id, actor.schools),
        order=lambda it: (it.code,),
        cap=100,
        description="The schools the viewer has to do with",
    )
