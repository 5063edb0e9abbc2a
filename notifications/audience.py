"""Who is told, and what each is told: one statement from audiences to inbox rows and deliveries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    CTE,
    ColumnElement,
    Select,
    SQLColumnExpression,
    Text,
    bindparam,
    case,
    cast,
    column,
    exists,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    union,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from backend.core import clock
from backend.core.audience import Audience, AudienceKind
from backend.core.db import INSTANT, Session
from backend.core.ids import new_id
from backend.core.journal import Journal
from backend.enrolment.audience import members
from backend.enrolment.tables import Enrolment
from backend.identity.tables import Guardianship, SignInSession, Student, User
from backend.organisation.tables import ClassGroup, School
from notifications.catalogue import Entry
from notifications.tables import Delivery, DeliveryStatus, Device, Notification

_UUID: Final = PG_UUID(as_uuid=True)


@dataclass(frozen=True, slots=True)
class Told:
    """A notification that has just been written."""

    id: UUID
    user_id: UUID
    journal_id: UUID


async def tell(session: Session, rows: Sequence[Journal], entry: Entry) -> list[Told]:
    """Write the notifications of journal rows of one kind, and a delivery for each live device; those that are new.

    One statement, whatever the number of rows and people. Doing it a second time changes nothing: a person has one
    notification per journal row and child.
    """
    row = _rows(rows, entry).cte("happened")
    people = _people(rows, row, entry).cte("people")
    now = literal(clock.now(), INSTANT)
    told = (
        upsert(Notification)
        .from_select(
            ["id", "created_at", "user_id", "school_id", "journal_id", "kind", "student_id", "params", "link"],
            select(
                row.c.id if entry.one_device else _new_id(),
                now,
                people.c.user_id,
                row.c.school_id,
                row.c.id,
                literal(entry.kind),
                people.c.student_id,
                _params(row, entry, people.c.student_id),
                _link(row, entry, people.c.student_id),
            )
            .select_from(people)
            .join(row, row.c.id == people.c.row_id),
        )
        .on_conflict_do_nothing()
        .returning(col(Notification.id), col(Notification.user_id), col(Notification.journal_id))
        .cte("told")
    )
    devices = (
        select(
            _new_id(),
            now,
            told.c.id,
            col(Device.id),
            row.c.lane,
            literal(DeliveryStatus.PENDING.value),
            literal(0),
            now,
        )
        .select_from(told)
        .join(row, row.c.id == told.c.journal_id)
        .join(Device, col(Device.user_id) == told.c.user_id)
        .outerjoin(SignInSession, col(SignInSession.id) == Device.session_id)
        .where(*live_device(now), *((col(Device.id) == row.c.device_id,) if entry.one_device else ()))
    )
    rung = (
        insert(Delivery)
        .from_select(
            ["id", "created_at", "notification_id", "device_id", "lane", "status", "attempts", "next_at"], devices
        )
        .cte("rung")
    )
    result = await session.execute(select(told.c.id, told.c.user_id, told.c.journal_id).add_cte(rung))
    return [Told(*found) for found in result]


def live_device(now: ColumnElement[datetime]) -> tuple[ColumnElement[bool], ...]:
    """A device that may be rung: not dropped, and still signed in. Joins Device with its session, outer."""
    signed_in = (col(SignInSession.revoked_at).is_(None)) & (col(SignInSession.expires_at) > now)
    return col(Device.dropped_at).is_(None), or_(col(Device.session_id).is_(None), signed_in)


def _rows(rows: Sequence[Journal], entry: Entry) -> Select[Any]:
    """The journal rows as a table: what is the same for everybody whom a row reaches."""
    facts = [{key: row.data[key] for key in entry.params if key in row.data} for row in rows]
    blank = [{key: row.data.get(key, "") for key in entry.params} for row in rows]
    columns: list[tuple[str, Any, list[Any]]] = [
        ("id", _UUID, [row.id for row in rows]),
        ("school_id", _UUID, [row.school_id for row in rows]),
        ("actor", _UUID, [None if entry.to_actor else row.actor_user_id for row in rows]),
        ("lane", Text(), [entry.lane_of(row.data).value for row in rows]),
        ("facts", Text(), [json.dumps(found, ensure_ascii=False) for found in facts]),
        ("link", Text(), [entry.link.format(**found, student_id="{student_id}") for found in blank]),
        ("staff_link", Text(), [entry.staff_link.format(**found) for found in blank]),
        ("device_id", _UUID, [UUID(row.data["device_id"]) if entry.one_device else None for row in rows]),
    ]
    return select(_table("given", columns))


def _table(name: str, columns: Sequence[tuple[str, Any, list[Any]]]) -> Any:
    """Lists of equal length as a table: one parameter a column, so that the statement is the same for any number."""
    arrays = (bindparam(None, values, type_=ARRAY(kind)) for _, kind, values in columns)
    titles = (column(title, kind) for title, kind, _ in columns)
    return func.unnest(*arrays).table_valued(*titles, name=name).render_derived()


def _people(rows: Sequence[Journal], row: CTE, entry: Entry) -> Select[Any, Any, Any]:
    """One line per person, or per person and child. A person with one child concerned is told by the child's name."""
    found = union(*_reached(rows)).subquery("found")
    student: ColumnElement[Any] = found.c.student_id
    if not entry.per_child:
        one = func.count(found.c.student_id) == 1
        children = func.array_agg(found.c.student_id).filter(found.c.student_id.is_not(None))
        student = case((one, func.array_to_string(children, "").cast(_UUID)))
    people = (
        select(found.c.row_id, found.c.user_id, student.label("student_id"))
        .join(row, row.c.id == found.c.row_id)
        .where(found.c.user_id.is_distinct_from(row.c.actor))
    )
    return people if entry.per_child else people.group_by(found.c.row_id, found.c.user_id)


def _reached(rows: Sequence[Journal]) -> list[Select[Any, Any, Any]]:
    """Rows (row_id, user_id, student_id). Guardians of named pupils, as most news has them, come from one query."""
    parts: list[Select[Any, Any, Any]] = []
    pupils: list[tuple[UUID, UUID, UUID | None]] = []
    named: list[tuple[UUID, UUID]] = []
    for row in rows:
        audience = Audience.load(row.audience or {})
        if not set(audience.kinds) - {AudienceKind.GUARDIANS} and (audience.students or not audience.kinds):
            pupils += [(row.id, student, audience.school_id) for student in audience.students if audience.kinds]
            named += [(row.id, user) for user in audience.users]
        else:
            found = members(audience).subquery()
            parts.append(select(literal(row.id, _UUID).label("row_id"), found.c.user_id, found.c.student_id))
    if pupils:
        parts.append(_guardians(pupils))
    if named or not parts:
        listed = _table("named", [("row_id", _UUID, [r for r, _ in named]), ("user_id", _UUID, [u for _, u in named])])
        parts.append(
            select(listed.c.row_id, listed.c.user_id, null().cast(_UUID).label("student_id"))
            .join(User, col(User.id) == listed.c.user_id)
            .where(col(User.disabled_at).is_(None))
        )
    return parts


def _guardians(pupils: Sequence[tuple[UUID, UUID, UUID | None]]) -> Select[Any, Any, Any]:
    """As `enrolment.audience.members` has them, for many rows at once."""
    rows, students, schools = (list(values) for values in zip(*pupils, strict=True))
    of = _table("pupil", [("row_id", _UUID, rows), ("student_id", _UUID, students), ("school_id", _UUID, schools)])
    enrolled = exists().where(
        col(Enrolment.student_id) == of.c.student_id,
        col(Enrolment.school_id) == of.c.school_id,
        col(Enrolment.ended_on).is_(None),
    )
    return (
        select(of.c.row_id, col(Guardianship.user_id), col(Guardianship.student_id))
        .select_from(of)
        .join(Guardianship, col(Guardianship.student_id) == of.c.student_id)
        .join(User, col(User.id) == Guardianship.user_id)
        .where(col(Guardianship.ended_at).is_(None), col(User.disabled_at).is_(None), enrolled)
    )


def _params(row: CTE, entry: Entry, student_id: ColumnElement[Any]) -> ColumnElement[Any]:
    """What the words need, as of now: the event's own facts over the class and the school, and the child's given name.

    Staff, who are told without a child of theirs, read the name that the event gives.
    """
    given_name = (
        select(func.substring(Student.full_name, r"\S+$")).where(col(Student.id) == student_id).scalar_subquery()
    )
    class_name = (
        select(col(ClassGroup.name))
        .join(Enrolment, col(Enrolment.class_group_id) == ClassGroup.id)
        .where(col(Enrolment.student_id) == student_id, col(Enrolment.ended_on).is_(None))
        .order_by(col(Enrolment.started_on).desc())
        .limit(1)
        .scalar_subquery()
    )
    school = select(col(School.name)).where(col(School.id) == row.c.school_id).scalar_subquery()
    around = func.jsonb_build_object("class_name", class_name, "school", school)
    facts = cast(row.c.facts, JSONB)
    staff = case((student_id.is_(None) & bool(entry.staff_link), True))
    own = func.jsonb_build_object("child", given_name, "staff", staff)
    return func.jsonb_strip_nulls(around.op("||")(facts).op("||")(func.jsonb_strip_nulls(own)), type_=JSONB)


def _link(row: CTE, entry: Entry, student_id: ColumnElement[Any]) -> ColumnElement[str]:
    """The path of the app. All but the pupil is the same for everybody of the family, or of the staff."""
    of_child = func.replace(row.c.link, "{student_id}", func.coalesce(cast(student_id, Text), ""), type_=Text())
    return case((student_id.is_(None), row.c.staff_link), else_=of_child) if entry.staff_link else of_child


def _new_id() -> ColumnElement[UUID]:
    """A UUIDv7 in SQL, for rows that only the database knows: the time of a new id, the rest random.

    PostgreSQL has such a function from 18 on; we run from 15 on.
    """
    random = cast(func.gen_random_uuid(), Text)
    timed = func.overlay(random, str(new_id())[:14] + "7", 1, 15)
    return cast(timed, _UUID)


def may_see(user_id: SQLColumnExpression[Any], student_id: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    """Whether a person still answers for the child of a notification, or is the child, or no child is concerned."""
    guards = exists().where(
        col(Guardianship.student_id) == student_id,
        col(Guardianship.user_id) == user_id,
        col(Guardianship.ended_at).is_(None),
    )
    oneself = exists().where(col(Student.id) == student_id, col(Student.user_id) == user_id)
    return or_(student_id.is_(None), guards, oneself)
