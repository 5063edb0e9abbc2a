"""The guard against being used as a lever (SSRF): a browser hands us an address, and our server will post to it.

So it must be https, and its host must lead to public addresses only. Checked when a device is added, and again for
the very addresses a connection is made to, because a name may answer differently a second time.
"""

import asyncio
import ipaddress
import socket
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from backend.core.problem import Invalid

LONGEST_ADDRESS: Final = 1000
RESOLVE_SECONDS: Final = 5.0

IpAddress: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
# Networks that carry an IPv4 address inside, and at which bit it begins: NAT64 (RFC 6052), 6to4 (RFC 3056).
_CARRIERS: Final = ((ipaddress.IPv6Network("64:ff9b::/96"), 0), (ipaddress.IPv6Network("2002::/16"), 80))
_LOCAL_NAMES: Final = ("localhost", ".localhost", ".local", ".internal", ".home.arpa", ".lan")


class AddressRefused(OSError):
    """The name leads somewhere we do not post to. An OSError, so that HTTP clients treat it as "cannot connect"."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a push goes: `origin` is scheme, host and port as tokens are signed for."""

    host: str
    port: int
    origin: str


def check_address(url: str, allowed: Sequence[str]) -> Target:
    """The parts of an acceptable push address. Raises Invalid.

    `allowed` are "host:port" exceptions, which may be private and plain http (`Settings.push_private_hosts`).
    """
    refused = Invalid("notifications.address_refused", field="endpoint")
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise refused from None
    clean = url.isascii() and url.isprintable() and " " not in url and "\\" not in url and len(url) <= LONGEST_ADDRESS
    if not (clean and host and parts.username is None and parts.password is None and not parts.fragment):
        raise refused
    target = Target(host, port, f"{parts.scheme}://{parts.netloc}".lower())
    if f"{host}:{port}" in allowed and parts.scheme in ("http", "https"):
        return target
    literal = as_ip(host)
    known_bad = any(host.rstrip(".") == name or host.rstrip(".").endswith(name) for name in _LOCAL_NAMES)
    if parts.scheme != "https" or known_bad or (literal is not None and not is_public(literal)):
        raise refused
    return target


async def check_reachable(url: str, allowed: Sequence[str]) -> None:
    """`check_address`, and the host leads to public addresses only. Raises Invalid.

    Behind a proxy only the proxy resolves names, and it decides where its clients may go.
    """
    target = check_address(url, allowed)
    if target.origin.startswith("https:") and "https" in proxies() and not urllib.request.proxy_bypass(target.host):
        return
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            await resolve(target.host, target.port, allowed)
    except (OSError, TimeoutError, UnicodeError):
        raise Invalid("notifications.address_refused", field="endpoint") from None


async def resolve(host: str, port: int, allowed: Sequence[str]) -> list[tuple[IpAddress, socket.AddressFamily]]:
    """The addresses of a host with their socket family; all public, or the host is an exception or our proxy.

    One bad address among good ones refuses the host. Raises AddressRefused, or OSError when nothing answers.
    """
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [(ipaddress.ip_address(str(info[4][0]).split("%")[0]), info[0]) for info in found]
    exempt = f"{host}:{port}" in allowed or f"{host}:{port}" in {urlsplit(url).netloc for url in proxies().values()}
    if not addresses or not (exempt or all(is_public(address) for address, _ in addresses)):
        raise AddressRefused(f"no public address for port {port}")
    return addresses


def proxies() -> dict[str, str]:
    """The proxies of the environment by scheme."""
    return urllib.request.getproxies_environment()


def as_ip(host: str) -> IpAddress | None:
    """The address a host name *is*, in any spelling the system would accept (127.1, 0x7f000001, 2130706433)."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_public(address: IpAddress) -> bool:
    """Whether an address is one of the public internet, also by the IPv4 address it may carry inside."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = _carried(address)
        if inner is not None:
            return is_public(inner)
        if address.teredo is not None:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _carried(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    for network, shift in _CARRIERS:
        if address in network:
            return ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return None
