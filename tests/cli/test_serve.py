"""``inkcast serve``: ranges, conditions and refusals, asked by a real client."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import httpx
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from inkcast.cli.app import inkcast
from inkcast.errors import PublishError
from inkcast.publish.site.local_server import parse_range
from inkcast.publish.site.preview import PreviewServer, find_file

DATA = bytes(range(256)) * 1000


@contextlib.contextmanager
def serving(folder, **options):
    with PreviewServer(folder, port=0, **options) as server, server.running():
        yield server


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("served") / "site"
    (folder / "sub dir é").mkdir(parents=True)
    (folder / "a.mp3").write_bytes(DATA)
    (folder / "empty.mp3").write_bytes(b"")
    (folder / "sub dir é" / "index.html").write_text("<p>inside")
    (folder / "plain").mkdir()
    (folder / "plain" / "<b>.vtt").write_text("WEBVTT\n")
    (folder / ".hidden").write_text("secret")
    (folder / "catalogue.sqlite-wal").write_text("secret")
    (folder.parent / "outside.txt").write_text("secret")
    with contextlib.suppress(OSError):
        (folder / "link.txt").symlink_to(folder.parent / "outside.txt")
        (folder / "linked").symlink_to(folder.parent)
        (folder / "loop").symlink_to(folder / "loop")
    return folder


@pytest.fixture(scope="module")
def server(folder):
    with serving(folder) as server:
        yield server


@pytest.fixture(scope="module")
def client(server):
    with httpx.Client(base_url=server.url) as client:
        yield client


def raw(server, request):
    """What the server says to bytes that no client would send."""
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=60) as connection:
        connection.sendall(request)
        return connection.makefile("rb").read()


# Ranges ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=100-199", 100, 199),
        ("bytes=255000-", 255_000, 255_999),
        ("bytes=-500", 255_500, 255_999),
        ("bytes=-999999999", 0, 255_999),
        ("bytes=255990-999999999", 255_990, 255_999),
        ("Bytes=1-2", 1, 2),
    ],
)
def test_a_range_is_sent(client, field, first, last):
    answer = client.get("a.mp3", headers={"Range": field})
    assert answer.status_code == 206
    assert answer.headers["content-range"] == f"bytes {first}-{last}/256000"
    assert answer.headers["content-length"] == str(last - first + 1)
    assert answer.content == DATA[first : last + 1]


@pytest.mark.parametrize("field", ["bytes=256000-", "bytes=-0", "bytes=999999999-9999999999"])
def test_a_range_beyond_the_file_is_refused_with_its_size(client, field):
    answer = client.get("a.mp3", headers={"Range": field})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == "bytes */256000"
    assert client.get("empty.mp3", headers={"Range": "bytes=0-"}).status_code == 416


@pytest.mark.parametrize(
    "field", ["bytes=2-1", "bytes=-", "bytes=", "bytes=a-b", "lines=1-2", "bytes=0-1,5-6", "0-5", "bytes=--1"]
)
def test_what_is_no_single_range_gets_the_whole(client, field):
    answer = client.get("a.mp3", headers={"Range": field})
    assert (answer.status_code, len(answer.content)) == (200, 256_000)
    assert answer.headers["accept-ranges"] == "bytes"


@given(st.integers(0, 50), st.integers(0, 60), st.integers(0, 60))
def test_ranges_are_slices(size, first, last):
    data = bytes(size)
    found = parse_range(f"bytes={first}-{last}", size)
    if last < first:
        assert found is None
    else:
        assert len(found) == len(data[first : last + 1])
        assert not found or found.start == first
    assert len(parse_range(f"bytes=-{last}", size)) == len(data[-last:] if last else b"")


@given(st.text(max_size=30))
def test_no_field_is_an_error(field):
    found = parse_range(field, 100)
    assert found is None or (0 <= found.start <= found.stop <= 100)


def test_head_says_what_get_would_and_sends_nothing(client):
    get = client.get("a.mp3")
    for headers in ({}, {"Range": "bytes=5-9"}, {"Range": "bytes=256000-"}):  # ranges are for GET alone
        head = client.head("a.mp3", headers=headers)
        assert head.status_code == get.status_code == 200 and head.content == b""
        for name in ("content-length", "content-type"):
            assert head.headers[name] == get.headers[name]


def test_conditions(client):
    whole = client.get("a.mp3")
    etag, modified = whole.headers["etag"], whole.headers["last-modified"]
    part = {"Range": "bytes=1-2"}
    assert client.get("a.mp3", headers={**part, "If-Range": etag}).status_code == 206
    assert client.get("a.mp3", headers={**part, "If-Range": modified}).status_code == 206
    assert client.get("a.mp3", headers={**part, "If-Range": '"other"'}).status_code == 200
    old = "Thu, 01 Jan 1970 00:00:00 GMT"
    assert client.get("a.mp3", headers={**part, "If-Range": old}).status_code == 200
    for known in (etag, f'"x", W/{etag}', "*"):
        answer = client.get("a.mp3", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", etag)
    assert client.get("a.mp3", headers={"If-Modified-Since": modified}).status_code == 304
    for date in (old, "yesterday", ""):
        assert client.get("a.mp3", headers={"If-Modified-Since": date}).status_code == 200


def test_one_connection_serves_many_requests(server):
    requests = [b"GET /a.mp3 HTTP/1.1\r\nHost: localhost\r\nRange: bytes=0-1\r\n\r\n"] * 2
    last = b"GET /none HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = raw(server, b"".join(requests) + last)
    assert (answer.count(b"HTTP/1.1 206"), answer.count(b"HTTP/1.1 404")) == (2, 1)


# Files -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.vtt", "text/vtt; charset=utf-8"),
        ("a.srt", "application/x-subrip; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.mp3", "audio/mpeg"),
        ("a.m4a", "audio/mp4"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.unknown", "application/octet-stream"),
    ],
)
def test_media_types(tmp_path, name, media_type):
    (tmp_path / name).write_text("x")
    with serving(tmp_path) as server:
        answer = httpx.get(server.url + name)
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_folders_show_their_page_or_a_list(client):
    moved = client.get("/sub%20dir%20%C3%A9")
    assert (moved.status_code, moved.headers["location"]) == (301, "/sub%20dir%20%C3%A9/")
    assert client.get(moved.headers["location"]).text == "<p>inside"
    listing = client.get("/plain/").text
    assert '<a href="./%3Cb%3E.vtt">&lt;b&gt;.vtt</a>' in listing
    assert ".hidden" not in client.get("/").text and "sqlite" not in client.get("/").text


@pytest.mark.parametrize(
    "target",
    [
        *("/../outside.txt", "/%2e%2e/outside.txt", "/plain/../../outside.txt", "/..%2foutside.txt"),
        *("/%2e%2e%2foutside.txt", "//../outside.txt", "/..%5coutside.txt", "/%00", "/a.mp3%00.html"),
        *("/.hidden", "/catalogue.sqlite-wal", "/link.txt", "/linked/outside.txt", "/linked/", "/loop"),
        *("/C:/windows", "/a.mp3/", "/%ff%fe", "/" + "a" * 5000, "/nothing", "/*", "*"),
    ],
)
def test_nothing_outside_or_hidden_is_served(server, target):
    request = f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
    answer = raw(server, request)
    assert b"secret" not in answer
    assert answer.startswith((b"HTTP/1.1 404", b"HTTP/1.1 200")), answer[:100]
    assert not answer.startswith(b"HTTP/1.1 200") or target == "/a.mp3/"


@given(st.text(max_size=40))
def test_a_target_is_below_the_folder_or_nothing(folder, target):
    found = find_file(folder.resolve(), target)
    assert found is None or found.is_relative_to(folder.resolve())


# Who may ask -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("127.0.0.1:8000", 200),
        ("[::1]:80", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("192.168.0.7", 421),
        ("", 421),
        ("[", 421),
    ],
)
def test_on_loopback_only_its_own_names_are_answered(client, host, status):
    answer = client.get("a.mp3", headers={"Host": host})
    assert answer.status_code == status
    assert (DATA in answer.content) == (status == 200)


def test_elsewhere_any_name_is_answered(folder):
    with serving(folder, host="0.0.0.0") as server:
        url = f"http://127.0.0.1:{server.server_port}/a.mp3"
        assert httpx.get(url, headers={"Host": "my-laptop.example"}).status_code == 200


def test_other_methods_are_refused(client):
    for method in ("POST", "PUT", "DELETE"):
        assert client.request(method, "a.mp3", content=b"x").status_code == 501


# The command -----------------------------------------------------------------------------------------


def test_it_prints_its_address_and_stops_cleanly(folder):
    command = [sys.executable, "-m", "inkcast", "serve", str(folder), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            url = process.stdout.readline().strip()
            assert urlsplit(url).hostname == "127.0.0.1"
            assert httpx.get(url + "a.mp3").content == DATA
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, errors) == (0, "Stopped.\n")


def test_a_taken_port_and_a_missing_folder_are_one_line(folder, server, tmp_path):
    result = CliRunner().invoke(inkcast, ["serve", str(folder), "--port", str(server.server_port)])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: Cannot listen on 127.0.0.1, port ")
    result = CliRunner().invoke(inkcast, ["serve", str(tmp_path / "none"), "--port", "0"])
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    with pytest.raises(PublishError, match="Cannot listen"):
        PreviewServer(folder, "no.such.host.invalid", 0)


def test_a_folder_can_be_served_over_ipv6(folder):
    try:
        with serving(folder, host="::1") as server:
            assert httpx.get(server.url + "a.mp3").content == DATA
    except PublishError:
        pytest.skip("no IPv6 here")


def test_a_client_that_hangs_up_harms_nobody(server, client, capfd):
    with socket.create_connection(("127.0.0.1", server.server_port)) as connection:
        connection.sendall(b"GET /a.mp3 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert client.get("a.mp3").status_code == 200
    assert os.sep == "\\" or capfd.readouterr().err == ""
