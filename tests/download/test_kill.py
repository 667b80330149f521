"""``kill -9`` in the middle of downloads: what lands in the end is whole, and nothing else is left."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from inkcast.download.download_index import FILE_NAME
from tests.support.failures import feed, item
from tests.support.servers import Handler, serve

KILLS = 20
AUDIO = b"ID3\x04\x00\x00\x00\x00\x00\x00" + random.Random(1).randbytes(2_000_000)
PIECE = 4096

# The command itself would take most of the time to import what this does not need.
SCRIPT = """
import sys
from pathlib import Path
from inkcast.download.client import open_client
from inkcast.download.enclosure import download, sweep

target = Path(sys.argv[2])
with open_client(allow_private=True) as client:
    print("ready", flush=True)
    if not target.exists():
        download(client, sys.argv[1], target)
    sweep(target)
"""


class Dripping:
    """Serves ``AUDIO`` with ranges, a piece each millisecond, and at most ``most`` pieces in an answer.

    ``sent`` counts pieces of all answers. After the last of an answer it waits until ``pause`` is set.
    """

    def __init__(self) -> None:
        self.sent = 0
        self.most = len(AUDIO)
        self.pause = threading.Event()

    def __call__(self, handler: Handler) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        start = int(wanted[1]) if wanted and handler.headers.get("If-Range") == '"v1"' else 0
        handler.send_response(206 if start else 200)
        if start:
            handler.send_header("Content-Range", f"bytes {start}-{len(AUDIO) - 1}/{len(AUDIO)}")
        handler.send_header("ETag", '"v1"')
        handler.send_header("Connection", "close")
        handler.send_header("Content-Length", str(len(AUDIO) - start))
        handler.end_headers()
        for number, at in enumerate(range(start, len(AUDIO), PIECE), 1):
            handler.wfile.write(AUDIO[at : at + PIECE])
            self.sent += 1
            self.pause.wait(30 if number == self.most else 0.001)


def test_twenty_kills_lose_nothing(tmp_path: Path) -> None:
    chance = random.Random(1)
    target = tmp_path / "out" / "Episode.mp3"
    server = Dripping()
    with serve({"/a.mp3": server}) as site:
        command = [sys.executable, "-c", SCRIPT, site.url + "/a.mp3", str(target)]
        for number in range(KILLS):
            # So few pieces that the file is not through before the last kill, however fast the machine is.
            server.most, before = chance.randint(8, 22), server.sent
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
                assert process.stdout and process.stdout.readline().strip() == b"ready"
                # From before the first byte until well into the file; every second time surely in the middle.
                while number % 2 and server.sent < before + 4:
                    threading.Event().wait(0.001)
                threading.Event().wait(chance.uniform(0, 0.06))
                process.kill()
            kept = {path.name for path in target.parent.glob("*")} if target.parent.exists() else set()
            assert kept <= {"Episode.mp3" + end for end in ("", ".part", ".part.json", ".lock")} | {
                name for name in kept if re.fullmatch(r"\.[0-9a-f]{12}\.part", name)
            }
            assert not target.exists() or target.read_bytes() == AUDIO
        resumed = sum("range" in request.headers for request in site.requests)
        server.most = len(AUDIO)
        server.pause.set()
        subprocess.run(command, check=True, capture_output=True)
    assert target.read_bytes() == AUDIO
    assert [path.name for path in target.parent.iterdir()] == ["Episode.mp3"]
    assert resumed > KILLS // 4, "too few were killed in the middle"


@pytest.mark.parametrize("pieces", [0, len(AUDIO) // PIECE])
def test_the_command_goes_on_after_a_kill(tmp_path: Path, pieces: int) -> None:
    """Also in the very last moment, around the last piece of the file."""
    out = tmp_path / "out"
    server = Dripping()
    routes = {"/feed": lambda h: h.reply(200, feed(item("a", "Trains", type="audio/mpeg"))), "/a.wav": server}
    with serve(routes) as site:
        command = [sys.executable, "-m", "inkcast", "download", site.url + "/feed", "--out", str(out)]
        command.append("--allow-private")
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            while process.poll() is None and (server.sent < pieces or len(site.requests) < 2):
                threading.Event().wait(0.0005)
            process.kill()
        for _ in range(2):
            subprocess.run(command, check=True, capture_output=True)
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.name != FILE_NAME} == {
        "2026-05-01 Trains.wav": AUDIO
    }
    assert (out / FILE_NAME).exists()
