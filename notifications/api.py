"""The inbox, the devices, and the live hint, as GraphQL."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import strawberry
from sqlalchemy import and_, func
from strawberry.scalars import JSON

from backend.core.actor import Permission
from backend.core.graphql import (
    Connection,
    Info,
    Problem,
    Ref,
    column,
    computed,
    mutation,
    query,
    root,
    source,
    subscription,
)
from backend.core.limits import Rate
from backend.core.news import channel_of, channels_of, news
from backend.core.settings import settings
from notifications import actions, queries, tables
from notifications.addresses import check_reachable
from notifications.keys import key_pair
from notifications.messages import render
from notifications.tables import ChannelKind

strawberry.enum(ChannelKind)
ADDING = Rate(60, 3600)  # each may make us ask somebody's name server


@source(tables.Notification)
class Notification:
    """What somebody is told. The words are made for the reader; `link` is a path of the app."""

    id: UUID = column()
    kind: str = column()
    params: JSON = column(description="The facts behind the words: names, never a mark.")
    title: str = computed(lambda kind, params, language: render(kind, language, params).title)
    body: str = computed(lambda kind, params, language: render(kind, language, params).body)
    link: str = column()
    created_at: datetime = column()
    read_at: datetime | None = column()
    student_id: UUID | None = column()


@source(tables.Device)
class Device:
    """A phone or browser of the reader's that is rung."""

    id: UUID = column()
    channel: ChannelKind = column()
    label: str = column()
    created_at: datetime = column()
    last_sent_at: datetime | None = column(description="When a push service last took a message for it.")
    confirmed_at: datetime | None = column(description="When its owner said that a test had arrived.")
    current: bool = column(
        lambda me, actor: func.coalesce(me.session_id == actor.session_id, False),
        description="Whether it belongs to the session that asks.",
    )


def _own(it: Any, actor: Any) -> Any:
    return it.user_id == actor.user_id


@source()
class InboxSummary:
    """What the bell shows."""

    unread_count: int = column(lambda actor: queries.unread_count(actor.user_id))


@strawberry.type
class NotificationQuery:
    inbox_summary: InboxSummary = root(Permission.SIGNED_IN)
    inbox: Connection[Notification] = root(
        Permission.SIGNED_IN, where=_own, order=lambda it: (it.id.desc(),), description="Newest first."
    )
    notification: Notification | None = root(
        Permission.SIGNED_IN,
        arguments={"id": UUID},
        where=lambda it, args, actor: and_(it.id == args.id, _own(it, actor)),
    )
    devices: list[Device] = root(
        Permission.SIGNED_IN,
        where=lambda it, actor: and_(_own(it, actor), it.dropped_at.is_(None)),
        order=lambda it: (it.created_at,),
    )

    @query(Permission.SIGNED_IN, description="The key browsers subscribe with (VAPID), base64url.")
    async def push_key(self, info: Info) -> str:
        return key_pair(settings()).public


@strawberry.type
class ReadNotificationPayload:
    notification: Notification


@strawberry.type
class ReadAllNotificationsPayload:
    ok: bool


@strawberry.type
class AddDevicePayload:
    device: Device


@strawberry.type
class RemoveDevicePayload:
    id: UUID


@strawberry.type
class SendTestPushPayload:
    notification: UUID = strawberry.field(description="The id its notification will have.")


@strawberry.type
class NotificationMutation:
    @mutation(Permission.SIGNED_IN)
    async def read_notification(self, info: Info, id: UUID) -> ReadNotificationPayload | Problem:
        row = await info.context.write(actions.read_notification, id)
        await _hint_oneself(info, row.id)
        return ReadNotificationPayload(notification=Ref.of(Notification, row.id))

    @mutation(Permission.SIGNED_IN)
    async def read_all_notifications(self, info: Info) -> ReadAllNotificationsPayload | Problem:
        await info.context.write(actions.read_all)
        await _hint_oneself(info, None)
        return ReadAllNotificationsPayload(ok=True)

    @mutation(Permission.SIGNED_IN)
    async def add_web_push_device(
        self, info: Info, endpoint: str, p256dh: str, auth: str, label: str
    ) -> AddDevicePayload | Problem:
        await info.context.limit("devices.add", str(info.context.actor.user_id), ADDING)
        # Before the transaction: no connection waits for somebody's name server.
        await check_reachable(endpoint, settings().push_private_hosts)
        device = await info.context.write(actions.add_web_push_device, endpoint, p256dh, auth, label)
        return AddDevicePayload(device=Ref.of(Device, device.id))

    @mutation(Permission.SIGNED_IN)
    async def add_fcm_device(self, info: Info, token: str, label: str) -> AddDevicePayload | Problem:
        await info.context.limit("devices.add", str(info.context.actor.user_id), ADDING)
        device = await info.context.write(actions.add_fcm_device, token, label)
        return AddDevicePayload(device=Ref.of(Device, device.id))

    @mutation(Permission.SIGNED_IN)
    async def remove_device(self, info: Info, id: UUID) -> RemoveDevicePayload | Problem:
        return RemoveDevicePayload(id=await info.context.write(actions.remove_device, id))

    @mutation(Permission.SIGNED_IN)
    async def send_test_push(self, info: Info, device: UUID) -> SendTestPushPayload | Problem:
        return SendTestPushPayload(notification=await info.context.write(actions.send_test_push, device))

    @mutation(Permission.SIGNED_IN)
    async def confirm_test_push(self, info: Info, device: UUID) -> AddDevicePayload | Problem:
        row = await info.context.write(actions.confirm_test_push, device)
        return AddDevicePayload(device=Ref.of(Device, row.id))


async def _hint_oneself(info: Info, notification_id: UUID | None) -> None:
    """The person's other screens count anew."""
    user_id = info.context.actor.user_id
    if user_id is not None:
        await info.context.publish(channel_of(user_id), news("notification", str(notification_id or "")))


@strawberry.type
class News:
    """That something changed, and nothing of what: the app asks for it."""

    kind: str
    id: str


@strawberry.type
class NotificationSubscription:
    @subscription(
        Permission.SIGNED_IN, description="Browsers take it from /live, where its frames are passed on as bytes."
    )
    async def news(self, info: Info) -> AsyncIterator[News]:
        user_id, services = info.context.actor.user_id, info.context.services
        if user_id is None or services is None:
            return
        async with services.bus.subscribe(channels_of(info.context.actor)) as signals:
            async for signal in signals:
                frame = orjson.loads(signal.message.split(b"data: ", 1)[1])["data"]["news"]
                yield News(kind=frame["kind"], id=frame["id"])
