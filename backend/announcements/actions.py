"""Writes of announcements: send, read, acknowledge, remind."""

from uuid import UUID

from sqlalchemy import func, insert, literal, select
from sqlmodel import col

from backend.announcements import events, queries, rules
from backend.announcements.tables import Announcement, AnnouncementRecipient
from backend.core import clock
from backend.core.actor import Actor
from backend.core.audience import Audience
from backend.core.db import Session, take_turns
from backend.core.journal import Journal, record
from backend.core.problem import Invalid
from backend.enrolment.audience import members
from backend.identity.tables import User


async def preview_audience(session: Session, actor: Actor, audience: Audience) -> queries.Preview:
    """The audience in numbers with three real recipients, for somebody who may address it."""
    rules.check_may_address(actor, audience, await queries.own_classes(session, actor, audience.school_id))
    return await queries.preview(session, audience)


async def send_announcement(
    session: Session,
    actor: Actor,
    title: str,
    body: str,
    audience: Audience,
    needs_acknowledgement: bool,
    key: UUID,
) -> UUID:
    """Write an announcement to an audience; its recipients are fixed now, in one statement whatever their number.

    The same `key` again answers with the announcement already sent. Raises Invalid("announcements.nobody_reached"),
    Invalid("announcements.key_used") when the key belongs to another text.
    """
    title, body = rules.clean_text(title, body)
    await take_turns(session, "announcement", actor.user_id, key)
    earlier = await _sent_before(session, actor, key)
    if earlier is not None:
        said = (earlier.title, earlier.body, earlier.audience, earlier.needs_acknowledgement)
        if said != (title, body, audience.dump(), needs_acknowledgement):
            raise Invalid("announcements.key_used")
        return earlier.id
    rules.check_may_address(actor, audience, await queries.own_classes(session, actor, audience.school_id))
    assert audience.school_id is not None and actor.user_id is not None
    row = Announcement(
        school_id=audience.school_id,
        author_id=actor.user_id,
        title=title,
        body=body,
        audience=audience.dump(),
        needs_acknowledgement=needs_acknowledgement,
        published_at=clock.now(),
    )
    session.add(row)
    await session.flush()
    row.recipient_count = await _address(session, row, audience)
    if row.recipient_count == 0:
        raise Invalid("announcements.nobody_reached", field="audience")
    event = events.AnnouncementPublished(row.school_id, row.id, title, needs_acknowledgement, audience.dump())
    record(session, actor, event, key=key)
    return row.id


async def _sent_before(session: Session, actor: Actor, key: UUID) -> Announcement | None:
    statement = select(col(Journal.data)).where(
        col(Journal.actor_user_id) == actor.user_id, col(Journal.idempotency_key) == key
    )
    data = (await session.execute(statement)).scalar_one_or_none()
    return await session.get(Announcement, UUID(data["announcement_id"])) if data else None


async def _address(session: Session, row: Announcement, audience: Audience) -> int:
    """INSERT … SELECT of everybody once, the author left out; returns how many."""
    told = members(audience).subquery()
    persons = select(
        func.gen_random_uuid(),
        literal(row.published_at),
        literal(row.school_id),
        literal(row.id),
        col(User.id),
        col(User.sort_key),
        literal(row.published_at),
    ).where(col(User.id).in_(select(told.c.user_id)), col(User.id) != row.author_id)
    columns = ["id", "created_at", "school_id", "announcement_id", "user_id", "sort_key", "published_at"]
    result = await session.execute(insert(AnnouncementRecipient).from_select(columns, persons))
    return result.rowcount  # type: ignore[attr-defined]


async def read_announcement(session: Session, actor: Actor, announcement_id: UUID) -> UUID:
    """The actor has opened it; the first time counts. Returns the id of her copy."""
    copy = await queries.own_copy_for_update(session, actor, announcement_id)
    copy.read_at = copy.read_at or clock.now()
    return copy.id


async def acknowledge_announcement(session: Session, actor: Actor, announcement_id: UUID) -> UUID:
    """The actor says "Đã đọc"; the first time counts and is journalled. Returns the id of her copy."""
    copy = await queries.own_copy_for_update(session, actor, announcement_id)
    if copy.acknowledged_at is None:
        copy.acknowledged_at = clock.now()
        copy.read_at = copy.read_at or copy.acknowledged_at
        record(session, actor, events.AnnouncementAcknowledged(copy.school_id, announcement_id))
    return copy.id


async def remind_announcement(session: Session, actor: Actor, announcement_id: UUID) -> UUID:
    """Tell those who have not answered once more; at most once an hour.

    Raises Invalid("announcements.nobody_waiting"), TooMany("announcements.reminded_recently").
    """
    row = await queries.sent_for_update(session, actor, announcement_id)
    now = clock.now()
    since = (now - row.reminded_at).total_seconds() if row.reminded_at else None
    rules.check_may_remind(since)
    waiting = await queries.waiting_users(session, row)
    if not waiting:
        raise Invalid("announcements.nobody_waiting")
    row.reminded_at = now
    record(
        session,
        actor,
        events.AnnouncementReminded(row.school_id, row.id, row.title, row.needs_acknowledgement, tuple(waiting)),
    )
    return row.id
