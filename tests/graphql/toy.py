"""A small school with everything the compiler knows, on tables of its own."""

import enum
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import strawberry
from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    Uuid,
    and_,
    func,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from strawberry.scalars import JSON

from backend.core.actor import Actor, Grant, Permission, Role
from backend.core.db import Session
from backend.core.graphql import (
    Connection,
    Info,
    Mark,
    Problem,
    Ref,
    column,
    computed,
    edge,
    mutation,
    now,
    one_of,
    query,
    root,
    source,
)
from backend.core.problem import Invalid

meta = MetaData()
school_table = Table("school", meta, Column("id", Uuid, primary_key=True), Column("name", Text, nullable=False))
group_table = Table(
    "class_group",
    meta,
    Column("id", Uuid, primary_key=True),
    Column("school_id", Uuid, nullable=False),
    Column("name", Text(collation="C"), nullable=False),
    Column("grade", Integer, nullable=False),
    Column("order", Integer),
)
student_table = Table(
    "student",
    meta,
    Column("id", Uuid, primary_key=True),
    Column("school_id", Uuid, nullable=False),
    Column("class_group_id", Uuid),
    Column("name", Text(collation="C"), nullable=False),
    Column("born", Date),
    Column("joined_at", DateTime(timezone=True), nullable=False),
    Column("sex", Text, nullable=False),
    Column("tags", ARRAY(Text), nullable=False),
    Column("notes", JSONB, nullable=False),
)
score_table = Table(
    "score",
    meta,
    Column("id", Uuid, primary_key=True),
    Column("school_id", Uuid, nullable=False),
    Column("student_id", Uuid, nullable=False),
    Column("subject_id", Uuid, nullable=False),
    Column("mark", Numeric(3, 1)),
    Column("entered_at", DateTime(timezone=True), nullable=False),
)
subject_table = Table("subject", meta, Column("id", Uuid, primary_key=True), Column("name", Text, nullable=False))


@strawberry.enum
class Sex(enum.Enum):
    MALE = "m"
    FEMALE = "f"


@source(subject_table)
class Subject:
    id: UUID = column()
    name: str = column()


@source(score_table)
class Score:
    id: UUID = column()
    mark: Mark | None = column()
    entered_at: datetime = column()
    subject: Subject = edge(lambda me, it: it.id == me.subject_id)
    passed: bool | None = column(lambda me: me.mark >= 5)
    above: bool | None = column(lambda me, args: me.mark > args.limit, arguments={"limit": (int, 8)})
    words: str = computed(
        lambda mark, entered_at, language: (
            f"{'điểm' if language == 'vi' else 'mark'} {mark if mark is not None else '-'} {entered_at:%d/%m %f}"
        )
    )


@source(group_table)
class ClassGroup:
    id: UUID = column()
    name: str = column()
    grade: int = column()
    order: int | None = column()
    size: int = column(
        lambda me: (
            select(func.count()).select_from(student_table).where(student_table.c.class_group_id == me.id)
        ).scalar_subquery()
    )
    subjects: list[Subject] = edge(
        lambda me, it: it.id.in_(
            select(score_table.c.subject_id)
            .join(student_table, student_table.c.id == score_table.c.student_id)
            .where(student_table.c.class_group_id == me.id)
        ),
        order=lambda it: (it.name.desc(),),
        cap=10,
    )


@source(select(student_table.c.id.label("id"), func.upper(student_table.c.name).label("loud")))
class Card:
    id: UUID = column()
    loud: str | None = column()


@source(student_table)
class Student:
    id: UUID = column()
    name: str = column()
    born: date | None = column(description="Birthday")
    joined_at: datetime = column()
    sex: Sex = column()
    tags: list[str] = column()
    notes: JSON = column()
    mine: bool = column(lambda me, actor: one_of(me.id, actor.students))
    recent: bool = column(lambda me: me.joined_at < now())
    class_group: ClassGroup | None = edge(lambda me, it: it.id == me.class_group_id)
    card: Card = edge(lambda me, it: it.id == me.id)
    scores: list[Score] = edge(lambda me, it: it.student_id == me.id, order=lambda it: (it.entered_at,), cap=20)
    latest: list[Score] = edge(
        lambda me, it, args: and_(
            it.student_id == me.id, it.mark >= args.at_least if args.at_least is not None else true()
        ),
        order=lambda it: (it.entered_at.desc(),),
        arguments={"first": (int, 3), "at_least": int | None},
        cap=30,
    )
    history: Connection[Score] = edge(
        lambda me, it: it.student_id == me.id, order=lambda it: (it.entered_at.desc(), it.subject_id)
    )
    initials: str = computed(lambda name, sex: "".join(part[0] for part in name.split()) + sex.value)


@source()
class Home:
    children: list[Student] = edge(lambda it, actor: one_of(it.id, actor.students), order=lambda it: (it.name,), cap=5)
    lost: Student = edge(lambda it: it.id == ident(3, 99))
    headteacher: bool = column(lambda actor: Role.HEADTEACHER in actor.roles)
    hello: str = column(lambda actor: actor.full_name)


def visible(it, actor):
    """The scope of the toy: the schools of the actor."""
    return one_of(it.school_id, actor.schools)


@strawberry.type
class ReadQuery:
    home: Home = root(Permission.SIGNED_IN)
    student: Student | None = root(
        Permission.STUDENT_READ,
        where=lambda it, args, actor: and_(it.id == args.id, visible(it, actor)),
        arguments={"id": UUID},
    )
    students: Connection[Student] = root(
        Permission.STUDENT_READ,
        where=lambda it, args, actor: and_(
            visible(it, actor),
            func.strpos(it.name, args.text) > 0 if args.text is not None else true(),
            it.sex == args.sex if args.sex is not None else true(),
        ),
        order=lambda it: (it.name,),
        arguments={"text": str | None, "sex": Sex | None},
    )
    chosen: list[Student] = root(
        Permission.STUDENT_READ,
        where=lambda it, args, actor: and_(visible(it, actor), one_of(it.id, args.ids)),
        arguments={"ids": list[UUID]},
        cap=20,
    )
    classes: list[ClassGroup] = root(
        Permission.CLASS_READ, where=lambda it, actor: visible(it, actor), order=lambda it: (it.grade, it.name), cap=20
    )
    unscoped: list[Student] = root(Permission.SIGNED_IN, order=lambda it: (it.name,), cap=20)


@strawberry.type
class Query(ReadQuery):
    @query(Permission.PUBLIC)
    async def greeting(self, info: Info, name: str = "you") -> str:
        return f"xin chào {name}"

    @query(Permission.PUBLIC)
    async def broken(self, info: Info) -> str:
        raise RuntimeError("secret detail")


@strawberry.type
class RenamePayload:
    student: Student
    others: list[Student]
    home: Home


async def rename(session: Session, actor: Actor, id_: UUID, name: str) -> UUID:
    if not name:
        raise Invalid("toy.name_empty", field="name", least=1)
    await session.execute(student_table.update().where(student_table.c.id == id_).values(name=name))
    return id_


@strawberry.type
class Mutation:
    @mutation(Permission.STUDENT_READ)
    async def rename(self, info: Info, id: UUID, name: str) -> RenamePayload | Problem:
        changed = await info.context.write(rename, id, name)
        info.context.set_cookie("toy", "1", 60)
        return RenamePayload(student=Ref.of(Student, changed), others=[Ref.of(Student, changed)], home=Ref.of(Home))


@dataclass(frozen=True)
class Toy:
    """What stands in the tables."""

    schools: tuple[UUID, UUID]
    students: tuple[UUID, ...]
    foreign: UUID

    @property
    def teacher(self) -> Actor:
        return Actor(
            user_id=UUID(int=1), full_name="Cô Hoa", language="vi", students=self.students[:2],
            grants=(Grant(Role.HEADTEACHER, self.schools[0]), Grant(Role.GUARDIAN, self.schools[0])),
        )  # fmt: skip

    @property
    def stranger(self) -> Actor:
        return Actor(user_id=UUID(int=2), language="en", grants=(Grant(Role.HEADTEACHER, self.schools[1]),))


def ident(kind: int, number: int) -> UUID:
    return UUID(int=(kind << 64) + number)


def rows() -> tuple[Toy, dict[str, list[dict[str, object]]]]:
    """Two schools, three classes, nine pupils (some with equal names), and marks at equal instants."""
    here, there = ident(1, 1), ident(1, 2)
    start = datetime(2026, 9, 5, 0, 15, 30, 123_456, UTC)
    groups = [
        {"id": ident(2, n), "school_id": here, "name": name, "grade": 6 + n % 2, "order": n or None}
        for n, name in enumerate(("6A", "7B", "8'C"))
    ]
    names = ["An Bình", "An Bình", 'Đào "Chi"', "Lê Dũng", "Võ % Em"]
    names += ["Ngô _ Giang", "Hà\\Hải", "Phạm Ích", "An Bình"]
    students = [
        {
            "id": ident(3, n), "school_id": here if n < 8 else there,
            "class_group_id": ident(2, n % 3) if n < 7 else None,
            "name": name, "born": date(2014, 1, 1) + timedelta(days=n) if n % 3 else None,
            "joined_at": start + timedelta(microseconds=777_777 * n), "sex": "MALE" if n % 2 else "FEMALE",
            "tags": ["a", "b c"][: n % 3], "notes": {"n": n, "x": None},
        }
        for n, name in enumerate(names)
    ]  # fmt: skip
    subjects = [{"id": ident(5, n), "name": name} for n, name in enumerate(("Toán", "Ngữ văn", "Tin học"))]
    scores = [
        {
            "id": ident(4, 100 * n + k), "school_id": student["school_id"], "student_id": student["id"],
            "subject_id": ident(5, k % 3), "mark": None if k % 5 == 4 else Decimal(k % 21) / 2 + Decimal("0.1"),
            "entered_at": start + timedelta(hours=k // 4),
        }
        for n, student in enumerate(students)
        for k in range(n * 3)
    ]  # fmt: skip
    toy = Toy((here, there), tuple(s["id"] for s in students[:8]), students[8]["id"])
    schools = [{"id": here, "name": "Here"}, {"id": there, "name": "There"}]
    return toy, {"school": schools, "class_group": groups, "student": students, "score": scores, "subject": subjects}
