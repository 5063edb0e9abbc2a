"""The shipped procedures at the small school: requests filed and decided as the office does it, papers read back."""

import asyncio
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Grant, Role
from backend.core.db import Database, Row, elevate
from backend.core.ids import new_id
from backend.core.text import name_sort_key
from backend.enrolment.tables import Enrolment
from backend.eservices import shipped
from backend.eservices.actions import desk, filing, placing
from backend.eservices.queries import dossiers as dossier_queries
from backend.eservices.queries import drafts as draft_queries
from backend.eservices.tables import Channel, Dossier, Paper, PaperKind
from backend.files.tables import StoredFile
from backend.gradebook.tables import ColumnKind, Score, ScoreColumn, Semester, SubjectResult
from backend.identity import queries as identity
from backend.identity.tables import Guardianship, RoleGrant, Student, User
from backend.organisation.tables import ClassGroup
from tests.actors import World
from tests.client import Client


@dataclass
class Counter:
    """Files, decides, and reads what was issued."""

    database: Database
    world: World
    client: Client
    number: int = 0
    fresh: dict[str, Actor] = field(default_factory=dict)

    async def open(self) -> "Counter":
        """The procedures; a headteacher for the other school; a class of grade 7 with a second year's name there."""
        head = User(
            id=new_id(),
            full_name="Lê Thị Hiệu Trưởng",
            sort_key=name_sort_key("Lê Thị Hiệu Trưởng"),
            username="other_head",
        )
        self.world.ids["other_head"] = head.id
        school = self.world["other_school"]
        grant = RoleGrant(user_id=head.id, role=Role.HEADTEACHER, school_id=school)
        self.world.actors["other_head"] = Actor(
            user_id=head.id, full_name=head.full_name, grants=(Grant(Role.HEADTEACHER, school),)
        )
        await self.add(head, grant)
        async with self.database.write(SYSTEM) as session:
            await shipped.install(session)
        return self

    async def add(self, *rows: Row) -> None:
        async with self.database.write(SYSTEM) as session:
            for row in rows:
                await session.execute(insert(type(row)).values(**row.model_dump()))

    async def rows(self, table: type[Any], **where: Any) -> list[Any]:
        async with self.database.write(SYSTEM) as session:
            found = select(table).filter_by(**where).order_by(col(table.id))
            return list(await session.scalars(found))

    async def actor(self, name: str) -> Actor:
        """The person with the rights of this moment."""
        made = await identity.actor_of_user(self.database, self.world[name])
        assert made is not None
        return made

    async def file(
        self,
        code: str,
        answers: dict[str, Any],
        *,
        owner: str = "mother",
        student: str | None = "lan",
        school: str = "school",
        channel: Channel = Channel.ONLINE,
    ) -> UUID:
        """A request, as filing places it."""
        actor = await self.actor(owner)
        async with self.database.write(actor) as session:
            await elevate(session)
            live = await draft_queries.live_version(session, code)
            pupil = await session.get(Student, self.world[student]) if student else None
            request = placing.Request(
                live=live,
                office=await dossier_queries.office(session, self.world[school], live.procedure_id),
                channel=channel,
                applicant_name=actor.full_name,
                applicant_phone="+84912000002",
                answers=answers,
                owner_id=actor.user_id,
                student_id=pupil.id if pupil else None,
                child=pupil.full_name if pupil else "",
            )
            dossier = await placing.place(session, actor, request)
            await filing.begin_transfer(session, actor, dossier, live.definition)
        return dossier.id

    async def act(self, who: str, action: Any, dossier: UUID, *given: Any) -> None:
        actor = await self.actor(who)
        version = (await self.dossier(dossier)).version
        async with self.database.write(actor) as session:
            await action(session, actor, dossier, version, *given)

    async def decide(
        self,
        dossier: UUID,
        note: str = "",
        data: dict[str, Any] | None = None,
        *,
        clerk: str = "clerk",
        head: str = "headteacher",
    ) -> None:
        """From the clerk's desk to the headteacher's decision."""
        await self.to_decision(dossier, clerk=clerk)
        await self.act(head, desk.complete, dossier, note, data)

    async def to_decision(self, dossier: UUID, *, clerk: str = "clerk") -> None:
        await self.act(clerk, desk.accept, dossier, "")
        await self.act(clerk, desk.start, dossier)
        await self.act(clerk, desk.advance, dossier, "", None)

    async def dossier(self, dossier: UUID) -> Dossier:
        async with self.database.write(SYSTEM) as session:
            return await session.get_one(Dossier, dossier)

    async def papers(self, dossier: UUID, kind: PaperKind = PaperKind.RESULT) -> list[Paper]:
        return await self.rows(Paper, dossier_id=dossier, kind=kind)

    async def content(self, paper: Paper) -> bytes:
        [stored] = await self.rows(StoredFile, id=paper.stored_file_id)
        return await self.client.services.store.get(stored.key, stored.sealed_with)

    async def text(self, paper: Paper) -> str:
        """What a person reads on the paper, with single spaces."""
        return await text_of(await self.content(paper))

    async def result(self, dossier: UUID) -> str:
        [paper] = await self.papers(dossier)
        return await self.text(paper)

    async def marks(self, student: str = "lan", class_group: str = "class_7a") -> None:
        """Published marks and averages in mathematics, an unpublished one in literature."""
        world, now = self.world, clock.now()
        school = world["school"]
        given: Sequence[tuple[str, ColumnKind, int, str, bool]] = (
            ("toan", ColumnKind.ONGOING, 2, "8.5", True),
            ("toan", ColumnKind.ONGOING, 3, "9.0", True),
            ("toan", ColumnKind.MID, 1, "7.5", True),
            ("ngu_van", ColumnKind.MID, 1, "3.3", False),
        )
        for subject, kind, ordinal, mark, published in given:
            column = ScoreColumn(
                id=new_id(),
                school_id=school,
                class_group_id=world[class_group],
                subject_id=world[subject],
                semester=Semester.SEM1,
                kind=kind,
                ordinal=ordinal,
                published_at=now if published else None,
            )
            score = Score(
                school_id=school,
                column_id=column.id,
                student_id=world[student],
                mark=Decimal(mark),
                entered_by=world["math_teacher"],
                entered_at=now,
                published_at=column.published_at,
            )
            await self.add(column, score)
        await self.add(
            SubjectResult(
                school_id=school,
                student_id=world[student],
                subject_id=world["toan"],
                school_year_id=world["school_year"],
                semester=Semester.SEM1,
                average=Decimal("8.2"),
                ruleset_id="tt22",
                computed_at=now,
            )
        )

    async def another_class(self, grade: int, name: str) -> UUID:
        """One more class at the other school."""
        row = ClassGroup(
            school_id=self.world["other_school"],
            school_year_id=self.world["other_school_year"],
            name=name,
            grade=grade,
            sort_key=name,
        )
        await self.add(row)
        return row.id

    async def stays(self, student: UUID) -> list[tuple[UUID, bool]]:
        """The classes a row of a pupil has been in, and whether she is there still."""
        return [(row.class_group_id, row.ended_on is None) for row in await self.rows(Enrolment, student_id=student)]

    async def guardians(self, student: UUID) -> set[UUID]:
        rows = await self.rows(Guardianship, student_id=student)
        return {row.user_id for row in rows if row.ended_at is None}


async def text_of(pdf: bytes) -> str:
    """The words of a PDF in reading order, by poppler."""
    command = ["pdftotext", "-layout", "-", "-"]
    done = await asyncio.to_thread(subprocess.run, command, input=pdf, capture_output=True, check=True)
    return " ".join(done.stdout.decode().split())


TRANSFER: dict[str, Any] = {
    "pupilName": "Nguyễn Thị Ngọc Lan",
    "birthDate": "2014-05-01",
    "sex": "FEMALE",
    "presentSchool": "THCS 24010001",
    "presentClass": "7A",
    "reason": "MOVED",
    "reasonDetail": "Gia đình chuyển nhà theo công việc của mẹ.",
    "movedOn": (clock.today() - timedelta(days=10)).isoformat(),
    "address": "Số 5, phố Nguyễn Du, phường Kinh Bắc",
    "place": "SAME_PROVINCE",
    "grade": "7",
    "records": "SYSTEM",
    "relation": "MOTHER",
    "contactPhone": "0912000002",
}
