"""The push service stock Chromium talks to, on this machine: check-in, registration (HTTP) and MCS (TLS).

Chromium is pointed here by `chromium_switches`. The host in the endpoints it hands to the page is compiled in
(`https://jmt17.google.com` in Debian's build, `https://fcm.googleapis.com` in Google Chrome), so the *app under test*
has to be led here. Start it with `app_environment`:

- `HTTPS_PROXY`  our CONNECT proxy, which leads those hosts to this service and refuses every other
- `NO_PROXY`     localhost and 127.0.0.1, so that everything else of the app stays direct
- `REQUESTS_CA_BUNDLE`, `SSL_CERT_FILE`   the test authority, for requests and for Python's ssl (aiohttp, httpx)

Proxy variables are honoured by requests without more ado, by aiohttp (so by `pywebpush.webpush_async`) only when it is
given a `ClientSession(trust_env=True)`. aiohttp reads `SSL_CERT_FILE` at import: set it before the process starts.
An app that only lets pushes out to known hosts must accept `endpoint_origins`.

MCS acknowledges that the browser has stored a message, not that it could be decrypted: `Message.code` stays None.
"""

import asyncio
import contextlib
import secrets
import ssl
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from aiohttp import web

from . import mcs
from .certificates import make_certificates
from .sender import HOST, PushService, Subscription

PUSH_HOSTS = ["jmt17.google.com", "fcm.googleapis.com"]


@dataclass
class Stream:
    """One open MCS connection. Packets are numbered from 1 in each direction; acknowledgements are cumulative."""

    writer: asyncio.StreamWriter
    sent: int = 0
    unacknowledged: dict[int, str] = field(default_factory=dict)

    def write(self, tag: int, body: bytes) -> int:
        self.sent += 1
        self.writer.write(mcs.packet(tag, body))
        return self.sent


class Gcm(PushService):
    """Use as `async with Gcm() as service`; give `service.chromium_switches` to Chromium."""

    wrong_key_status = 403
    too_large_status = 400

    def __init__(self) -> None:
        super().__init__()
        self._streams: dict[str, Stream] = {}
        self._writers: set[asyncio.StreamWriter] = set()
        self._servers: list[asyncio.Server] = []
        self._folder = tempfile.TemporaryDirectory(prefix="nhipcau-gcm-")
        self._application.add_routes(
            [
                web.post("/checkin", self._check_in),
                web.post("/register", self._register),
                web.post("/fcm/send/{token}", self.receive),
                web.post("/wp/{token}", self.receive),
            ]
        )

    async def start(self) -> Self:
        await super().start()
        certificates = make_certificates(Path(self._folder.name), PUSH_HOSTS, HOST)
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificates.server)
        await web.TCPSite(self._runner, HOST, 0, ssl_context=tls).start()
        self._tls_port = int(self._runner.addresses[1][1])
        self._servers = [
            await asyncio.start_server(self._talk, HOST, 0, ssl=tls),
            await asyncio.start_server(self._proxy, HOST, 0),
        ]
        mcs_port, proxy_port = (server.sockets[0].getsockname()[1] for server in self._servers)
        self.chromium_switches = [
            f"--gcm-checkin-url=http://{HOST}:{self.port}/checkin",
            f"--gcm-registration-url=http://{HOST}:{self.port}/register",
            f"--gcm-mcs-endpoint=https://{HOST}:{mcs_port}",
            f"--ignore-certificate-errors-spki-list={certificates.fingerprint}",
        ]
        authority = str(certificates.authority)
        self.app_environment = {
            "HTTPS_PROXY": f"http://{HOST}:{proxy_port}",
            "NO_PROXY": f"localhost,{HOST}",
            "REQUESTS_CA_BUNDLE": authority,
            "SSL_CERT_FILE": authority,
        }
        self.endpoint_origins = [f"https://{host}" for host in PUSH_HOSTS]
        return self

    async def stop(self) -> None:
        for server in self._servers:
            server.close()
        for writer in list(self._writers):
            writer.close()
        await super().stop()
        self._folder.cleanup()

    def connected(self, browser: str) -> bool:
        return browser in self._streams

    async def deliver(self, browser: str) -> None:
        if (stream := self._streams.get(browser)) is None:
            return
        for message in self.due(browser):
            channel = message.subscription.channel
            data = {"subtype": channel["subtype"]} | ({"content-encoding": "aes128gcm"} if message.body else {})
            fields: list[tuple[int, mcs.Value]] = [(3, channel["sender"]), (5, channel["app"])]
            fields += [(7, mcs.encode([(1, key), (2, value)])) for key, value in data.items()]
            fields += [(9, message.id), (17, message.ttl), (18, int(message.received_at)), (24, True)]
            if message.topic:
                fields.append((6, message.topic))
            if message.body:
                fields.append((21, message.body))
            message.state = "sent"
            stream.unacknowledged[stream.write(mcs.DATA, mcs.encode(fields))] = message.id

    async def _check_in(self, request: web.Request) -> web.Response:
        """A browser asks who it is; one that already knows is told the same again."""
        known = mcs.decode(await request.read())
        identity = known.number(2) or secrets.randbits(62) | 1
        secret = known.number(13) or secrets.randbits(62) | 1
        now = int(time.time() * 1000)
        body = mcs.encode([(1, True), (3, now), (7, mcs.Fixed64(identity)), (8, mcs.Fixed64(secret)), (9, False)])
        return web.Response(body=body, content_type="application/x-protobuf")

    async def _register(self, request: web.Request) -> web.Response:
        """One form for both: `subscribe()` and, with `delete`, the end of a subscription."""
        form = {key: str(value) for key, value in (await request.post()).items()}
        browser, subtype = form["device"], form.get("X-subtype", "")
        if "delete" in form:
            for subscription in self.subscriptions.values():
                subscription.gone |= subscription.browser == browser and subscription.channel["subtype"] == subtype
            self.changed()
            return web.Response(text=f"token={form.get('appid', '')}")
        channel = {"app": form["app"], "subtype": subtype, "sender": form["sender"]}
        token = f"{secrets.token_urlsafe(11)}:APA91b{secrets.token_urlsafe(96)}"
        self.subscriptions[token] = Subscription(token, browser, form["sender"].rstrip("="), channel)
        self.changed()
        return web.Response(text=f"token={token}")

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        browser, stream = "", Stream(writer)
        try:
            await reader.readexactly(1)  # the browser's protocol version
            writer.write(bytes([mcs.VERSION]))
            while True:
                tag, fields = await mcs.read_packet(reader)
                if tag == mcs.LOGIN:
                    browser = await self._log_in(stream, fields)
                elif tag == mcs.PING:
                    stream.write(mcs.PING_ACK, b"")
                elif tag == mcs.CLOSE:
                    return
                last = fields.number(mcs.LAST_RECEIVED.get(tag, 0))
                for number in [number for number in stream.unacknowledged if number <= last]:
                    self.acknowledge(stream.unacknowledged.pop(number))
        except (asyncio.IncompleteReadError, OSError):
            return
        finally:
            if self._streams.get(browser) is stream:
                del self._streams[browser]
            self._writers.discard(writer)
            writer.close()
            self.changed()

    async def _log_in(self, stream: Stream, fields: mcs.Fields) -> str:
        """The browser says who it is and which messages it had stored before the last connection broke."""
        browser = fields.texts(3)[0]
        for message_id in fields.texts(10):
            self.acknowledge(message_id)
        self.back_to_waiting(browser)
        self._streams[browser] = stream
        stream.write(mcs.LOGIN_REPLY, mcs.encode([(1, fields.texts(1)[0]), (8, int(time.time() * 1000))]))
        await self.deliver(browser)
        self.changed()
        return browser

    async def _proxy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """A CONNECT proxy that knows two names only."""
        self._writers.add(writer)
        try:
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            method, target, _ = head.decode("latin-1").split(maxsplit=2)
            host, _, port = target.partition(":")
            if method != "CONNECT" or host not in PUSH_HOSTS or port != "443":
                writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
                return
            inner_reader, inner_writer = await asyncio.open_connection(HOST, self._tls_port)
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await asyncio.gather(_copy(reader, inner_writer), _copy(inner_reader, writer))
        except (asyncio.IncompleteReadError, TimeoutError, OSError, ValueError):
            return
        finally:
            self._writers.discard(writer)
            writer.close()


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    target.close()
