"""``inkcast clip``: a passage by its words or by its times."""

import json
import shutil

import av
import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.publish.subtitles.srt import parse_srt
from tests.support.example import AUDIO
from tests.support.exporting import make_alignment

TEXT = "One two three. Four five six. One two again."


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    data = json.dumps(make_alignment([("paragraph", TEXT)]).to_json())
    (tmp_path / "e.alignment.json").write_text(data, encoding="utf-8")
    shutil.copyfile(AUDIO, tmp_path / "e.mp3")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(inkcast, ["clip", "e.mp3", "e.alignment.json", *map(str, arguments)])


@pytest.mark.parametrize("suffix", [".mp3", ".m4a", ".wav"])
def test_a_quote_becomes_a_clip_with_subtitles(folder, suffix):
    result = run("--quote", "FOUR, five — six", "--out", f"new/c{suffix}", "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert made["text"] == "Four five six."
    assert 2_400 <= made["start_ms"] <= 2_520 and 3_880 <= made["end_ms"] <= 4_000  # words at 2.5 to 3.9 s
    with av.open(made["clip"]) as container:
        length_ms = container.duration / 1000
    assert length_ms == pytest.approx(made["end_ms"] - made["start_ms"], abs=100)
    (cue,) = parse_srt((folder / "new" / "c.srt").read_text(encoding="utf-8")).segments
    assert cue.text.split() == ["Four", "five", "six."]


def test_without_a_name_it_is_named_after_its_words(folder):
    result = run("--from", "0:02.4", "--to", "3.95")
    assert result.stdout.split() == ["e-four-five-six.mp3", "e-four-five-six.srt"]
    assert all((folder / name).is_file() for name in result.stdout.split())


def test_a_recording_and_its_alignment_may_be_swapped(folder):
    swapped = ["clip", "e.alignment.json", "e.mp3", "--from", "2.4", "--to", "3.95", "--out", "c.wav"]
    result = CliRunner().invoke(inkcast, swapped)
    assert result.exit_code == 0, result.stderr
    assert result.stderr.startswith("e.mp3 is the recording and e.alignment.json its text: ")


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([], 2, "either --quote, or both"),
        (["--quote", "two", "--from", "1"], 2, "either --quote, or both"),
        (["--from", "1"], 2, "either --quote, or both"),
        (["--from", "x", "--to", "2"], 2, "not a time"),
        (["--from", "3", "--to", "2"], 1, "not after"),
        (["--quote", "one two"], 1, "read 2 times, at 0:01, 0:04"),
        (["--quote", "one two tree"], 1, "Nearest: “One two three.” (0:01)"),
        (["--quote", "four", "--out", "c.ogg"], 1, "not a file name for a clip"),
        (["--quote", "four", "--out", "e.mp3"], 1, "would be replaced"),
    ],
)
def test_wrong_arguments_are_one_line(folder, arguments, status, message):
    before = sorted(folder.iterdir())
    result = run(*arguments)
    assert result.exit_code == status and message in result.stderr
    assert sorted(folder.iterdir()) == before
