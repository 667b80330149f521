"""Options that several commands share."""

import click
import pytest
from click.testing import CliRunner

from inkcast.cli.shared_options import settings_options
from inkcast.settings import Settings


def settings_with(default_map, *flags):
    seen = []

    @click.command()
    @settings_options
    def command(settings):
        seen.append(settings)

    result = CliRunner().invoke(command, [*flags], default_map=default_map)
    assert result.exit_code == 0, result.output
    return seen[0]


def test_the_table_of_readings_comes_from_the_settings_file():
    readings = {"MoE": ["mixture of experts"]}
    assert settings_with({"readings": readings, "device": "cpu"}) == Settings(device="cpu", readings=readings)


def test_speakers_of_the_command_line_come_before_those_of_the_file():
    table = {"speaker_names": {"A": "Al", "B": "Bob"}}
    flags = ["--speaker", "A=Ann Elm", "--speaker", "1 = Cyd = Oak"]
    names = {"A": "Ann Elm", "B": "Bob", "1": "Cyd = Oak"}
    assert settings_with(table, *flags) == Settings(speaker_names=names)


@pytest.mark.parametrize("value", ["Ann", "=Ann", "A=", " = "])
def test_a_speaker_needs_both_sides(value):
    command = settings_options(lambda settings: None)
    result = CliRunner().invoke(click.command()(command), ["--speaker", value])
    assert result.exit_code == 2
    assert 'is not of the form "A=Nathan Lambert"' in result.output


def test_without_a_settings_file_the_defaults_hold():
    assert settings_with(None) == Settings()
