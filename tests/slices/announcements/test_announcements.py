"""Announcements: whom they reach, who may send them, what the sender sees of the answers."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import time_machine

from backend.core.ids import new_id
from tests.actors import World
from tests.client import Answer, Client

SEND = """mutation($input: AnnouncementInput!, $key: UUID!) {
  sendAnnouncement(input: $input, key: $key) {
    __typename
    ... on SentAnnouncementPayload { announcement { id recipientCount } }
    ... on Problem { code fields { path message } }
  }
}"""
SENT = """query($id: UUID!, $state: RecipientState!) {
  sentAnnouncement(id: $id) {
    readCount acknowledgedCount
    recipients(state: $state) { nodes { fullName studentNames readAt acknowledgedAt } }
  }
}"""
ACKNOWLEDGE = """mutation($id: UUID!) {
  acknowledgeAnnouncement(id: $id) {
    __typename
    ... on AnnouncementPayload { announcement { readAt acknowledgedAt } }
    ... on Problem { code }
  }
}"""
REMIND = """mutation($id: UUID!) {
  remindAnnouncement(id: $id) { __typename ... on Problem { code retryAfter } }
}"""
PREVIEW = """query($audience: AudienceInput!) {
  announcementAudience(audience: $audience) {
    schoolName classNames recipientCount guardianCount studentCount staffCount unreachedStudentCount
    sample { fullName studentNames }
  }
}"""


def draft(world: World, **audience: Any) -> dict[str, Any]:
    return {
        "title": "Họp phụ huynh",
        "body": "Kính mời quý phụ huynh dự họp.",
        "audience": {"school": world["school"], "kinds": ["FAMILIES"], **audience},
        "needsAcknowledgement": True,
    }


async def send(client: Client, world: World, who: str = "clerk", *, key: UUID | None = None, **audience: Any) -> Answer:
    return await client(world.actor(who), SEND, input=draft(world, **audience), key=key or new_id())


async def test_a_class_reaches_its_families_once_each_and_nobody_else(client: Client, world: World) -> None:
    answer = await send(client, world, classes=[world["class_7a"]])
    sent = answer["sendAnnouncement"]["announcement"]
    assert sent["recipientCount"] == 4
    seen = (await client(world.actor("clerk"), SENT, id=sent["id"], state="ALL"))["sentAnnouncement"]
    names = {row["fullName"] for row in seen["recipients"]["nodes"]}
    assert names == {"Trần Thị Hoa", "Nguyễn Văn Nam", "Nguyễn Thị Ngọc Lan", "Lê Thị Mai"}


async def test_a_mother_of_two_is_told_once(client: Client, world: World) -> None:
    answer = await send(client, world, kinds=["GUARDIANS"])
    assert answer["sendAnnouncement"]["announcement"]["recipientCount"] == 3


async def test_the_preview_counts_persons_and_shows_three_of_them(client: Client, world: World) -> None:
    audience = {"school": world["school"], "kinds": ["FAMILIES", "STAFF"]}
    shown = (await client(world.actor("clerk"), PREVIEW, audience=audience))["announcementAudience"]
    assert shown["guardianCount"] == 3
    assert shown["studentCount"] == 1
    assert shown["staffCount"] == 5
    assert shown["recipientCount"] == 9
    assert shown["unreachedStudentCount"] == 1  # Ánh: nobody has claimed her
    assert len(shown["sample"]) == 3


async def test_a_teacher_may_write_to_her_class_but_not_to_the_school(client: Client, world: World) -> None:
    assert (await send(client, world, "math_teacher", classes=[world["class_7a"]])).problem is None
    audiences: list[dict[str, Any]] = [
        {},
        {"classes": [world["class_7b"]]},
        {"classes": [world["class_7a"]], "kinds": ["STAFF"]},
    ]
    for audience in audiences:
        refused = await send(client, world, "math_teacher", **audience)
        assert refused.problem == "announcements.audience_not_yours"


async def test_sending_the_same_draft_twice_sends_it_once(client: Client, world: World) -> None:
    key = new_id()
    first = await send(client, world, key=key)
    second = await send(client, world, key=key)
    assert first["sendAnnouncement"] == second["sendAnnouncement"]


async def test_bad_drafts_say_which_field(client: Client, world: World) -> None:
    for change, path, code in (
        ({"title": " x "}, "title", "announcements.title_length"),
        ({"body": "y" * 5001}, "body", "announcements.body_length"),
        ({"audience": {"school": world["school"], "kinds": []}}, "audience", "announcements.audience_empty"),
    ):
        answer = await client(world.actor("clerk"), SEND, input=draft(world) | change, key=new_id())
        assert answer.problem == code
        assert answer.data is not None
        assert answer.data["sendAnnouncement"]["fields"][0]["path"] == path


async def test_an_audience_without_anybody_is_not_sent(client: Client, world: World) -> None:
    answer = await send(client, world, grades=[12])
    assert answer.problem == "announcements.nobody_reached"


async def test_the_sender_sees_who_acknowledged_and_reminds_the_rest(client: Client, world: World) -> None:
    sent = (await send(client, world, classes=[world["class_7a"]]))["sendAnnouncement"]["announcement"]["id"]
    done = await client(world.actor("mother"), ACKNOWLEDGE, id=sent)
    assert done["acknowledgeAnnouncement"]["announcement"]["acknowledgedAt"] is not None
    waiting = (await client(world.actor("clerk"), SENT, id=sent, state="WAITING"))["sentAnnouncement"]
    assert waiting["acknowledgedCount"] == 1
    assert "Trần Thị Hoa" not in {row["fullName"] for row in waiting["recipients"]["nodes"]}
    assert (await client(world.actor("clerk"), REMIND, id=sent)).problem is None
    assert (await client(world.actor("clerk"), REMIND, id=sent)).problem == "announcements.reminded_recently"
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=1), tick=True):
        assert (await client(world.actor("clerk"), REMIND, id=sent)).problem is None


async def test_when_everybody_has_answered_nobody_is_reminded(client: Client, world: World) -> None:
    sent = (await send(client, world, classes=[world["class_7b"]]))["sendAnnouncement"]["announcement"]["id"]
    await client(world.actor("mother"), ACKNOWLEDGE, id=sent)
    assert (await client(world.actor("clerk"), REMIND, id=sent)).problem == "announcements.nobody_waiting"


async def test_reading_counts_once_and_only_for_recipients(client: Client, world: World) -> None:
    read = "mutation($id: UUID!) { readAnnouncement(id: $id) { __typename ... on Problem { code } } }"
    sent = (await send(client, world, classes=[world["class_7b"]]))["sendAnnouncement"]["announcement"]["id"]
    assert (await client(world.actor("mother"), read, id=sent)).problem is None
    assert (await client(world.actor("father"), read, id=sent)).problem == "core.not_found"
    seen = (await client(world.actor("clerk"), SENT, id=sent, state="READ"))["sentAnnouncement"]
    assert seen["readCount"] == 1
