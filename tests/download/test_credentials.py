from __future__ import annotations

import base64
import logging
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from inkcast.download.client import fetch_bytes, open_client
from inkcast.download.credentials import Credentials, find_credentials
from inkcast.errors import SettingsError
from tests.support.servers import Handler, Site, serve


def basic(text: str) -> str:
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def _no_netrc(home: Path) -> None:
    """Not that of whoever runs the tests."""


def sent(credentials: Credentials, *addresses: str) -> list[str | None]:
    """The header of each request, where each but the first follows a redirect of the one before."""
    headers = []
    extensions: dict[str, object] = {}
    for address in addresses:
        request = httpx.Request("GET", address, extensions=extensions)
        credentials.authorize(request)
        headers.append(request.headers.get("Authorization"))
        extensions = request.extensions
    return headers


@pytest.mark.parametrize(
    ("variable", "host"),
    [
        ("INKCAST_AUTH_FEEDS_EXAMPLE_COM", "feeds.example.com"),
        ("INKCAST_AUTH_MY__FEEDS_EXAMPLE", "my-feeds.example"),
        ("INKCAST_AUTH_LOCALHOST", "localhost"),
        ("INKCAST_AUTH_192_168_1_5", "192.168.1.5"),
    ],
)
def test_a_variable_names_one_host(variable: str, host: str) -> None:
    found = find_credentials({}, {variable: "me:hunter2"})
    assert found.headers == {host: basic("me:hunter2")}


def test_a_token_goes_as_it_is() -> None:
    found = find_credentials({"feeds.example": "bearer abc.def"}, {})
    assert sent(found, "https://feeds.example/rss") == ["Bearer abc.def"]


def test_the_environment_comes_before_the_settings_and_those_before_netrc(home: Path) -> None:
    (home / ".netrc").write_text(
        "machine a.example login netrc password 1\nmachine b.example login netrc password 1\n"
        "machine c.example login netrc password 1\n"
    )
    settings = {"A.example": "settings:2", "b.example": "settings:2"}
    found = find_credentials(settings, {"INKCAST_AUTH_A_EXAMPLE": "variable:3"})
    assert found.headers == {
        "a.example": basic("variable:3"),
        "b.example": basic("settings:2"),
        "c.example": basic("netrc:1"),
    }


@pytest.mark.parametrize("name", [".netrc", "_netrc", "elsewhere"])
def test_netrc_is_found(home: Path, name: str) -> None:
    (home / name).write_text("machine a.example login me password p:w")
    environment = {"NETRC": str(home / name)} if name == "elsewhere" else {}
    assert find_credentials({}, environment).headers == {"a.example": basic("me:p:w")}


def test_the_default_of_netrc_is_for_nobody(home: Path) -> None:
    (home / ".netrc").write_text("default login me password hunter2")
    assert sent(find_credentials({}, {}), "https://stranger.example/") == [None]


def test_a_broken_netrc_is_named_without_its_words(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    (home / ".netrc").write_text("machine a.example login me passwort hunter2")
    with caplog.at_level(logging.DEBUG):
        assert find_credentials({}, {}).headers == {}
    assert str(home / ".netrc") in caplog.text and "hunter2" not in caplog.text


def test_a_netrc_that_is_not_there_is_named(home: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert find_credentials({}, {"NETRC": str(home / "none")}).headers == {}
    assert "none" in caplog.text


def test_a_value_without_a_colon_is_an_error_that_hides_it() -> None:
    with pytest.raises(SettingsError, match="INKCAST_AUTH_A_EXAMPLE") as caught:
        find_credentials({}, {"INKCAST_AUTH_A_EXAMPLE": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_an_address_with_a_password_speaks_for_its_host_and_port() -> None:
    found = find_credentials(
        {}, {}, ["https://me:p%40ss@feeds.example/rss", "feed.xml", "https://[", "x:y@z"]
    )
    assert sent(found, "https://feeds.example/1.mp3") == [basic("me:p@ss")]
    assert sent(found, "https://feeds.example:8443/1.mp3") == [None]


def test_a_host_sees_only_what_is_meant_for_it() -> None:
    found = find_credentials({"a.example": "me:1", "b.example:8080": "me:2"}, {})
    assert sent(
        found,
        "https://a.example/feed",
        "https://evil.example/",
        "https://a.example.evil.example/",
        "https://sub.a.example/",
        "https://b.example/",
        "https://A.example:444/",
    ) == [basic("me:1"), None, None, None, None, basic("me:1")]
    assert sent(found, "http://b.example:8080/") == [basic("me:2")]


def test_nothing_is_said_over_http_after_https() -> None:
    found = find_credentials({"a.example": "me:1"}, {})
    assert sent(found, "http://a.example/", "https://a.example/") == [basic("me:1")] * 2
    assert sent(found, "https://a.example/", "http://b.example/", "http://a.example/") == [
        basic("me:1"),
        None,
        None,
    ]


def test_the_representation_hides_them() -> None:
    assert basic("me:1") not in repr(find_credentials({"a.example": "me:1"}, {}))


@pytest.fixture
def two_sites() -> Iterator[tuple[Site, Site]]:
    """The first redirects to the second, the second back to the first."""
    places: dict[str, str] = {}

    def to(name: str) -> dict[str, object]:
        def redirect(handler: Handler) -> None:
            handler.reply(302, headers={"Location": places[name]})

        return {"/go": redirect, "/end": lambda handler: handler.reply(200, b"ok")}

    with serve(to("first")) as first, serve(to("second")) as second:
        places["first"] = second.url.replace("127.0.0.1", "localhost") + "/go"
        places["second"] = first.url + "/end"
        yield first, second


def test_redirects_show_nothing_to_others(two_sites: tuple[Site, Site]) -> None:
    first, second = two_sites
    found = find_credentials({"127.0.0.1": "me:hunter2"}, {})
    with open_client(allow_private=True, credentials=found) as client:
        assert fetch_bytes(client, first.url + "/go").data == b"ok"
    assert [r.headers.get("authorization") for r in first.requests] == [basic("me:hunter2")] * 2
    assert [r.headers.get("authorization") for r in second.requests] == [None]


def test_the_address_s_own_password_is_shown_to_no_other_host(two_sites: tuple[Site, Site]) -> None:
    first, second = two_sites
    with open_client(allow_private=True) as client:
        fetch_bytes(client, first.url.replace("//", "//me:hunter2@") + "/go")
    assert first.requests[0].headers["authorization"] == basic("me:hunter2")
    assert "authorization" not in second.requests[0].headers
    assert "authorization" not in first.requests[1].headers
