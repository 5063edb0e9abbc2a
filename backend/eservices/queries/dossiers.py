"""Reads that filing and following need."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, cast, exists, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.core import clock
from backend.core.actor import Actor, Role
from backend.core.db import Session
from backend.core.problem import NotFound, Stale
from backend.eservices.events import facts
from backend.eservices.queries.drafts import Live
from backend.eservices.rules import terms
from backend.eservices.rules.states import OPEN, DossierStatus
from backend.eservices.rules.terms import Span
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.tables import (
    Dossier,
    DossierEntry,
    DossierFile,
    EntryAction,
    Procedure,
    ProcedureVersion,
    ServiceWindow,
    Supplement,
    SupplementItem,
)
from backend.identity.tables import Guardianship, RoleGrant, Student, User
from backend.organisation.tables import School, SchoolYear

HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True)
class Office:
    """The school that will have a dossier. Clerks and windows are the school's own: read it behind the open fence."""

    school_id: UUID
    code: str
    clerks: tuple[UUID, ...]
    opening_day: date | None
    announced: tuple[Span, ...]

    def window(self, live: Live, days: WorkingDays) -> Span | None:
        """When it takes dossiers of this procedure; None without a window, or when nobody has set it."""
        chosen = terms.nearest(self.announced, clock.today())
        return terms.window_of(live.definition, self.opening_day, chosen, days)


async def office(session: Session, school_id: UUID, procedure_id: UUID) -> Office:
    """One statement; needs the open fence. Raises NotFound."""
    clerks = (
        select(func.array_agg(col(RoleGrant.user_id)))
        .join(User, col(User.id) == RoleGrant.user_id)
        .where(
            col(RoleGrant.school_id) == School.id,
            col(RoleGrant.role) == Role.ACADEMIC_CLERK,
            col(User.disabled_at).is_(None),
        )
        .scalar_subquery()
    )
    opening = (
        select(col(SchoolYear.starts_on))
        .where(col(SchoolYear.school_id) == School.id, col(SchoolYear.is_current))
        .limit(1)
        .scalar_subquery()
    )
    windows = (
        select(func.jsonb_agg(func.jsonb_build_array(col(ServiceWindow.opens_on), col(ServiceWindow.closes_on))))
        .where(col(ServiceWindow.school_id) == School.id, col(ServiceWindow.procedure_id) == procedure_id)
        .scalar_subquery()
    )
    statement = select(col(School.code), clerks, opening, cast(windows, JSONB)).where(col(School.id) == school_id)
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    code, users, opens_on = row[:3]
    announced: Any = row[3]
    spans = tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in announced or ())
    return Office(school_id, code, tuple(users or ()), opens_on, spans)


@dataclass(frozen=True)
class Standing:
    """What the system knows of who files, beyond what the filer may read."""

    owner_id: UUID | None
    """At the counter: the account of the person who has come, when she has one and the request is hers to read."""
    second_guardian: bool
    open: int
    lately: Sequence[datetime] = field(default_factory=tuple)
    """When the person filed this procedure in the last hour, oldest first."""


async def standing(
    session: Session, owner_id: UUID | None, phone: str | None, student_id: UUID | None, procedure_id: UUID
) -> Standing:
    """One statement; needs the open fence. `phone` finds the account of somebody at the counter.

    A typing mistake must not show a pupil's request to a stranger: with a pupil, the account must be of a guardian or
    of herself.
    """
    guardian = aliased(Guardianship)
    hers = or_(
        exists().where(col(Student.id) == student_id, col(Student.user_id) == User.id),
        exists().where(
            col(guardian.student_id) == student_id,
            col(guardian.user_id) == User.id,
            col(guardian.ended_at).is_(None),
        ),
    )
    found: ColumnElement[Any] = (
        select(col(User.id))
        .where(col(User.phone) == phone, col(User.disabled_at).is_(None), hers if student_id else literal(True))
        .scalar_subquery()
        if phone
        else literal(owner_id, Uuid())
    )
    second = exists().where(
        col(Guardianship.student_id) == student_id,
        col(Guardianship.ended_at).is_(None),
        col(Guardianship.user_id) != owner_id,
    )
    still = (
        select(func.count())
        .select_from(Dossier)
        .where(col(Dossier.owner_id) == owner_id, col(Dossier.status).in_(OPEN))
        .scalar_subquery()
    )
    lately = (
        select(func.array_agg(col(Dossier.filed_at)))
        .where(
            col(Dossier.owner_id) == owner_id,
            col(Dossier.procedure_id) == procedure_id,
            col(Dossier.filed_at) > clock.now() - HOUR,
            col(Dossier.opened_by_id).is_(None),
        )
        .scalar_subquery()
    )
    row = (await session.execute(select(found, second, still, lately))).one()
    return Standing(row[0], row[1], row[2], sorted(row[3] or ()))


async def filed_from(session: Session, actor: Actor, draft_id: UUID) -> UUID | None:
    """The dossier this person filed from the draft, if she did."""
    statement = select(col(Dossier.id)).where(col(Dossier.draft_id) == draft_id, col(Dossier.filed_by) == actor.user_id)
    return (await session.execute(statement)).scalar_one_or_none()


@dataclass(frozen=True)
class About:
    """What events tell of a dossier, and its definition."""

    live: Live
    child: str
    """The pupil's name; empty without one."""

    def facts(self, dossier: Dossier, users: Sequence[UUID]) -> dict[str, Any]:
        """What an event of the dossier tells these people."""
        return facts(dossier, self.live.code, self.live.name, self.child, users)


async def about(session: Session, dossier: Dossier) -> About:
    """The dossier's own version of the procedure, and its pupil's name."""
    statement = (
        select(
            col(Procedure.code),
            col(ProcedureVersion.status),
            col(ProcedureVersion.definition),
            func.coalesce(col(Student.full_name), ""),
        )
        .join(Procedure, col(Procedure.id) == ProcedureVersion.procedure_id)
        .outerjoin(Student, col(Student.id) == dossier.student_id)
        .where(col(ProcedureVersion.id) == dossier.procedure_version_id)
    )
    code, status, definition, child = (await session.execute(statement)).one()
    read = terms.Definition.of(definition)
    return About(Live(dossier.procedure_version_id, dossier.procedure_id, code, status, read), child)


async def dossier_for_update(
    session: Session, dossier_id: UUID, version: int | None = None, *whose: ColumnElement[bool]
) -> Dossier:
    """The dossier, locked until the transaction ends. Raises NotFound beyond the actor's fence and `whose`, Stale."""
    statement = select(Dossier).where(col(Dossier.id) == dossier_id, *whose).with_for_update()
    row = (await session.execute(statement.execution_options(populate_existing=True))).scalar_one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    if version is not None and row.version != version:
        raise Stale("core.stale")
    return row


async def own_dossier(session: Session, actor: Actor, dossier_id: UUID, version: int | None = None) -> Dossier:
    """The actor's own dossier, locked until the transaction ends. Raises NotFound for everybody else's, Stale."""
    return await dossier_for_update(session, dossier_id, version, col(Dossier.owner_id) == actor.user_id)


async def dossier_for(session: Session, dossier_id: UUID, scope: ColumnElement[bool]) -> Dossier:
    """A dossier in a scope of `scopes`, to be read. Raises NotFound."""
    row = (await session.execute(select(Dossier).where(col(Dossier.id) == dossier_id, scope))).scalar_one_or_none()
    if row is None:
        raise NotFound("core.not_found")
    return row


async def live_files(session: Session, dossier_id: UUID) -> Sequence[DossierFile]:
    """The files of a dossier that count: not those a supplement replaced."""
    statement = (
        select(DossierFile)
        .where(col(DossierFile.dossier_id) == dossier_id, col(DossierFile.replaced_at).is_(None))
        .order_by(col(DossierFile.id))
    )
    return (await session.execute(statement)).scalars().all()


async def open_supplement(session: Session, dossier_id: UUID) -> tuple[Supplement, Sequence[SupplementItem]] | None:
    """The list of defects that waits for an answer, with its items."""
    latest = (
        select(Supplement)
        .where(col(Supplement.dossier_id) == dossier_id, col(Supplement.answered_at).is_(None))
        .order_by(col(Supplement.round).desc())
        .limit(1)
    )
    row = (await session.execute(latest)).scalar_one_or_none()
    if row is None:
        return None
    items = (
        select(SupplementItem).where(col(SupplementItem.supplement_id) == row.id).order_by(col(SupplementItem.position))
    )
    return row, (await session.execute(items)).scalars().all()


async def was_reopened(session: Session, dossier_id: UUID) -> bool:
    statement = select(exists().where(col(Dossier.reopens_id) == dossier_id))
    return (await session.execute(statement)).scalar_one()


async def open_correction(session: Session, procedure_id: UUID, student_id: UUID) -> bool:
    """Whether a correction that a dispute began still waits for the school."""
    statement = select(
        exists().where(
            col(Dossier.procedure_id) == procedure_id,
            col(Dossier.student_id) == student_id,
            col(Dossier.opened_by_id).is_not(None),
            col(Dossier.status).in_(OPEN),
        )
    )
    return (await session.execute(statement)).scalar_one()


@dataclass(frozen=True)
class PublicEntry:
    action: EntryAction
    status: DossierStatus
    at: datetime
    due_on: date | None


@dataclass(frozen=True)
class Tracked:
    """What a dossier's code and the applicant's phone show: where it is, and no person."""

    code: str
    name_vi: str
    name_en: str
    office: str
    status: DossierStatus
    filed_at: datetime
    due_on: date | None
    entries: Sequence[PublicEntry]


async def tracked(session: Session, code: str, digits: str) -> Tracked | None:
    """For the system. One statement whether the code exists or not, and whatever the digits."""
    statement = (
        select(Dossier, col(School.name), col(ProcedureVersion.definition)["name"])
        .join(School, col(School.id) == Dossier.school_id)
        .join(ProcedureVersion, col(ProcedureVersion.id) == Dossier.procedure_version_id)
        .where(
            col(Dossier.code) == code,
            func.right(col(Dossier.applicant_phone), 4) == digits,
            func.length(col(Dossier.applicant_phone)) > 4,
        )
    )
    row = (await session.execute(statement)).one_or_none()
    if row is None:
        return None
    dossier, school, name = row
    lines = (
        select(
            col(DossierEntry.action), col(DossierEntry.status), col(DossierEntry.created_at), col(DossierEntry.due_on)
        )
        .where(col(DossierEntry.dossier_id) == dossier.id, col(DossierEntry.internal).is_(False))
        .order_by(col(DossierEntry.position))
    )
    entries = [PublicEntry(*line) for line in await session.execute(lines)]
    return Tracked(
        dossier.code, name["vi"], name["en"], school, dossier.status, dossier.filed_at, dossier.due_on, entries
    )
