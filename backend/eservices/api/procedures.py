"""GraphQL of procedures: the catalogue for everybody, versions for administrators, the calendar of offices."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, exists, literal_column, select, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import col
from strawberry.scalars import JSON

from backend.core.actor import Permission
from backend.core.graphql import Info, Problem, Ref, column, edge, mutation, one_of, root, source, today
from backend.core.graphql.problems import words
from backend.core.limits import Rate
from backend.eservices import tables
from backend.eservices.actions import procedures
from backend.eservices.rules.checking import Mistake
from backend.eservices.tables import VersionStatus

for _kind in (tables.ProcedureKind, tables.VersionStatus):
    strawberry.enum(_kind)

MOST_PROCEDURES = 100
MOST_VERSIONS = 100
MOST_DAYS = 200
SAVING = Rate(600, 3600)
_LONG = literal_column("'{form,term,handling}'::text[]")
_Version = tables.ProcedureVersion


@source(tables.Procedure)
class Procedure:
    """A service people can ask for."""

    id: UUID = column()
    code: str = column(description="Of the national list, or TRUONG.… for a school's own service")
    kind: tables.ProcedureKind = column()
    position: int = column()
    live: "ProcedureVersion | None" = edge(
        lambda me, it: and_(it.procedure_id == me.id, it.status == VersionStatus.PUBLISHED),
        description="What people ask for now",
    )


@source(tables.ProcedureVersion)
class ProcedureVersion:
    """A procedure as data. Dossiers keep the version they began with."""

    id: UUID = column()
    procedure: Procedure = edge(lambda me, it: it.id == me.procedure_id)
    number: int = column()
    status: tables.VersionStatus = column()
    definition: JSON = column()
    name: JSON = column(lambda me: me.definition["name"], description='{"vi": …, "en": …}')
    card: JSON = column(
        lambda me: me.definition.op("-", return_type=JSONB())(_LONG),
        description="The definition without form, terms and handling: what a catalogue shows",
    )
    published_at: datetime | None = column()
    version: int = column()


@source(tables.OfficeDay)
class OfficeDay:
    """A day on which offices do not work as on every such weekday."""

    id: UUID = column()
    day: date = column()
    works: bool = column()
    name: str = column()


@source(tables.ServiceWindow)
class ServiceWindow:
    """When a school takes dossiers of a procedure; both days included."""

    id: UUID = column()
    procedure: Procedure = edge(lambda me, it: it.id == me.procedure_id)
    opens_on: date = column()
    closes_on: date = column()


def _is_live(it: Any) -> Any:
    return exists(select(1).where(col(_Version.procedure_id) == it.id, col(_Version.status) == VersionStatus.PUBLISHED))


@strawberry.type
class ProcedureQuery:
    procedures: list[Procedure] = root(
        Permission.PUBLIC,
        where=lambda it: _is_live(it),
        order=lambda it: (it.position,),
        cap=MOST_PROCEDURES,
        usual=14,
        description="What can be asked for now",
    )
    procedure: Procedure | None = root(
        Permission.PUBLIC,
        arguments={"code": str},
        where=lambda it, args: and_(it.code == args.code, _is_live(it)),
    )
    procedure_version: ProcedureVersion | None = root(
        Permission.PUBLIC,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(
            it.id == args.id,
            true() if actor.may(Permission.PROCEDURE_MANAGE) else it.status != VersionStatus.DRAFT,
        ),
    )
    procedure_versions: list[ProcedureVersion] = root(
        Permission.PROCEDURE_MANAGE,
        arguments={"procedure": UUID},
        where=lambda it, args: it.procedure_id == args.procedure,
        order=lambda it: (it.number.desc(),),
        cap=MOST_VERSIONS,
        description="Newest first",
    )
    all_procedures: list[Procedure] = root(
        Permission.PROCEDURE_MANAGE,
        where=lambda: true(),
        order=lambda it: (it.position,),
        cap=MOST_PROCEDURES,
        description="Also those never published",
    )
    office_days: list[OfficeDay] = root(
        Permission.PUBLIC,
        arguments={"from": date, "to": date},
        where=lambda it, args: and_(it.day >= getattr(args, "from"), it.day <= args.to),
        order=lambda it: (it.day,),
        cap=MOST_DAYS,
    )
    service_windows: list[ServiceWindow] = root(
        Permission.SIGNED_IN,
        arguments={"school": UUID},
        where=lambda it, args, actor: and_(
            it.school_id == args.school, one_of(it.school_id, actor.schools), it.closes_on >= today()
        ),
        order=lambda it: (it.opens_on,),
        cap=MOST_PROCEDURES,
        description="Of one's own school, now and to come",
    )


@strawberry.type
class DefinitionError:
    path: str = strawberry.field(description='A JSON pointer, such as "/form/schema/properties/reason/maxLength"')
    message: str


@strawberry.type
class ProcedurePayload:
    procedure: Procedure


@strawberry.type
class ProcedureVersionPayload:
    version: ProcedureVersion


@strawberry.type
class SaveVersionPayload:
    """The version as it is now, and what stands in the way of publishing it."""

    version: ProcedureVersion
    errors: list[DefinitionError]


@strawberry.type
class OfficeDayPayload:
    office_day: OfficeDay


@strawberry.type
class RemoveOfficeDayPayload:
    day: date


@strawberry.type
class ServiceWindowPayload:
    window: ServiceWindow


def _saved(info: Info, id: UUID, found: Any) -> SaveVersionPayload:
    return SaveVersionPayload(
        version=Ref.of(ProcedureVersion, id), errors=[_told(mistake, info.context.language) for mistake in found]
    )


def _told(mistake: Mistake, language: str) -> DefinitionError:
    return DefinitionError(path=mistake.path, message=words(mistake.code, language, **mistake.params))


@strawberry.type
class ProcedureMutation:
    @mutation(Permission.PROCEDURE_MANAGE)
    async def create_procedure(self, info: Info, code: str, kind: tables.ProcedureKind) -> ProcedurePayload | Problem:
        """It begins with a small draft."""
        await info.context.limit("procedure", str(info.context.actor.user_id), SAVING)
        return ProcedurePayload(
            procedure=Ref.of(Procedure, await info.context.write(procedures.create_procedure, code, kind))
        )

    @mutation(Permission.PROCEDURE_MANAGE)
    async def start_version(self, info: Info, procedure: UUID) -> ProcedureVersionPayload | Problem:
        """The draft there is, or a new one that begins as the live version."""
        found = await info.context.write(procedures.start_version, procedure)
        return ProcedureVersionPayload(version=Ref.of(ProcedureVersion, found))

    @mutation(Permission.PROCEDURE_MANAGE)
    async def save_version(self, info: Info, id: UUID, version: int, definition: JSON) -> SaveVersionPayload | Problem:
        """Keeps also what is wrong, and says what is."""
        await info.context.limit("procedure", str(info.context.actor.user_id), SAVING)
        return _saved(info, id, await info.context.write(procedures.save_version, id, version, definition))

    @mutation(Permission.PROCEDURE_MANAGE)
    async def publish_version(self, info: Info, id: UUID, version: int) -> SaveVersionPayload | Problem:
        """Stays a draft while there are errors."""
        return _saved(info, id, await info.context.write(procedures.publish_version, id, version))

    @mutation(Permission.PROCEDURE_MANAGE)
    async def retire_procedure(self, info: Info, id: UUID) -> ProcedurePayload | Problem:
        """Nobody can begin it any more; dossiers go on."""
        return ProcedurePayload(procedure=Ref.of(Procedure, await info.context.write(procedures.retire_procedure, id)))

    @mutation(Permission.PROCEDURE_MANAGE)
    async def set_office_day(self, info: Info, day: date, works: bool, name: str) -> OfficeDayPayload | Problem:
        """Deadlines given before stay."""
        found = await info.context.write(procedures.set_office_day, day, works, name)
        return OfficeDayPayload(office_day=Ref.of(OfficeDay, found))

    @mutation(Permission.PROCEDURE_MANAGE)
    async def remove_office_day(self, info: Info, day: date) -> RemoveOfficeDayPayload | Problem:
        """The day is as every such weekday again."""
        return RemoveOfficeDayPayload(day=await info.context.write(procedures.remove_office_day, day))

    @mutation(Permission.DOSSIER_LEAD)
    async def set_service_window(
        self, info: Info, school: UUID, procedure: UUID, opens_on: date, closes_on: date
    ) -> ServiceWindowPayload | Problem:
        """Announce when the school takes dossiers of a procedure."""
        found = await info.context.write(procedures.set_service_window, school, procedure, opens_on, closes_on)
        return ServiceWindowPayload(window=Ref.of(ServiceWindow, found))
