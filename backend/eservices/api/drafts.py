"""GraphQL of drafts: begin, save, papers, signature, filing."""

from datetime import date, datetime
from uuid import UUID

import strawberry
from sqlalchemy import and_, func, literal_column, or_
from strawberry.scalars import JSON

from backend.core.actor import Permission
from backend.core.graphql import Info, Problem, Ref, column, edge, mutation, query, root, source
from backend.core.limits import Rate
from backend.enrolment.api import Student
from backend.eservices import scopes, tables
from backend.eservices.actions import drafts, filing, signatures
from backend.eservices.api.dossiers import DossierFile, FileDraftPayload
from backend.eservices.api.procedures import ProcedureVersion
from backend.organisation.tables import Level, School
from backend.timetable.api import Person

STARTS = Rate(60, 3600)
SAVES = Rate(1200, 3600)
FILES = Rate(300, 3600)
FILINGS = Rate(120, 3600)
MOST_SCHOOLS = 20


def _without_marks(text: object) -> object:
    """`core.text.search_key` as SQL: small letters without diacritics, đ as d."""
    apart = func.normalize(text, literal_column("NFD"))
    bare = func.regexp_replace(
        apart, literal_column("'[\\u0300-\\u036f]'"), literal_column("''"), literal_column("'g'")
    )
    return func.lower(func.translate(bare, literal_column("U&'\\0111\\0110'"), literal_column("'dd'")))


@source(School)
class SchoolChoice:
    """A school to which somebody may turn."""

    id: UUID = column()
    code: str = column()
    name: str = column()
    level: Level = column()


@source(tables.Draft)
class Draft:
    id: UUID = column()
    procedure_version: ProcedureVersion = edge(lambda me, it: it.id == me.procedure_version_id)
    school: SchoolChoice | None = edge(lambda me, it: it.id == me.school_id)
    student: Student | None = edge(lambda me, it: it.id == me.student_id)
    channel: tables.Channel = column()
    applicant_name: str = column()
    applicant_phone: str = column()
    answers: JSON = column()
    disputes: JSON = column(description="Field → what is right, for known values that are said to be wrong")
    files: list[DossierFile] = edge(
        lambda me, it: it.draft_id == me.id, order=lambda it: (it.created_at,), cap=60, usual=6
    )
    cosigner: Person | None = edge(lambda me, it: it.id == me.cosigner_id)
    signature_asked_at: datetime | None = column()
    signed_at: datetime | None = column()
    mine: bool = column(lambda me, actor: scopes.writes(actor, me))
    changed_at: datetime = column()
    version: int = column()


@strawberry.type
class Prefilled:
    field: str
    value: JSON
    source: str = strawberry.field(description='"SECTOR": what the school entered; "ACCOUNT": one\'s own')
    as_of: date


@strawberry.type
class DraftPayload:
    draft: Draft


@strawberry.type
class DiscardDraftPayload:
    id: UUID


@strawberry.type
class AttachFilePayload:
    file: DossierFile
    draft: Draft


@strawberry.type
class DetachFilePayload:
    id: UUID
    draft: Draft


@strawberry.input
class ApplicantInput:
    """Who stands at the counter."""

    name: str
    phone: str


@strawberry.type
class DraftQuery:
    service_schools: list[SchoolChoice] = root(
        Permission.PUBLIC,
        arguments={"search": str},
        where=lambda it, args: or_(
            func.strpos(_without_marks(it.name), _without_marks(func.btrim(args.search))) > 0,
            it.code == func.btrim(args.search),
        ),
        order=lambda it: (it.name, it.code),
        cap=MOST_SCHOOLS,
        description="By name, without diacritics, or by code",
    )
    my_drafts: list[Draft] = root(
        Permission.SIGNED_IN,
        where=lambda it, actor: scopes.may_read_draft(actor, it),
        order=lambda it: (it.changed_at.desc(),),
        cap=drafts.MOST_DRAFTS_AT_COUNTER,
        usual=10,
        description="One's own, and those one is asked to sign; newest first",
    )
    draft: Draft | None = root(
        Permission.SIGNED_IN,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.id == args.id, scopes.may_read_draft(actor, it)),
    )

    @query(Permission.SIGNED_IN)
    async def prefill(self, info: Info, procedure_version: UUID, student: UUID | None = None) -> list[Prefilled]:
        """What the form of this version knows already, of one's child or oneself; at the counter, of its pupils."""
        async with info.context.read_session() as session:
            found = await drafts.prefilled(session, info.context.actor, procedure_version, student)
        return [Prefilled(field=each.field, value=each.value, source=each.source, as_of=each.as_of) for each in found]

    @query(Permission.SIGNED_IN)
    async def cosigners(self, info: Info, draft: UUID) -> list[Person]:
        """The other guardians of the pupil of one's draft."""
        async with info.context.read_session() as session:
            found = await signatures.cosigners(session, info.context.actor, draft)
        return [Ref.of(Person, user_id) for user_id in found]


@strawberry.type
class DraftMutation:
    @mutation(Permission.SIGNED_IN)
    async def start_draft(
        self,
        info: Info,
        procedure_version: UUID,
        school: UUID | None = None,
        student: UUID | None = None,
        applicant: ApplicantInput | None = None,
    ) -> DraftPayload | Problem:
        """With `applicant`, at the counter of a school where the viewer receives dossiers."""
        await _limit(info, "start", STARTS if applicant is None else FILES)
        visitor = drafts.Visitor(applicant.name, applicant.phone) if applicant else None
        return _payload(await info.context.write(drafts.start, procedure_version, school, student, visitor))

    @mutation(Permission.SIGNED_IN)
    async def save_draft(
        self,
        info: Info,
        id: UUID,
        version: int,
        answers: JSON,
        disputes: JSON,
        school: UUID | None = None,
        student: UUID | None = None,
    ) -> DraftPayload | Problem:
        """Complete or not. `school` and `student` stay as they are when they are not given."""
        await _limit(info, "save", SAVES)
        return _payload(await info.context.write(drafts.save, id, version, answers, disputes, (school, student)))

    @mutation(Permission.SIGNED_IN)
    async def discard_draft(self, info: Info, id: UUID) -> DiscardDraftPayload | Problem:
        return DiscardDraftPayload(id=await info.context.write(drafts.discard, id))

    @mutation(Permission.SIGNED_IN)
    async def attach_file(self, info: Info, draft: UUID, document: str, upload: UUID) -> AttachFilePayload | Problem:
        """`upload` is the stored file of a finished upload. A draft that waits for a signature gets a new version."""
        await _limit(info, "attach", FILES)
        file_id = await info.context.write(drafts.attach, draft, document[:60], upload)
        return AttachFilePayload(file=Ref.of(DossierFile, file_id), draft=Ref.of(Draft, draft))

    @mutation(Permission.SIGNED_IN)
    async def detach_file(self, info: Info, id: UUID) -> DetachFilePayload | Problem:
        file_id, draft_id = await info.context.write(drafts.detach, id)
        return DetachFilePayload(id=file_id, draft=Ref.of(Draft, draft_id))

    @mutation(Permission.SIGNED_IN)
    async def ask_signature(self, info: Info, draft: UUID, cosigner: UUID) -> DraftPayload | Problem:
        await _limit(info, "ask", STARTS)
        return _payload(await info.context.write(signatures.ask, draft, cosigner))

    @mutation(Permission.SIGNED_IN)
    async def sign_draft(self, info: Info, id: UUID, version: int) -> DraftPayload | Problem:
        """The second guardian, to what stands in this version."""
        return _payload(await info.context.write(signatures.sign, id, version))

    @mutation(Permission.SIGNED_IN)
    async def file_draft(self, info: Info, id: UUID, version: int) -> FileDraftPayload | Problem:
        """Errors: nothing is filed. A repeat answers the same dossier."""
        await _limit(info, "file", FILINGS)
        return FileDraftPayload.of(await info.context.write(filing.file_draft, id, version), info.context.language)


async def _limit(info: Info, what: str, rate: Rate) -> None:
    await info.context.limit(f"eservices.{what}", str(info.context.actor.user_id), rate)


def _payload(id_: UUID) -> DraftPayload:
    return DraftPayload(draft=Ref.of(Draft, id_))
