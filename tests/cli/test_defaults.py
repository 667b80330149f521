"""What need not be said: folders, libraries, feeds; and what is meant where something else is said."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from inkcast.cli import app
from inkcast.cli.progress import Reporter
from inkcast.speech.transcript import Segment, Transcript, TranscriptWord
from tests.support.example import JFK, JFK_SAYS
from tests.support.libraries import Told, write_library
from tests.support.servers import serve_folder
from tests.support.shows import Ears, tone, write_show


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: tmp_path / "config")
    return folder


@pytest.fixture
def talk(here):
    """A recording in a folder of its own, its text, and what was heard, beside it."""
    (here / "talks").mkdir()
    audio = Path(shutil.copy(JFK, "talks/talk.flac"))
    Path("talks/speech.md").write_text(JFK_SAYS)
    Path("talks/heard.srt").write_text(f"1\n00:00:00,300 --> 00:00:10,500\n{JFK_SAYS}\n")
    return audio


@pytest.fixture
def ears(monkeypatch):
    """In place of a model: hears two words in anything."""

    class TwoWords:
        def transcribe(self, recording, essay, options, *, progress, checkpoint):
            words = tuple(TranscriptWord(f" w{n}", 400 * n, 400 * n + 300, 0.9) for n in range(2))
            return Transcript("en", (Segment(0, 700, " w0 w1", words),), 1000)

    monkeypatch.setattr("inkcast.cli.recordings.transcribe.load_model_for", lambda *args: TwoWords())


def run(*args):
    return CliRunner().invoke(app.inkcast, [*map(str, args)], prog_name="inkcast")


def align(*args):
    return run("align", "--no-refine", "--transcript", "talks/heard.srt", *args)


def assert_usage(result, *words):
    assert result.exit_code == 2
    assert all(word in result.stderr for word in words)


def assert_refused(result, reason):
    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert reason in line


# Where results go -----------------------------------------------------------------------------------


def test_results_lie_beside_the_recording(talk):
    for _ in range(2):  # what is ours is replaced
        done = align("talks/talk.flac", "talks/speech.md")
        assert done.exit_code == 0, done.stderr
        assert done.stdout.splitlines()[0] == str(Path("talks/talk.html"))
    assert 'src="talk.flac"' in Path("talks/talk.html").read_text(encoding="utf-8")


def test_nothing_of_the_users_is_replaced(talk):
    for name in ("talk.txt", "talk.html"):
        essay = Path("talks", name)
        essay.write_text(f"<p>{JFK_SAYS}</p>" if name.endswith("html") else JFK_SAYS)
        assert_refused(align(talk, essay), f"{essay} would be replaced. Give a folder")
        assert_refused(align(talk, essay, "-o", "talks"), "would be replaced")
        assert_refused(align(talk, "talks/speech.md"), "would be replaced")
        assert JFK_SAYS in essay.read_text()
        assert align(talk, essay, "-o", "out").exit_code == 0
        essay.unlink()


def test_what_is_downloaded_comes_into_this_folder(talk, ears):
    with serve_folder(talk.parent) as site:
        done = run("transcribe", f"{site.url}/talk.flac", "--allow-private", "--format", "txt")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "talk.txt\n"
    assert Path("talk.flac").is_file()


def test_the_folder_can_be_moved_with_its_recording(talk):
    done = align(talk, "talks/speech.md", "-o", "out", "--with-audio")
    assert done.exit_code == 0, done.stderr
    assert Path("out/talk.flac").read_bytes() == JFK.read_bytes()
    assert 'src="talk.flac"' in Path("out/talk.html").read_text(encoding="utf-8")
    assert align(talk, "talks/speech.md", "--with-audio").exit_code == 0  # it is there already
    assert talk.read_bytes() == JFK.read_bytes()


def test_every_phase_is_named_and_the_longest_tell_how_far_they_are(talk, monkeypatch):
    told: dict[str, list[int]] = {}

    class Bars(Reporter):
        @contextmanager
        def task(self, label, unit=""):
            shares = told.setdefault(label, [])
            yield lambda done, total: shares.append(100 * done // total)

    monkeypatch.setattr("inkcast.cli.recordings.align.Reporter", Bars)
    done = run("align", "--transcript", "talks/heard.srt", talk, "talks/speech.md")
    assert done.exit_code == 0, done.stderr
    assert list(told) == ["talk.flac: aligning", "talk.flac: writing"]
    assert told["talk.flac: aligning"][-1] == 100


# What is meant --------------------------------------------------------------------------------------


def test_a_recording_and_its_text_may_be_swapped(talk):
    done = align("talks/speech.md", "talks/talk.flac", "-o", "out")
    assert done.exit_code == 0, done.stderr
    assert done.stderr.startswith("talks/talk.flac is the recording and talks/speech.md its text: ")
    assert done.stdout.startswith(str(Path("out/talk.html")))


def test_without_an_essay_there_is_transcribe(talk):
    assert_usage(run("align", talk), "Missing argument 'ESSAY'", f"inkcast transcribe {talk}")


@pytest.mark.parametrize("name", ["talks", "talks/*.wav", "talks/[a-b].*", "{absolute}/talks/*.wav"])
def test_a_folder_or_a_pattern_stands_for_the_recordings_in_it(name, here, ears):
    (here / "talks").mkdir()
    for stem in ("b", "a"):
        (here / f"talks/{stem}.wav").write_bytes(tone(1))
    (here / "talks/notes.md").write_text("Not these.")
    done = run("transcribe", name.format(absolute=here), "--format", "txt", "-o", "out")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.splitlines() == [str(Path("out", f"{stem}.txt")) for stem in "ab"]
    assert_refused(align(name.format(absolute=here), "talks/notes.md"), "has 2 recordings: a.wav, b.wav")


def test_a_folder_with_one_recording_is_that(talk):
    done = align("talks", "talks/speech.md", "-o", "out")
    assert done.stdout.startswith(str(Path("out/talk.html")))


def test_a_pattern_that_matches_nothing_is_named(here):
    assert_refused(run("transcribe", "*.mp3"), "There is no recording in *.mp3")
    assert_refused(run("transcribe", "."), "There is no recording in .")


def test_a_name_with_brackets_is_a_name(here, ears):
    Path("talk [1].wav").write_bytes(tone(1))
    done = run("transcribe", "talk [1].wav", "--format", "txt")
    assert (done.exit_code, done.stdout) == (0, "talk [1].txt\n")


def test_transcribe_makes_a_page(here, ears):
    Path("talk.wav").write_bytes(tone(1))
    done = run("transcribe", "talk.wav", "--format", "vtt,html")
    assert done.stdout == "talk.html\ntalk.vtt\n"
    page = Path("talk.html").read_text(encoding="utf-8")
    assert 'src="talk.wav"' in page
    assert "Transcribed by machine" in page
    assert ">w1<" in page
    Path("talk.vtt").unlink()
    assert_refused(run("transcribe", "talk.wav", "--format", "html"), "talk.html would be replaced")
    assert run("transcribe", "talk.wav", "--format", "html", "-o", ".").exit_code == 0


# Libraries and feeds --------------------------------------------------------------------------------


@pytest.fixture
def library(tmp_path):
    return write_library(tmp_path / "podcasts", [Told("Trains", ("Night trains.",))])


def statuses(*options):
    """What the commands that only look at a library say."""
    found = [run("status", *options), run("library", "check", *options), run("search", "trains", *options)]
    return [result.exit_code for result in found]


def test_a_library_is_found_from_inside(library, monkeypatch):
    for folder in (library, next(library.glob("*/*/"))):
        monkeypatch.chdir(folder)
        assert 2 not in statuses()
        assert "Slow ways: " in run("status").stdout


def test_a_library_is_that_of_the_variable_or_the_file(library, here, monkeypatch):
    for result in (run("status"), run("library", "check"), run("sync", "feed.xml")):
        assert_usage(result, "Which library?", "INKCAST_LIBRARY")
    Path("inkcast.toml").write_text('library = "../podcasts"')
    assert 2 not in statuses()
    Path("inkcast.toml").write_text('library = "nowhere"')
    assert run("status").exit_code == 1
    monkeypatch.setenv("INKCAST_LIBRARY", str(library))
    assert "Slow ways: " in run("status").stdout
    assert "nowhere" in run("status", "--library", "nowhere").stderr


def test_a_library_in_the_users_own_settings_is_beside_them(library, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "inkcast.toml").write_text('library = "../podcasts"')
    assert "Slow ways: " in run("status").stdout


def test_without_a_feed_those_of_the_settings_are_meant(here, monkeypatch):
    write_show(here / "show")
    monkeypatch.setattr("inkcast.cli.libraries.sync.lazy_transcriber", Ears)
    assert_usage(run("sync", "--library", "library"), "Which feed?", "inkcast init")
    Path("inkcast.toml").write_text(
        'library = "library"\n[feeds."show/feed.xml"]\nlanguage = "en"\n[feeds."Slow ways"]\nname = "{title}"'
    )
    done = run("sync", "--dry-run")
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "download    Boats\ndownload    Trains\n"


# Completion -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "incomplete", "expected"),
    [
        (["transcribe", "--format"], "vtt,s", ["vtt,srt"]),
        (["transcribe", "--format"], "h", ["html"]),
        (["subtitles", "--format"], "t", ["txt", "tsv"]),
        (["export", "--format"], "mp3,ep", ["mp3,epub"]),
        (["sync", "--model"], "tiny", ["tiny", "tiny.en"]),
        (["align", "--model"], "au", ["auto"]),
        (["models", "pull"], "small", ["small", "small.en"]),
    ],
)
def test_formats_and_models_are_completed(words, incomplete, expected):
    complete = ShellComplete(app.inkcast, {}, "inkcast", "_INKCAST_COMPLETE")
    found = [item.value for item in complete.get_completions(words, incomplete)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize(
    "words", [["align"], ["align", "a.mp3"], ["transcribe"], ["essay"], ["episodes"], ["sync"], ["init"]]
)
def test_what_may_be_a_file_is_completed_as_one(words):
    (item,) = ShellComplete(app.inkcast, {}, "inkcast", "_INKCAST_COMPLETE").get_completions(words, "ta")
    assert (item.type, item.value) == ("file", "ta")
