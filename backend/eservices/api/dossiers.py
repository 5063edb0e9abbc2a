"""GraphQL of dossiers: the types everybody reads, following one's own."""

from collections.abc import Mapping
from datetime import date, datetime
from uuid import UUID

import strawberry
from sqlalchemy import and_, case, cast, literal, or_
from sqlalchemy.dialects.postgresql import JSONB
from strawberry.scalars import JSON

from backend.core import clock
from backend.core.actor import Permission
from backend.core.graphql import (
    Connection,
    Info,
    Problem,
    Ref,
    column,
    computed,
    edge,
    mutation,
    root,
    source,
    today,
)
from backend.core.graphql.problems import words
from backend.core.limits import Rate
from backend.enrolment.api import Student
from backend.eservices import scopes, tables
from backend.eservices.actions import following, supplements
from backend.eservices.api.procedures import Procedure, ProcedureVersion
from backend.eservices.queries import reopening
from backend.eservices.rules.forms import Wrong
from backend.eservices.rules.states import DossierStatus
from backend.files import links
from backend.organisation.api import School
from backend.timetable.api import Person

for _kind in (
    DossierStatus,
    tables.Channel,
    tables.EntryAction,
    tables.Satisfaction,
    tables.PaperKind,
    tables.PaperState,
):
    strawberry.enum(_kind)

PER_PERSON = Rate(60, 3600)


@source(tables.DossierFile)
class DossierFile:
    id: UUID = column()
    document: str = column(description="Which document of the procedure it is")
    name: str = column()
    kind: str = column(description="JPEG or PDF")
    size: int = column(description="Bytes")
    pages: int = column()
    stored_file: UUID = column(lambda me: me.stored_file_id)
    has_thumbnail: bool = column()
    url: str = computed(lambda stored_file: links.link(stored_file, clock.now()), description="Good for five minutes")
    thumbnail_url: str | None = computed(
        lambda stored_file, has_thumbnail: (
            links.link(stored_file, clock.now(), thumbnail=True) if has_thumbnail else None
        )
    )
    replaced: bool = column(lambda me: me.replaced_at.is_not(None), description="A supplement put another in its place")


@source(tables.DossierEntry)
class DossierEntry:
    id: UUID = column()
    position: int = column()
    action: tables.EntryAction = column()
    status: DossierStatus = column(description="The state after it")
    step: str = column()
    actor: Person | None = edge(lambda me, it: it.id == me.actor_id)
    to_user: Person | None = edge(lambda me, it: it.id == me.to_user_id)
    note: str = column()
    due_on: date | None = column()
    internal: bool = column(description="The office's own")
    created_at: datetime = column()


@source(tables.SupplementItem)
class SupplementItem:
    id: UUID = column()
    position: int = column()
    target: str = column(description='"field:<name>" or "document:<id>"')
    defect: str = column(description="One of the definition's checks, or OTHER")
    note: str = column()
    answered: bool = column()


@source(tables.Supplement)
class Supplement:
    id: UUID = column()
    round: int = column()
    note: str = column()
    answer_by: date = column()
    answered_at: datetime | None = column()
    created_at: datetime = column()
    items: list[SupplementItem] = edge(
        lambda me, it: it.supplement_id == me.id, order=lambda it: (it.position,), cap=60, usual=4
    )


@source(tables.Paper)
class Paper:
    id: UUID = column()
    kind: tables.PaperKind = column()
    title: str = column()
    created_at: datetime = column()
    size: int = column()
    signed: bool = column(description="Whether it carries a digital signature")
    state: tables.PaperState = column(
        lambda me: case(
            (me.revoked_at.is_not(None), literal("REVOKED")),
            (me.replaced_by_id.is_not(None), literal("REPLACED")),
            else_=literal("VALID"),
        )
    )
    verify_code: str = column()
    stored_file: UUID = column(lambda me: me.stored_file_id)
    url: str = computed(lambda stored_file: links.link(stored_file, clock.now()), description="Good for five minutes")


@source(tables.Dossier)
class Dossier:
    id: UUID = column()
    code: str = column()
    procedure: Procedure = edge(lambda me, it: it.id == me.procedure_id)
    procedure_version: ProcedureVersion = edge(lambda me, it: it.id == me.procedure_version_id)
    school: School = edge(lambda me, it: it.id == me.school_id)
    channel: tables.Channel = column()
    applicant_name: str = column()
    applicant_phone: str = column()
    student: Student | None = edge(lambda me, it: it.id == me.student_id)
    answers: JSON = column()
    status: DossierStatus = column()
    step: str = column(description="Where in the procedure's handling it is; empty before and after")
    assignee: Person | None = edge(lambda me, it: it.id == me.assignee_id)
    filed_at: datetime = column()
    received_at: datetime = column(description="When the clock began: filed, or supplemented")
    due_on: date | None = column(description="Null while the citizen has it")
    overdue: bool = column(lambda me: and_(me.due_on.is_not(None), me.due_on < today()))
    extended_at: datetime | None = column()
    supplement_rounds: int = column()
    fee: int = column(description="Dong")
    fee_receipt: str = column()
    finished_at: datetime | None = column()
    on_time: bool | None = column()
    result_note: str = column()
    result_data: JSON = column(
        lambda me, actor: case((scopes.may_handle(actor, me), me.result_data), else_=cast(literal("{}"), JSONB)),
        description="What the office has chosen for the result so far; its own",
    )
    satisfaction: tables.Satisfaction | None = column()
    satisfaction_note: str = column()
    files: list[DossierFile] = edge(
        lambda me, it: it.dossier_id == me.id, order=lambda it: (it.created_at,), cap=120, usual=6
    )
    entries: list[DossierEntry] = edge(
        # A teacher's own request lies at her school: row-level security alone would show her the office's notes.
        lambda me, it, actor: and_(it.dossier_id == me.id, or_(it.internal.is_(False), scopes.may_handle(actor, me))),
        order=lambda it: (it.position,),
        usual=12,
    )
    supplements: list[Supplement] = edge(
        lambda me, it: it.dossier_id == me.id, order=lambda it: (it.round,), cap=5, usual=1
    )
    papers: list[Paper] = edge(
        lambda me, it, actor: and_(
            it.dossier_id == me.id, or_(it.kind != tables.PaperKind.FORM_06.value, scopes.may_handle(actor, me))
        ),
        order=lambda it: (it.created_at.desc(),),
        cap=40,
        usual=3,
    )
    reopens: "Dossier | None" = edge(
        lambda me, it, actor: and_(it.id == me.reopens_id, scopes.may_see(actor, it)),
        description="The earlier dossier this one takes up again",
    )
    may_reopen_until: date | None = column(lambda me, actor: reopening.until(actor, me))
    mine: bool = column(lambda me, actor: me.owner_id.is_not_distinct_from(scopes.me(actor)))
    version: int = column()


@strawberry.type
class LocalName:
    vi: str
    en: str

    @classmethod
    def of(cls, name: Mapping[str, str]) -> "LocalName":
        return cls(vi=name["vi"], en=name["en"])


@strawberry.type
class FieldError:
    """One thing that is wrong with a form: `path` is "field:reason", "document:birth_certificate", …"""

    path: str
    code: str
    message: str

    @classmethod
    def of(cls, wrong: Wrong, language: str) -> "FieldError":
        return cls(path=wrong.path, code=wrong.code, message=words(wrong.code, language, **wrong.params))


@strawberry.type
class DossierPayload:
    dossier: Dossier


@strawberry.type
class FileDraftPayload:
    dossier: Dossier | None = strawberry.field(description="Null when something is wrong: then nothing is written")
    errors: list[FieldError]

    @classmethod
    def of(cls, done: "UUID | list[Wrong]", language: str) -> "FileDraftPayload":
        if isinstance(done, list):
            return cls(dossier=None, errors=[FieldError.of(wrong, language) for wrong in done])
        return cls(dossier=Ref.of(Dossier, done), errors=[])


@strawberry.input
class SupplementFileInput:
    document: str
    upload: UUID


@strawberry.type
class DossierQuery:
    my_dossiers: Connection[Dossier] = root(
        Permission.SIGNED_IN,
        where=lambda it, actor: scopes.may_follow(actor, it),
        order=lambda it: (it.filed_at.desc(),),
        description="Those the viewer asked for or signed, newest first",
    )
    dossier: Dossier | None = root(
        Permission.SIGNED_IN,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.id == args.id, scopes.may_see(actor, it)),
    )


@strawberry.type
class DossierMutation:
    @mutation(Permission.SIGNED_IN)
    async def withdraw_dossier(self, info: Info, id: UUID, version: int, reason: str) -> DossierPayload | Problem:
        return _payload(await info.context.write(following.withdraw, id, version, reason))

    @mutation(Permission.SIGNED_IN)
    async def answer_supplement(
        self, info: Info, id: UUID, version: int, answers: JSON, files: list[SupplementFileInput]
    ) -> FileDraftPayload | Problem:
        """Only what the office asked for may change; all of it has to be answered at once."""
        context = info.context
        await context.limit("eservices.write", str(context.actor.user_id), PER_PERSON)
        given = [supplements.Given(each.document, each.upload) for each in files]
        done = await context.write(supplements.answer, id, version, answers, given)
        return FileDraftPayload.of(done, context.language)

    @mutation(Permission.SIGNED_IN)
    async def rate_dossier(
        self, info: Info, id: UUID, satisfaction: tables.Satisfaction, note: str = ""
    ) -> DossierPayload | Problem:
        return _payload(await info.context.write(following.rate, id, satisfaction, note))

    @mutation(Permission.SIGNED_IN)
    async def reopen_dossier(self, info: Info, id: UUID, reason: str) -> DossierPayload | Problem:
        """Files the same request anew, linked to this one."""
        return _payload(await info.context.write(following.reopen, id, reason))


def _payload(id_: UUID) -> DossierPayload:
    return DossierPayload(dossier=Ref.of(Dossier, id_))
