"""The proxies that the environment names."""

from __future__ import annotations

import urllib.request

import httpx

from inkcast.errors import SettingsError, redact


class EnvironmentTransport(httpx.BaseTransport):
    """Connects as ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` (or the system) say.

    Raises:
        SettingsError: one of them is no address of a proxy.
    """

    def __init__(self) -> None:
        self._direct = httpx.HTTPTransport()
        self._through = {
            scheme: _through(scheme, address)
            for scheme, address in urllib.request.getproxies().items()
            if scheme in ("http", "https", "all")
        }

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send through the proxy for the request's scheme, if there is one for its host."""
        proxy = self._through.get(request.url.scheme) or self._through.get("all")
        if proxy is None or urllib.request.proxy_bypass(request.url.host):
            return self._direct.handle_request(request)
        return proxy.handle_request(request)

    def close(self) -> None:
        """Close the connections."""
        for transport in (self._direct, *self._through.values()):
            transport.close()


def has_proxies() -> bool:
    """Whether the environment names a proxy for the web."""
    return any(scheme in ("http", "https", "all") for scheme in urllib.request.getproxies())


def _through(scheme: str, address: str) -> httpx.HTTPTransport:
    address = address if "://" in address else f"http://{address}"
    try:
        return httpx.HTTPTransport(proxy=address)
    except (ValueError, ImportError, httpx.InvalidURL) as error:
        raise SettingsError(
            f"Cannot use the proxy {redact(address)} ({scheme.upper()}_PROXY).",
            "It must be the address of an HTTP proxy, such as http://proxy.example:8080.",
        ) from error
