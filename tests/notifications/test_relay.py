"""Who is told and who is not, in which words; and that nothing is lost or doubled whatever dies."""

import asyncio
import logging

import pytest

from backend.announcements.events import AnnouncementReminded
from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.audience import AudienceKind
from backend.core.bus import MemoryBus
from backend.core.codes import one_time_code
from backend.core.db import Database
from backend.core.ids import new_id
from backend.core.journal import Journal
from backend.core.news import channel_of, news
from backend.core.settings import settings
from backend.identity.events import GuardianLinked, SignedIn, SignInCodeRequested
from backend.identity.tables import Language, SignInChallenge
from notifications import audience
from notifications.channels.console import Console
from notifications.messages import render
from notifications.relay import Relay
from notifications.tables import Device, Lane
from tests.notifications.happenings import announcement, scores_published
from tests.notifications.place import Place

pytestmark = pytest.mark.anyio


async def test_marks_are_told_to_each_guardian_for_each_child_by_name(place: Place, relay: Relay) -> None:
    room, mother, father = await place.school(), await place.user("Mẹ"), await place.user("Bố")
    stranger = await place.user("Người khác")
    lan = await room.pupil("Nguyễn Thị Lan", (mother, father))
    minh = await room.pupil("Nguyễn Văn Minh", (mother,))
    await room.pupil("Trần An", (stranger,))
    await place.happened(scores_published(room, lan, minh), by=(await room.teacher()).id)

    assert await relay.run() == 1

    told = await place.notifications()
    assert {(n.user_id, n.student_id) for n in told} == {
        (mother.id, lan.id),
        (mother.id, minh.id),
        (father.id, lan.id),
    }
    assert {render(n.kind, "vi", n.params).title for n in told} == {
        "Lan (7A): có điểm mới môn Toán",
        "Minh (7A): có điểm mới môn Toán",
    }
    assert render(told[0].kind, "en", told[0].params).title.endswith("(7A): new marks in Mathematics")
    assert {n.link for n in told} == {f"/students/{s.id}/marks?subject=toan" for s in (lan, minh)}
    assert all(n.school_id == room.school_id and n.id.version == 7 for n in told)


async def test_the_actor_and_other_schools_are_not_told(place: Place, relay: Relay) -> None:
    room, other = await place.school(), await place.school("THCS Khác", "02")
    teacher, colleague = await room.teacher(), await room.teacher("Đồng nghiệp")
    stranger = await other.teacher("Cô giáo khác")
    await place.happened(announcement(room, AudienceKind.STAFF), by=teacher.id)
    await relay.run()
    told = await place.notifications()
    assert [n.user_id for n in told] == [colleague.id] and stranger.id not in [n.user_id for n in told]
    assert render(told[0].kind, "vi", told[0].params).title == "THCS Kim Đồng: Họp phụ huynh"


async def test_an_announcement_is_told_once_per_person(place: Place, relay: Relay) -> None:
    """By the child's name when it concerns one child of theirs, by the school's when several."""
    room, mother, father = await place.school(), await place.user("Mẹ"), await place.user("Bố")
    lan = await room.pupil("Nguyễn Thị Lan", (mother, father))
    await room.pupil("Nguyễn Văn Minh", (mother,))
    await place.happened(announcement(room, acknowledge=True))
    await relay.run()
    titles = {n.user_id: (n.student_id, render(n.kind, "vi", n.params)) for n in await place.notifications()}
    assert titles[mother.id][0] is None and titles[mother.id][1].title == "THCS Kim Đồng: Họp phụ huynh"
    assert titles[father.id][0] == lan.id and titles[father.id][1].title == "Lan (7A): Họp phụ huynh"
    assert "xác nhận" in titles[father.id][1].body


async def test_a_reminder_reaches_the_named_people_only(place: Place, relay: Relay) -> None:
    room, late, done = await place.school(), await place.user("Chưa đọc"), await place.user("Đã đọc")
    await room.pupil("Lan", (late, done))
    event = AnnouncementReminded(
        school_id=room.school_id,
        announcement_id=new_id(),
        title="Nộp giấy",
        needs_acknowledgement=False,
        user_ids=(late.id,),
    )
    await place.happened(event)
    await relay.run()
    assert [n.user_id for n in await place.notifications()] == [late.id]


async def test_the_other_guardians_hear_of_a_new_one(place: Place, relay: Relay) -> None:
    room, mother, new = await place.school(), await place.user("Mẹ"), await place.user("Ông Nội")
    lan = await room.pupil("Nguyễn Thị Lan", (mother, new))
    event = GuardianLinked(school_id=room.school_id, student_id=lan.id, user_id=new.id, guardian_name=new.full_name)
    await place.happened(event, by=new.id)
    await relay.run()
    told = await place.notifications()
    assert [n.user_id for n in told] == [mother.id]
    words = render(told[0].kind, "vi", told[0].params)
    assert words.title.startswith("Lan (7A)") and "Ông Nội" not in words.title + words.body


async def test_a_new_device_on_ones_own_account_is_told_to_oneself(place: Place, relay: Relay) -> None:
    user = await place.user()
    await place.device(user, "https://push.example.com/1")
    event = SignedIn(user_id=user.id, session_id=new_id(), device_label="Chrome, Android")
    await place.happened(event, by=user.id)
    await relay.run()
    told = await place.notifications()
    assert render(told[0].kind, "vi", told[0].params).title == "Tài khoản vừa đăng nhập trên Chrome, Android"
    assert [d.lane for d in await place.deliveries()] == [Lane.URGENT]


async def test_only_live_signed_in_devices_are_rung(place: Place, relay: Relay, woken: list[str]) -> None:
    room, mother = await place.school(), await place.user("Mẹ")
    lan = await room.pupil("Lan", (mother,))
    signed_in, signed_out = await place.session(mother), await place.session(mother, revoked_at=clock.now())
    live = await place.device(mother, "https://push.example.com/live", session_id=signed_in.id)
    await place.device(mother, "https://push.example.com/out", session_id=signed_out.id)
    await place.device(mother, "https://push.example.com/gone", dropped_at=clock.now())
    await place.happened(scores_published(room, lan))
    await relay.run()
    assert [(d.device_id, d.lane) for d in await place.deliveries()] == [(live.id, Lane.NORMAL)]
    assert woken == ["deliver.normal"]


async def test_open_apps_get_a_hint_without_any_content(place: Place, relay: Relay, bus: MemoryBus) -> None:
    room, mother = await place.school(), await place.user("Mẹ")
    lan = await room.pupil("Lan", (mother,))
    await place.happened(scores_published(room, lan))
    async with bus.subscribe([channel_of(mother.id)]) as signals:
        await relay.run()
        signal = await anext(signals)
    notification = (await place.notifications())[0]
    assert signal.message == news("notification", notification.id)
    assert b"Lan" not in signal.message


async def test_a_large_school_gets_one_hint(
    place: Place, relay: Relay, bus: MemoryBus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.relay.MOST_HINTS", 1)
    room = await place.school()
    await room.pupil("Lan", (await place.user("Mẹ"), await place.user("Bố")))
    journal_id = await place.happened(announcement(room))
    async with bus.subscribe([f"school:{room.school_id}"]) as signals:
        await relay.run()
        assert str(journal_id).encode() in (await anext(signals)).message


@pytest.mark.parametrize("step", ["before the notifications", "after the notifications", "before the commit"])
async def test_a_crash_between_two_steps_loses_and_doubles_nothing(
    place: Place, relay: Relay, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The transaction dies with its process; the next relay finds everything as it was."""
    room, mother = await place.school(), await place.user("Mẹ")
    await place.device(mother, "https://push.example.com/1")
    lan = await room.pupil("Lan", (mother,))
    await place.happened(scores_published(room, lan))
    tell = audience.tell

    class Killed(BaseException):
        """As the end of the process: nothing catches it."""

    async def killed(*args: object) -> list[object]:
        if step == "after the notifications":
            await tell(*args)  # type: ignore[arg-type]
        raise Killed

    with monkeypatch.context() as patch:
        if step == "before the commit":

            def stop() -> None:
                raise Killed

            patch.setattr("notifications.relay.clock.now", stop)
        else:
            patch.setattr(audience, "tell", killed)
        with pytest.raises(Killed):
            await relay.run()
    assert await place.notifications() == [] and await place.deliveries() == []

    assert await relay.run() == 1
    assert await relay.run() == 0
    assert len(await place.notifications()) == 1 and len(await place.deliveries()) == 1


async def test_a_crash_after_the_commit_loses_only_hints(place: Place, relay: Relay, database: Database) -> None:
    room, mother = await place.school(), await place.user("Mẹ")
    lan = await room.pupil("Lan", (mother,))
    await place.happened(scores_published(room, lan))

    async def broken(_name: str) -> None:
        raise OSError("gone")

    await place.device(mother, "https://push.example.com/1")
    with pytest.raises(OSError, match="gone"):
        await Relay(database, MemoryBus(), broken, Console()).run()
    assert await relay.run() == 0
    assert len(await place.notifications()) == 1 and len(await place.deliveries()) == 1


async def test_a_bad_row_does_not_hold_up_the_others(
    place: Place, relay: Relay, caplog: pytest.LogCaptureFixture
) -> None:
    room, mother = await place.school(), await place.user("Mẹ")
    lan = await room.pupil("Lan", (mother,))
    challenge = SignInCodeRequested(challenge_id=new_id())  # its challenge does not exist
    bad = await place.happened(challenge)
    await place.happened(scores_published(room, lan))
    caplog.set_level(logging.CRITICAL)
    assert await relay.run() == 1
    assert len(await place.notifications()) == 1
    assert (await place.get(Journal, bad)).relayed_at is None


async def test_two_relays_at_once_tell_everybody_exactly_once(
    place: Place, database: Database, console: Console, bus: MemoryBus
) -> None:
    room, mother = await place.school(), await place.user("Mẹ")
    await place.device(mother, "https://push.example.com/1")
    lan = await room.pupil("Lan", (mother,))
    for _ in range(45):
        await place.happened(scores_published(room, lan))

    async def wake(_name: str) -> None:
        await asyncio.sleep(0)

    relays = [Relay(database, bus, wake, console) for _ in range(2)]
    done = await asyncio.gather(*(relay.run() for relay in relays))
    done.append(await relays[0].run())
    told = await place.notifications()
    assert sum(done) == 45 and len(told) == 45 and len({n.journal_id for n in told}) == 45
    assert len(await place.deliveries()) == 45


async def _challenge(place: Place, *, deliver: bool = True, used: bool = False) -> SignInChallenge:
    now = clock.now()
    challenge = SignInChallenge(
        phone="+84912345678", deliver=deliver, expires_at=now.replace(year=now.year + 1), used_at=now if used else None
    )
    await place.add(challenge)
    await place.happened(SignInCodeRequested(challenge_id=challenge.id))
    return challenge


async def test_a_one_time_code_goes_to_the_terminal_and_nowhere_else(
    place: Place, relay: Relay, console: Console, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    await place.user("Mẹ", Language.en, phone="+84912345678")
    challenge = await _challenge(place)
    await relay.run()
    code = one_time_code(settings().secret(), challenge.id)
    printed = capsys.readouterr()
    assert f"Sign-in code for ••• ••• 678: {code}" in printed.err
    assert "912345" not in printed.err + printed.out and code not in caplog.text and code not in printed.out
    assert console.sent[0][0] == "+84912345678"
    assert await relay.run() == 0


@pytest.mark.parametrize(("deliver", "used"), [(False, False), (True, True)])
async def test_no_code_for_an_unknown_phone_or_a_used_challenge(
    place: Place, relay: Relay, console: Console, deliver: bool, used: bool
) -> None:
    await _challenge(place, deliver=deliver, used=used)
    assert await relay.run() == 1
    assert not console.sent


async def test_a_code_that_could_not_be_sent_is_tried_again(place: Place, relay: Relay, console: Console) -> None:
    await _challenge(place)
    console.failing = True
    assert await relay.run() == 0
    console.failing = False
    assert await relay.run() == 1
    assert len(console.sent) == 1


async def test_the_relay_needs_a_handful_of_statements_whatever_the_audience(place: Place, relay: Relay) -> None:
    room = await place.school()
    for number in range(30):
        parent = await place.user(f"Phụ huynh {number}")
        await place.device(parent, f"https://push.example.com/{number}")
        await room.pupil(f"Học sinh {number}", (parent,))
    await place.happened(announcement(room))
    with place.database.count_statements() as count:
        await relay.run()
    assert len(await place.deliveries()) == 30
    # Fence, claim, savepoint, notifications with deliveries, release, mark; then fence and claim that find nothing.
    assert len(count) <= 8, count.statements


async def test_an_actor_cannot_see_what_others_are_told(place: Place, relay: Relay) -> None:
    from sqlalchemy import select

    from notifications.tables import Delivery, Notification

    room, mother, father = await place.school(), await place.user("Mẹ"), await place.user("Bố")
    await place.device(mother, "https://push.example.com/1")
    await place.happened(scores_published(room, await room.pupil("Lan", (mother, father))))
    await relay.run()
    async with place.database.write(Actor(user_id=father.id)) as session:
        assert [n.user_id for n in await session.scalars(select(Notification))] == [father.id]
        assert not list(await session.scalars(select(Device)))
        assert not list(await session.scalars(select(Delivery)))
    async with place.database.write(SYSTEM) as session:
        assert len(list(await session.scalars(select(Notification)))) == 2
