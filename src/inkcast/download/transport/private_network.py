"""Keep a feed from making us fetch from machines that only this computer can reach.

The check sits where the connection is made: the name is looked up once, every address is checked, and
the connection goes to an address that passed. So it holds for each redirect, and a name that changes
its address between the check and the connection (DNS rebinding) gains nothing. TLS still verifies the
certificate against the name.

Behind a proxy it is the proxy that looks names up, and nothing could be checked: the guard connects
directly, and the proxies of the environment are used only where private addresses are allowed.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

from inkcast.download.transport.pool_transport import PoolTransport
from inkcast.errors import DownloadError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_HOLDING_IPV4 = (  # in their last 32 bits
    ipaddress.IPv6Network("64:ff9b::/96"),  # NAT64, RFC 6052
    ipaddress.IPv6Network("::/96"),  # IPv4-compatible, RFC 4291, deprecated
    ipaddress.IPv6Network("::ffff:0:0:0/96"),  # IPv4-translated, RFC 2765, deprecated
)
_NEVER_PUBLIC = (
    # A network's own NAT64 (RFC 8215): only it knows where the IPv4 address stands in these.
    ipaddress.IPv6Network("64:ff9b:1::/48"),
    # For protocols (RFC 6890); Python takes some of these for public.
    ipaddress.IPv4Network("192.0.0.0/24"),
)


def is_public(address: IPAddress) -> bool:
    """Whether ``address`` belongs to the public internet, also inside an IPv6 wrapping."""
    address = _unwrapped(address)
    if any(address in network for network in _NEVER_PUBLIC):  # False for networks of the other kind
        return False
    return address.is_global and not address.is_multicast and not getattr(address, "is_site_local", False)


def _unwrapped(address: IPAddress) -> IPAddress:
    """The IPv4 address that an IPv6 one stands for (IPv4-mapped, NAT64, 6to4), if any.

    Teredo needs no unwrapping: none of its addresses is public.
    """
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in network for network in _HOLDING_IPV4):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class PublicBackend(httpcore.NetworkBackend):
    """Connects to public addresses only, through ``inner``."""

    def __init__(self, inner: httpcore.NetworkBackend) -> None:
        self._inner = inner

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Look ``host`` up, check every address, connect to the first that answers.

        Raises:
            DownloadError: one of the addresses is not public.
            httpcore.ConnectError: the name is unknown, or no address answers.
        """
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in _public_addresses(host, port):
            try:
                return self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure


def _public_addresses(host: str, port: int) -> list[IPAddress]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(str(error)) from error
    # A scoped address (fe80::1%eth0) is link-local in any case.
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not all(is_public(address) for address in addresses):
        raise DownloadError(
            f"{host} is an address inside your own network.",
            "If you trust this feed, allow it with --allow-private.",
        )
    return addresses


class PublicTransport(PoolTransport):
    """Connects to public addresses only, with the certificates and limits that httpx has by itself."""

    def __init__(self) -> None:
        super().__init__(
            httpcore.ConnectionPool(
                ssl_context=httpx.create_ssl_context(),
                max_connections=100,
                keepalive_expiry=5.0,
                network_backend=PublicBackend(httpcore.SyncBackend()),
            )
        )
