"""GraphQL of imports: what the dry run found, and applying it. The workbooks themselves come in by `routes.py`."""

from datetime import datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Text, and_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlmodel import col
from strawberry.scalars import JSON

from backend.core.actor import Permission, Role
from backend.core.graphql import Connection, Info, Problem, Ref, column, computed, edge, mutation, one_of, root, source
from backend.enrolment import imports, tables
from backend.enrolment.import_words import message_of, problem_message
from backend.enrolment.staff_api import StaffMutation, StaffQuery

for _kind in (tables.ImportStatus, tables.ImportRowKind):
    strawberry.enum(_kind)


@source(tables.ImportRow)
class ImportRow:
    """A line of the files, and what would become of it."""

    id: UUID = column()
    kind: tables.ImportRowKind = column()
    cell: str = column(description='Where in the file, such as "Sheet1!D12"')
    title: str = column()
    detail: JSON = column(description="Codes and plain values behind the message")
    message: str = computed(lambda detail, cell, language: message_of(detail, cell, language))


def _file_names(me: Any) -> Any:
    names = func.array_agg(
        aggregate_order_by(col(tables.ImportFile.name), col(tables.ImportFile.id)), type_=ARRAY(Text)
    )
    found = select(names).where(col(tables.ImportFile.batch_id) == me.id).scalar_subquery()
    return func.coalesce(found, literal([], ARRAY(Text)), type_=ARRAY(Text))


@source(tables.ImportBatch)
class ImportBatch:
    """One import: a dry run, and perhaps its application."""

    id: UUID = column()
    status: tables.ImportStatus = column()
    created_at: datetime = column()
    finished_at: datetime | None = column()
    file_names: list[str] = column(_file_names)
    total: int = column()
    done: int = column()
    new_count: int = column()
    changed_count: int = column()
    moved_count: int = column()
    suggested_count: int = column()
    unchanged_count: int = column()
    broken_count: int = column()
    refusal: JSON | None = column(lambda me: me.problem, description="Code and plain values behind the problem")
    problem: str | None = computed(
        lambda refusal, language: problem_message(refusal, language),
        description="Why the files as a whole were refused",
    )
    version: int = column(description="To be given to applyImport")
    rows: Connection[ImportRow] = edge(
        lambda me, it, args: and_(it.batch_id == me.id, it.kind == args.kind),
        order=lambda it: (it.position,),
        arguments={"kind": tables.ImportRowKind},
    )


def _is_clerk(actor: Any, it: Any) -> Any:
    return one_of(it.school_id, actor.schools_as(Role.ACADEMIC_CLERK))


@strawberry.type
class ApplyImportPayload:
    batch: ImportBatch


@strawberry.type
class DiscardImportPayload:
    id: UUID


@strawberry.type
class ImportQuery(StaffQuery):
    import_batches: Connection[ImportBatch] = root(
        Permission.ROSTER_IMPORT,
        arguments={"school": UUID},
        where=lambda it, args, actor: and_(it.school_id == args.school, _is_clerk(actor, it)),
        order=lambda it: (it.created_at.desc(),),
    )
    import_batch: ImportBatch | None = root(
        Permission.ROSTER_IMPORT,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.id == args.id, _is_clerk(actor, it)),
    )


@strawberry.type
class ImportMutation(StaffMutation):
    @mutation(Permission.ROSTER_IMPORT)
    async def apply_import(self, info: Info, batch: UUID, version: int) -> ApplyImportPayload | Problem:
        """Write what the dry run found. The work goes on in the background; `done` tells how far it is."""
        row = await info.context.write(imports.apply_import, batch, version)
        if info.context.services is not None:
            await info.context.services.jobs.wake(imports.LANE)
        return ApplyImportPayload(batch=Ref.of(ImportBatch, row.id))

    @mutation(Permission.ROSTER_IMPORT)
    async def discard_import(self, info: Info, batch: UUID) -> DiscardImportPayload | Problem:
        """Throw an import away that was not applied."""
        return DiscardImportPayload(id=await info.context.write(imports.discard_import, batch))
