"""Passwords and tokens, planted wherever they can be, show up nowhere."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.download import backoff
from tests.support.failures import answer, feed, item, plain, ranged
from tests.support.servers import Route, serve
from tests.support.shows import BOATS, Ears, page

# In the address of the feed, of audio and pages, in redirects, netrc, settings and the environment.
PASSWORD, TOKEN, UUID, SIGNED = "hunter2-hunter2", "t0k3n-of-the-feed", "0f3a77c1-9b2e-41d5", "s1gnatur3xyz"
NETRC, SETTING, VARIABLE = "n3trc-passw0rd", "s3tting-passw0rd", "v4riable-passw0rd"
SECRETS = (PASSWORD, TOKEN, UUID, SIGNED, NETRC, SETTING, VARIABLE)


NAMESPACE = b'<rss xmlns:podcast="https://podcastindex.org/namespace/1.0" '


def encoded(secret: str) -> list[bytes]:
    """A secret as it is and, for those who know Basic, in three shifts of base64."""
    shifts = [base64.b64encode(bytes(shift) + secret.encode())[4:-4] for shift in range(3)]
    return [secret.encode(), *shifts]


def assert_hidden(data: bytes, where: object) -> None:
    for secret in SECRETS:
        for form in encoded(secret):
            assert form not in data, f"{secret} in {where}: {data[max(0, data.find(form) - 80) :][:200]!r}"


def private_show(url: str) -> dict[str, Route]:
    """Addresses full of secrets, of which some work and some fail in different ways."""
    quoted = f"/private/{UUID}/%s?token={TOKEN}"
    absolute = url.replace("//", f"//me:{PASSWORD}@")
    words = "".join(
        f'<podcast:transcript url="{quoted % name}" type="text/vtt"/>' for name in ("none.vtt", "html.wav")
    )
    items = feed(
        item("good", "Good", quoted % "good.wav", day=9, extra=f"<link>{quoted % 'good.html'}</link>{words}"),
        item("redirect", "Redirect", quoted % "redirect.wav", day=8),
        item("password", "Password", f"{absolute}/none.wav?sig={SIGNED}", day=7),
        item("port", "Port", f"http://me:{PASSWORD}", day=6),
        item("refused", "Refused", f"http://me:{PASSWORD}@127.0.0.1:1/x.wav?auth={TOKEN}", day=5),
        item("broken", "Broken", quoted % "broken.wav", day=4),
        item("html", "Html", quoted % "html.wav", day=3),
        item(None, "No guid", quoted % "late.wav", day=2),
        item(f"{url}/guid?token={TOKEN}", "Guid", quoted % "guid.wav", day=1),
    )
    path = f"/private/{UUID}"
    return {
        f"{path}/feed.rss": plain(items.replace(b"<rss ", NAMESPACE)),
        f"{path}/show.html": plain(f"<html><p>Mar 5, 2026</p><p>Bad</p><p>{TOKEN}".encode()),
        f"{path}/good.wav": ranged(),
        f"{path}/good.html": plain(page("Good", BOATS)),
        f"{path}/redirect.wav": answer(302, Location=f"{absolute}/none.wav?X-Amz-Signature={SIGNED}"),
        f"{path}/broken.wav": answer(302, Location=f"http://me:{PASSWORD}:x@[/?sig={SIGNED}"),
        f"{path}/html.wav": plain(f"<html>{TOKEN}".encode()),
        f"{path}/late.wav": answer(429, Retry_After="9999"),
        f"{path}/guid.wav": answer(503),
    }


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of a private feed, with passwords for its host everywhere."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    monkeypatch.setattr("inkcast.cli.libraries.sync.lazy_transcriber", lambda: Ears())
    monkeypatch.setattr(backoff, "FIRST_WAIT_S", 0.005)
    (tmp_path / "netrc").write_text(f"machine localhost login me password {NETRC}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("INKCAST_AUTH_127_0_0_1", f"me:{VARIABLE}")
    (tmp_path / "inkcast.toml").write_text(f'[auth]\n"other.example" = "me:{SETTING}"\n')
    routes: dict[str, Route] = {}
    with serve(routes) as site:
        routes |= private_show(site.url)
        yield site.url.replace("//", f"//me:{PASSWORD}@") + f"/private/{UUID}/feed.rss?auth={TOKEN}"


def run(*args: object) -> bytes:
    result = CliRunner().invoke(inkcast, list(map(str, args)), prog_name="inkcast")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.stdout_bytes + result.stderr_bytes


def assert_files_hold_none(folder: Path) -> None:
    for path in folder.rglob("*"):
        assert_hidden(os.fsencode(path.relative_to(folder)), "a name")
        if path.is_file():
            assert_hidden(path.read_bytes(), path)


def test_episodes_show_none(address: str) -> None:
    for options in ((), ("-v",), ("--json",), ("--json", "-vv")):
        output = run("episodes", address, "--allow-private", *options)
        assert b"Redirect" in output
        assert_hidden(output, f"episodes {options}")
        assert_hidden(run("episodes", address + "x", *options), f"failing episodes {options}")


def test_downloads_show_and_keep_none(address: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("download", address, "--out", out, "--allow-private")
    named = ("--name", "{guid} {podcast}", "-q")
    for chosen in (("--dry-run",), ("--dry-run", "--json"), ("-v",), ("--json", "-vv"), named):
        assert_hidden(run(*arguments, *chosen), f"download {chosen}")
    assert (out / "2026-05-09 Good.wav").exists()
    assert_files_hold_none(out)


def test_a_library_keeps_none(address: str, tmp_path: Path) -> None:
    library = tmp_path / "library"
    arguments = ("sync", address, address + "x", "--library", library, "--allow-private")
    for chosen in (("--dry-run", "--json"), ("-v",), ("--json", "-vv")):
        assert_hidden(run(*arguments, *chosen), f"sync {chosen}")
    assert list(library.rglob("*.html"))
    for options in ((), ("--json",), ("-v",)):
        output = run("status", "--library", library, *options)
        assert b"Redirect" in output
        assert_hidden(output, f"status {options}")
    assert_files_hold_none(library)


def test_what_is_made_of_a_library_shows_none(address: str, tmp_path: Path) -> None:
    library, site = tmp_path / "library", tmp_path / "site"
    run("sync", address, "--library", library, "--allow-private", "-q")
    for arguments in (
        ("retry", "--library", library, "--allow-private", "--json", "-vv"),
        ("retry", "--library", library, "--feed", address, "--allow-private", "-v"),
        ("library", "check", "--library", library, "--json"),
        ("library", "check", "--library", library, "-v"),
        ("search", "--library", library, "--json", "harbour"),
        ("status", "--library", library, "--html", tmp_path / "status.html"),
        ("publish", "--library", library, "--out", site, "--with-audio", "-vv"),
    ):
        assert_hidden(run(*arguments), arguments)
    copy = ("--base-url", "https://listen.example", "--feed-copy", address)
    refused = run("publish", "--library", library, "--out", site, *copy, "--allow-private", "-vv")
    assert b"is private: a copy of it on a site would reveal its addresses" in refused
    assert_hidden(refused, "publish --feed-copy")
    assert list(site.glob("*good/index.html"))
    assert_files_hold_none(site)
    assert_files_hold_none(library)
    assert_hidden((tmp_path / "status.html").read_bytes(), "the page of status")


@pytest.mark.parametrize("text", ["show.html", "html.wav", "broken.wav", "none.html"])
def test_what_a_feed_wants_otherwise_shows_none(address: str, tmp_path: Path, text: str) -> None:
    """Its page with all texts, and the publisher's transcripts: some are there, some are not."""
    settings = tmp_path / "inkcast.toml"
    settings.write_text(f'[feeds."{address}"]\nessay = "{address.replace("feed.rss", text)}"\n')
    library = tmp_path / "library"
    arguments = ("sync", address, "--library", library, "--allow-private", "--use-published", "--limit", "1")
    output = run(*arguments, "-vv", "--json")
    assert b"Good" in output
    assert_hidden(output, f"sync with {text}")
    assert_files_hold_none(library)
    settings.write_text(f'[feeds."{address}"]\nesay = "x"\n')
    output = run(*arguments, "-vv")
    assert b"unknown setting" in output
    assert_hidden(output, "an unknown setting")


@pytest.mark.parametrize("command", ["transcribe", "align"])
def test_addresses_of_single_files_show_none(address: str, tmp_path: Path, command: str) -> None:
    for path in ("html.wav", "redirect.wav", "broken.wav", "none.wav"):
        audio = address.replace("feed.rss", path)
        arguments = [audio, audio] if command == "align" else [audio]
        output = run(command, *arguments, "--out", tmp_path / "out", "--allow-private", "-vv")
        assert b"Error" in output
        assert_hidden(output, f"{command} {path}")
    assert_files_hold_none(tmp_path / "out")


@pytest.mark.usefixtures("address")
def test_the_passwords_are_used() -> None:
    """Else the tests above would prove nothing."""
    with serve({"/feed": plain(feed(item("a", "A", "/a.wav"))), "/a.wav": ranged()}) as site:
        for host in ("127.0.0.1", "localhost"):
            run("episodes", site.url.replace("127.0.0.1", host) + "/feed", "--allow-private")
        seen = [request.headers["authorization"] for request in site.requests]
    sent = [base64.b64decode(header.removeprefix("Basic ")).decode() for header in seen]
    assert sent == [f"me:{VARIABLE}", f"me:{NETRC}"]
