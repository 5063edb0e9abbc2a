"""What reaches a device and what does not; and what follows when a push service is busy, refuses or lost the device."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.audience import AudienceKind
from backend.core.ids import new_id
from backend.core.journal import withdraw
from backend.core.settings import settings
from backend.identity.tables import Guardianship, Language, User
from notifications.catalogue import DAY
from notifications.channels import Action, Envelope
from notifications.channels.webpush import WebPush, payload
from notifications.delivery import BATCH, Courier
from notifications.keys import KeyPair
from notifications.relay import Relay
from notifications.rules import Outcome, Verdict
from notifications.tables import ChannelKind, Delivery, DeliveryStatus, Device, Lane, Notification
from notifications.worker import KEPT, sweep
from tests.notifications.happenings import absence_raised, announcement, scores_published
from tests.notifications.place import Browser, Place
from tests.notifications.service import Service

pytestmark = pytest.mark.anyio


@pytest.fixture
async def told(place: Place, relay: Relay, service: Service) -> tuple[User, Browser]:
    """Marks of Lan were published; her mother has one browser, at /mother."""
    room, mother, browser = await place.school(), await place.user("Mẹ"), Browser()
    await place.device(mother, service.address("mother"), browser)
    await place.happened(scores_published(room, await room.pupil("Nguyễn Thị Lan", (mother,))))
    await relay.run()
    return mother, browser


async def _only(place: Place) -> Delivery:
    deliveries = await place.deliveries()
    assert len(deliveries) == 1
    return deliveries[0]


async def test_the_phone_shows_child_and_act_and_no_mark(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    assert await courier.run(Lane.NORMAL) == 1
    delivery, request = await _only(place), service.received[0]
    assert request.opened(told[1]) == {
        "web_push": 8030,
        "notification": {
            "title": "Lan (7A): có điểm mới môn Toán",
            "body": "Chạm để xem điểm.",
            "navigate": f"{settings().origin}/n/{delivery.notification_id}",
            "tag": request.headers["Topic"],
            "lang": "vi",
        },
    }
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.SENT, 1)
    assert (await place.get(Device, delivery.device_id)).last_sent_at is not None
    assert 0 < int(request.headers["TTL"]) <= 3 * DAY and request.headers["Urgency"] == "normal"
    assert len(request.headers["Topic"]) == 32 and len(request.body) <= 4096
    claims = request.token()
    assert claims["aud"] == f"http://{service.host}" and claims["sub"] == "mailto:truong@example.com"
    assert await courier.run(Lane.NORMAL) == 0 and len(service.received) == 1


async def test_the_reader_s_language_and_no_text_of_the_announcement(
    place: Place, relay: Relay, courier: Courier, service: Service
) -> None:
    room, browser = await place.school(), Browser()
    reader = await place.user("Jane Doe", Language.en)
    await place.device(reader, service.address("jane"), browser)
    await room.pupil("Lan", (reader,))
    event = announcement(room, AudienceKind.GUARDIANS, title="Họp phụ huynh " + "dài " * 60, acknowledge=True)
    await place.happened(event)
    await relay.run()
    await courier.run(Lane.BULK)
    shown = service.received[0].opened(browser)["notification"]
    assert shown["title"].startswith("Lan (7A): Họp phụ huynh") and len(shown["title"]) <= 120
    assert shown["lang"] == "en" and "confirm" in shown["body"]


async def test_a_message_read_in_the_app_is_not_pushed(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    await _change(place, update(Notification).values(read_at=clock.now()))
    await courier.run(Lane.NORMAL)
    delivery = await _only(place)
    assert not service.received and (delivery.status, delivery.error) == (DeliveryStatus.DROPPED, "read")


async def test_who_lost_the_right_meanwhile_is_not_told(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    await _change(place, update(Guardianship).values(ended_at=clock.now()))
    await courier.run(Lane.NORMAL)
    assert not service.received and (await _only(place)).error == "no_right"


async def test_a_phone_that_changed_hands_does_not_ring_for_its_former_owner(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    other = await place.user("Người khác")
    await _change(place, update(Device).values(user_id=other.id))
    await courier.run(Lane.NORMAL)
    assert not service.received and (await _only(place)).error == "device_gone"


async def test_old_news_is_not_pushed(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    await _change(place, update(Notification).values(created_at=clock.now() - timedelta(days=4)))
    await courier.run(Lane.NORMAL)
    assert not service.received and (await _only(place)).error == "expired"


async def test_what_has_turned_out_untrue_is_not_pushed(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    """An excuse that arrives between the relay and the courier."""
    row = (await place.notifications())[0]
    async with place.database.write(Actor(user_id=told[0].id)) as session:
        assert await withdraw(session, [row.journal_id]) == {row.journal_id}
        assert await withdraw(session, [row.journal_id]) == set()
        assert await session.scalar(select(func.current_setting("app.system"))) == "off"
    await courier.run(Lane.NORMAL)
    delivery = await _only(place)
    assert not service.received and (delivery.status, delivery.error) == (DeliveryStatus.DROPPED, "withdrawn")


async def test_what_was_withdrawn_before_the_relay_is_told_to_nobody(place: Place, relay: Relay) -> None:
    room, mother = await place.school(), await place.user("Mẹ")
    row_id = await place.happened(scores_published(room, await room.pupil("Lan", (mother,))))
    async with place.database.write(SYSTEM) as session:
        assert await withdraw(session, [row_id]) == set()
    assert await relay.run() == 1
    assert await place.notifications() == [] and await relay.run() == 0


async def test_an_absence_alert_offers_three_answers_and_rings_at_once(
    place: Place, relay: Relay, courier: Courier, service: Service
) -> None:
    room, mother, browser = await place.school(), await place.user("Mẹ"), Browser()
    await place.device(mother, service.address("mother"), browser)
    event = absence_raised(room, await room.pupil("Nguyễn Thị Lan", (mother,)))
    await place.happened(event)
    await relay.run()
    await courier.run(Lane.URGENT)
    request, page = service.received[0], f"{settings().origin}/absences/{event.alert_id}"
    shown = request.opened(browser)["notification"]
    assert shown["data"] == {"alert": str(event.alert_id)}
    assert shown["actions"] == [
        {"action": action, "title": title, "navigate": f"{page}?answer={action}"}
        for action, title in (
            ("SHOULD_BE_AT_SCHOOL", "Con phải đang ở trường!"),
            ("SICK", "Con ốm"),
            ("FAMILY", "Việc nhà"),
        )
    ]
    assert request.headers["Urgency"] == "high" and 0 < int(request.headers["TTL"]) <= 3600
    assert len(request.body) <= 4096


async def test_the_longest_alert_still_fits_into_a_push() -> None:
    """RFC 8291 leaves 3,993 bytes; letters with two marks take three each."""
    words, link = "ệ" * 120, "https://" + "a" * 250
    actions = tuple(Action(name, "ệ" * 40, link) for name in ("SHOULD_BE_AT_SCHOOL", "SICK", "FAMILY"))
    envelope = Envelope(
        new_id(), link, None, None, words, words, link, "t" * 32, "vi", 3600, True, actions, {"alert": link}
    )
    assert len(payload(envelope)) <= 3993


async def _change(place: Place, statement: object) -> None:
    async with place.database.write(SYSTEM) as session:
        await session.execute(statement)  # type: ignore[call-overload]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_busy_service_is_asked_again_later(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser], status: int
) -> None:
    service.answers["/mother"] = [status, 201]
    before = clock.now()
    await courier.run(Lane.NORMAL)
    delivery = await _only(place)
    assert (delivery.status, delivery.attempts, delivery.error) == (DeliveryStatus.PENDING, 1, f"http_{status}")
    assert timedelta(seconds=29) < delivery.next_at - before < timedelta(seconds=60)
    assert await courier.run(Lane.NORMAL) == 0
    await place.make_due()
    await courier.run(Lane.NORMAL)
    assert (await _only(place)).status is DeliveryStatus.SENT and len(service.received) == 2


async def test_retry_after_is_respected_up_to_an_hour(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    service.answers["/mother"], service.headers = [503], {"Retry-After": "86400"}
    before = clock.now()
    await courier.run(Lane.NORMAL)
    assert timedelta(minutes=59) < (await _only(place)).next_at - before < timedelta(minutes=61)


async def test_after_six_tries_it_is_over(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    service.answers["/mother"] = [500]
    for _ in range(8):
        await place.make_due()
        await courier.run(Lane.NORMAL)
    delivery = await _only(place)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.FAILED, 6) and len(service.received) == 6
    assert (await place.get(Device, delivery.device_id)).dropped_at is None


@pytest.mark.parametrize("status", [404, 410])
async def test_a_gone_device_is_dropped(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser], status: int
) -> None:
    service.answers["/mother"] = [status]
    await courier.run(Lane.NORMAL)
    delivery = await _only(place)
    device = await place.get(Device, delivery.device_id)
    assert delivery.status is DeliveryStatus.DROPPED
    assert device.dropped_at is not None and device.drop_reason == f"http_{status}"


async def test_a_device_of_a_minute_gets_a_second_chance(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    await _change(place, update(Device).values(created_at=clock.now()))
    service.answers["/mother"] = [410, 201]
    await courier.run(Lane.NORMAL)
    assert (await _only(place)).status is DeliveryStatus.PENDING
    await place.make_due()
    await courier.run(Lane.NORMAL)
    assert (await _only(place)).status is DeliveryStatus.SENT


@pytest.mark.parametrize("status", [400, 403, 413, 301, 307])
async def test_a_refusal_is_final_and_a_redirect_is_never_followed(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser], status: int
) -> None:
    service.answers["/mother"], service.headers = [status], {"Location": service.address("elsewhere")}
    await courier.run(Lane.NORMAL)
    assert (await _only(place)).status is DeliveryStatus.FAILED
    assert [request.path for request in service.received] == ["/mother"]


async def test_a_dead_sender_loses_its_lease_and_another_sends(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        """As the end of the process."""

    async def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(courier, "_send", killed)
        with pytest.raises(Killed):
            await courier.run(Lane.NORMAL)
    assert await courier.run(Lane.NORMAL) == 0  # leased: nobody else sends yet
    await place.make_due()
    assert await courier.run(Lane.NORMAL) == 1
    assert (await _only(place)).status is DeliveryStatus.SENT


async def test_many_at_once_are_sent_32_at_a_time_each_with_its_own_key(
    place: Place, relay: Relay, courier: Courier, service: Service
) -> None:
    room, browser, parents = await place.school(), Browser(), []
    for number in range(70):
        parents.append(await place.user(f"Phụ huynh {number}"))
        await place.device(parents[-1], service.address(str(number)), browser)
    await room.pupil("Lan", tuple(parents))
    await place.happened(announcement(room))
    await relay.run()
    with place.database.count_statements() as count:
        assert await courier.run(Lane.BULK) == 70 < BATCH
    assert len(count) == 4, count.statements  # claim and write back, each behind the fence
    assert {d.status for d in await place.deliveries()} == {DeliveryStatus.SENT}
    assert len({request.body[21:86] for request in service.received}) == 70
    assert len({request.headers["Authorization"] for request in service.received}) == 1
    assert service.busiest <= 32


async def test_no_database_connection_is_held_while_a_service_thinks(place: Place, told: tuple[User, Browser]) -> None:
    class Slow:
        """Looks at the pool while it "sends"."""

        held = -1

        async def send(self, batch: list[Envelope], until: float) -> list[Outcome]:
            self.held = place.database.engine.pool.checkedout()  # type: ignore[attr-defined]
            return [Outcome(Verdict.TAKEN) for _ in batch]

        async def close(self) -> None:
            pass

    slow = Slow()
    await Courier(place.database, {ChannelKind.WEBPUSH: slow}).run(Lane.NORMAL)  # type: ignore[dict-item]
    assert slow.held == 0


async def test_what_could_not_be_begun_in_time_is_handed_back(
    place: Place, service: Service, told: tuple[User, Browser], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.delivery.SENDING", -1.0)
    channel = WebPush(KeyPair.make(), "mailto:a@example.com", [service.host])
    courier = Courier(place.database, {ChannelKind.WEBPUSH: channel})
    await courier.run(Lane.NORMAL)
    await courier.close()
    delivery = await _only(place)
    assert (delivery.status, delivery.attempts) == (DeliveryStatus.PENDING, 0) and not service.received


async def test_a_private_address_is_not_called_even_if_it_got_into_the_table(
    place: Place, service: Service, told: tuple[User, Browser]
) -> None:
    channel = WebPush(KeyPair.make(), "mailto:a@example.com")
    courier = Courier(place.database, {ChannelKind.WEBPUSH: channel})
    await courier.run(Lane.NORMAL)
    await courier.close()
    delivery = await _only(place)
    assert (delivery.status, delivery.error) == (DeliveryStatus.FAILED, "address_refused") and not service.received


async def test_a_lane_sends_only_its_own(
    place: Place, courier: Courier, service: Service, told: tuple[User, Browser]
) -> None:
    assert await courier.run(Lane.BULK) == 0 and await courier.run(Lane.URGENT) == 0
    assert not service.received


async def test_the_sweep_forgets_old_outcomes_and_keeps_the_inbox(
    place: Place, courier: Courier, told: tuple[User, Browser]
) -> None:
    await courier.run(Lane.NORMAL)
    await sweep(place.database)
    assert len(await place.deliveries()) == 1
    old = clock.now() - KEPT - timedelta(hours=1)
    await _change(place, update(Delivery).values(created_at=old))
    await _change(place, update(Device).where(col(Device.dropped_at).is_(None)).values(dropped_at=old))
    await sweep(place.database)
    assert not await place.deliveries() and len(await place.notifications()) == 1
