"""``inkcast export``: every format, from the command line."""

import json
import shutil

import pytest
from click.testing import CliRunner

from inkcast.cli.app import inkcast
from inkcast.publish.exports.export import SUFFIXES
from tests.support.example import AUDIO
from tests.support.exporting import essay, hostile, make_alignment


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "e.alignment.json").write_text(json.dumps(essay().to_json()), encoding="utf-8")
    shutil.copyfile(AUDIO, tmp_path / "e.mp3")
    return tmp_path


def run(*arguments):
    return CliRunner().invoke(inkcast, ["export", *map(str, arguments)])


def test_every_format_becomes_a_file(folder):
    out = folder / "out"
    result = run(folder / "e.alignment.json", "--format", ",".join(SUFFIXES), "--out", out)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines() == [str(out / f"e{suffix}") for suffix in SUFFIXES.values()]
    assert all((out / f"e{suffix}").stat().st_size for suffix in SUFFIXES.values())
    assert len(list(out.iterdir())) == len(SUFFIXES)
    assert "not the file that was aligned" in result.stderr  # its checksum is made up
    assert 'src="../e.mp3"' in (out / "e.embed.html").read_text(encoding="utf-8")


def test_links_lead_where_they_are_told_to(folder):
    run(folder / "e.alignment.json", "--format", "markdown,embed", "--link", "https://e.example/e.mp3")
    assert "(<https://e.example/e.mp3#t=0>)" in (folder / "e.md").read_text(encoding="utf-8")
    assert 'src="https://e.example/e.mp3"' in (folder / "e.embed.html").read_text(encoding="utf-8")


def test_hostile_texts_pass_through_every_format(folder):
    data = json.dumps(hostile().to_json())  # with lone surrogates, as JSON can have them
    (folder / "e.alignment.json").write_text(data, encoding="utf-8")
    result = run(folder / "e.alignment.json", "--format", ",".join(SUFFIXES))
    assert result.exit_code == 0, result.output


def test_a_book_needs_a_file(folder):
    alignment = make_alignment([("paragraph", "A b.")], source="https://e.example/x.mp3")
    (folder / "x.alignment.json").write_text(json.dumps(alignment.to_json()), encoding="utf-8")
    result = run(folder / "x.alignment.json", "--format", "chapters,epub")
    assert result.exit_code == 1 and "Name it with --audio" in result.stderr
    assert not (folder / "x.chapters.json").exists()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        (["--format", "pdf"], 2, "pdf is not one of chapters"),
        (["--format", ","], 2, "nothing is not one of"),
        (["--format", "mp3", "--audio", "none.mp3"], 1, "There is no file none.mp3"),
    ],
)
def test_wrong_arguments_are_one_line(folder, arguments, status, message):
    result = run(folder / "e.alignment.json", *arguments)
    assert result.exit_code == status and message in result.stderr


def test_no_input_is_replaced(folder):
    shutil.copyfile(folder / "e.mp3", folder / "e.tagged.mp3")
    result = run(folder / "e.alignment.json", "--format", "mp3", "--audio", folder / "e.tagged.mp3")
    assert result.exit_code == 1 and "would be replaced" in result.stderr
