"""Which recordings browsers find places in."""

import logging
import subprocess

import imageio_ffmpeg
import pytest

from inkcast.audio.seeking import seeks_roughly, warn_of_rough_seeking
from tests.support.example import AUDIO


@pytest.mark.parametrize(
    ("name", "options", "rough"),
    [
        ("constant.mp3", ["-b:a", "64k"], False),
        ("constant.m4a", ["-b:a", "64k"], False),
        ("variable.mp3", ["-q:a", "6"], True),
        ("no-table.mp3", ["-q:a", "6", "-write_xing", "0"], True),
        ("a.opus", ["-c:a", "libopus"], False),
        ("vorbis.ogg", ["-c:a", "libvorbis"], True),
        ("flac.ogg", ["-c:a", "flac"], True),
    ],
)
def test_a_variable_bit_rate_is_told_by_the_frames(tmp_path, caplog, name, options, rough):
    path = tmp_path / name
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", AUDIO, *options, path]
    subprocess.run(command, check=True)
    assert seeks_roughly(path) == rough
    with caplog.at_level(logging.WARNING):
        warn_of_rough_seeking(path, seeks_roughly(path))
    assert (name in caplog.text) == rough


def test_what_is_no_recording_is_not_rough(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"no sound")
    assert not seeks_roughly(tmp_path / "a.mp3")
    assert not seeks_roughly(tmp_path / "gone.mp3")
