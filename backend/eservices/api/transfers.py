"""GraphQL of transfers between schools: the guardian's code and answer, the receiving school's look and proposal."""

from datetime import date, datetime
from uuid import UUID

import segno
import strawberry
from sqlalchemy import and_, any_, case, exists, false, func, or_
from sqlmodel import col
from strawberry.scalars import JSON

from backend.core import codes
from backend.core.actor import WHOLE_SCHOOL, Permission
from backend.core.graphql import Info, Problem, Ref, column, edge, mutation, one_of, query, root, source
from backend.core.limits import Rate
from backend.core.settings import settings
from backend.enrolment.api import Student
from backend.eservices import scopes, tables
from backend.eservices.actions import transfers
from backend.eservices.api.dossiers import Dossier
from backend.identity.tables import Guardianship
from backend.organisation.api import School

strawberry.enum(tables.TransferStatus)

CODES = Rate(20, 3600)
TRIES = Rate(20, 3600, closed=True)
MOST_TRANSFERS = 100
LONGEST_CODE = 30


@source(tables.Transfer)
class Transfer:
    id: UUID = column()
    status: tables.TransferStatus = column()
    student_name: str = column(lambda me: func.coalesce(me.moves.op("->>")("studentName"), ""))
    student: Student | None = edge(
        lambda me, it, actor: (
            it.id
            == case(
                (one_of(me.school_id, actor.staff_schools), func.coalesce(me.new_student_id, me.student_id)),
                else_=me.student_id,
            )
        ),
        description="Null for the receiving school until she is its own",
    )
    from_school: School = edge(lambda me, it: it.id == me.from_school_id)
    school: School = edge(lambda me, it: it.id == me.school_id)
    dossier: Dossier | None = edge(
        lambda me, it, actor: and_(it.id == me.dossier_id, scopes.may_see(actor, it)),
        description="Of those who follow or handle it",
    )
    moves: JSON = column(description="What the guardian agrees to: the fields of Moves, as they stood")
    consented_at: datetime | None = column()
    done_at: datetime | None = column()
    created_at: datetime = column()
    may_consent: bool = column(
        lambda me, actor: and_(
            me.status == "PROPOSED",
            exists().where(
                col(Guardianship.student_id) == me.student_id,
                col(Guardianship.user_id) == actor.user_id,
                col(Guardianship.ended_at).is_(None),
            ),
        )
    )
    version: int = column()


@strawberry.type
class Moves:
    """What would move with a pupil."""

    student_name: str
    birth_date: date | None
    class_name: str
    grade: int
    school_name: str
    enrolled_on: date
    results: int = strawberry.field(description="Published marks and stored averages")
    absences: int = strawberry.field(description="Sessions and periods")
    guardians: int


@strawberry.type
class TransferQuery:
    transfers: list[Transfer] = root(
        Permission.SIGNED_IN,
        where=lambda it, actor: or_(
            actor.user_id == any_(it.readers),
            false()
            if actor.roles.isdisjoint(WHOLE_SCHOOL)
            else or_(
                one_of(it.school_id, actor.schools_as(*WHOLE_SCHOOL)),
                one_of(it.from_school_id, actor.schools_as(*WHOLE_SCHOOL)),
            ),
        ),
        order=lambda it: (it.created_at.desc(),),
        cap=MOST_TRANSFERS,
        usual=5,
        description="Of one's children; of either school for leaders and clerks. Newest first",
    )

    @query(Permission.DOSSIER_COUNTER)
    async def open_transfer(self, info: Info, code: str) -> Moves | None:
        """What would move with the pupil of a guardian's code; null for a wrong, used or old one."""
        context = info.context
        await context.limit("eservices.transfer_look", str(context.actor.user_id), TRIES)
        found = await context.write(transfers.look, code[:LONGEST_CODE])
        if found is None:
            return None
        return Moves(
            student_name=found["studentName"],
            birth_date=date.fromisoformat(found["birthDate"]) if found["birthDate"] else None,
            class_name=found["className"],
            grade=found["grade"],
            school_name=found["schoolName"],
            enrolled_on=date.fromisoformat(found["enrolledOn"]),
            results=found["results"],
            absences=found["absences"],
            guardians=found["guardians"],
        )


@strawberry.type
class TransferCodePayload:
    code: str = strawberry.field(description="ABCD-EFGH-JKLM, shown this once")
    qr: str = strawberry.field(description="An image as data URI: the address at which the receiving school opens it")
    expires_at: datetime


@strawberry.type
class TransferPayload:
    transfer: Transfer


@strawberry.type
class TransferMutation:
    @mutation(Permission.SIGNED_IN)
    async def show_transfer_code(self, info: Info, student: UUID) -> TransferCodePayload | Problem:
        """A guardian's leave to look at her child's data, for fifteen minutes and one use."""
        context = info.context
        await context.limit("eservices.transfer_code", str(context.actor.user_id), CODES)
        shown = await context.write(transfers.show_code, student)
        # The code stands behind the "#": browsers do not send that part to any server.
        address = f"{settings().origin}/desk/transfer#{shown.code}"
        return TransferCodePayload(code=codes.show_slip_code(shown.code), qr=_qr(address), expires_at=shown.expires_at)

    @mutation(Permission.DOSSIER_COUNTER)
    async def propose_transfer(
        self, info: Info, code: str, school: UUID, class_group: UUID | None = None
    ) -> TransferPayload | Problem:
        """Files the request in the guardian's name; nothing moves before she has agreed."""
        context = info.context
        await context.limit("eservices.transfer_propose", str(context.actor.user_id), TRIES)
        return _payload(await context.write(transfers.propose, code[:LONGEST_CODE], school, class_group))

    @mutation(Permission.SIGNED_IN)
    async def answer_transfer(self, info: Info, id: UUID, version: int, consent: bool) -> TransferPayload | Problem:
        """By a guardian of the pupil. A refusal ends the request."""
        return _payload(await info.context.write(transfers.answer, id, version, consent))


def _payload(id_: UUID) -> TransferPayload:
    return TransferPayload(transfer=Ref.of(Transfer, id_))


def _qr(address: str) -> str:
    return segno.make(address, error="m", micro=False).svg_data_uri(border=2)
