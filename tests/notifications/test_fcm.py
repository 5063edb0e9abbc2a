"""Firebase: the real library against a service on this machine."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict, replace

import pytest

from backend.core.ids import new_id
from notifications.channels import Action, Envelope
from notifications.channels.fcm import Fcm
from notifications.rules import Outcome, Verdict
from tests.push.fcm import Fcm as FcmService

pytestmark = pytest.mark.anyio
LATER = 1e12  # a time of the event loop that never comes


def _envelope(address: str) -> Envelope:
    return Envelope(
        notification_id=new_id(),
        address=address,
        p256dh=None,
        auth=None,
        title="Lan (7A): có điểm mới môn Toán",
        body="Chạm để xem điểm.",
        link="https://truong.example/n/1",
        tag="a-tag",
        language="vi",
        ttl=3600,
        urgent=True,
    )


@pytest.fixture
async def service() -> AsyncIterator[FcmService]:
    async with FcmService() as running:
        yield running


@pytest.fixture
async def channel(service: FcmService) -> AsyncIterator[Fcm]:
    opened = Fcm(service.account_file, service.send_url)
    yield opened
    await opened.close()


async def test_a_message_goes_out_whole(service: FcmService, channel: Fcm) -> None:
    answers = (Action("SICK", "Con ốm", "https://truong.example/absences/1?answer=SICK"),)
    envelope = replace(_envelope("phone"), actions=answers, data={"alert": "1"})
    assert await channel.send([envelope], LATER) == [Outcome(Verdict.TAKEN)]
    message = service.messages[0]
    assert message["fid"] == "phone" and message["notification"]["title"] == envelope.title
    assert message["data"] == {
        "notification": str(envelope.notification_id),
        "navigate": envelope.link,
        "lang": "vi",
        "alert": "1",
        "actions": json.dumps([asdict(answer) for answer in answers], ensure_ascii=False),
    }
    assert message["android"]["ttl"] == "3600s" and message["android"]["priority"] == "high"


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("UNREGISTERED", Verdict.GONE),
        ("SENDER_ID_MISMATCH", Verdict.GONE),
        ("QUOTA_EXCEEDED", Verdict.BUSY),
        ("INVALID_ARGUMENT", Verdict.REFUSED),
    ],
)
async def test_what_firebase_says_and_what_follows(
    service: FcmService, channel: Fcm, code: str, verdict: Verdict
) -> None:
    service.fail("bad", code, retry_after=60)
    bad, good = await channel.send([_envelope("bad"), _envelope("good")], LATER)
    assert bad.verdict is verdict and good.verdict is Verdict.TAKEN
    assert (bad.retry_after == 60) is (verdict is Verdict.BUSY)


async def test_out_of_time_is_not_tried(service: FcmService, channel: Fcm) -> None:
    assert await channel.send([_envelope("phone")], 0.0) == [Outcome(Verdict.NOT_TRIED)]
    assert not service.messages
