"""What a person does with notifications, through the actions and through GraphQL."""

import asyncio
import base64
import json
from typing import Any

import pytest
import strawberry
from sqlalchemy import select

from backend.core.actor import SYSTEM, Actor
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.graphql.context import Context
from backend.core.graphql.schema import Schema, build_schema
from backend.core.ids import new_id
from backend.core.jobs import Jobs
from backend.core.limits import Limits
from backend.core.news import channel_of
from backend.core.problem import Invalid, NotFound, TooMany
from backend.core.services import Services
from backend.core.settings import settings
from backend.core.store import Store
from backend.identity.tables import User
from notifications import actions, queries
from notifications.api import NotificationMutation, NotificationQuery, NotificationSubscription
from notifications.delivery import Courier
from notifications.keys import KeyPair
from notifications.relay import Relay
from notifications.tables import DeliveryStatus, Device, Lane
from tests.notifications.happenings import scores_published
from tests.notifications.place import Browser, Place
from tests.notifications.service import Service

pytestmark = pytest.mark.anyio
ENDPOINT = "https://updates.push.services.mozilla.com/wpush/v2/abc"


@strawberry.type
class Query(NotificationQuery):
    pass


@strawberry.type
class Mutation(NotificationMutation):
    pass


@strawberry.type
class Subscription(NotificationSubscription):
    pass


@pytest.fixture(scope="module")
def schema() -> Schema:
    return build_schema(Query, Mutation, Subscription)


@pytest.fixture
async def mother(place: Place) -> User:
    return await place.user("Mẹ")


async def _do(place: Place, actor: Actor, action: Any, *args: Any) -> Any:
    async with place.database.write(actor) as session:
        return await action(session, actor, *args)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def _add(place: Place, user: User, endpoint: str = ENDPOINT, browser: Browser | None = None) -> Device:
    keys = browser or Browser()
    point, secret = _text(keys.point), _text(keys.secret)
    actor = Actor(user_id=user.id)
    return await _do(place, actor, actions.add_web_push_device, endpoint, point, secret, " Máy  của mẹ ")


async def test_a_device_is_added_with_raw_keys(place: Place, mother: User) -> None:
    browser = Browser()
    device = await _add(place, mother, browser=browser)
    assert (device.p256dh, device.auth, device.label) == (browser.point, browser.secret, "Máy của mẹ")
    assert (await _add(place, mother, browser=browser)).id == device.id


async def test_a_shared_phone_moves_to_whoever_uses_it_now(place: Place, mother: User) -> None:
    device = await _add(place, mother)
    father = await place.user("Bố")
    assert (await _add(place, father)).id == device.id
    with pytest.raises(NotFound):
        await _do(place, Actor(user_id=mother.id), actions.remove_device, device.id)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"p256dh": _text(b"\x04" + b"\x01" * 64)}, "p256dh"),
        ({"p256dh": _text(Browser().point[:64])}, "p256dh"),
        ({"p256dh": "not base64 !"}, "p256dh"),
        ({"p256dh": ""}, "p256dh"),
        ({"auth": _text(b"short")}, "auth"),
        ({"auth": "%%%"}, "auth"),
        ({"endpoint": "https://127.0.0.1/x"}, "endpoint"),
        ({"endpoint": "http://push.example.com/x"}, "endpoint"),
    ],
)
async def test_a_device_with_a_bad_key_or_address_is_refused(
    place: Place, mother: User, change: dict[str, str], field: str
) -> None:
    given = {"endpoint": ENDPOINT, "p256dh": _text(Browser().point), "auth": _text(Browser().secret)} | change
    with pytest.raises(Invalid) as refusal:
        await _do(place, Actor(user_id=mother.id), actions.add_web_push_device, *given.values(), "x")
    assert refusal.value.field == field
    async with place.database.write(SYSTEM) as session:
        assert not list(await session.scalars(select(Device)))


async def test_the_eleventh_device_takes_the_oldest_one_s_place(place: Place, mother: User) -> None:
    first = await _add(place, mother, ENDPOINT + "0")
    for number in range(1, 11):
        await _add(place, mother, f"{ENDPOINT}{number}")
    async with place.database.write(SYSTEM) as session:
        live = await queries.live_devices(session, mother.id)
    assert len(live) == actions.MOST_DEVICES and first.id not in [device.id for device in live]


@pytest.mark.parametrize("token", ["", "  ", "x" * 501, "tên"])
async def test_a_strange_fcm_token_is_refused(place: Place, mother: User, token: str) -> None:
    with pytest.raises(Invalid):
        await _do(place, Actor(user_id=mother.id), actions.add_fcm_device, token, "x")


async def test_a_test_push_goes_through_the_whole_pipeline_to_that_device_only(
    place: Place, mother: User, relay: Relay, courier: Courier, service: Service
) -> None:
    browser = Browser()
    wanted = await place.device(mother, service.address("wanted"), browser)
    await place.device(mother, service.address("other"))
    actor = Actor(user_id=mother.id)
    expected = await _do(place, actor, actions.send_test_push, wanted.id)
    await relay.run()
    await courier.run(Lane.URGENT)
    assert [request.path for request in service.received] == ["/wanted"]
    shown = service.received[0].opened(browser)["notification"]
    assert shown["title"] == "Thông báo thử đã đến" and shown["navigate"].endswith(f"/n/{expected}")
    assert service.received[0].headers["Urgency"] == "high"
    confirmed = await _do(place, actor, actions.confirm_test_push, wanted.id)
    assert confirmed.confirmed_at is not None


async def test_test_pushes_have_a_limit_and_need_ones_own_device(place: Place, mother: User, relay: Relay) -> None:
    device = await place.device(mother, ENDPOINT)
    with pytest.raises(NotFound):
        await _do(place, Actor(user_id=(await place.user("Bố")).id), actions.send_test_push, device.id)
    for _ in range(actions.MOST_TESTS):
        await _do(place, Actor(user_id=mother.id), actions.send_test_push, device.id)
        await relay.run()
    with pytest.raises(TooMany):
        await _do(place, Actor(user_id=mother.id), actions.send_test_push, device.id)


async def test_reading_marks_what_rang_on_this_device_as_opened(
    place: Place, mother: User, relay: Relay, courier: Courier, service: Service
) -> None:
    room, here, there = await place.school(), await place.session(mother), await place.session(mother)
    await place.device(mother, service.address("here"), session_id=here.id)
    await place.device(mother, service.address("there"), session_id=there.id)
    await place.happened(scores_published(room, await room.pupil("Lan", (mother,))))
    await relay.run()
    await courier.run(Lane.NORMAL)
    notification = (await place.notifications())[0]
    stranger = Actor(user_id=(await place.user("Người khác")).id)
    with pytest.raises(NotFound):
        await _do(place, stranger, actions.read_notification, notification.id)

    actor = Actor(user_id=mother.id, session_id=here.id)
    read = await _do(place, actor, actions.read_notification, notification.id)
    again = await _do(place, actor, actions.read_notification, notification.id)
    assert read.read_at is not None and again.read_at == read.read_at
    statuses = sorted((d.status, d.opened_at is not None) for d in await place.deliveries())
    assert statuses == [(DeliveryStatus.OPENED, True), (DeliveryStatus.SENT, False)]


async def test_read_all_is_ones_own_and_the_count_follows(place: Place, mother: User, relay: Relay) -> None:
    room, father = await place.school(), await place.user("Bố")
    lan = await room.pupil("Lan", (mother, father))
    for _ in range(3):
        await place.happened(scores_published(room, lan))
    await relay.run()
    await _do(place, Actor(user_id=mother.id), actions.read_all)

    async def unread(user: User) -> int:
        async with place.database.write(Actor(user_id=user.id)) as session:
            return (await session.execute(select(queries.unread_count(user.id)))).scalar_one()

    assert (await unread(mother), await unread(father)) == (0, 3)


INBOX = "{ inbox(first: 2) { nodes { id kind title body link readAt studentId } pageInfo { hasNextPage endCursor } } }"


async def test_the_inbox_speaks_the_reader_s_language_and_shows_only_ones_own(
    place: Place, mother: User, relay: Relay, schema: Schema
) -> None:
    room, father = await place.school(), await place.user("Bố")
    lan = await room.pupil("Nguyễn Thị Lan", (mother, father))
    for _ in range(3):
        await place.happened(scores_published(room, lan))
    await relay.run()
    page = (await _ask(schema, place.database, mother, INBOX, language="en"))["inbox"]
    assert len(page["nodes"]) == 2 and page["pageInfo"]["hasNextPage"] is True
    assert page["nodes"][0]["title"] == "Lan (7A): new marks in Mathematics"
    assert page["nodes"][0]["studentId"] == str(lan.id)
    theirs = next(n for n in await place.notifications() if n.user_id == father.id)
    asked = f'{{ notification(id: "{theirs.id}") {{ id }} }}'
    assert (await _ask(schema, place.database, mother, asked))["notification"] is None


async def test_devices_and_key_through_graphql(
    place: Place, mother: User, schema: Schema, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "push_private_hosts", ("127.0.0.1:9",))
    pair = KeyPair.make()
    monkeypatch.setattr(settings(), "vapid_private_key", pair.private)
    add = """mutation ($endpoint: String!, $key: String!, $auth: String!) {
      addWebPushDevice(endpoint: $endpoint, p256dh: $key, auth: $auth, label: "Firefox") {
        ... on AddDevicePayload { device { id label current channel } } ... on Problem { code fields { path } } } }"""
    keys = {"key": _text(Browser().point), "auth": _text(Browser().secret)}
    values = {"endpoint": "http://127.0.0.1:9/x", **keys}
    added = (await _ask(schema, place.database, mother, add, values))["addWebPushDevice"]
    assert added["device"]["label"] == "Firefox" and added["device"]["channel"] == "WEBPUSH"
    refused = await _ask(schema, place.database, mother, add, {**values, "endpoint": "https://10.0.0.1/x"})
    assert refused["addWebPushDevice"] == {
        "code": "notifications.address_refused",
        "fields": [{"path": "endpoint"}],
    }
    seen = await _ask(schema, place.database, mother, "{ devices { id label } pushKey }")
    assert [device["id"] for device in seen["devices"]] == [added["device"]["id"]] and seen["pushKey"] == pair.public
    stranger = await place.user("Người khác")
    remove = f'mutation {{ removeDevice(id: "{added["device"]["id"]}") {{ __typename ... on Problem {{ code }} }} }}'
    other = await _ask(schema, place.database, stranger, remove)
    assert other["removeDevice"] == {"__typename": "Problem", "code": "notifications.device_not_found"}
    assert (await _ask(schema, place.database, mother, remove))["removeDevice"]["__typename"] == "RemoveDevicePayload"
    assert (await _ask(schema, place.database, mother, "{ devices { id } }"))["devices"] == []


async def test_nobody_gets_nothing(place: Place, schema: Schema) -> None:
    context = Context(actor=Actor(), database=place.database)
    for document in (INBOX, "{ devices { id } }", "{ pushKey }", "mutation { readAllNotifications { __typename } }"):
        result = await schema.execute(document, context_value=context)
        await context.close()
        refused = result.errors or (result.data or {}).get("readAllNotifications", {}).get("__typename") == "Problem"
        assert refused, document


async def test_reading_on_one_screen_is_heard_on_the_others(
    place: Place, mother: User, relay: Relay, bus: MemoryBus, schema: Schema
) -> None:
    services = Services(place.database, bus, Jobs(None, f"test-{new_id()}"), Limits(None), Store.in_memory())
    context = Context(actor=Actor(user_id=mother.id), database=place.database, services=services)
    stream: Any = await schema.subscribe("subscription { news { kind id } }", context_value=context)
    async with services.jobs, bus.subscribe([channel_of(mother.id)]) as signals:
        first = asyncio.ensure_future(anext(stream))
        while len(bus._inboxes[channel_of(mother.id)]) < 2:
            await asyncio.sleep(0)
        await _ask(
            schema, place.database, mother, "mutation { readAllNotifications { __typename } }", services=services
        )
        assert json.loads((await anext(signals)).message.split(b"data: ")[1])["data"]["news"]["kind"] == "notification"
        assert (await first).data["news"] == {"kind": "notification", "id": ""}
    await stream.aclose()


async def _ask(
    schema: Schema,
    database: Database,
    user: User,
    document: str,
    variables: dict[str, Any] | None = None,
    language: str = "vi",
    services: Services | None = None,
) -> Any:
    context = Context(actor=Actor(user_id=user.id, language=language), database=database, services=services)
    result = await schema.execute(document, variable_values=variables, context_value=context)
    await context.close()
    assert result.errors is None, result.errors
    return result.data
