"""The push service stock Firefox talks to, on this machine: Mozilla's autopush protocol over a WebSocket.

Firefox finds it by the preference `dom.push.serverURL` (see firefox.py). Endpoints are `http://127.0.0.1:PORT/...`, so
the app under test needs no proxy and no CA: `app_environment` is empty. An app that only lets pushes out to known
hosts must have `endpoint_origins` added to its list by a setting.

Acknowledgement codes land in `Message.code`: 100 handed to the worker, 101 could not be decrypted, 102 not delivered;
301-303 (sent a moment after 100) mean that the worker threw or its promise was rejected.
"""

import base64
import secrets
from typing import Any, Self

from aiohttp import WSMsgType, web

from .sender import HOST, PushService, Subscription


class Autopush(PushService):
    """Use as `async with Autopush() as service`; give `service.browser_url` to Firefox."""

    def __init__(self) -> None:
        super().__init__()
        self._sockets: dict[str, web.WebSocketResponse] = {}
        self._application.add_routes([web.get("/", self._talk), web.post("/wpush/v2/{token}", self.receive)])

    async def start(self) -> Self:
        await super().start()
        self.browser_url = f"ws://{HOST}:{self.port}/"
        self.endpoint_origins = [f"http://{HOST}:{self.port}"]
        return self

    async def stop(self) -> None:
        for socket in list(self._sockets.values()):
            await socket.close()
        await super().stop()

    def connected(self, browser: str) -> bool:
        return browser in self._sockets

    async def deliver(self, browser: str) -> None:
        if (socket := self._sockets.get(browser)) is None:
            return
        for message in self.due(browser):
            packet: dict[str, Any] = {"messageType": "notification", "version": message.id}
            packet["channelID"] = message.subscription.channel["id"]
            if message.body:
                packet["data"] = base64.urlsafe_b64encode(message.body).decode().rstrip("=")
                packet["headers"] = {"encoding": "aes128gcm"}
            message.state = "sent"
            try:
                await socket.send_json(packet)
            except ConnectionError:
                message.state = "waiting"
                return

    async def _talk(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(protocols=["push-notification"])
        await socket.prepare(request)
        browser = ""
        try:
            async for frame in socket:
                if frame.type is not WSMsgType.TEXT:
                    break
                packet: dict[str, Any] = frame.json()
                if packet.get("messageType") == "hello":
                    browser = await self._greet(socket, packet)
                else:
                    await self._handle(socket, browser, packet)
        finally:
            if self._sockets.get(browser) is socket:
                del self._sockets[browser]
            self.changed()
        return socket

    async def _greet(self, socket: web.WebSocketResponse, packet: dict[str, Any]) -> str:
        """Firefox names itself only while it has subscriptions; a name of ours makes it drop those it has."""
        browser = packet.get("uaid") or secrets.token_hex(16)
        reply = {"messageType": "hello", "status": 200, "uaid": browser, "use_webpush": True, "broadcasts": {}}
        await socket.send_json(reply)
        self._sockets[browser] = socket
        self.back_to_waiting(browser)
        await self.deliver(browser)
        self.changed()
        return browser

    async def _handle(self, socket: web.WebSocketResponse, browser: str, packet: dict[str, Any]) -> None:
        kind, channel = packet.get("messageType", "ping"), packet.get("channelID", "")
        match kind:
            case "ping":
                await socket.send_str("{}")
            case "register":
                key = str(packet.get("key") or "").rstrip("=")
                subscription = Subscription(secrets.token_urlsafe(48), browser, key, {"id": channel})
                self.subscriptions[subscription.token] = subscription
                endpoint = f"{self.endpoint_origins[0]}/wpush/v2/{subscription.token}"
                reply = {"messageType": kind, "status": 200, "channelID": channel, "pushEndpoint": endpoint}
                await socket.send_json(reply)
            case "unregister":
                for subscription in self.subscriptions.values():
                    subscription.gone |= subscription.channel["id"] == channel
                await socket.send_json({"messageType": kind, "status": 200, "channelID": channel})
            case "ack":
                for update in packet["updates"]:
                    self.acknowledge(update["version"], update.get("code"))
            case "nack":
                self.acknowledge(packet["version"], packet.get("code"))
        self.changed()
