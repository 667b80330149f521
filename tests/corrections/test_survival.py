"""Corrections of the example outlive what comes later: another model, an edited essay, another encoding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inkcast.audio.recording import Recording
from inkcast.corrections.align_corrected import align_corrected
from inkcast.corrections.apply import Corrected
from inkcast.corrections.correction import Correction
from inkcast.corrections.corrections_file import change_corrections, read_corrections
from inkcast.corrections.find_anchor import anchor_at, words_of
from inkcast.essays.essay import Block, Essay
from inkcast.speech.transcript import Transcript
from tests.support.example import AUDIO, essay, free, guided
from tests.support.sounds import where, write_tracks

pytestmark = pytest.mark.model

MORE_SILENCE_MS = 300


@pytest.fixture(scope="module")
def recording() -> Iterator[Recording]:
    with Recording(AUDIO) as opened:
        yield opened


@pytest.fixture(scope="module")
def first(tiny_en, recording) -> Corrected:
    return align_corrected(guided(), essay(), recording)


@pytest.fixture(scope="module")
def made(first, tmp_path_factory) -> tuple[Correction, ...]:
    """Five corrections, written and read again."""
    alignment = first.alignment
    extra = max(alignment.extra, key=lambda one: one.end_ms - one.start_ms)
    spoken = [at for at, word in enumerate(alignment.words) if word.status == "spoken"]
    start_ms = alignment.words[spoken[60]].start_ms
    places = ((30, 5), (60, 1), (80, 1), (100, 1))
    anchors = [anchor_at(alignment, spoken[at], spoken[at] + length) for at, length in places]
    gap = anchor_at(alignment, extra.after_word + 1, extra.after_word + 1)
    path = tmp_path_factory.mktemp("made") / "a.corrections.toml"
    change_corrections(
        path,
        [
            Correction("not read", anchors[0]),
            Correction("starts here", anchors[1], start_ms=start_ms + 50),
            Correction("wording", anchors[2], "tpyo"),
            Correction("extra speech", gap, "something else", extra.start_ms, extra.end_ms),
            Correction("said instead", anchors[3], "another word"),
        ],
    )
    return read_corrections(path)


def assert_corrected(done: Corrected, made: tuple[Correction, ...], later_ms: int = 0) -> None:
    """Each of the five has done what it says."""
    assert done.lost == ()
    unread, moved, typo, extra, instead = made
    texts = [word.text for word in done.alignment.words]

    def words_at(correction: Correction, words: str = ""):
        wanted = words_of(words or correction.anchor.words)
        context = words_of(correction.anchor.before)[-1:] + wanted
        starts = [at for at in range(len(texts)) if texts[at : at + len(context)] == context]
        assert starts
        return done.alignment.words[starts[0] + 1 : starts[0] + len(context)]

    assert {word.status for word in words_at(unread)} == {"unspoken"}
    assert words_at(moved)[0].start_ms == pytest.approx(moved.start_ms + later_ms, abs=40)
    assert words_at(typo, "tpyo") and "tpyo" in " ".join(block.text for block in done.essay.blocks)
    assert words_at(instead)[0].status == "unspoken"
    said = {one.text: one for one in done.alignment.extra}
    assert said["something else"].start_ms == pytest.approx(extra.start_ms + later_ms, abs=40)
    assert "another word" in said
    assert all(one.start_ms < one.end_ms for one in done.alignment.extra)


def test_the_same_again(first, made, recording):
    done = align_corrected(guided(), essay(), recording, corrections=made)
    assert_corrected(done, made)
    moved = [
        at
        for at, (old, new) in enumerate(zip(first.alignment.words, done.alignment.words, strict=True))
        if (old.start_ms, old.end_ms) != (new.start_ms, new.end_ms)
    ]
    assert len(moved) <= 5 + 2 + 1  # nothing but what was corrected, and a neighbour


def test_another_model(made, recording):
    assert_corrected(align_corrected(free(), essay(), recording, corrections=made), made)


def test_an_essay_with_a_new_paragraph(made, recording):
    """And the transcript that was guided by the old one."""
    new = Block("paragraph", "Since this was read, somebody has asked what it costs, and nobody could tell.")
    blocks = essay().blocks
    longer: Essay = replace(essay(), blocks=(*blocks[:3], new, *blocks[3:]))
    done = align_corrected(guided(), longer, recording, corrections=made)
    assert_corrected(done, made)
    own = [word for word in done.alignment.words if word.block == 3]
    assert {word.status for word in own} == {"unspoken"}
    before = align_corrected(guided(), essay(), recording, corrections=made).alignment.words
    others = [word for word in done.alignment.words if word.block != 3]
    assert [(word.text, word.status) for word in others] == [(word.text, word.status) for word in before]


def later(transcript: Transcript, ms: int) -> Transcript:
    """What would be heard of the recording with more silence before it."""
    segments = tuple(
        replace(
            segment,
            start_ms=segment.start_ms + ms,
            end_ms=segment.end_ms + ms,
            words=tuple(
                replace(word, start_ms=word.start_ms + ms, end_ms=word.end_ms + ms) for word in segment.words
            ),
        )
        for segment in transcript.segments
    )
    return replace(transcript, segments=segments, duration_ms=transcript.duration_ms + ms)


def test_another_encoding_with_more_silence(made, recording, tmp_path):
    sound = recording.read(0, recording.duration_ms)
    silence = np.zeros(MORE_SILENCE_MS * 16, np.float32)
    path: Path = write_tracks(
        tmp_path / "again.mp3", np.concatenate((silence, sound)), codec="libmp3lame", rate=16_000
    )
    with Recording(path) as again:
        # An encoder adds some of its own.
        later_ms = round(1000 * (where(again.read(0, again.duration_ms), sound, 20, 16_000) - 20))
        done = align_corrected(later(guided(), MORE_SILENCE_MS), essay(), again, corrections=made)
    assert done.alignment.audio.sha256[:16] != made[0].anchor.recording
    assert_corrected(done, made, later_ms)
    assert MORE_SILENCE_MS <= later_ms < MORE_SILENCE_MS + 100
