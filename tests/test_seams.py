"""A format, a transcriber and an aligner from outside: through the tables, without touching the source."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import pytest
from click.testing import CliRunner

import inkcast
from inkcast.alignment import aligners
from inkcast.alignment.aligners import AlignerKind
from inkcast.alignment.forced_aligner import ExpectedWord, ForcedAligner, Located
from inkcast.audio.recording import Recording
from inkcast.cli import app
from inkcast.cli.shared_options import settings_options
from inkcast.library.steps.models_on_demand import lazy_transcriber
from inkcast.on_progress import OnProgress, tell_nobody
from inkcast.publish.subtitles import formats
from inkcast.publish.subtitles.cues import Cue
from inkcast.publish.subtitles.formats import CueFormat
from inkcast.publish.subtitles.highlight import WordMarks
from inkcast.settings import Settings
from inkcast.speech import load
from inkcast.speech.load import TranscriberKind
from inkcast.speech.transcriber import Transcriber
from inkcast.speech.transcript import ModelInfo, Segment, Transcript, TranscriptWord
from tests.support.example import JFK

SAID = "And so, my fellow Americans, ask not what your country can do for you"


class Toy:
    """Hears the same of every recording: a word each half second."""

    info = ModelInfo("toy", "toy", "cpu", "none")

    def __init__(self, model: str) -> None:
        self.info = ModelInfo(model, "toy", "cpu", "none")

    def transcribe(
        self, recording, essay=None, options=None, *, progress=None, checkpoint=None
    ) -> Transcript:
        words = tuple(
            TranscriptWord(f" {word}", 500 * n, 500 * n + 400, 0.9) for n, word in enumerate(SAID.split())
        )
        if progress:
            progress(1, 1)
        return Transcript(
            "en", (Segment(0, words[-1].end_ms, SAID, words),), recording.duration_ms, self.info
        )


class Shifting:
    """Finds each word a tenth of a second later."""

    def align(
        self, words: Sequence[ExpectedWord], recording: Recording, progress: OnProgress = tell_nobody
    ) -> Located:
        return Located({n: (word.start_ms + 100, word.end_ms + 100) for n, word in enumerate(words)})


def count_words(cues: Sequence[Cue], marks: WordMarks) -> str:
    return "".join(f"{cue.start_ms} {len(' '.join(cue.lines).split())}\n" for cue in cues)


@pytest.fixture(autouse=True)
def _toys(monkeypatch):
    monkeypatch.setitem(load.TRANSCRIBERS, "toy", TranscriberKind(lambda model, device, chosen: Toy(model)))
    monkeypatch.setitem(
        aligners.ALIGNERS, "shifting", AlignerKind({"xx"}, lambda language: nullcontext(Shifting()))
    )
    monkeypatch.setitem(formats.FORMATS, "count", CueFormat(count_words))


def test_they_fulfil_the_protocols():
    transcriber: Transcriber = Toy("toy")
    aligner: ForcedAligner = Shifting()
    assert transcriber.info.engine == "toy" and aligner


def test_a_transcriber_is_asked_by_its_name(tmp_path):
    """``--engine toy`` is in the command's choices, too."""
    model = inkcast.load_model("parrot", engine="toy", device="cpu")
    assert inkcast.transcribe(JFK, model).model == ModelInfo("parrot", "toy", "cpu", "none")
    engine = next(p for p in settings_options(lambda **_: None).__click_params__ if p.name == "engine")
    assert "toy" in engine.type.choices


def test_an_aligner_is_asked_by_its_name_and_its_language(tmp_path):
    (tmp_path / "essay.txt").write_text(SAID)

    def starts(**options):
        wanted = inkcast.AlignOptions(**options)
        result = inkcast.align(JFK, tmp_path / "essay.txt", Toy("toy"), align_options=wanted)
        return [word.start_ms for word in result.alignment.words]

    unrefined = starts(refine=False)
    assert unrefined == [500 * n for n in range(len(SAID.split()))]
    assert starts(aligner="shifting") == unrefined  # it does not know English
    aligners.ALIGNERS["shifting"] = AlignerKind((), aligners.ALIGNERS["shifting"].open)
    assert starts(aligner="shifting") == [start + 100 for start in unrefined]


def test_a_format_is_written_by_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    transcript = inkcast.transcribe(JFK, Toy("toy"))
    (path,) = inkcast.write_transcript(transcript, tmp_path, "jfk", ("count",))
    assert path.name == "jfk.count"
    assert sum(int(line.split()[1]) for line in path.read_text().splitlines()) == len(SAID.split())
    inkcast.write_transcript(transcript, tmp_path, "jfk", ("json",))
    # A command that was imported before knows it, too: the table is read when the option is.
    done = CliRunner().invoke(app.inkcast, ["subtitles", "jfk.transcript.json", "--format", "count"])
    assert done.exit_code == 0, done.output
    assert (tmp_path / "jfk.count").read_text() == path.read_text()


def test_a_library_asks_it_by_its_name_too(tmp_path):
    """What "auto" stands for is its own affair."""
    settings = Settings(engine="toy", device="cpu")
    with Recording(JFK) as recording:
        heard = lazy_transcriber()(recording, None, tmp_path / "part", tell_nobody, settings, ())
    assert heard.model == ModelInfo("auto", "toy", "cpu", "none")
