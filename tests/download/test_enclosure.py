from __future__ import annotations

import functools
import gzip
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from collections import namedtuple
from collections.abc import Iterator
from pathlib import Path

import filelock
import httpx
import pytest

from inkcast.download import enclosure
from inkcast.download.backoff import ATTEMPTS, PROGRESS_BYTES
from inkcast.download.client import open_client
from inkcast.download.enclosure import Terms, UnwantedError, download, sweep
from inkcast.download.sniff import HEAD_BYTES
from inkcast.errors import DownloadError, StorageError
from tests.support.servers import Handler, Request, Route, serve, serve_folder


def audio(seed: int, size: int = 100_000) -> bytes:
    return b"ID3\x04\x00\x00\x00\x00\x00\x00" + random.Random(seed).randbytes(size)


AUDIO = audio(1)


class Publisher:
    """Serves ``body`` at /a.mp3. Each entry of ``cuts`` breaks one answer off after so many bytes."""

    def __init__(self, body: bytes = AUDIO, *, cuts: tuple[int, ...] = (), etag: str | None = '"v1"') -> None:
        self.body = body
        self.cuts = list(cuts)
        self.etag = etag
        self.extra: dict[str, str] = {}
        self.ranges = True
        self.heeds_if_range = True

    def __call__(self, handler: Handler) -> None:
        headers = dict(self.extra)
        if self.etag:
            headers["ETag"] = self.etag
        body, status = self.body, 200
        wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        fresh = not self.heeds_if_range or handler.headers.get("If-Range") in (
            self.etag,
            self.extra.get("Last-Modified"),
        )
        if wanted and self.ranges and fresh:
            start, status = int(wanted[1]), 206
            headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
            body = body[start:]
        cut = self.cuts.pop(0) if self.cuts else len(body)
        handler.reply(status, body[:cut], media_type="audio/mpeg", headers=headers, length=len(body))


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with open_client(allow_private=True) as client:
        yield client


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "Episode.mp3"


def fetch(client: httpx.Client, publisher: Publisher, target: Path) -> list[Request]:
    with serve({"/a.mp3": publisher}) as site:
        assert download(client, site.url + "/a.mp3", target, sleep=lambda _: None) == target
    return site.requests


def only_file(target: Path) -> bytes:
    assert [file.name for file in target.parent.iterdir()] == [target.name]
    return target.read_bytes()


def test_downloads_a_file(client: httpx.Client, target: Path) -> None:
    (request,) = fetch(client, Publisher(), target)
    assert only_file(target) == AUDIO
    assert request.headers["accept-encoding"] == "identity" and "range" not in request.headers


@pytest.mark.parametrize("cut", [0, 1, HEAD_BYTES - 1, HEAD_BYTES, 70_000, len(AUDIO) - 1])
def test_goes_on_where_the_connection_broke_off(client: httpx.Client, target: Path, cut: int) -> None:
    first, second = fetch(client, Publisher(cuts=(cut,)), target)
    assert only_file(target) == AUDIO
    assert "range" not in first.headers
    if cut >= HEAD_BYTES:  # less than what proves to be audio is not kept
        assert (second.headers["range"], second.headers["if-range"]) == (f"bytes={cut}-", '"v1"')


def test_goes_on_several_times(client: httpx.Client, target: Path) -> None:
    requests = fetch(client, Publisher(cuts=(30_000, 20_000, 0, 10_000)), target)
    assert only_file(target) == AUDIO
    assert [request.headers.get("range") for request in requests] == [
        None, "bytes=30000-", "bytes=50000-", "bytes=50000-", "bytes=60000-",
    ]  # fmt: skip


def test_a_date_serves_as_well_as_an_etag(client: httpx.Client, target: Path) -> None:
    publisher = Publisher(cuts=(50_000,), etag='W/"weak"')
    publisher.extra["Last-Modified"] = "Tue, 05 Mar 2024 08:30:00 GMT"
    _, second = fetch(client, publisher, target)
    assert only_file(target) == AUDIO
    assert second.headers["if-range"] == "Tue, 05 Mar 2024 08:30:00 GMT"


@pytest.mark.parametrize("etag", [None, 'W/"weak"'])
def test_starts_again_without_proof_of_the_same_bytes(
    client: httpx.Client, target: Path, etag: str | None
) -> None:
    _, second = fetch(client, Publisher(cuts=(50_000,), etag=etag), target)
    assert only_file(target) == AUDIO and "range" not in second.headers


def test_starts_again_if_the_server_ignores_ranges(client: httpx.Client, target: Path) -> None:
    publisher = Publisher(cuts=(50_000,))
    publisher.ranges = False
    assert len(fetch(client, publisher, target)) == 2
    assert only_file(target) == AUDIO


def interrupted(client: httpx.Client, url: str, target: Path, publisher: Publisher) -> None:
    """Leave a partial download of 50,000 bytes behind, as a run that was stopped does."""
    publisher.cuts = [50_000]

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(client, url, target, sleep=stop)
    assert target.with_name(target.name + ".part").stat().st_size == 50_000


@pytest.mark.parametrize("heeds_if_range", [True, False])
@pytest.mark.parametrize("size", [100_000, 40_000])
def test_starts_again_if_the_bytes_have_changed(
    client: httpx.Client, target: Path, heeds_if_range: bool, size: int
) -> None:
    publisher = Publisher()
    publisher.heeds_if_range = heeds_if_range
    with serve({"/a.mp3": publisher}) as site:
        interrupted(client, site.url + "/a.mp3", target, publisher)
        publisher.body, publisher.etag = audio(2, size), '"v2"'
        download(client, site.url + "/a.mp3", target, sleep=lambda _: None)
    assert only_file(target) == audio(2, size)


def test_starts_again_if_the_range_is_wrong_or_refused(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    end = len(AUDIO) - 1
    wrong = [
        lambda h: h.reply(
            206, AUDIO[1:-49_999], headers={"Content-Range": f"bytes 1-{end - 49_999}/{end + 1}"}
        ),
        lambda h: h.reply(
            206, audio(2)[50_000:-1], headers={"Content-Range": f"bytes 50000-{end - 1}/{end}"}
        ),
        lambda h: h.reply(206, AUDIO[50_000:]),
        lambda h: h.reply(416, headers={"Content-Range": f"bytes */{end + 1}"}),
    ]
    for answer in wrong:
        target.unlink(missing_ok=True)
        answers = [publisher, answer, publisher]
        with serve({"/a.mp3": lambda h, answers=answers: answers.pop(0)(h)}) as site:
            interrupted(client, site.url + "/a.mp3", target, publisher)
            download(client, site.url + "/a.mp3", target, sleep=lambda _: None)
        assert only_file(target) == AUDIO and not answers


def test_a_server_may_send_less_than_the_range(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    ranges: list[str] = []

    def piecewise(handler: Handler) -> None:
        start = int(handler.headers["Range"][6:-1])
        ranges.append(handler.headers["Range"])
        piece = AUDIO[start : start + 20_000]
        last = start + len(piece) - 1
        handler.reply(206, piece, headers={"Content-Range": f"bytes {start}-{last}/{len(AUDIO)}"})

    with serve({"/a.mp3": lambda h: (piecewise if "Range" in h.headers else publisher)(h)}) as site:
        interrupted(client, site.url + "/a.mp3", target, publisher)
        download(client, site.url + "/a.mp3", target, sleep=lambda _: None)
    assert only_file(target) == AUDIO
    assert ranges == ["bytes=50000-", "bytes=70000-", "bytes=90000-"]


def test_another_address_does_not_continue_a_partial_file(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    other = Publisher(audio(3))
    with serve({"/a.mp3": publisher, "/b.mp3": other}) as site:
        interrupted(client, site.url + "/a.mp3", target, publisher)
        download(client, site.url + "/b.mp3", target)
    assert only_file(target) == other.body


def test_gives_up_after_some_attempts_and_keeps_both_old_and_partial_file(
    client: httpx.Client, target: Path
) -> None:
    target.parent.mkdir()
    target.write_bytes(b"older")
    publisher = Publisher(cuts=(20_000,) * 3 + (0,) * 9)
    waits: list[float] = []
    with serve({"/a.mp3": publisher}) as site:
        with pytest.raises(DownloadError, match="was lost"):
            download(client, site.url + "/a.mp3", target, sleep=waits.append)
        assert len(site.requests) == ATTEMPTS == len(waits) + 1
        assert target.read_bytes() == b"older"
        publisher.cuts = []
        download(client, site.url + "/a.mp3", target)
        assert site.requests[-1].headers["range"] == "bytes=60000-"
    assert only_file(target) == AUDIO


def test_a_whole_partial_file_needs_no_request(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    with serve({"/a.mp3": publisher}) as site:
        interrupted(client, site.url + "/a.mp3", target, publisher)
        target.with_name(target.name + ".part").write_bytes(AUDIO)
        download(client, site.url + "/a.mp3", target)
    assert only_file(target) == AUDIO and len(site.requests) == 1


def test_a_damaged_note_means_starting_again(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    with serve({"/a.mp3": publisher}) as site:
        for note in ("{", "[]", "{}", '{"validator": 1, "total": "x", "address": null}'):
            interrupted(client, site.url + "/a.mp3", target, publisher)
            target.with_name(target.name + ".part.json").write_text(note)
            download(client, site.url + "/a.mp3", target)
            assert only_file(target) == AUDIO
            target.unlink()


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (b"<!DOCTYPE html><title>Sign in</title>" + b" " * 50_000, "is a web page, not audio"),
        (b'{"error": "expired"}', "is a JSON message, not audio"),
        (b"error code: 1020", "is plain text, not audio"),
        (b"", "is empty"),
    ],
)
def test_refuses_what_is_no_audio(client: httpx.Client, target: Path, body: bytes, what: str) -> None:
    publisher = Publisher(body)
    with serve({"/a.mp3": publisher}) as site, pytest.raises(DownloadError, match=what) as caught:
        download(client, site.url + "/a.mp3", target)
    assert caught.value.hint and list(target.parent.iterdir()) == [] and len(site.requests) == 1


def test_a_sign_in_page_does_not_cost_the_bytes_so_far(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    with serve({"/a.mp3": publisher}) as site:
        interrupted(client, site.url + "/a.mp3", target, publisher)
        publisher.body, publisher.etag = b"<html>Welcome to our hotel", None
        with pytest.raises(DownloadError, match="a web page"):
            download(client, site.url + "/a.mp3", target)
        publisher.body, publisher.etag = AUDIO, '"v1"'
        download(client, site.url + "/a.mp3", target)
        assert site.requests[-1].headers["range"] == "bytes=50000-"
    assert only_file(target) == AUDIO


def test_an_unknown_length_and_a_compressing_server(client: httpx.Client, target: Path) -> None:
    with serve({"/a.mp3": lambda h: h.reply(200, AUDIO, length=-1)}) as site:
        download(client, site.url + "/a.mp3", target)
        assert only_file(target) == AUDIO
    publisher = Publisher(gzip.compress(AUDIO), cuts=(50_000,))
    publisher.extra["Content-Encoding"] = "gzip"
    _, second = fetch(client, publisher, target)
    assert only_file(target) == AUDIO and "range" not in second.headers


def test_progress_counts_up_from_what_was_there(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    seen: list[tuple[int, int | None]] = []
    with serve({"/a.mp3": publisher}) as site:
        interrupted(client, site.url + "/a.mp3", target, publisher)
        download(client, site.url + "/a.mp3", target, progress=lambda done, total: seen.append((done, total)))
    counts = [done for done, _ in seen]
    assert counts == sorted(counts) and counts[0] > 50_000 and seen[-1] == (len(AUDIO), len(AUDIO))


def test_a_missing_file_is_an_error_without_secrets_or_leftovers(client: httpx.Client, target: Path) -> None:
    with serve({}) as site, pytest.raises(DownloadError, match="404") as caught:
        download(client, site.url + "/a.mp3?token=s3cret", target)
    assert "s3cret" not in str(caught.value) and list(target.parent.iterdir()) == []


def test_notes_beside_a_partial_file_hold_no_secrets(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    with serve({"/a.mp3": publisher}) as site:
        interrupted(client, site.url + "/a.mp3?token=s3cret", target, publisher)
    assert "s3cret" not in target.with_name(target.name + ".part.json").read_text()


def test_what_no_validator_names_has_no_note_and_begins_anew(client: httpx.Client, target: Path) -> None:
    publisher = Publisher(etag=None)
    with serve({"/a.mp3": publisher}) as site:
        interrupted(client, site.url + "/a.mp3", target, publisher)
        assert {path.name for path in target.parent.iterdir()} == {target.name + ".part"}
        download(client, site.url + "/a.mp3", target)
        assert "range" not in site.requests[-1].headers
    assert only_file(target) == AUDIO


def test_who_is_alone_in_a_folder_needs_no_lock(client: httpx.Client, target: Path) -> None:
    target.parent.mkdir()
    lock = filelock.FileLock(target.with_name(target.name + ".lock"))
    with serve({"/a.mp3": Publisher()}) as site, lock:
        download(client, site.url + "/a.mp3", target, Terms(is_alone=True))
    assert target.read_bytes() == AUDIO


def test_two_runs_do_not_write_one_file(client: httpx.Client, target: Path) -> None:
    target.parent.mkdir()
    with (
        serve({"/a.mp3": Publisher()}) as site,
        filelock.FileLock(target.with_name(target.name + ".lock")),
        pytest.raises(DownloadError, match="Another run"),
    ):
        download(client, site.url + "/a.mp3", target)
    assert site.requests == []


def test_too_little_space_is_noticed_before_the_download(
    client: httpx.Client, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10, 9, len(AUDIO) - 1))
    with pytest.raises(StorageError, match="disk is full"):
        fetch(client, Publisher(), target)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no limit on file sizes")
def test_a_disk_that_refuses_keeps_what_it_has(client: httpx.Client, target: Path) -> None:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with serve({"/a.mp3": Publisher()}) as site:
        resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, hard))
        try:
            with pytest.raises(StorageError, match="Cannot write"):
                download(client, site.url + "/a.mp3", target)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert not target.exists()
        download(client, site.url + "/a.mp3", target)
        assert site.requests[-1].headers["range"].startswith("bytes=")
    assert only_file(target) == AUDIO


def test_copies_a_local_file(client: httpx.Client, target: Path, tmp_path: Path) -> None:
    source = tmp_path / "source.mp3"
    source.write_bytes(AUDIO)
    seen: list[tuple[int, int | None]] = []
    assert download(client, str(source), target, progress=lambda *counts: seen.append(counts)) == target
    assert only_file(target) == AUDIO and seen[-1] == (len(AUDIO), len(AUDIO))
    assert download(client, str(target), target).read_bytes() == AUDIO


@pytest.mark.parametrize(
    ("content", "what"), [(b"<html>", "a web page"), (b"", "is empty"), (None, "Cannot read")]
)
def test_refuses_a_local_file_that_is_no_audio(
    client: httpx.Client, target: Path, tmp_path: Path, content: bytes | None, what: str
) -> None:
    source = tmp_path / "source.mp3"
    if content is not None:
        source.write_bytes(content)
    with pytest.raises(DownloadError, match=what):
        download(client, str(source), target)
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://a.example/x.mp3"])
def test_refuses_other_schemes(client: httpx.Client, target: Path, url: str) -> None:
    with pytest.raises(DownloadError, match="http or https"):
        download(client, url, target)


def test_serves_as_a_client_of_a_plain_file_server(
    client: httpx.Client, target: Path, tmp_path: Path
) -> None:
    (tmp_path / "a.mp3").write_bytes(AUDIO)
    with serve_folder(tmp_path) as site:
        download(client, site.url + "/a.mp3", target)
    assert only_file(target) == AUDIO


SCRIPT = """
import sys
from pathlib import Path
from inkcast.download.client import open_client
from inkcast.download.enclosure import download

with open_client(allow_private=True) as client:
    download(client, sys.argv[1], Path(sys.argv[2]))
"""


def test_a_killed_process_is_continued(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    killed = threading.Event()

    def slow_at_first(handler: Handler) -> None:
        if killed.is_set():
            publisher(handler)
            return
        handler.reply(200, AUDIO[:60_000], headers={"ETag": '"v1"'}, length=len(AUDIO))
        killed.wait(30)

    part = target.with_name(target.name + ".part")
    with serve({"/a.mp3": slow_at_first}) as site:
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, site.url + "/a.mp3", str(target)])
        deadline = time.monotonic() + 30
        while not (part.exists() and part.stat().st_size > 40_000) and time.monotonic() < deadline:
            time.sleep(0.02)
        process.kill()
        process.wait()
        killed.set()
        saved = part.stat().st_size
        download(client, site.url + "/a.mp3", target)
    assert 40_000 < saved <= 60_000
    assert site.requests[1].headers["range"] == f"bytes={saved}-"
    assert only_file(target) == AUDIO


def test_progress_gives_new_attempts(client: httpx.Client, target: Path) -> None:
    """A long recording over a bad line needs more connections than a page does."""
    body = audio(4, 9 * PROGRESS_BYTES)
    publisher = Publisher(body, cuts=(PROGRESS_BYTES + 1,) * 8)
    requests = fetch(client, publisher, target)
    assert only_file(target) == body and len(requests) == 9 > ATTEMPTS


def test_a_server_that_always_begins_anew_is_given_up(client: httpx.Client, target: Path) -> None:
    publisher = Publisher(audio(4, 9 * PROGRESS_BYTES), cuts=(3 * PROGRESS_BYTES,) * 99, etag=None)
    with serve({"/a.mp3": publisher}) as site, pytest.raises(DownloadError, match="was lost"):
        download(client, site.url + "/a.mp3", target, sleep=lambda _: None)
    assert len(site.requests) == ATTEMPTS


@pytest.mark.parametrize("status", [401, 403, 404, 410, 200])
def test_an_address_that_has_expired_is_asked_for_anew_once(
    client: httpx.Client, target: Path, status: int
) -> None:
    def signed(handler: Handler) -> None:
        if "new" in handler.path:
            Publisher()(handler)
        else:
            handler.reply(status, b"<html>This link has expired")

    with serve({"/a.mp3": signed}) as site:
        old, asked = site.url + "/a.mp3?sig=old", []

        def refresh(fresh: str | None) -> str | None:
            asked.append(fresh)
            return fresh

        for useless in (None, old, "/etc/passwd", site.url + "/a.mp3?sig=old2"):
            with pytest.raises(DownloadError):
                download(client, old, target, Terms(refresh=functools.partial(refresh, useless)))
        assert len(asked) == 4 and len(site.requests) == 5 and list(target.parent.iterdir()) == []
        fresh = site.url + "/a.mp3?sig=new"
        download(client, old, target, Terms(refresh=functools.partial(refresh, fresh)))
    assert only_file(target) == AUDIO


def test_a_refresh_is_not_asked_for_what_is_only_temporary(client: httpx.Client, target: Path) -> None:
    terms = Terms(refresh=lambda: pytest.fail("asked"))
    with (
        serve({"/a.mp3": lambda h: h.reply(503)}) as site,
        pytest.raises(DownloadError, match="503"),
    ):
        download(client, site.url + "/a.mp3", target, terms, sleep=lambda _: None)


@pytest.mark.parametrize(("etag", "continued"), [('"v1"', True), (None, False)])
def test_an_address_signed_anew_continues_the_same_bytes(
    client: httpx.Client, target: Path, etag: str | None, continued: bool
) -> None:
    """An ETag names bytes; two files may have one date."""
    publisher = Publisher(etag=etag)
    publisher.extra["Last-Modified"] = "Tue, 05 Mar 2024 08:30:00 GMT"
    with serve({"/a.mp3": publisher}) as site:
        interrupted(client, site.url + "/a.mp3?sig=1", target, publisher)
        download(client, site.url + "/a.mp3?sig=2", target)
    assert ("range" in site.requests[1].headers) is continued
    assert only_file(target) == AUDIO


@pytest.mark.parametrize("length", [None, -1])
def test_too_large_a_file_is_refused(client: httpx.Client, target: Path, length: int | None) -> None:
    with serve({"/a.mp3": lambda h: h.reply(200, AUDIO, length=length)}) as site:
        url = site.url + "/a.mp3"
        with pytest.raises(DownloadError, match=r"larger than 100,009 bytes.*--max-size"):
            download(client, url, target, Terms(max_bytes=len(AUDIO) - 1))
        assert list(target.parent.iterdir()) == []
        assert download(client, url, target, Terms(max_bytes=len(AUDIO))).read_bytes() == AUDIO


def test_a_broken_off_download_counts_towards_the_limit(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    with serve({"/a.mp3": publisher}) as site:
        interrupted(client, site.url + "/a.mp3", target, publisher)
        with pytest.raises(DownloadError, match="larger than"):
            download(client, site.url + "/a.mp3", target, Terms(max_bytes=60_000))
    assert list(target.parent.iterdir()) == []


def chunked(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(AUDIO), AUDIO))


@pytest.mark.parametrize(
    ("answer", "marked"),
    [
        (lambda h: h.reply(200, AUDIO), True),
        (chunked, True),
        (lambda h: h.reply(200, AUDIO, length=-1), False),
    ],
)
def test_a_check_sees_the_whole_file_before_it_has_its_name(
    client: httpx.Client, target: Path, answer: Route, marked: bool
) -> None:
    seen: list[tuple[bytes, bool, bool]] = []

    def refuse(path: Path, end_is_marked: bool) -> None:
        seen.append((path.read_bytes(), end_is_marked, target.exists()))
        raise UnwantedError("It is cut.")

    with serve({"/a.mp3": answer}) as site, pytest.raises(UnwantedError, match="cut"):
        download(client, site.url + "/a.mp3", target, Terms(check=refuse))
    assert seen == [(AUDIO, marked, False)]
    assert list(target.parent.iterdir()) == []


def test_a_cut_chunked_body_is_noticed(client: httpx.Client, target: Path) -> None:
    def cut_once(handler: Handler) -> None:
        if len(site.requests) > 1:
            chunked(handler)
            return
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(b"%x\r\n%b\r\n" % (50_000, AUDIO[:50_000]))

    with serve({"/a.mp3": cut_once}) as site:
        download(client, site.url + "/a.mp3", target, sleep=lambda _: None)
    assert only_file(target) == AUDIO and len(site.requests) == 2


def test_a_disk_that_fills_up_meanwhile_is_noticed(
    client: httpx.Client, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    free = iter([10**9, 0])
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**9, 0, next(free)))
    monkeypatch.setattr(enclosure, "_LOOK_AT_DISK_BYTES", 50_000)
    with serve({"/a.mp3": Publisher()}) as site:
        with pytest.raises(StorageError, match="disk is full"):
            download(client, site.url + "/a.mp3", target)
        monkeypatch.undo()
        download(client, site.url + "/a.mp3", target)
        assert "range" in site.requests[1].headers
    assert only_file(target) == AUDIO


def test_what_a_killed_run_left_beside_a_whole_file_is_swept_away(client: httpx.Client, target: Path) -> None:
    publisher = Publisher()
    with serve({"/a.mp3": publisher}) as site:
        interrupted(client, site.url + "/a.mp3", target, publisher)
    target.write_bytes(AUDIO)
    target.with_name(target.name + ".lock").touch()
    sweep(target)
    assert only_file(target) == AUDIO
    sweep(target)


def test_a_running_download_is_not_swept_away(client: httpx.Client, target: Path) -> None:
    target.parent.mkdir()
    part = target.with_name(target.name + ".part")
    part.write_bytes(AUDIO)
    with (
        filelock.FileLock(target.with_name(target.name + ".lock")),
        pytest.raises(DownloadError, match="Another run"),
    ):
        sweep(target)
    assert part.exists()
