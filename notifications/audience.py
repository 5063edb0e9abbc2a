"""Who is told, and what each is told: one statement from an audience to inbox rows and deliveries."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    SQLColumnExpression,
    Text,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import UUID as PG_UUID
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from backend.core import clock
from backend.core.audience import Audience
from backend.core.db import INSTANT, Session
from backend.core.ids import new_id
from backend.core.journal import Journal
from backend.enrolment.audience import members
from backend.enrolment.tables import Enrolment
from backend.identity.tables import Guardianship, SignInSession, Student
from backend.organisation.tables import ClassGroup, School
from notifications.catalogue import Entry
from notifications.tables import Delivery, DeliveryStatus, Device, Notification

_UUID: Final = PG_UUID(as_uuid=True)


async def tell(session: Session, row: Journal, entry: Entry) -> list[tuple[UUID, UUID]]:
    """Write the notifications of a journal row and a delivery for each live device; (notification, user) of the new.

    Doing it a second time changes nothing: a person has one notification per journal row and child.
    """
    people = _people(row, entry).cte("people")
    now = literal(clock.now(), INSTANT)
    told = (
        upsert(Notification)
        .from_select(
            ["id", "created_at", "user_id", "school_id", "journal_id", "kind", "student_id", "params", "link"],
            select(
                literal(row.id, _UUID) if entry.one_device else _new_id(),
                now,
                people.c.user_id,
                literal(row.school_id, _UUID),
                literal(row.id, _UUID),
                literal(entry.kind),
                people.c.student_id,
                _params(row, entry, people.c.student_id),
                _link(row, entry, people.c.student_id),
            ),
        )
        .on_conflict_do_nothing()
        .returning(col(Notification.id), col(Notification.user_id))
        .cte("told")
    )
    devices = (
        select(
            _new_id(),
            now,
            told.c.id,
            col(Device.id),
            literal(entry.lane_of(row.data).value),
            literal(DeliveryStatus.PENDING.value),
            literal(0),
            now,
        )
        .join(Device, col(Device.user_id) == told.c.user_id)
        .outerjoin(SignInSession, col(SignInSession.id) == Device.session_id)
        .where(*live_device(), *_only_device(row, entry))
    )
    rung = (
        insert(Delivery)
        .from_select(
            ["id", "created_at", "notification_id", "device_id", "lane", "status", "attempts", "next_at"], devices
        )
        .cte("rung")
    )
    result = await session.execute(select(told.c.id, told.c.user_id).add_cte(rung))
    return [(notification_id, user_id) for notification_id, user_id in result]


def live_device() -> tuple[ColumnElement[bool], ...]:
    """A device that may be rung: not dropped, and still signed in. Joins Device with its session, outer."""
    signed_in = (col(SignInSession.revoked_at).is_(None)) & (
        col(SignInSession.expires_at) > literal(clock.now(), INSTANT)
    )
    return col(Device.dropped_at).is_(None), or_(col(Device.session_id).is_(None), signed_in)


def _people(row: Journal, entry: Entry) -> Select[Any, Any]:
    """One row per person, or per person and child. A person with one child concerned is told by the child's name."""
    found = members(Audience.load(row.audience or {})).subquery("found")
    student: ColumnElement[Any] = found.c.student_id
    if not entry.per_child:
        one = func.count(found.c.student_id) == 1
        children = func.array_agg(found.c.student_id).filter(found.c.student_id.is_not(None))
        student = case((one, func.array_to_string(children, "").cast(_UUID)))
    people = select(found.c.user_id, student.label("student_id"))
    if not entry.per_child:
        people = people.group_by(found.c.user_id)
    if row.actor_user_id is not None and not entry.to_actor:
        people = people.where(found.c.user_id != row.actor_user_id)
    return people


def _params(row: Journal, entry: Entry, student_id: ColumnElement[Any]) -> ColumnElement[Any]:
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
    school = select(col(School.name)).where(col(School.id) == literal(row.school_id, _UUID)).scalar_subquery()
    around = func.jsonb_build_object("class_name", class_name, "school", school)
    facts = literal({key: row.data[key] for key in entry.params if key in row.data}, JSONB)
    own = func.jsonb_build_object(
        "child", given_name, "staff", case((student_id.is_(None) & bool(entry.staff_link), True))
    )
    return func.jsonb_strip_nulls(around.op("||")(facts).op("||")(func.jsonb_strip_nulls(own)), type_=JSONB)


def _link(row: Journal, entry: Entry, student_id: ColumnElement[Any]) -> ColumnElement[str]:
    """The path of the app. All but the pupil is the same for everybody of the family, or of the staff."""
    facts = {key: row.data.get(key, "") for key in entry.params}
    link = entry.link.format(**facts, student_id="{student_id}")
    of_child = func.replace(link, "{student_id}", func.coalesce(cast(student_id, Text), ""), type_=Text())
    if not entry.staff_link:
        return of_child
    return case((student_id.is_(None), entry.staff_link.format(**facts)), else_=of_child)


def _only_device(row: Journal, entry: Entry) -> tuple[ColumnElement[bool], ...]:
    return (col(Device.id) == UUID(row.data["device_id"]),) if entry.one_device else ()


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
