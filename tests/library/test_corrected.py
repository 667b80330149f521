"""What people correct in a library, in a file of their own or in ours, is kept, or a copy of it is."""

from __future__ import annotations

import json
import logging

import pytest
from click.testing import CliRunner

from inkcast.alignment.alignment import Alignment
from inkcast.cli import app
from inkcast.corrections.apply import Corrected, apply
from inkcast.corrections.correction import Anchor, Correction
from inkcast.corrections.corrections_file import change_corrections, corrections_path
from inkcast.download.client import open_client
from inkcast.errors import LibraryError
from inkcast.essays.essay import Essay
from inkcast.feeds.episode import Episode
from inkcast.library.check import check
from inkcast.library.remake import remake
from inkcast.library.repair import repair
from inkcast.library.steps import episode_steps
from inkcast.library.steps.archive_names import archive_names
from inkcast.library.steps.episode_steps import Tools
from inkcast.library.store.catalogue import Catalogue
from inkcast.library.store.contents import contents
from inkcast.library.store.schema import FILE_NAME
from inkcast.library.store.status import status_of
from inkcast.library.subscriptions import Subscriptions
from inkcast.library.sync import Plan, sync
from inkcast.settings import Settings
from tests.support.servers import serve_folder
from tests.support.shows import write_show

STEM = "2026-05-13 Trains"
TYPO = Correction("wording", Anchor("dignity."), "comfort.")
UNREAD = Correction("not read", Anchor("The berths are narrow,"))
BORDER = Correction("starts here", Anchor("Night", after="trains are"), start_ms=420)


@pytest.fixture
def show(tmp_path):
    """A feed on a server that says when nothing has changed."""
    write_show(tmp_path / "show")
    with serve_folder(tmp_path / "show") as site:
        yield f"{site.url}/feed.xml"


@pytest.fixture
def folder(library):
    return library / "Slow ways" / STEM


@pytest.fixture
def run(show, library, ears):
    """Sync, and tell of which steps the older episode has new files."""

    def run(model="ears"):
        ears.model = model
        before = steps_of(library) if library.exists() else {}
        with open_client(allow_private=True) as client:
            tools = Tools(client, Settings(model=model), ears)
            summary = sync(Plan([show]), library, tools, subscriptions=Subscriptions(client))
        assert not summary.failed
        # Whatever is written again has another date.
        after = steps_of(library)
        return {
            name for name, step in after.items() if name not in before or before[name].files != step.files
        }

    return run


def steps_of(library):
    with Catalogue(library / FILE_NAME) as catalogue:
        (status,) = status_of(catalogue)
        return catalogue.steps(status.feed, "trains")


def read(folder, suffix):
    return (folder / f"{STEM}{suffix}").read_text(encoding="utf-8")


def replace_in(folder, suffix, old, new):
    text = read(folder, suffix)
    assert old in text
    (folder / f"{STEM}{suffix}").write_text(text.replace(old, new), encoding="utf-8")


def test_corrections_are_applied_once_and_for_all(run, library, folder, ears):
    """In the page, the subtitles and the site's sources; whatever else changes later."""
    run()
    path = corrections_path(folder, STEM)
    change_corrections(path, [TYPO, UNREAD, BORDER])
    text = path.read_text()
    assert run() == {"align", "publish"}

    def is_corrected():
        alignment = json.loads(read(folder, ".alignment.json"))
        unread = [word["text"] for word in alignment["words"] if word["status"] == "unspoken"]
        (source,) = [source for source in contents(library) if source.title == "Trains"]
        essay, aligned = source.read()
        return (
            unread == ["The", "berths", "are", "narrow,"]
            and alignment["words"][1]["start_ms"] == 420
            and all("comfort." in read(folder, suffix) for suffix in (".html", ".vtt", ".txt"))
            and "comfort." in essay.blocks[1].text
            and [word.text for word in aligned.words] == [word.text for word in essay.words()]
        )

    assert is_corrected()
    assert "dignity." in read(folder, ".essay.json")  # as published
    assert run() == set()
    path.write_text("# Mine.\n" + text)
    assert run() == set()
    assert run(model="other") == {"transcribe", "align", "publish"}
    assert is_corrected()
    replace_in(folder, ".essay.json", "Night trains", "The night trains")
    assert run(model="other") == {"essay", "align", "publish"}
    assert "The night trains" in read(folder, ".txt")
    assert path.read_text() == "# Mine.\n" + text
    path.unlink()
    assert run(model="other") == {"align", "publish"}
    assert "dignity." in read(folder, ".vtt")
    assert not list(folder.glob("*corrected*"))
    assert len(ears.heard) == 4  # two episodes, two models


def test_a_correction_that_has_lost_its_place_is_said_and_stays(run, folder, library, caplog):
    run()
    path = corrections_path(folder, STEM)
    change_corrections(path, [Correction("not read", Anchor("a sentence of another essay")), TYPO])
    text = path.read_text()
    with caplog.at_level(logging.WARNING):
        run()
    assert "“a sentence of another essay”" in caplog.text
    assert "“a sentence of another essay”" in steps_of(library)["align"].reason
    assert path.read_text() == text
    assert "comfort." in read(folder, ".vtt")


def test_a_file_of_corrections_that_makes_no_sense_fails_and_is_mended(run, folder, library):
    run()
    path = corrections_path(folder, STEM)
    path.write_text("[[correction]\n")
    with pytest.raises(AssertionError):
        run()
    assert "not TOML" in steps_of(library)["align"].reason
    change_corrections(path.with_name("other.toml"), [TYPO])
    path.write_text(path.with_name("other.toml").read_text())
    assert run() == {"align", "publish"}


def test_a_mended_word_outlives_a_mended_essay(run, folder, ears):
    run()
    replace_in(folder, ".transcript.json", '" dignity."', '" delight."')
    replace_in(folder, ".essay.json", "weak", "week")
    assert run() == {"essay", "transcribe", "align", "publish"}
    assert '" delight."' in read(folder, ".transcript.json")
    assert "week" in read(folder, ".html")
    assert len(ears.heard) == 2
    assert not list(folder.glob("*.edited*"))


def test_what_replaces_a_mended_file_keeps_a_copy(run, folder, caplog):
    run()
    replace_in(folder, ".transcript.json", '" dignity."', '" delight."')
    run()
    mended = read(folder, ".transcript.json")
    (folder / f"{STEM}.vtt").write_text("mine")
    with caplog.at_level(logging.WARNING):
        run(model="other")
    assert read(folder, ".transcript.edited.json") == mended
    assert read(folder, ".edited.vtt") == "mine"
    assert "dignity" in read(folder, ".vtt")
    assert f"{STEM}.transcript.json was changed by somebody" in caplog.text


def test_a_page_is_heard_again_if_much_of_it_is_new(run, folder, ears, tmp_path):
    run()
    page = tmp_path / "show" / "trains.html"
    feed = tmp_path / "show" / "feed.xml"

    def publish_again(old, new):
        page.write_text(page.read_text().replace(old, new))
        feed.write_text(feed.read_text().replace("trains.html", "trains.html?again", 1))

    publish_again("no aeroplane", "no airplane")
    assert run() == {"essay", "align", "publish"}
    publish_again("The berths", "Who has seen the sea from a bed knows why. The berths")
    assert run() == {"essay", "transcribe", "align", "publish"}


def test_the_status_says_what_to_look_at(run, library, folder):
    """In words, for programs, and as a page; what is corrected is no longer counted."""

    def status(*options):
        done = CliRunner().invoke(app.inkcast, ["status", "--library", str(library), *options])
        assert done.exit_code == 0, done.output
        return done.stdout

    run()
    assert "doubtful" not in status()
    path = corrections_path(folder, STEM)
    change_corrections(
        path, [Correction("extra speech", Anchor(after="The berths are"), "well", 9_000, 9_300)]
    )
    run()
    assert "doubtful" not in status()  # a person has said so
    replace_in(folder, ".corrections.toml", "The berths are", "Nobody wrote this")
    run()
    lost = "A correction has lost its place: extra speech “ | Nobody wrote this”"
    text = status()
    assert f"Trains: {lost}" in text and "1 doubtful place in 1 episode, most in Trains (1)" in text
    (show,) = json.loads(status("--json"))["feeds"]
    (episode,) = show["doubtful"]
    assert (episode["guid"], episode["folder"], episode["doubts"]) == ("trains", STEM, 1)
    assert episode["lost"].startswith(lost)
    page = library / "status.html"
    status("--html", str(page))
    assert "To be looked at" in page.read_text() and "1 doubtful place<" in page.read_text()


def test_names_that_a_person_has_mended_are_known_to_later_episodes(run, folder):
    run()
    made = [
        Correction("wording", Anchor("weak,"), "Nescafé,"),
        Correction("said instead", Anchor("windows", before="and the"), "Pullmans"),
    ]
    change_corrections(corrections_path(folder, STEM), made)
    run()
    names = archive_names(folder.parent, Episode("new", "New", None))
    assert {"Nescafé", "Pullmans"} <= set(names)


def test_an_episode_is_made_anew_without_its_feed(run, library, folder, ears):
    """As an editor does; the next sync has nothing left to do."""
    run()
    source = json.loads(read(folder, ".alignment.json"))["audio"]["source"]
    change_corrections(corrections_path(folder, STEM), [TYPO, BORDER])
    place = folder.relative_to(library)
    aligned, published = remake(library, place, Settings(model="never loaded"))
    assert (aligned.state, published.state) == ("done", "done")
    assert "comfort." in read(folder, ".html")
    alignment = json.loads(read(folder, ".alignment.json"))
    assert alignment["words"][1]["start_ms"] == 420 and alignment["audio"]["source"] == source
    before = read(folder, ".html")
    assert run() == set() and read(folder, ".html") == before and len(ears.heard) == 2
    assert check(library).findings == []
    with pytest.raises(LibraryError, match="no episode in"):
        remake(library, place.with_name("other"))


def test_an_alignment_that_was_edited_is_not_called_damaged(run, library, folder):
    """No step takes it up; a repair keeps it beside the one that is made again."""
    run()
    replace_in(folder, ".alignment.json", '"weak,"', '"meek,"')
    edited = read(folder, ".alignment.json")
    (finding,) = check(library).findings
    assert finding.kind == "edited" and f"{STEM}.corrections.toml" in finding.problem
    (finding,) = repair(library).findings
    assert f"{STEM}.alignment.edited.json" in finding.repair
    assert read(folder, ".alignment.edited.json") == edited
    assert "align" in run()
    assert '"meek,"' not in read(folder, ".alignment.json")
    assert check(library).findings == []


def test_a_typo_in_the_essay_is_mended_without_listening(run, folder, monkeypatch):
    """Corrections stay; whatever else is edited is aligned again."""
    run()
    change_corrections(corrections_path(folder, STEM), [TYPO, UNREAD, BORDER])
    run()

    def times():
        words = json.loads(read(folder, ".alignment.json"))["words"]
        return [(word["start_ms"], word["end_ms"], word["status"]) for word in words]

    before = times()
    with monkeypatch.context() as patched:
        patched.setattr(episode_steps, "align_corrected", None)
        replace_in(folder, ".essay.json", "aeroplane", "airplane")
        assert run() == {"essay", "align", "publish"}
    assert times() == before
    assert "airplane" in read(folder, ".html") and "comfort." in read(folder, ".html")
    replace_in(folder, ".essay.json", "coffee is", "coffee")
    assert run() == {"essay", "align", "publish"}
    assert len(times()) == len(before) - 1


def test_what_an_editor_has_made_is_not_made_again(run, library, folder, monkeypatch):
    """It is what a sync would make of the same corrections."""
    run()
    essay, alignment = (
        kind.from_json(json.loads(read(folder, suffix)))
        for kind, suffix in ((Essay, ".essay.json"), (Alignment, ".alignment.json"))
    )
    made = [TYPO, UNREAD]
    change_corrections(corrections_path(folder, STEM), made)
    with monkeypatch.context() as patched:
        patched.setattr(episode_steps, "align_corrected", None)
        done = apply(made, Corrected(essay, alignment))
        remake(library, folder.relative_to(library), Settings(model="ears"), done=done)
    files = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert "comfort." in read(folder, ".html")
    assert run() == set()
    (folder / f"{STEM}.alignment.json").unlink()
    assert "align" in run()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == files
