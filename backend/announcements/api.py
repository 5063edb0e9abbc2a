"""GraphQL of announcements: as their reader sees them, and as their sender does."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import ARRAY, Text, and_, case, func, literal, or_, select, true
from sqlmodel import col

from backend.announcements import actions, tables
from backend.core.actor import WHOLE_SCHOOL, Permission
from backend.core.audience import Audience, AudienceKind
from backend.core.graphql import Connection, Info, Problem, Ref, column, edge, mutation, one_of, query, root, source
from backend.core.limits import Rate
from backend.identity.tables import Guardianship, Student, User
from backend.organisation.api import School

strawberry.enum(AudienceKind)
SENDING = Rate(30, 3600)
_Copy = tables.AnnouncementRecipient


@strawberry.enum
class RecipientState(StrEnum):
    """WAITING: has not done what was asked (opened, or acknowledged when that was asked)."""

    ALL = "ALL"
    WAITING = "WAITING"
    READ = "READ"
    ACKNOWLEDGED = "ACKNOWLEDGED"


_received = (
    select(
        col(_Copy.id).label("id"),
        col(tables.Announcement.id).label("announcement_id"),
        col(tables.Announcement.title).label("title"),
        col(tables.Announcement.body).label("body"),
        col(tables.Announcement.school_id).label("school_id"),
        col(tables.Announcement.author_id).label("author_id"),
        col(tables.Announcement.needs_acknowledgement).label("needs_acknowledgement"),
        col(_Copy.published_at).label("published_at"),
        col(_Copy.user_id).label("user_id"),
        col(_Copy.read_at).label("read_at"),
        col(_Copy.acknowledged_at).label("acknowledged_at"),
    )
).join(_Copy, col(_Copy.announcement_id) == tables.Announcement.id)


@source(_received)
class Announcement:
    """One's own copy: the row is the recipient's, `id` is the announcement's."""

    id: UUID = column(lambda me: me.announcement_id)
    title: str = column()
    body: str = column()
    author_name: str = column(
        lambda me: select(col(User.full_name)).where(col(User.id) == me.author_id).scalar_subquery()
    )
    school: School = edge(lambda me, it: it.id == me.school_id)
    needs_acknowledgement: bool = column()
    published_at: datetime = column()
    read_at: datetime | None = column()
    acknowledged_at: datetime | None = column()


@source(tables.AnnouncementRecipient)
class Recipient:
    id: UUID = column()
    full_name: str = column(lambda me: select(col(User.full_name)).where(col(User.id) == me.user_id).scalar_subquery())
    student_names: list[str] = column(
        lambda me: (
            select(func.coalesce(func.array_agg(col(Student.full_name)), literal([], type_=ARRAY(Text))))
            .join(Guardianship, and_(col(Guardianship.student_id) == Student.id, col(Guardianship.ended_at).is_(None)))
            .where(col(Guardianship.user_id) == me.user_id, col(Student.school_id) == me.school_id)
            .scalar_subquery()
        )
    )
    read_at: datetime | None = column()
    acknowledged_at: datetime | None = column()


def _count(me: Any, condition: Any) -> Any:
    rows = select(func.count()).select_from(_Copy).where(col(_Copy.announcement_id) == me.id, condition)
    return rows.scalar_subquery()


@source(tables.Announcement)
class SentAnnouncement:
    id: UUID = column()
    title: str = column()
    body: str = column()
    needs_acknowledgement: bool = column()
    published_at: datetime = column()
    reminded_at: datetime | None = column()
    recipient_count: int = column()
    read_count: int = column(lambda me: _count(me, col(_Copy.read_at).is_not(None)))
    acknowledged_count: int = column(lambda me: _count(me, col(_Copy.acknowledged_at).is_not(None)))
    recipients: Connection[Recipient] = edge(
        lambda me, it, args: and_(it.announcement_id == me.id, _in_state(it, me, args.state)),
        order=lambda it: (it.sort_key,),
        arguments={"state": (RecipientState, RecipientState.ALL)},
    )


def _in_state(it: Any, me: Any, state: Any) -> Any:
    """Which recipients the sender asks for; the state is a parameter, so this is a CASE."""
    done = case((me.needs_acknowledgement, it.acknowledged_at.is_not(None)), else_=it.read_at.is_not(None))
    return case(
        (state == "WAITING", ~done),
        (state == "READ", it.read_at.is_not(None)),
        (state == "ACKNOWLEDGED", it.acknowledged_at.is_not(None)),
        else_=true(),
    )


def _sent_by_me(it: Any, actor: Any) -> Any:
    """One's own; leaders and clerks see what their whole school has sent."""
    own = it.author_id == actor.user_id
    if actor.roles.isdisjoint(WHOLE_SCHOOL):
        return own
    return or_(own, one_of(it.school_id, actor.schools_as(*WHOLE_SCHOOL)))


@strawberry.type
class AudienceSample:
    full_name: str
    student_names: list[str]


@strawberry.type
class AudiencePreview:
    """Who would be told: persons, not messages."""

    school_name: str
    class_names: list[str]
    recipient_count: int
    guardian_count: int
    student_count: int
    staff_count: int
    unreached_student_count: int
    sample: list[AudienceSample]


@strawberry.input
class AudienceInput:
    """Empty lists narrow nothing; classes win over grades."""

    school: UUID
    kinds: list[AudienceKind]
    grades: list[int] = strawberry.field(default_factory=list)
    classes: list[UUID] = strawberry.field(default_factory=list)

    def value(self) -> Audience:
        return Audience(self.school, tuple(self.kinds), tuple(self.grades), tuple(self.classes))


@strawberry.input
class AnnouncementInput:
    title: str
    body: str
    audience: AudienceInput
    needs_acknowledgement: bool = False


@strawberry.type
class AnnouncementsQuery:
    announcements: Connection[Announcement] = root(
        Permission.ANNOUNCEMENT_READ,
        where=lambda it, actor: it.user_id == actor.user_id,
        order=lambda it: (it.published_at.desc(),),
    )
    announcement: Announcement | None = root(
        Permission.ANNOUNCEMENT_READ,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.announcement_id == args.id, it.user_id == actor.user_id),
    )
    sent_announcements: Connection[SentAnnouncement] = root(
        Permission.ANNOUNCEMENT_SEND,
        where=lambda it, actor: _sent_by_me(it, actor),
        order=lambda it: (it.published_at.desc(),),
    )
    sent_announcement: SentAnnouncement | None = root(
        Permission.ANNOUNCEMENT_SEND,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.id == args.id, _sent_by_me(it, actor)),
    )

    @query(Permission.ANNOUNCEMENT_SEND)
    async def announcement_audience(self, info: Info, audience: AudienceInput) -> AudiencePreview:
        """The audience in numbers and three real recipients, before anything is sent."""
        async with info.context.read_session() as session:
            found = await actions.preview_audience(session, info.context.actor, audience.value())
        samples = [AudienceSample(full_name=s.full_name, student_names=s.student_names) for s in found.sample]
        return AudiencePreview(
            school_name=found.school_name,
            class_names=found.class_names,
            recipient_count=found.recipient_count,
            guardian_count=found.guardian_count,
            student_count=found.student_count,
            staff_count=found.staff_count,
            unreached_student_count=found.unreached_student_count,
            sample=samples,
        )


@strawberry.type
class SentAnnouncementPayload:
    announcement: SentAnnouncement


@strawberry.type
class AnnouncementPayload:
    announcement: Announcement


@strawberry.type
class AnnouncementsMutation:
    @mutation(Permission.ANNOUNCEMENT_SEND)
    async def send_announcement(
        self, info: Info, input: AnnouncementInput, key: UUID
    ) -> SentAnnouncementPayload | Problem:
        """`key` is made by the client once per draft, so that sending again after a lost answer sends nothing twice."""
        context = info.context
        await context.limit("announcements.send", str(context.actor.user_id), SENDING)
        sent = await context.write(
            actions.send_announcement,
            input.title,
            input.body,
            input.audience.value(),
            input.needs_acknowledgement,
            key,
        )
        return SentAnnouncementPayload(announcement=Ref.of(SentAnnouncement, sent))

    @mutation(Permission.ANNOUNCEMENT_READ)
    async def read_announcement(self, info: Info, id: UUID) -> AnnouncementPayload | Problem:
        copy = await info.context.write(actions.read_announcement, id)
        return AnnouncementPayload(announcement=Ref.of(Announcement, copy))

    @mutation(Permission.ANNOUNCEMENT_READ)
    async def acknowledge_announcement(self, info: Info, id: UUID) -> AnnouncementPayload | Problem:
        copy = await info.context.write(actions.acknowledge_announcement, id)
        return AnnouncementPayload(announcement=Ref.of(Announcement, copy))

    @mutation(Permission.ANNOUNCEMENT_SEND)
    async def remind_announcement(self, info: Info, id: UUID) -> SentAnnouncementPayload | Problem:
        """Tell those who have not answered once more."""
        await info.context.write(actions.remind_announcement, id)
        return SentAnnouncementPayload(announcement=Ref.of(SentAnnouncement, id))
