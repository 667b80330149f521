"""The twenty ways in which podcasts break downloads, each through the real command and a real server.

Every test says what lies on disk in the end, and what the user reads.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import filelock
import pytest
from click.testing import CliRunner, Result

from inkcast import __version__
from inkcast.cli.app import inkcast
from inkcast.download import backoff
from inkcast.download.download_index import FILE_NAME
from inkcast.download.transport import private_network
from tests.support.crowd import Crowd
from tests.support.failures import (
    AUDIO,
    BOMB,
    OTHER,
    SECONDS,
    answer,
    chain,
    compressing,
    cut,
    duration,
    feed,
    in_turn,
    item,
    opml,
    pages,
    plain,
    protected,
    ranged,
    signed_show,
)
from tests.support.servers import CERTIFICATE, Handler, Route, Site, serve
from tests.support.shows import Ears

TRAINS = "2026-05-01 Trains.wav"


@pytest.fixture(autouse=True)
def _quick_and_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of whoever runs the tests, and no long waits."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    monkeypatch.setattr(backoff, "FIRST_WAIT_S", 0.005)
    monkeypatch.setenv("NETRC", os.devnull)


@pytest.fixture
def routes() -> dict[str, Route]:
    """A show with one episode; tests add what goes wrong."""
    return {"/feed": plain(feed(item("a", "Trains"))), "/a.wav": ranged()}


@pytest.fixture
def site(routes: dict[str, Route]) -> Iterator[Site]:
    with serve(routes) as site:
        yield site


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def run(*args: object) -> Result:
    result = CliRunner().invoke(inkcast, list(map(str, args)), prog_name="inkcast")
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture
def fetch(site: Site, out: Path) -> Callable[..., Result]:
    return lambda *args: run("download", f"{site.url}/feed", "--out", out, "--allow-private", *args)


def landed(out: Path) -> dict[str, bytes]:
    """What lies in the folder, without Inkcast's own list of it."""
    files = (path for path in out.rglob("*") if path.is_file() and path.name != FILE_NAME)
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}


Fetch = Callable[..., Result]
Routes = dict[str, Route]


# 1. An error page with status 200; and audio that is not called audio


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<!DOCTYPE html><html><title>Just a moment...</title>", "a web page"),
        (b'{"error": {"code": 1020}}', "a JSON message"),
        (b"error code: 1020", "plain text"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "an XML message"),
    ],
)
def test_01_an_error_page_is_not_audio(
    fetch: Fetch, routes: Routes, out: Path, body: bytes, what: str
) -> None:
    routes["/a.wav"] = plain(body)
    result = fetch()
    assert result.exit_code == 1 and landed(out) == {}
    assert f"/a.wav is {what}, not audio. It may require a login" in result.stderr


@pytest.mark.parametrize(
    "media_type", ["application/octet-stream", "application/force-download", "text/html"]
)
def test_01_audio_is_audio_whatever_it_is_called(
    fetch: Fetch, routes: Routes, out: Path, media_type: str
) -> None:
    routes["/a.wav"] = answer(200, AUDIO, media_type)
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}


# 2. A body that is cut off


def test_02_a_cut_body_is_no_file_and_goes_on_later(fetch: Fetch, routes: Routes, out: Path) -> None:
    routes["/a.wav"] = in_turn(cut(), answer(503))
    result = fetch()
    assert result.exit_code == 1 and "1 of 1 downloads failed. Run the command again." in result.stderr
    assert set(landed(out)) == {f"{TRAINS}.part", f"{TRAINS}.part.json"}
    routes["/a.wav"] = ranged()
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}


def test_02_a_cut_body_of_unknown_length_is_told_by_the_feeds_duration(
    fetch: Fetch, routes: Routes, out: Path
) -> None:
    routes["/feed"] = plain(feed(item("a", "Trains", extra=duration(SECONDS))))
    routes["/a.wav"] = cut(tells_length=False)
    result = fetch()
    assert result.exit_code == 1 and landed(out) == {}
    assert "Trains: the feed says 0:10, the file has 0:04. It was probably cut off" in result.stderr
    routes["/a.wav"] = cut(at=len(AUDIO), tells_length=False)
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}


def test_02_a_feed_that_exaggerates_is_only_warned_of(fetch: Fetch, routes: Routes, out: Path) -> None:
    routes["/feed"] = plain(feed(item("a", "Trains", extra=duration(2 * SECONDS))))
    result = fetch()
    assert result.exit_code == 0 and landed(out) == {TRAINS: AUDIO}
    assert (
        "the feed says 0:20, the file has 0:10. Its server says that the file is complete." in result.stderr
    )


# 3. Bytes that change between two attempts


@pytest.mark.parametrize("heeds_if_range", [True, False])
def test_03_two_versions_are_never_joined(
    fetch: Fetch, routes: Routes, out: Path, heeds_if_range: bool
) -> None:
    routes["/a.wav"] = in_turn(cut(AUDIO), ranged(OTHER, '"v2"', heeds_if_range=heeds_if_range))
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: OTHER}


# 4. Range ignored, begun elsewhere, or refused


@pytest.mark.parametrize(
    "then",
    [plain(), ranged(shift=1), ranged(shift=-1), answer(416, Content_Range=f"bytes */{len(AUDIO)}")],
    ids=["ignored", "too late", "too early", "refused"],
)
def test_04_ranges_that_go_wrong(fetch: Fetch, routes: Routes, out: Path, then: Route) -> None:
    routes["/a.wav"] = in_turn(cut(), then, ranged())
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}


# 5. gzip and Range


@pytest.mark.parametrize("always", [True, False])
def test_05_compression_does_not_shift_ranges(
    fetch: Fetch, routes: Routes, site: Site, out: Path, always: bool
) -> None:
    routes["/a.wav"] = in_turn(cut(), compressing(always=always))
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}
    asked = [request for request in site.requests if request.path == "/a.wav"]
    assert {request.headers["accept-encoding"] for request in asked} == {"identity"}


# 6. The same guid at a new address


def test_06_a_new_address_is_not_a_new_episode(fetch: Fetch, routes: Routes, site: Site, out: Path) -> None:
    assert fetch().exit_code == 0
    routes["/feed"] = plain(feed(item("a", "Trains", "/elsewhere/trains.wav")))
    result = fetch()
    assert (result.exit_code, result.stdout) == (0, "")
    assert landed(out) == {TRAINS: AUDIO} and site.requests[-1].path == "/feed"


# 7. New guids for all


def test_07_new_guids_for_all_are_not_new_episodes(fetch: Fetch, routes: Routes, out: Path) -> None:
    def show(mark: str, retitled: str) -> Route:
        return plain(
            feed(*(item(f"{mark}{day}", f"{retitled}{day}", f"/{day}.wav", day=day) for day in (3, 2, 1)))
        )

    routes |= {f"/{day}.wav": ranged() for day in (1, 2, 3)}
    routes["/feed"] = show("old-", "Episode ")
    assert fetch().exit_code == 0
    before = landed(out)
    assert len(before) == 3
    for title in ("Episode ", "Slow ways #"):
        routes["/feed"] = show(f"new-{title}", title)
        result = fetch()
        assert (result.exit_code, result.stdout) == (0, "") and landed(out) == before
        assert "3 of 3 files are there already." in result.stderr


# 8. Guids that are missing or used twice


def test_08_every_episode_lands_once(fetch: Fetch, routes: Routes, out: Path) -> None:
    twice = item("a", "Trains", "/a.wav", day=1)
    routes["/feed"] = plain(
        feed(
            item("a", "Trains again", "/b.wav", day=3),
            item(None, "Boats", "/c.wav", day=2),
            twice,
            twice,
        )
    )
    routes |= {"/b.wav": ranged(OTHER), "/c.wav": ranged(OTHER)}
    expected = {"2026-05-03 Trains again.wav": OTHER, "2026-05-02 Boats.wav": OTHER, TRAINS: AUDIO}
    assert fetch().exit_code == 0 and landed(out) == expected
    again = fetch()
    assert (again.exit_code, again.stdout) == (0, "") and landed(out) == expected


# 9. A new title


def test_09_a_new_title_is_not_a_new_episode(fetch: Fetch, routes: Routes, site: Site, out: Path) -> None:
    assert fetch().exit_code == 0
    routes["/feed"] = plain(feed(item("a", "Night trains", day=2)))
    result = fetch()
    assert (result.exit_code, result.stdout) == (0, "")
    assert landed(out) == {TRAINS: AUDIO} and site.requests[-1].path == "/feed"


# 10. An address that has expired


@pytest.mark.parametrize("status", [401, 403, 404, 410, 200])
def test_10_the_feed_is_asked_again_for_an_expired_address(
    fetch: Fetch, routes: Routes, site: Site, out: Path, status: int
) -> None:
    routes |= signed_show(status)
    result = fetch()
    assert result.exit_code == 0 and landed(out) == {TRAINS: AUDIO}
    assert "Trying the address that the feed has now:" in result.stderr and "sig=2" not in result.stderr
    assert [request.path for request in site.requests] == ["/feed", "/a.wav?sig=1", "/feed", "/a.wav?sig=2"]


# 11. 401 and 403


@pytest.mark.parametrize(
    ("status", "hint"),
    [
        (401, "It requires a password, from netrc, INKCAST_AUTH_<HOST> or [auth] in inkcast.toml"),
        (403, "It refuses this program or this link"),
    ],
)
def test_11_a_refusal_says_what_to_do(
    fetch: Fetch, routes: Routes, site: Site, out: Path, status: int, hint: str
) -> None:
    routes["/a.wav"] = answer(status)
    result = fetch()
    assert result.exit_code == 1 and landed(out) == {}
    assert f"/a.wav answers {status}" in result.stderr and hint in result.stderr
    assert {request.headers["user-agent"] for request in site.requests} == {f"inkcast/{__version__}"}


@pytest.mark.parametrize("source", ["netrc", "variable", "settings", "address"])
def test_11_passwords_open_the_door(
    fetch: Fetch,
    routes: Routes,
    site: Site,
    out: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    source: str,
) -> None:
    routes["/a.wav"] = protected("Basic " + base64.b64encode(b"me:hunter2").decode())
    if source == "address":
        address = site.url.replace("//", "//me:hunter2@") + "/feed"
        result = run("download", address, "--out", out, "--allow-private", "-v")
    else:
        if source == "netrc":
            (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password hunter2\n")
            monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
        elif source == "variable":
            monkeypatch.setenv("INKCAST_AUTH_127_0_0_1", "me:hunter2")
        else:
            (tmp_path / "inkcast.toml").write_text('[auth]\n"127.0.0.1" = "me:hunter2"\n')
        result = fetch("-v")
    assert result.exit_code == 0 and landed(out) == {TRAINS: AUDIO}
    assert "hunter2" not in result.output


# 12. 429, 503 and Retry-After; many at once


@pytest.mark.parametrize("status", [429, 503])
def test_12_a_server_is_left_alone_as_long_as_it_asks(
    fetch: Fetch, routes: Routes, out: Path, status: int
) -> None:
    routes["/a.wav"] = in_turn(answer(status, Retry_After="0"), ranged())
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}
    (out / TRAINS).unlink()
    routes["/a.wav"] = answer(status, Retry_After="3600")
    result = fetch()
    assert result.exit_code == 1 and landed(out) == {}
    assert f"answers {status}" in result.stderr and "asks to wait 3600 seconds" in result.stderr


def test_12_a_server_does_not_get_all_requests_at_once(fetch: Fetch, routes: Routes, out: Path) -> None:
    crowd = Crowd(2)

    def counting(handler: Handler) -> None:
        with crowd.enter():
            pass
        ranged()(handler)

    routes["/feed"] = plain(feed(*(item(f"e{day}", f"Episode {day}", day=day) for day in range(1, 17))))
    routes |= {f"/e{day}.wav": counting for day in range(1, 17)}
    assert fetch("--jobs", "16").exit_code == 0 and len(landed(out)) == 16
    assert 2 <= crowd.most <= 4


# 13. Redirects


def test_13_long_chains_lead_to_the_audio_and_circles_end(fetch: Fetch, routes: Routes, out: Path) -> None:
    routes |= chain(18)
    routes["/feed"] = plain(feed(item("a", "Trains", "/hop0.wav"), item("b", "Circle", "/circle.wav")))
    routes["/hop0.wav"], routes["/circle.wav"] = routes["/hop0"], answer(302, Location="/circle.wav")
    result = fetch()
    assert result.exit_code == 1 and landed(out) == {TRAINS: AUDIO}
    assert "/circle.wav redirects more than 20 times." in result.stderr


def test_13_http_and_https_may_alternate_but_passwords_stay_behind(
    fetch: Fetch, routes: Routes, site: Site, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("INKCAST_AUTH_127_0_0_1", "me:hunter2")
    with serve(
        {"/b.wav": lambda h: h.reply(301, headers={"Location": f"{site.url}/c.wav"})}, tls=True
    ) as secure:
        routes["/a.wav"] = answer(301, Location=f"{secure.url}/b.wav")
        routes["/c.wav"] = ranged()
        assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}
    assert "authorization" in site.requests[1].headers and "authorization" in secure.requests[0].headers
    assert site.requests[2].path == "/c.wav" and "authorization" not in site.requests[2].headers


def test_13_a_certificate_that_nobody_vouches_for_is_refused(fetch: Fetch, routes: Routes, out: Path) -> None:
    with serve({"/b.wav": ranged()}, tls=True) as secure:
        routes["/a.wav"] = answer(302, Location=f"{secure.url}/b.wav")
        result = fetch()
    assert result.exit_code == 1 and landed(out) == {}
    assert "Cannot connect safely to" in result.stderr and secure.requests == []


def test_13_a_tracker_that_the_network_blocks_is_named(fetch: Fetch, routes: Routes, out: Path) -> None:
    routes["/feed"] = plain(feed(item("a", "Trains", "http://tracker.invalid/redirect/cdn.example/a.wav")))
    result = fetch()
    assert result.exit_code == 1 and landed(out) == {}
    assert "Cannot find the server tracker.invalid" in result.stderr


# 14. Lengths that are none


@pytest.mark.parametrize("length", ["0", "-1", "", "10", "4.2", "12 MB", "99999999999999999999", "0x1F"])
def test_14_the_feeds_word_for_the_length_does_not_matter(
    fetch: Fetch, routes: Routes, out: Path, length: str
) -> None:
    routes["/feed"] = plain(feed(item("a", "Trains", length=length)))
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}


# 15. Enclosures that are no audio, and none


def test_15_only_audio_is_fetched(fetch: Fetch, routes: Routes, site: Site, out: Path) -> None:
    routes["/feed"] = plain(
        feed(
            item("i", "Image", "/i.jpg", day=5, type="image/jpeg"),
            item("v", "Video", "/v.mp4", day=4, type="video/mp4"),
            item("t", "Text", None, day=3),
            item("h", "Stream", "/h.mp3", day=2, type="audio/mpeg"),
            item("a", "Trains", day=1),
        )
    )
    routes["/h.mp3"] = answer(200, b"#EXTM3U\n#EXT-X-VERSION:3\n", "audio/mpeg")
    result = fetch()
    assert result.exit_code == 1 and landed(out) == {TRAINS: AUDIO}
    assert "/h.mp3 is a playlist, not audio" in result.stderr
    assert not {"/i.jpg", "/v.mp4"} & {request.path for request in site.requests}


def test_15_a_feed_without_audio_says_so(fetch: Fetch, routes: Routes, out: Path) -> None:
    routes["/feed"] = plain(feed(item("t", "Text", None)))
    result = fetch()
    assert result.exit_code == 1 and not out.exists() and "has no audio" in result.stderr


# 16. Feeds of several pages


@pytest.mark.parametrize("leads_back", [False, True])
def test_16_all_pages_are_read_and_circles_end(
    site: Site, routes: Routes, out: Path, leads_back: bool
) -> None:
    routes |= pages(4, leads_back=leads_back)
    result = run("download", f"{site.url}/page1", "--out", out, "--allow-private")
    assert result.exit_code == 0
    assert landed(out) == {f"2026-05-{30 - number} Episode {number}.wav": AUDIO for number in range(1, 5)}
    assert sum(request.path == "/page1" for request in site.requests) == 1


def test_16_a_feed_that_is_cut_off_gives_what_it_has(fetch: Fetch, routes: Routes, out: Path) -> None:
    whole = feed(item("a", "Trains", day=1), item("b", "Boats", day=2))
    routes["/feed"] = plain(whole[: whole.index(b"Boats") - 10])
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}


def test_16_a_page_that_is_missing_is_told(site: Site, routes: Routes, out: Path) -> None:
    routes |= pages(3)
    routes["/page3"] = answer(404)
    result = run("download", f"{site.url}/page1", "--out", out, "--allow-private")
    assert len(landed(out)) == 2 and "Older episodes are missing" in result.stderr


# 17. Feeds that are none


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "is empty"),
        (b"<!doctype html><html><title>Log in</title>", "is a web page, not a feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "is not a feed"),
        (feed(), "has no items"),
    ],
)
def test_17_what_is_no_feed_says_so(fetch: Fetch, routes: Routes, out: Path, body: bytes, said: str) -> None:
    routes["/feed"] = plain(body)
    result = fetch()
    assert result.exit_code == 1 and not out.exists() and said in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "damaged",
    [
        feed(item("a", "Trains")).replace(b"</title>", b" &nbsp; & more</title>", 1),
        feed(item("a", "Trains")).replace(b"Slow", b"Slow\x0c\x00"),
        BOMB,
    ],
    ids=["entities", "control characters", "bomb"],
)
def test_17_a_damaged_feed_is_read_all_the_same(
    fetch: Fetch, routes: Routes, out: Path, damaged: bytes
) -> None:
    routes["/feed"] = plain(damaged)
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}


def test_17_a_huge_feed_is_refused(
    fetch: Fetch, routes: Routes, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkcast.download.fetch_feed.MAX_PAGE_BYTES", 10_000)
    routes["/feed"] = plain(
        feed(item("a", "Trains", extra="<description>" + "x" * 10_000 + "</description>"))
    )
    result = fetch()
    assert result.exit_code == 1 and not out.exists()
    assert re.search(r"/feed is larger than 10,?000 bytes", result.stderr)


# 18. Addresses inside one's own network


def test_18_a_redirect_into_the_network_is_refused_unless_allowed(
    routes: Routes, site: Site, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(private_network, "is_public", lambda address: str(address) == "127.0.0.1")
    with serve({"/a.wav": ranged()}) as other:
        inside = other.url.replace("127.0.0.1", "[::ffff:127.0.0.2]")
        routes["/a.wav"] = answer(302, Location=f"{inside}/a.wav")
        result = run("download", f"{site.url}/feed", "--out", out)
        assert result.exit_code == 1 and landed(out) == {} and other.requests == []
        assert "is an address inside your own network" in result.stderr and "--allow-private" in result.stderr
        routes["/a.wav"] = answer(302, Location=f"{other.url}/a.wav")
        assert run("download", f"{site.url}/feed", "--out", out, "--allow-private").exit_code == 0
    assert landed(out) == {TRAINS: AUDIO}


def test_18_a_feed_at_home_needs_a_word(site: Site, out: Path) -> None:
    result = run("download", f"{site.url}/feed", "--out", out)
    assert result.exit_code == 1 and site.requests == [] and "--allow-private" in result.stderr


# 19. Names


def test_19_names_fit_every_file_system(fetch: Fetch, routes: Routes, out: Path) -> None:
    titles = ["a: b | c * d / e?", "", "con", "ä" * 300, "Same", "same", "../../etc/passwd", "tab\there"]
    routes["/feed"] = plain(feed(*(item(f"e{n}", title, "/a.wav", day=1) for n, title in enumerate(titles))))
    assert fetch("--name", "{title}").exit_code == 0
    names = set(landed(out))
    assert len(names) == len(titles) == len({name.casefold() for name in names})
    assert {
        "a- b - c - d - e.wav",
        "Untitled.wav",
        "_con.wav",
        "same.wav",
        "etc-passwd.wav",
        "tab here.wav",
    } <= names
    assert all(len(name.encode()) <= 255 and not set(name) & set('<>:"/\\|?*') for name in names)


@pytest.mark.parametrize("template", ["{titel}", "{title", "same", "../{title}", "{title.__class__}"])
def test_19_a_template_that_makes_no_sense_is_wrong_usage(fetch: Fetch, site: Site, template: str) -> None:
    result = fetch("--name", template)
    assert result.exit_code == 2 and site.requests == []
    if template == "{titel}":
        assert "unknown field {titel}" in result.stderr and "{title}" in result.stderr.replace("\n", "")


# 20. A full disk, two runs at once, a bad feed among good ones (and kill -9: test_kill.py)


def test_20_a_full_disk_stops_everything_and_says_so(
    fetch: Fetch, routes: Routes, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    routes["/feed"] = plain(
        feed(*(item(f"e{day}", f"Episode {day}", "/a.wav", day=day) for day in range(1, 9)))
    )
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=9))
    result = fetch("--jobs", "1")
    assert result.exit_code == 1
    assert "The disk is full: free some space" in result.stderr and result.stderr.count("Error") == 1
    assert not [name for name in landed(out) if name.endswith(".wav")]


def test_20_two_runs_do_not_write_one_file(fetch: Fetch, out: Path) -> None:
    out.mkdir()
    with filelock.FileLock(out / f"{TRAINS}.lock"):
        result = fetch()
    assert result.exit_code == 1 and "Another run is downloading" in result.stderr
    assert fetch().exit_code == 0 and landed(out) == {TRAINS: AUDIO}


def test_20_one_bad_feed_stops_no_other(
    site: Site, routes: Routes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("inkcast.cli.libraries.sync.lazy_transcriber", lambda: Ears())
    routes |= {"/bad": plain(b"<html>"), "/other": plain(feed(item("b", "Boats", "/a.wav"), title="Other"))}
    (tmp_path / "list.opml").write_bytes(
        opml(f"{site.url}/{name}" for name in ("feed", "bad", "gone", "other"))
    )
    library = tmp_path / "library"
    result = run("sync", tmp_path / "list.opml", "--library", library, "--allow-private", "--json")
    data = json.loads(result.stdout)
    assert result.exit_code == 1 and data["failed"] == 0 and data["done"] == 2
    assert [path.rpartition("/")[2] for path in (p["source"] for p in data["feed_problems"])] == [
        "bad",
        "gone",
    ]
    assert sorted(path.name for path in library.rglob("*.wav")) == ["2026-05-01 Boats.wav", TRAINS]
    assert "/bad is a web page, not a feed." in result.stderr and "/gone answers 404" in result.stderr
