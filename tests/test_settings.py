import re
from dataclasses import fields, replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from inkcast.cli import app
from inkcast.cli.shared_options import settings_options
from inkcast.errors import SettingsError
from inkcast.settings import (
    FILE_NAME,
    FeedSettings,
    Settings,
    find_settings_file,
    is_device,
    parse_size,
    read_settings,
    settings_of_feed,
)


def write(folder, text):
    path = folder / FILE_NAME
    path.write_text(text, encoding="utf-8")
    return path


def test_a_full_file_is_read_as_it_stands(tmp_path):
    path = write(
        tmp_path,
        'model = "base"\nengine = "whisper"\ndevice = "cuda:1"\nlanguage = "de"\nallow_private = true\n',
    )
    assert Settings(**read_settings(path)) == Settings("base", "whisper", "cuda:1", "de", True)


def test_the_documentation_shows_every_key(tmp_path):
    text = Path(__file__).parents[1].joinpath("docs", "settings.md").read_text("utf-8")
    data = read_settings(write(tmp_path, re.search("```toml\n(.*?)```", text, re.DOTALL)[1]))
    assert set(data) == {field.name for field in fields(Settings)} | {"auth", "feeds", "library", "base_url"}
    ((name, table),) = data["feeds"].items()
    assert set(table) == {field.name for field in fields(FeedSettings)}
    assert settings_of_feed(data["feeds"], name).readings == {"W1": ["weir one"]}


# A key, its line in the file, the words for the flag, the text for the variable, and what comes of each.
WAYS = {
    "model": ('model = "base"', ["--model", "base"], "base", "base"),
    "engine": ('engine = "whisper"', ["--engine", "whisper"], "whisper", "whisper"),
    "device": ('device = "cuda:1"', ["--device", "cuda:1"], "cuda:1", "cuda:1"),
    "language": ('language = "de"', ["--language", "de"], "de", "de"),
    "allow_private": ("allow_private = true", ["--allow-private"], "1", True),
    "max_size": ('max_size = "5 MB"', ["--max-size", "5 MB"], "5 MB", 5_000_000),
    "prompt": ('prompt = "On tea."', ["--prompt", "On tea."], "On tea.", "On tea."),
    "vocabulary": ('vocabulary = ["Olmo", "RL"]', ["--vocabulary", "names.txt"], "names.txt", ("Olmo", "RL")),
    "beam_size": ("beam_size = 3", ["--beam-size", "3"], "3", 3),
    "second_looks": ("second_looks = false", ["--no-second-looks"], "0", False),
    "refine": ("refine = false", ["--no-refine"], "0", False),
    "speakers": ("speakers = 2", ["--speakers", "2"], "2", 2),
}
NOT_A_FLAG = {"readings", "speaker_names"}
"""A table is too much for a flag or a variable; of speakers, each line has one."""


def test_every_setting_can_be_made_in_three_ways():
    assert WAYS.keys() | NOT_A_FLAG == {field.name for field in fields(Settings)}


@pytest.mark.parametrize("way", ["file", "flag", "variable"])
@pytest.mark.parametrize("name", WAYS)
def test_a_setting_arrives(tmp_path, monkeypatch, name, way):
    line, flag, variable, wanted = WAYS[name]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "names.txt").write_text("# names\nOlmo\n\nRL\n")
    seen = []

    @click.command("try")
    @settings_options
    def command(settings):
        seen.append(settings)

    monkeypatch.setitem(app.COMMANDS, "try", ("machine", "Try."))
    monkeypatch.setattr(app.LazyGroup, "get_command", lambda *args: command)
    if way == "file":
        write(tmp_path, line)
    if way == "variable":
        monkeypatch.setenv(f"INKCAST_{name.upper()}", variable)
    done = CliRunner().invoke(app.inkcast, ["try", *(flag if way == "flag" else [])])
    assert done.exit_code == 0, done.output
    assert seen == [replace(Settings(), **{name: wanted})]


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("speaker_names = 1", "speaker_names = 1"),
        ('[speaker_names]\nA = ""', "speaker_names = {'A': ''}"),
        ('[speaker_names]\n" " = "Ann"', "speaker_names = {' ': 'Ann'}"),
        ("[speaker_names]\nA = 1", "speaker_names = {'A': 1}"),
    ],
)
def test_wrong_names_of_speakers(tmp_path, table, reason):
    with pytest.raises(SettingsError, match="It must be a table: each line a label") as caught:
        read_settings(write(tmp_path, table))
    assert reason in caught.value.message


def test_names_of_a_feeds_speakers_come_before_those_of_all():
    feed = FeedSettings(speaker_names={"A": "Ann"})
    settings = feed.over(Settings(speaker_names={"A": "Al", "B": "Bob"}))
    assert settings.speaker_names == {"A": "Ann", "B": "Bob"}
    assert settings.align_options().speaker_names == settings.transcribe_options().speaker_names
    # What was heard stays as it is; the alignment is made anew, which names the voices.
    assert settings.transcribe_options().digest() == Settings().transcribe_options().digest()
    assert settings.align_options().digest() != Settings().align_options().digest()


def test_an_engine_that_there_is_not_is_wrong_usage(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, 'engine = "cuda"')
    done = CliRunner().invoke(app.inkcast, ["align", "a.mp3", "b.md", "--out", "out"])
    assert done.exit_code == 2
    assert "'cuda' is not one of 'auto', 'ctranslate2', 'whisper'" in done.stderr


def test_readings_are_a_table(tmp_path):
    path = write(
        tmp_path, 'model = "base"\n[readings]\nMoE = ["mixture of experts"]\n"2X" = ["double", "two x"]\n'
    )
    assert Settings(**read_settings(path)).readings == {
        "MoE": ["mixture of experts"],
        "2X": ["double", "two x"],
    }


@pytest.mark.parametrize(
    ("table", "shown"),
    [
        ("readings = 1", "readings = 1"),
        ('readings = ["MoE"]', "readings = ['MoE']"),
        ('[readings]\nok = ["okay"]\nMoE = "mixture of experts"', "readings: 'MoE' = 'mixture of experts'"),
        ("[readings]\nMoE = []", "readings: 'MoE' = []"),
        ("[readings]\nMoE = [1]", "readings: 'MoE' = [1]"),
        ('[readings]\nMoE = [" "]', "readings: 'MoE' = [' ']"),
        ('[readings]\n"two words" = ["x"]', "readings: 'two words' = ['x']"),
        ('[readings]\n"" = ["x"]', "readings: '' = ['x']"),
    ],
)
def test_a_wrong_reading_is_named_by_its_line(tmp_path, table, shown):
    path = write(tmp_path, table)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert caught.value.message == f"{path}: {shown} is not valid."
    assert "a written word without spaces" in caught.value.hint


def test_only_the_keys_that_are_set_come_back(tmp_path):
    assert read_settings(write(tmp_path, "")) == {}
    assert read_settings(write(tmp_path, 'language = "en"')) == {"language": "en"}


def test_a_byte_order_mark_from_a_windows_editor_is_no_error(tmp_path):
    path = tmp_path / FILE_NAME
    path.write_bytes(b'\xef\xbb\xbfmodel = "base"\r\n')
    assert read_settings(path) == {"model": "base"}


def test_an_unknown_key_names_the_file_the_key_and_the_nearest(tmp_path):
    path = write(tmp_path, 'modell = "base"')
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert str(path) in caught.value.message
    assert "'modell'" in caught.value.message
    assert caught.value.hint == "Did you mean model?"


def test_a_key_like_no_other_lists_them_all(tmp_path):
    with pytest.raises(SettingsError, match="model, engine, device, language, allow_private, readings"):
        read_settings(write(tmp_path, "zzz = 1"))


@pytest.mark.parametrize(
    "line",
    [
        "engine = 3",
        'device = "gpu"',
        'device = "cuda:"',
        "model = 1",
        'model = ""',
        'allow_private = "yes"',
        "language = false",
        "device = []",
    ],
)
def test_a_value_that_makes_no_sense_names_the_file_and_the_key(tmp_path, line):
    path = write(tmp_path, line)
    with pytest.raises(SettingsError) as caught:
        read_settings(path)
    assert caught.value.message.startswith(f"{path}: {line.split()[0]} = ")
    assert caught.value.hint.startswith("It must be ")


@pytest.mark.parametrize("data", [b"model = ", b"\xff\xfe\x00"])
def test_a_file_that_is_no_toml_is_named(tmp_path, data):
    path = tmp_path / FILE_NAME
    path.write_bytes(data)
    with pytest.raises(SettingsError, match="not valid TOML") as caught:
        read_settings(path)
    assert str(path) in caught.value.message


def test_the_folders_file_comes_before_the_users(tmp_path, monkeypatch):
    here, config = tmp_path / "here", tmp_path / "config"
    here.mkdir()
    config.mkdir()
    monkeypatch.setattr("platformdirs.user_config_path", lambda name: config)
    assert find_settings_file(here) is None
    users = write(config, "")
    assert find_settings_file(here) == users
    folders = write(here, "")
    assert find_settings_file(here) == folders


@pytest.mark.parametrize(
    ("text", "expected"),
    [("cuda", True), ("cuda:12", True), ("mps", True), ("cuda:-1", False), ("cpu ", False), ("", False)],
)
def test_devices(text, expected):
    assert is_device(text) is expected


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("4000", 4000), ("500 MB", 500_000_000), ("1.5GiB", 1_610_612_736), ("2g", 2_000_000_000),
        (" 3 kb ", 3000), ("1b", 1), ("0.5 KiB", 512),
    ],
)  # fmt: skip
def test_sizes(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "1 XB", "1e9", "0.0001 kB", "٣"])
def test_what_is_no_size(text):
    with pytest.raises(ValueError):
        parse_size(text)


def test_sizes_in_the_file(tmp_path):
    assert read_settings(write(tmp_path, 'max_size = "500 MB"')) == {"max_size": "500 MB"}
    assert read_settings(write(tmp_path, "max_size = 1000")) == {"max_size": 1000}
    for value in ("true", "-1", "0", "[1]", '"big"', "1.5"):
        with pytest.raises(SettingsError, match="max_size = "):
            read_settings(write(tmp_path, f"max_size = {value}"))


def test_passwords_are_a_table_and_no_field(tmp_path):
    data = read_settings(write(tmp_path, '[auth]\n"feeds.example" = "me:hunter2"\n'))
    assert data == {"auth": {"feeds.example": "me:hunter2"}}
    assert not hasattr(Settings(), "auth")


@pytest.mark.parametrize(
    "table",
    [
        'auth = "hunter2"',
        '[auth]\nhost = ["hunter2"]',
        '[auth]\nhost = "hunter2',
    ],
)
def test_a_wrong_password_table_is_named_without_its_words(tmp_path, table):
    with pytest.raises(SettingsError) as caught:
        read_settings(write(tmp_path, table))
    assert "hunter2" not in str(caught.value) and FILE_NAME in str(caught.value)
