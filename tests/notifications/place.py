"""A small school to notify: classes, pupils, guardians, devices; written straight into the tables."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import select
from sqlmodel import SQLModel, col

from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Role
from backend.core.db import Database
from backend.core.ids import new_id
from backend.core.journal import Event, record
from backend.core.text import name_sort_key
from backend.enrolment.tables import Enrolment
from backend.identity.tables import Guardianship, Language, Relation, RoleGrant, SignInSession, Student, User
from backend.organisation.tables import ClassGroup, Level, School, SchoolYear, Unit, UnitKind
from notifications.tables import ChannelKind, Delivery, Device, Notification


@dataclass
class Browser:
    """The receiving end of a subscription: the keys that only the browser has."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen bytes ok"

    @property
    def point(self) -> bytes:
        form = (serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
        return self.key.public_key().public_bytes(*form)


class Place:
    """Adds rows to one database, and reads what became of them."""

    def __init__(self, database: Database) -> None:
        self.database = database

    async def add(self, *rows: SQLModel) -> None:
        async with self.database.write(SYSTEM) as session:
            for row in rows:
                session.add(row)
                await session.flush()

    async def school(self, name: str = "THCS Kim Đồng", code: str = "01") -> "Classroom":
        """A school with one class, 7A."""
        unit = Unit(kind=UnitKind.PROVINCE, code=code, name="Tỉnh")
        school = School(code=f"S{code}", name=name, level=Level.LOWER_SECONDARY, unit_id=unit.id)
        year = SchoolYear(
            school_id=school.id,
            name="2026-2027",
            starts_on=date(2026, 9, 5),
            second_semester_on=date(2027, 1, 18),
            ends_on=date(2027, 5, 31),
            is_current=True,
        )
        group = ClassGroup(school_id=school.id, school_year_id=year.id, name="7A", grade=7, sort_key="07a")
        await self.add(unit, school, year, group)
        return Classroom(self, school.id, year.id, group.id)

    async def user(self, name: str = "Trần Văn Bình", language: Language = Language.vi, **more: Any) -> User:
        user = User(full_name=name, sort_key=name_sort_key(name), language=language, **more)
        await self.add(user)
        return user

    async def device(self, user: User, address: str, browser: Browser | None = None, **more: Any) -> Device:
        keys = browser or Browser()
        more.setdefault("created_at", clock.now() - timedelta(days=1))
        device = Device(
            user_id=user.id,
            channel=ChannelKind.WEBPUSH,
            address=address,
            p256dh=keys.point,
            auth=keys.secret,
            label="Điện thoại",
            **more,
        )
        await self.add(device)
        return device

    async def session(self, user: User, **more: Any) -> SignInSession:
        now = clock.now()
        row = SignInSession(
            user_id=user.id,
            token_hash=new_id().bytes,
            last_seen_at=now,
            expires_at=now + timedelta(days=1),
            device_label="Chrome",
            **more,
        )
        await self.add(row)
        return row

    async def happened(self, event: Event, by: UUID | None = None) -> UUID:
        async with self.database.write(SYSTEM) as session:
            return record(session, Actor(user_id=by, system=True), event)

    async def notifications(self) -> list[Notification]:
        return await self._all(Notification)

    async def deliveries(self) -> list[Delivery]:
        return await self._all(Delivery)

    async def _all(self, table: Any) -> list[Any]:
        async with self.database.write(SYSTEM) as session:
            return list(await session.scalars(select(table).order_by(col(table.id))))

    async def get(self, table: Any, row_id: UUID) -> Any:
        async with self.database.write(SYSTEM) as session:
            return await session.get(table, row_id)

    async def make_due(self) -> None:
        """As if the waiting time of every delivery were over."""
        async with self.database.write(SYSTEM) as session:
            for delivery in await session.scalars(select(Delivery)):
                delivery.next_at = clock.now()


@dataclass
class Classroom:
    """Class 7A of a school."""

    place: Place
    school_id: UUID
    year_id: UUID
    class_id: UUID

    async def pupil(self, name: str = "Nguyễn Thị Lan", guardians: tuple[User, ...] = (), **more: Any) -> Student:
        student = Student(
            school_id=self.school_id,
            code=str(new_id())[-12:],
            full_name=name,
            sort_key=name_sort_key(name),
            search_key=name.lower(),
            **more,
        )
        enrolment = Enrolment(
            school_id=self.school_id,
            student_id=student.id,
            class_group_id=self.class_id,
            school_year_id=self.year_id,
            started_on=date(2026, 9, 5),
        )
        await self.place.add(student, enrolment)
        for user in guardians:
            await self.guard(student, user)
        return student

    async def guard(self, student: Student, user: User) -> Guardianship:
        row = Guardianship(school_id=self.school_id, student_id=student.id, user_id=user.id, relation=Relation.GUARDIAN)
        await self.place.add(row)
        return row

    async def teacher(self, name: str = "Lê Thị Hoa") -> User:
        user = await self.place.user(name)
        await self.place.add(RoleGrant(user_id=user.id, role=Role.SUBJECT_TEACHER, school_id=self.school_id))
        return user
