"""Options that several commands share."""

import click
from click.testing import CliRunner

from inkcast.cli.shared_options import settings_options
from inkcast.settings import Settings


def settings_with(default_map):
    seen = []

    @click.command()
    @settings_options
    def command(settings):
        seen.append(settings)

    result = CliRunner().invoke(command, [], default_map=default_map)
    assert result.exit_code == 0, result.output
    return seen[0]


def test_the_table_of_readings_comes_from_the_settings_file():
    readings = {"MoE": ["mixture of experts"]}
    assert settings_with({"readings": readings, "device": "cpu"}) == Settings(device="cpu", readings=readings)


def test_without_a_settings_file_the_defaults_hold():
    assert settings_with(None) == Settings()
