from __future__ import annotations

from collections.abc import Iterator

import pytest

from inkcast.download.client import fetch_bytes, open_client
from inkcast.errors import DownloadError, SettingsError
from tests.support.servers import Site, serve


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    """An HTTP proxy that answers every request itself: it is asked for absolute addresses."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with serve({"/feed": lambda handler: handler.reply(200, b"through the proxy")}) as site:
        monkeypatch.setenv("http_proxy", site.url)
        yield site


def test_a_proxy_is_used_where_private_addresses_are_allowed(proxy: Site) -> None:
    with open_client(allow_private=True) as client:
        assert fetch_bytes(client, "http://feeds.example/feed").data == b"through the proxy"
    assert [request.path for request in proxy.requests] == ["http://feeds.example/feed"]


def test_no_proxy_makes_exceptions(proxy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "other.example,127.0.0.1")
    with (
        serve({"/": lambda handler: handler.reply(200, b"direct")}) as site,
        open_client(allow_private=True) as client,
    ):
        assert fetch_bytes(client, site.url + "/").data == b"direct"
    assert proxy.requests == []


def test_the_guard_goes_past_the_proxy_and_says_so(proxy: Site) -> None:
    """A proxy inside the network could be made to fetch from inside the network."""
    with open_client() as client:
        with pytest.raises(DownloadError, match="inside your own network"):
            fetch_bytes(client, "http://127.0.0.1:9/feed")
        with pytest.raises(DownloadError, match=r"Cannot find the server.*--allow-private"):
            fetch_bytes(client, "http://feeds.invalid/feed")
    assert proxy.requests == []


def test_an_address_without_a_scheme_is_a_proxy_too(proxy: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", proxy.url.removeprefix("http://"))
    with open_client(allow_private=True) as client:
        assert fetch_bytes(client, "http://feeds.example/feed").data == b"through the proxy"


@pytest.mark.parametrize("address", ["gopher://me:hunter2@proxy.example", "http://me:hunter2@x:port"])
def test_a_proxy_that_is_none_is_an_error(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("https_proxy", address)
    with pytest.raises(SettingsError, match="HTTPS_PROXY") as caught:
        open_client(allow_private=True)
    assert "hunter2" not in str(caught.value)
