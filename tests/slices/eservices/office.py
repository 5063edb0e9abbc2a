"""An office with dossiers on its desk: rows written straight into the tables, and actions as anybody."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Row
from backend.core.ids import new_id
from backend.core.journal import Journal
from backend.core.problem import Problem
from backend.eservices.rules.states import DossierStatus
from backend.eservices.tables import (
    Channel,
    Dossier,
    DossierEntry,
    EntryAction,
    OfficeDay,
    Paper,
    Procedure,
    ProcedureKind,
    ProcedureVersion,
    Supplement,
    SupplementItem,
    VersionStatus,
)
from tests.actors import World

MORNING = datetime(2026, 11, 23, 1, tzinfo=UTC)
"""Monday 23/11/2026, 08:00 in Vietnam; Tuesday is a holiday."""
MONDAY = date(2026, 11, 23)
HOLIDAY, WEDNESDAY, THURSDAY, FRIDAY = (MONDAY + timedelta(days=days) for days in (1, 2, 3, 4))
NEXT_MONDAY = MONDAY + timedelta(days=7)
S = DossierStatus

DEFINITION: dict[str, Any] = {
    "name": {"vi": "Xin chuyển lớp", "en": "Changing class"},
    "summary": {"vi": "Xin chuyển sang lớp khác.", "en": "To change class."},
    "who": {"vi": "Phụ huynh", "en": "Guardians"},
    "how_long": {"vi": "5 ngày làm việc", "en": "5 working days"},
    "fee_words": {"vi": "Không thu phí", "en": "No fee"},
    "bring": [],
    "basis": {"vi": "Nội quy trường", "en": "School rules"},
    "keywords": [],
    "opens": None,
    "subject": "OPTIONAL_STUDENT",
    "office": "STUDENT_SCHOOL",
    "applicants": ["GUARDIAN"],
    "cosign": "NONE",
    "form": {
        "schema": {
            "type": "object",
            "properties": {
                "reason": {"type": "string", "maxLength": 200},
                "address": {"type": "string", "maxLength": 200},
            },
            "required": ["reason"],
            "additionalProperties": False,
        },
        "steps": [{"id": "why", "title": {"vi": "Lý do", "en": "Why"}, "fields": ["reason", "address"]}],
        "fields": {
            "reason": {"label": {"vi": "Lý do", "en": "Reason"}},
            "address": {
                "label": {"vi": "Địa chỉ", "en": "Address"},
                "show": {"field": "reason", "equals": "MOVE"},
            },
        },
        "checks": [],
    },
    "documents": [
        {
            "id": "birth_certificate",
            "name": {"vi": "Giấy khai sinh", "en": "Birth certificate"},
            "required": True,
            "accepts": ["image", "pdf"],
            "most": 5,
            "copy": "COPY",
            "checks": [{"id": "blurred", "words": {"vi": "Ảnh bị mờ", "en": "Blurred"}}],
        }
    ],
    "term": [{"workingDays": 5}],
    "window": None,
    "handling": {
        "steps": [
            {"id": "check", "name": {"vi": "Kiểm tra", "en": "Check"}, "role": "ACADEMIC_CLERK"},
            {"id": "decide", "name": {"vi": "Quyết định", "en": "Decide"}, "role": "HEADTEACHER"},
        ],
        "result": {"code": None, "name": {"vi": "Quyết định", "en": "Decision"}, "template": "decision"},
        "effect": None,
    },
    "most_fee": 100_000,
    "supplement_days": 10,
    "extension_days": 3,
    "reopen_days": 10,
    "rate_days": 30,
}


def taught(role: str) -> dict[str, Any]:
    """The same, decided by a teacher, who asks for no money."""
    steps = [DEFINITION["handling"]["steps"][0], {**DEFINITION["handling"]["steps"][1], "role": role}]
    most_fee = DEFINITION["most_fee"] if role == "HEADTEACHER" else 0
    return {**DEFINITION, "most_fee": most_fee, "handling": {**DEFINITION["handling"], "steps": steps}}


@dataclass
class Office:
    """Files dossiers, acts on them, and looks at what became of them."""

    database: Database
    world: World
    versions: dict[str, UUID] = field(default_factory=dict)
    procedures: dict[str, UUID] = field(default_factory=dict)
    number: int = 0

    async def open(self) -> None:
        """A procedure for clerk and headteacher, two that teachers decide; the holiday of the week."""
        for code, role in (("LOP.01", "HEADTEACHER"), ("LOP.02", "SUBJECT_TEACHER"), ("LOP.03", "HOMEROOM_TEACHER")):
            procedure = Procedure(code=code, kind=ProcedureKind.SCHOOL, position=50)
            version = ProcedureVersion(
                procedure_id=procedure.id,
                number=1,
                status=VersionStatus.PUBLISHED,
                definition=taught(role),
                published_at=clock.now(),
            )
            self.procedures[code], self.versions[code] = procedure.id, version.id
            await self.add(procedure, version)
        async with self.database.write(SYSTEM) as session:
            known = await session.scalar(select(col(OfficeDay.id)).where(col(OfficeDay.day) == HOLIDAY))
        if known is None:
            await self.add(OfficeDay(day=HOLIDAY, works=False, name="Ngày Văn hóa Việt Nam"))

    async def add(self, *rows: Row) -> None:
        async with self.database.write(SYSTEM) as session:
            for row in rows:
                await session.execute(insert(type(row)).values(**row.model_dump()))

    async def file(
        self,
        status: DossierStatus = S.SUBMITTED,
        *,
        procedure: str = "LOP.01",
        owner: str | None = "mother",
        cosigner: str | None = None,
        student: str | None = "lan",
        school: str = "school",
        **more: Any,
    ) -> UUID:
        """A dossier in this state, with its first line."""
        self.number += 1
        readers = [self.world[name] for name in (owner, cosigner) if name]
        more.setdefault("step", "check" if status in (S.PROCESSING, S.PAYMENT_REQUIRED) else "")
        more.setdefault("due_on", FRIDAY if status in (S.SUBMITTED, S.ACCEPTED, S.PROCESSING) else None)
        more.setdefault("filed_at", clock.now() - timedelta(minutes=self.number))
        more.setdefault("applicant_name", "Trần Thị Hoa")
        assignee = more.pop("assignee", None)
        row = Dossier(
            id=new_id(),
            school_id=self.world[school],
            procedure_id=self.procedures[procedure],
            procedure_version_id=self.versions[procedure],
            code=f"24010001-261123-{self.number:04d}",
            channel=Channel.ONLINE,
            owner_id=self.world[owner] if owner else None,
            cosigner_id=self.world[cosigner] if cosigner else None,
            readers=readers,
            filed_by=self.world[owner or "clerk"],
            applicant_phone="+84912000002",
            student_id=self.world[student] if student else None,
            answers={"reason": "Nhà xa lớp"},
            status=status,
            assignee_id=self.world[assignee] if assignee else None,
            received_at=more.pop("received_at", more["filed_at"]),
            **more,
        )
        entry = DossierEntry(
            school_id=row.school_id,
            readers=readers,
            dossier_id=row.id,
            position=1,
            action=EntryAction.FILED,
            status=S.SUBMITTED,
            actor_id=row.filed_by,
            due_on=row.due_on,
        )
        await self.add(row, entry)
        return row.id

    async def act(self, who: str, action: Callable[..., Awaitable[Any]], dossier: UUID, *given: Any) -> str:
        """Run an action as somebody: "" when it was done, else the code of the refusal."""
        try:
            async with self.database.write(self.world.actor(who)) as session:
                await action(session, self.world.actor(who), dossier, *given)
        except Problem as problem:
            return problem.code
        return ""

    async def look(self, dossier: UUID) -> Dossier:
        async with self.database.write(SYSTEM) as session:
            return await session.get_one(Dossier, dossier)

    async def change(self, dossier: UUID, **values: Any) -> None:
        async with self.database.write(SYSTEM) as session:
            await session.execute(update(Dossier).where(col(Dossier.id) == dossier).values(**values))

    async def rows(self, table: type[Row], **where: Any) -> list[Any]:
        """Rows of a table, oldest first."""
        async with self.database.write(SYSTEM) as session:
            found = select(table).filter_by(**where).order_by(col(table.created_at), col(table.id))
            return list(await session.scalars(found))

    async def entries(self, dossier: UUID) -> list[DossierEntry]:
        return sorted(await self.rows(DossierEntry, dossier_id=dossier), key=lambda entry: entry.position)

    async def papers(self, dossier: UUID) -> list[str]:
        return [paper.kind.value for paper in await self.rows(Paper, dossier_id=dossier)]

    async def told(self, kind: str) -> list[list[str]]:
        """Whom the journal names for events of this kind, event by event."""
        names = {str(id_): name for name, id_ in self.world.ids.items()}
        rows = await self.rows(Journal, kind=f"eservices.{kind}")
        return [sorted(names[user] for user in (row.audience or {}).get("users", [])) for row in rows]

    async def supplement(self, dossier: UUID, round_: int, answer_by: date, answered: bool = False) -> None:
        """A supplement that was asked for."""
        row = await self.look(dossier)
        asked = Supplement(
            school_id=row.school_id,
            readers=row.readers,
            dossier_id=row.id,
            round=round_,
            asked_by=self.world["clerk"],
            answer_by=answer_by,
            answered_at=clock.now() if answered else None,
        )
        item = SupplementItem(
            school_id=row.school_id,
            readers=row.readers,
            supplement_id=asked.id,
            position=0,
            target="document:birth_certificate",
            defect="blurred",
        )
        await self.add(asked, item)
        await self.change(dossier, supplement_rounds=round_)
