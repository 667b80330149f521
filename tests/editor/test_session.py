"""An episode open for editing: each change is in the file at once, and everything is made anew at the end."""

from __future__ import annotations

import io
import json
import shutil
import wave
from pathlib import Path

import pytest

from inkcast.api import align
from inkcast.corrections.correction import LostError
from inkcast.corrections.corrections_file import read_corrections
from inkcast.editor.editable import aligned_files
from inkcast.editor.essay_parts import essay_parts
from inkcast.editor.session import Change, Session
from inkcast.errors import AudioError, PublishError
from inkcast.essays.essay import Essay
from tests.support.editing import write_aligned


@pytest.fixture(scope="module")
def aligned(tmp_path_factory):
    return write_aligned(tmp_path_factory.mktemp("trains"))


@pytest.fixture
def path(aligned, tmp_path):
    shutil.copytree(aligned.parent.parent, tmp_path / "show")
    return tmp_path / "show" / "out" / aligned.name


@pytest.fixture
def session(path):
    with Session(aligned_files(path)) as session:
        yield session


def place_of(session, text):
    return next(at for at, word in enumerate(session.alignment.words) if word.text == text)


def said(path):
    return [one.kind for one in read_corrections(path.with_name("trains.corrections.toml"))]


def test_changes_are_saved_as_they_are_made_and_undone(session, path):
    before = session.alignment
    at = place_of(session, "narrow,")
    session.apply(Change("not read", at - 3, at + 1))
    assert session.alignment.words[at].start_ms is None and said(path) == ["not read"]
    session.apply(Change("wording", at + 1, at + 2, "tea"))
    assert said(path) == ["not read", "wording"]
    session.undo()
    session.undo()
    assert session.alignment == before and said(path) == [] and session.last is None
    session.undo()


def test_a_voice_is_named_in_all_its_paragraphs_at_once(session, path):
    words = session.alignment.words
    last = len(words) - 1
    for at in (0, last):
        session.apply(Change("speaker", at, at + 1, "Host"))
    session.apply(Change("voice", last, last + 1, "Ada Brown"))
    assert [session.alignment.blocks[words[at].block].speaker for at in (0, last)] == ["Ada Brown"] * 2
    assert '<p class="speaker"><bdi>Ada Brown' in "".join(
        part.html for part in essay_parts(session.essay, session.alignment)
    )
    assert said(path) == ["speaker", "speaker", "voice"]
    session.undo()
    assert session.alignment.blocks[words[last].block].speaker == "Host"


def test_a_border_that_is_nudged_is_one_change(session, path):
    at = place_of(session, "dignity.")
    before = session.alignment.words[at].start_ms
    for by in (10, 20, 30):
        session.apply(Change("starts here", at, at + 2, start_ms=before + by))
    assert session.alignment.words[at].start_ms == before + 30 and said(path) == ["starts here"]
    session.apply(Change("ends here", at - 3, at + 1, end_ms=session.alignment.words[at].end_ms - 20))
    assert said(path) == ["starts here", "ends here"]
    session.undo()
    session.undo()
    assert session.alignment.words[at].start_ms == before and said(path) == []


def test_what_makes_no_sense_changes_nothing(session, path):
    at = place_of(session, "dignity.")
    before = session.alignment
    with pytest.raises(LostError, match="too short for its words"):
        session.apply(Change("read here", at - 3, at, start_ms=100, end_ms=101))
    with pytest.raises(LostError, match="words of one paragraph"):
        session.apply(Change("wording", 0, 2, "Trains, Night"))
    assert session.alignment == before and said(path) == []


def test_places_that_a_person_has_spoken_about_are_no_longer_doubtful(session):
    doubts = session.doubts()
    (extra,) = [doubt for doubt in doubts if doubt.said]
    assert extra.said == "by the way."
    session.apply(Change("extra speech", 0, 0, "by the bay", extra.start_ms, extra.end_ms))
    assert [one.text for one in session.alignment.extra] == ["by the bay"]
    left = session.doubts()
    assert len(left) == len(doubts) - 1
    session.apply(Change("right", left[0].first, left[0].stop))
    assert len(session.doubts()) == len(doubts) - 2


def test_leaving_makes_what_an_alignment_from_the_start_would_make(session, path):
    at = place_of(session, "dignity.")
    session.apply(Change("not read", at + 1, at + 4))
    session.apply(Change("starts here", at, at + 1, start_ms=session.alignment.words[at].start_ms + 40))
    session.apply(Change("wording", at, at + 1, "comfort."))
    made = session.finish()
    assert {file.name.removeprefix("trains") for file in made.files} >= {".html", ".vtt", ".alignment.json"}
    assert session.finish() is made
    for suffix in (".html", ".vtt", ".srt", ".txt"):
        assert "comfort." in path.with_name(f"trains{suffix}").read_text(encoding="utf-8")
    show = path.parent.parent
    again = align(
        show / "trains.wav",
        Essay.from_json(json.loads(path.with_name("trains.essay.json").read_bytes())),
        transcript=path.with_name("trains.transcript.json"),
        corrections=path.with_name("trains.corrections.toml"),
    )
    now = json.loads(path.read_bytes())
    nothing = {"digest": "", "audio": ""}  # it was moved
    assert {**again.alignment.to_json(), **nothing} == {**now, **nothing}
    assert again.essay == session.essay and not again.lost


def test_who_changes_nothing_finds_everything_as_it_was(session, path):
    before = {file: file.stat().st_mtime_ns for file in path.parent.iterdir()}
    assert session.finish().files == ()
    assert {file: file.stat().st_mtime_ns for file in path.parent.iterdir()} == before


def test_a_file_that_is_changed_meanwhile_is_applied_as_it_is(session, path):
    at = place_of(session, "dignity.")
    file = path.with_name("trains.corrections.toml")
    file.write_text('[[correction]]\nkind = "wording"\nwords = "coffee"\ntext = "tea"\n', encoding="utf-8")
    session.apply(Change("not read", at - 1, at + 1))
    assert said(path) == ["wording", "not read"]
    session.finish()
    assert "tea is" in path.with_name("trains.txt").read_text(encoding="utf-8")


def test_parts_that_do_not_change_are_not_made_again(session):
    before = essay_parts(session.essay, session.alignment)
    at = place_of(session, "dignity.")
    session.apply(Change("wording", at, at + 1, "comfort."))
    after = essay_parts(session.essay, session.alignment, before)
    assert after == essay_parts(session.essay, session.alignment)
    changed = [number for number, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert len(changed) == 1 and all(after[n] is before[n] for n in range(len(after)) if n not in changed)


def test_the_sound_is_that_of_the_recording(session):
    with wave.open(io.BytesIO(session.sound(1_000, 1_250))) as wav:
        assert (wav.getframerate(), wav.getnchannels(), wav.getnframes()) == (16_000, 1, 4_000)
    with wave.open(io.BytesIO(session.sound(10**9, 10**9 + 5))) as wav:
        assert wav.getnframes() == 0


def test_files_that_are_missing_or_others_are_named(path):
    recording = path.parent.parent / "trains.wav"
    recording.write_bytes(recording.read_bytes() + b"..")
    with pytest.raises(AudioError, match=r"trains\.wav is not the recording that was aligned"):
        aligned_files(path)
    source = json.loads(path.read_bytes())["audio"]["source"]
    path.write_text(path.read_text(encoding="utf-8").replace(source, "/nowhere/trains.wav"), encoding="utf-8")
    recording.unlink()
    with pytest.raises(AudioError, match=r"recording of .*trains is not there. Name it: --audio"):
        aligned_files(path)
    assert aligned_files(path, Path("elsewhere.wav")).audio == Path("elsewhere.wav")
    path.with_name("trains.transcript.json").unlink()
    with pytest.raises(PublishError, match=r"no file .*transcript"):
        aligned_files(path.with_name("trains.html"))
