"""The guard: our server posts to public https addresses only, whatever a browser claims its address is."""

import asyncio
import socket
from typing import Any

import pytest

from backend.core.problem import Invalid
from notifications.addresses import AddressRefused, check_address, check_reachable, is_public, resolve
from notifications.channels.webpush import PublicResolver

pytestmark = pytest.mark.anyio

GOOD = [
    "https://updates.push.services.mozilla.com/wpush/v2/abc",
    "https://fcm.googleapis.com/fcm/send/a:b",
    "https://web.push.apple.com/xyz",
    "https://wns2-sg2p.notify.windows.com/w/?token=a",
    "https://8.8.8.8/x",
    "https://[2606:4700::1111]/x",
]
BAD = [
    "http://updates.push.services.mozilla.com/x",
    "ftp://push.example.com/x",
    "file:///etc/passwd",
    "https:///x",
    "https://user:pass@push.example.com/x",
    "https://push.example.com@127.0.0.1/x",
    "https://push.example.com/x#y",
    "https://push.example.com\\@127.0.0.1/",
    "https://push.example.com:99999/x",
    "https://push.example.com/\r\nHost: internal",
    "https://đẩy.example.com/x",
    "https://push.example.com/" + "x" * 1000,
    "https://127.0.0.1/x",
    "https://127.1/x",
    "https://2130706433/x",
    "https://0x7f000001/x",
    "https://0177.0.0.1/x",
    "https://0x7f.1/x",
    "https://0.0.0.0/x",
    "https://10.0.0.1/x",
    "https://172.16.0.1/x",
    "https://192.168.1.1/x",
    "https://100.64.0.1/x",
    "https://169.254.169.254/latest/meta-data",
    "https://224.0.0.1/x",
    "https://255.255.255.255/x",
    "https://[::1]/x",
    "https://[::]/x",
    "https://[::ffff:127.0.0.1]/x",
    "https://[::ffff:10.0.0.1]/x",
    "https://[64:ff9b::7f00:1]/x",
    "https://[2002:7f00:1::]/x",
    "https://[fe80::1]/x",
    "https://[fd00::1]/x",
    "https://localhost/x",
    "https://localhost./x",
    "https://db.internal/x",
    "https://printer.local/x",
]


@pytest.mark.parametrize("url", GOOD)
def test_push_services_are_accepted(url: str) -> None:
    assert check_address(url, ()).origin.startswith("https://")


@pytest.mark.parametrize("url", BAD)
def test_everything_else_is_refused(url: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_address(url, ())
    assert refusal.value.code == "notifications.address_refused" and refusal.value.field == "endpoint"


def test_an_exception_is_one_host_and_port() -> None:
    allowed = ("127.0.0.1:8123",)
    assert check_address("http://127.0.0.1:8123/x", allowed).port == 8123
    for url in ("http://127.0.0.1:8124/x", "http://127.0.0.2:8123/x", "https://127.0.0.1/x"):
        with pytest.raises(Invalid):
            check_address(url, allowed)


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """A name server of our own: name → addresses. No proxy."""
    for variable in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(variable, raising=False)
    table: dict[str, list[str]] = {}

    async def look_up(_loop: object, host: str, port: int, **_: Any) -> list[Any]:
        if host not in table:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        family = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(family[":" in ip], socket.SOCK_STREAM, 6, "", (ip, port)) for ip in table[host]]

    monkeypatch.setattr(asyncio.base_events.BaseEventLoop, "getaddrinfo", look_up)
    return table


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["10.1.2.3"], ["::1"], ["8.8.8.8", "192.168.0.1"], ["::ffff:169.254.169.254"], []]
)
async def test_a_name_that_leads_inside_is_refused(names: dict[str, list[str]], addresses: list[str]) -> None:
    names["push.example.com"] = addresses
    with pytest.raises(Invalid):
        await check_reachable("https://push.example.com/x", ())
    with pytest.raises(AddressRefused):
        await PublicResolver(()).resolve("push.example.com", 443)


async def test_an_unknown_name_is_refused(names: dict[str, list[str]]) -> None:
    with pytest.raises(Invalid):
        await check_reachable("https://nowhere.example.com/x", ())


async def test_a_name_that_changes_its_answer_is_caught_at_the_connection(names: dict[str, list[str]]) -> None:
    """DNS rebinding: the connection goes to the very addresses that were checked."""
    names["push.example.com"] = ["93.184.215.14"]
    await check_reachable("https://push.example.com/x", ())
    found = await PublicResolver(()).resolve("push.example.com", 443)
    assert [result["host"] for result in found] == ["93.184.215.14"]
    names["push.example.com"] = ["127.0.0.1"]
    with pytest.raises(AddressRefused):
        await PublicResolver(()).resolve("push.example.com", 443)


async def test_a_proxy_resolves_names_itself_and_may_be_inside(
    names: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.school.example:3128")
    names["proxy.school.example"] = ["10.0.0.9"]
    await check_reachable("https://known-to-the-proxy.example.com/x", ())
    assert await resolve("proxy.school.example", 3128, ())
    with pytest.raises(AddressRefused):
        await resolve("proxy.school.example", 443, ())
    with pytest.raises(Invalid):
        await check_reachable("https://127.0.0.1/x", ())


def test_public_means_public() -> None:
    import ipaddress

    assert is_public(ipaddress.ip_address("2606:4700::1111"))
    assert not is_public(ipaddress.ip_address("2001:db8::1"))
    assert not is_public(ipaddress.ip_address("2001:0:4136:e378:8000:63bf:3fff:fdd2"))
