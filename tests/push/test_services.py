"""Do the local services and drivers tell the truth? A small site of our own, the real pywebpush and firebase-admin."""

import asyncio
import base64
import json
import os
import ssl
from collections.abc import AsyncIterator
from typing import Any
from unittest.mock import patch

import aiohttp
import firebase_admin
import pytest
import pywebpush
import requests
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from firebase_admin import credentials, exceptions, messaging
from py_vapid import Vapid02

from .autopush import Autopush
from .fcm import PROJECT, Fcm
from .gcm import Gcm
from .phone import Phone

pytestmark = pytest.mark.anyio

WORKER = """
addEventListener('install', () => skipWaiting())
addEventListener('push', event => {
  const note = event.data.json()
  event.waitUntil(registration.showNotification(note.title, {body: note.body, data: note.link,
    actions: [{action: '/answered', title: 'Đã nhận'}]}))
})
addEventListener('notificationclick', event => {
  event.notification.close()
  event.waitUntil(clients.openWindow(event.action || event.notification.data))
})
"""
SUBSCRIBE = """(async () => {
  await navigator.serviceWorker.register('/worker.js')
  const worker = await navigator.serviceWorker.ready
  return worker.pushManager.subscribe({userVisibleOnly: true, applicationServerKey: KEY})
})()"""
UNSUBSCRIBE = """navigator.serviceWorker.ready
  .then(worker => worker.pushManager.getSubscription())
  .then(subscription => subscription.unsubscribe())"""


class Sender:
    """A minimal app: a site with a worker, a VAPID key, and pywebpush to send with."""

    def __init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        self.vapid = Vapid02(key)
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.public_key = base64.urlsafe_b64encode(point).decode().rstrip("=")

    async def subscribe(self, phone: Phone, origin: str) -> dict[str, Any]:
        await phone.browser.allow_notifications(origin)
        await phone.browser.goto(f"{origin}/")
        return await phone.browser.js(SUBSCRIBE.replace("KEY", json.dumps(self.public_key)))

    async def send(self, phone: Phone, subscription: dict[str, Any], title: str, **options: Any) -> int:
        """The status of the push service, whatever it is. Runs as the app would: with the service's environment."""
        note = json.dumps({"title": title, "body": "Lớp 7A2 nghỉ tiết 5", "link": f"/read?{len(title)}"})
        call = {"ttl": 60, "vapid_private_key": self.vapid, "vapid_claims": {"sub": "mailto:it@school.test"}} | options
        try:
            with patch.dict(os.environ, phone.service.app_environment):
                response = await asyncio.to_thread(pywebpush.webpush, subscription, note, **call)
        except pywebpush.WebPushException as refused:
            response = refused.response
        assert isinstance(response, requests.Response)
        return response.status_code


@pytest.fixture
def sender() -> Sender:
    return Sender()


@pytest.fixture
async def origin(anyio_backend: str) -> AsyncIterator[str]:
    """The tiny site: `/worker.js`, and a page at every other address."""

    async def serve(request: web.Request) -> web.Response:
        if request.path == "/worker.js":
            return web.Response(text=WORKER, content_type="text/javascript")
        return web.Response(text="<!doctype html><title>Trang</title>", content_type="text/html")

    application = web.Application()
    application.add_routes([web.get("/{path:.*}", serve)])
    runner = web.AppRunner(application, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "localhost", 0).start()
    yield f"http://localhost:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_a_push_is_decrypted_shown_and_clicked(phone: Phone, sender: Sender, origin: str) -> None:
    subscription = await sender.subscribe(phone, origin)
    assert any(subscription["endpoint"].startswith(f"{known}/") for known in phone.service.endpoint_origins)
    await phone.browser.goto("about:blank")

    assert await sender.send(phone, subscription, "Thông báo nghỉ") == 201
    shown = await phone.desktop.wait(lambda note: note.summary == "Thông báo nghỉ")
    assert "Lớp 7A2 nghỉ tiết 5" in shown.body
    [message] = phone.service.messages
    await phone.service.until(lambda: message.state == "acknowledged")
    assert b"7A2" not in message.body

    phone.desktop.click(shown)
    await phone.browser.switch_to(f"{origin}/read?14")
    assert await phone.browser.wait("document.title") == "Trang"

    assert await sender.send(phone, subscription, "Xin xác nhận") == 201
    phone.desktop.click(await phone.desktop.wait(lambda note: note.summary == "Xin xác nhận"), "Đã nhận")
    await phone.browser.switch_to(f"{origin}/answered")


async def test_a_tampered_push_shows_nothing(phone: Phone, sender: Sender, origin: str) -> None:
    subscription = await sender.subscribe(phone, origin)
    encode = pywebpush.WebPusher.encode

    def spoil(*arguments: Any, **options: Any) -> dict[str, Any]:
        body = encode(*arguments, **options)
        return {**body, "body": body["body"][:-1] + bytes([body["body"][-1] ^ 1])}

    with patch.object(pywebpush.WebPusher, "encode", spoil):
        assert await sender.send(phone, subscription, "Giả mạo") == 201
    assert await sender.send(phone, subscription, "Thật") == 201
    await phone.desktop.wait(lambda note: note.summary == "Thật")
    assert [note.summary for note in phone.desktop.shown] == ["Thật"]
    told = [101, 100] if isinstance(phone.service, Autopush) else [None, None]
    await phone.service.until(lambda: all(message.state == "acknowledged" for message in phone.service.messages))
    assert [message.code for message in phone.service.messages] == told


async def test_a_message_waits_for_a_browser_that_is_away(phone: Phone, sender: Sender, origin: str) -> None:
    subscription = await sender.subscribe(phone, origin)
    browser = phone.service.subscription(subscription["endpoint"]).browser
    await phone.browser.stop()
    await phone.service.until(lambda: not phone.service.connected(browser))
    assert await sender.send(phone, subscription, "Bỏ qua", ttl=0) == 201
    assert await sender.send(phone, subscription, "Cũ", headers={"Topic": "t1"}) == 201
    assert await sender.send(phone, subscription, "Mới", headers={"Topic": "t1"}) == 201
    assert [message.state for message in phone.service.messages] == ["dropped", "dropped", "waiting"]

    await phone.browser.start()
    await phone.desktop.wait(lambda note: note.summary == "Mới", 30)
    assert [note.summary for note in phone.desktop.shown] == ["Mới"]


async def test_senders_are_checked_and_told_what_the_test_wants(phone: Phone, sender: Sender, origin: str) -> None:
    subscription = await sender.subscribe(phone, origin)
    endpoint, service = subscription["endpoint"], phone.service
    refused = 403 if isinstance(service, Gcm) else 401
    too_large = 400 if isinstance(service, Gcm) else 413
    claims = {"sub": "mailto:it@school.test"}
    assert await Sender().send(phone, subscription, "Khoá khác") == refused
    assert await sender.send(phone, subscription, "Khác", vapid_claims={**claims, "aud": "https://a.test"}) == refused
    assert await sender.send(phone, subscription, "Lâu", vapid_claims={**claims, "exp": 9_999_999_999}) == refused
    assert await sender.send(phone, subscription, "Không ký", vapid_claims=None) == 401
    assert await sender.send(phone, subscription, "Dài" * 1000) == too_large
    assert await sender.send(phone, subscription, "Gấp", headers={"Urgency": "now"}) == 400

    for status in (404, 410, 429, 500):
        service.answer(endpoint, status, times=1, retry_after=30)
        assert await sender.send(phone, subscription, "Lỗi") == status
    assert await sender.send(phone, subscription, "Được") == 201

    await phone.browser.js(
        "navigator.serviceWorker.ready.then(w => w.pushManager.getSubscription()).then(s => s.unsubscribe())"
    )
    await service.until(lambda: service.subscription(endpoint).gone)
    assert await sender.send(phone, subscription, "Đã huỷ") == 410


async def test_the_proxy_leads_push_hosts_here_and_nothing_else_out() -> None:
    async with Gcm() as service, aiohttp.ClientSession() as client:
        proxy = service.app_environment["HTTPS_PROXY"]
        trust = ssl.create_default_context(cafile=service.app_environment["SSL_CERT_FILE"])
        for origin in service.endpoint_origins:
            async with client.post(f"{origin}/fcm/send/nobody", proxy=proxy, ssl=trust) as answer:
                assert answer.status == 404
        with pytest.raises(aiohttp.ClientHttpProxyError, match="403"):
            await client.get("https://example.test/", proxy=proxy)


async def through_firebase(fcm: Fcm, messages: list[messaging.Message]) -> list[messaging.SendResponse]:
    """Send as a worker would, in a thread and loop of its own.

    firebase-admin fetches its token with a call that blocks the loop, so the service cannot be in the same one; and
    its `delete_app` runs a loop itself, so it must be called outside of one, while the one that sent is still there.
    """

    async def send() -> list[messaging.SendResponse]:
        app = firebase_admin.initialize_app(credentials.Certificate(str(fcm.account_file)), name="push-test")
        try:
            return (await messaging.send_each_async(messages, app=app)).responses
        finally:
            await asyncio.to_thread(firebase_admin.delete_app, app)

    with patch.object(messaging._MessagingService, "FCM_URL", fcm.send_url):
        return await asyncio.to_thread(lambda: asyncio.run(send()))


async def test_firebase_admin_gets_through(fcm: Fcm) -> None:
    fcm.fail("busy", "INTERNAL", times=1)
    answers = await through_firebase(fcm, [messaging.Message(data={"link": "/"}, fid=fid) for fid in ("idle", "busy")])
    assert [answer.success for answer in answers] == [True, True]
    assert sorted(message["fid"] for message in fcm.messages) == ["busy", "idle"]
    assert fcm.messages[0]["data"] == {"link": "/"}
    assert fcm.attempts == 3
    names = {f"projects/{PROJECT}/messages/{number}" for number in (1, 2)}
    assert {answer.message_id for answer in answers} == names


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("UNREGISTERED", messaging.UnregisteredError),
        ("SENDER_ID_MISMATCH", messaging.SenderIdMismatchError),
        ("QUOTA_EXCEEDED", messaging.QuotaExceededError),
        ("INVALID_ARGUMENT", exceptions.InvalidArgumentError),
    ],
)
async def test_fcm_errors_are_told_apart(fcm: Fcm, code: str, error: type[Exception]) -> None:
    fcm.fail("device", code, retry_after=60)
    [answer] = await through_firebase(fcm, [messaging.Message(data={"link": "/"}, fid="device")])
    assert type(answer.exception) is error
    assert fcm.messages == []


async def test_fcm_refuses_a_stranger(fcm: Fcm) -> None:
    async with aiohttp.ClientSession() as client, client.post(fcm.send_url.format(PROJECT), json={}) as answer:
        assert answer.status == 401
