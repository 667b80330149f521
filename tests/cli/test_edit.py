"""``inkcast edit``: what it opens, to whom, and what it makes anew."""

from __future__ import annotations

import os
import re
import threading
import webbrowser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx
import pytest
from click.testing import CliRunner

from inkcast.cli import app
from inkcast.cli.libraries import edit
from inkcast.corrections.correction import Anchor, Correction
from inkcast.corrections.corrections_file import change_corrections, corrections_path
from inkcast.download.client import open_client
from inkcast.library.check import check
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import Plan, sync
from inkcast.settings import Settings
from tests.support.editing import write_aligned
from tests.support.servers import serve_folder
from tests.support.shows import Ears, write_show

CHANGE = {"kind": "wording", "first": "1.0", "last": "1.0", "text": "Late", "version": 0}


class Browser:
    """Opens the address that it finds in the file that it is given, makes a change, and is done."""

    def __init__(self, *changes: object) -> None:
        self.changes = changes
        self.file = Path()
        self.mode = 0

    def open(self, url: str) -> bool:
        self.file = Path(unquote(urlsplit(url).path))
        self.mode = self.file.stat().st_mode & 0o777
        (address,) = re.findall('url=(.*?)"', self.file.read_text(encoding="utf-8"))
        threading.Thread(target=self.edit, args=(address,)).start()
        return True

    def edit(self, address: str) -> None:
        with httpx.Client(headers={"Origin": address.rsplit("/", 2)[0]}, timeout=60) as client:
            self.title = re.search("<title>(.*?) – ", client.get(address).text)[1]
            for change in self.changes:
                client.post(f"{address}change", json=change).raise_for_status()
            client.post(f"{address}done", json={}).raise_for_status()


@pytest.fixture
def browse(monkeypatch):
    def browse(*arguments, changes=(CHANGE,)):
        browser = Browser(*changes)
        monkeypatch.setattr(webbrowser, "open", browser.open)
        result = CliRunner().invoke(app.inkcast, ["edit", *map(str, arguments)])
        return browser, result

    return browse


def test_an_alignment_is_edited_until_the_person_is_done(browse, tmp_path):
    path = write_aligned(tmp_path)
    browser, result = browse(path)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/[\w-]{32}/", lines[0])
    assert str(path.with_name("trains.html")) in lines and "files made anew in" in result.stderr
    assert "Late trains" in path.with_name("trains.txt").read_text(encoding="utf-8")
    assert browser.title == "Trains" and not browser.file.exists()
    assert os.name == "nt" or browser.mode == 0o600
    # What somebody writes into the file is applied before it is opened.
    file = corrections_path(path.parent, "trains")
    file.write_text(file.read_text(encoding="utf-8").replace('"Late"', '"Slow"'), encoding="utf-8")
    os.utime(path, (1, 1))
    _, result = browse(path.with_name("trains.html"), changes=())
    assert "Applying the corrections" in result.stderr and "Nothing was changed" in result.stderr
    assert "Slow trains" in path.with_name("trains.txt").read_text(encoding="utf-8")


def test_the_most_doubtful_episode_of_a_library_is_next(browse, tmp_path):
    write_show(tmp_path / "show")
    library = tmp_path / "library"
    ears = Ears()

    def run():
        with open_client(allow_private=True) as client:
            tools = Tools(client, Settings(model="ears"), ears)
            sync(Plan([f"{site.url}/feed.xml"]), library, tools, subscriptions=Subscriptions(client))

    with serve_folder(tmp_path / "show") as site:
        run()
        _, result = browse("--next", "--library", library)
        assert result.exit_code == 0 and "no doubtful place" in result.stderr
        folder = library / "Slow ways" / "2026-05-13 Trains"
        lost = Correction("not read", Anchor("Nobody ever wrote these words here"))
        change_corrections(corrections_path(folder, folder.name), [lost])
        run()
        browser, result = browse("--next", "--library", library)
        assert result.exit_code == 0, result.output
        assert browser.title == "Trains" and str(folder / f"{folder.name}.html") in result.stdout
        assert "Late trains" in (folder / f"{folder.name}.vtt").read_text(encoding="utf-8")
        before = (folder / f"{folder.name}.alignment.json").read_bytes()
        run()
        assert (folder / f"{folder.name}.alignment.json").read_bytes() == before
    assert check(library).findings == [] and len(ears.heard) == 2
    browser, result = browse(folder, changes=())
    assert browser.title == "Trains" and result.exit_code == 0


def test_ctrl_c_ends_it_and_makes_everything_anew(monkeypatch, tmp_path):
    path = write_aligned(tmp_path)

    def interrupted(server):
        monkeypatch.undo()
        server.change(CHANGE)
        server.is_done.wait = raising
        edit._wait(server)

    def raising(seconds):
        raise KeyboardInterrupt

    monkeypatch.setattr(edit, "_wait", interrupted)
    result = CliRunner().invoke(app.inkcast, ["edit", str(path), "--no-browser"])
    assert result.exit_code == 0 and "Making everything anew." in result.stderr
    assert "Late trains" in path.with_name("trains.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Name an episode, or give --next"),
        (["a", "--next"], "Name an episode, or give --next"),
        (["nowhere"], "Which library?"),
        (["a", "--library", "."], "There is no library"),
    ],
)
def test_what_is_missing_is_said(browse, arguments, message):
    _, result = browse(*arguments)
    assert result.exit_code and message in result.stderr
