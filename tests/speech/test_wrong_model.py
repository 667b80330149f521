"""An English model, and a recording in another language."""

import shutil
import subprocess

import pytest

from inkcast.audio.recording import Recording
from inkcast.errors import TranscriptionError
from inkcast.speech import whisper_transcriber
from inkcast.speech.segments import segments_of
from inkcast.speech.transcript import Transcript, TranscriptWord
from inkcast.speech.whisper_transcriber import WhisperTranscriber
from tests.support.example import JFK, engine, hear

GERMAN = (
    "Es war einmal ein alter Mann, der lebte in einer kleinen Hütte am Rande des Waldes. Jeden Morgen ging "
    "er hinaus, um Holz zu sammeln, und jeden Abend kehrte er müde, aber zufrieden zurück."
)


def transcript(probability, count=30):
    words = [TranscriptWord(" so", 300 * i, 300 * i + 200, probability) for i in range(count)]
    return Transcript("en", segments_of(words))


class Multilingual:
    """Stands for a larger model that is installed."""

    def __init__(self, real):
        self._real = real

    def __getattr__(self, name):
        return getattr(self._real, name)

    def tokenizer(self, language):
        tokenizer = self._real.tokenizer("en")
        tokenizer.multilingual = True
        return tokenizer


@pytest.fixture
def heard(monkeypatch, tiny_en):
    """What each engine hears, and which language the larger one tells."""
    results = {"en": transcript(0.4), "other": transcript(0.9), "language": "de"}

    def listen(self, *arguments):
        return results["other" if isinstance(self.engine, Multilingual) else "en"]

    monkeypatch.setattr(WhisperTranscriber, "_transcribe", listen)
    monkeypatch.setattr(whisper_transcriber, "detect_language", lambda *_: results["language"])
    return results


def transcribe(**options):
    with Recording(JFK) as recording:
        return WhisperTranscriber(engine(), **options).transcribe(recording)


def larger():
    return Multilingual(engine())


def test_an_error_names_the_remedy(heard):
    with pytest.raises(TranscriptionError, match="knows English only") as caught:
        transcribe()
    assert "inkcast models pull base" in caught.value.hint


def test_it_names_the_language_where_a_model_can_tell(heard):
    with pytest.raises(TranscriptionError, match="'de'") as caught:
        transcribe(load_multilingual=larger)
    assert caught.value.hint.startswith("Use --model ")


def test_a_model_that_was_chosen_for_the_user_is_changed(heard):
    assert transcribe(load_multilingual=larger, may_change=True) == heard["other"]


def test_english_that_is_hard_to_hear_stays(heard):
    heard["language"] = "en"
    assert transcribe(load_multilingual=larger) == heard["en"]


@pytest.mark.parametrize(("probability", "count"), [(0.4, 10), (0.7, 30)], ids=["few words", "rather sure"])
def test_what_may_be_english_stays(heard, probability, count):
    heard["en"] = transcript(probability, count)
    assert transcribe() == heard["en"]


@pytest.mark.model
@pytest.mark.skipif(not shutil.which("espeak-ng"), reason="needs espeak-ng")
def test_german(tiny_en, tmp_path):
    path = tmp_path / "german.wav"
    subprocess.run(["espeak-ng", "-v", "de", "-s", "150", "-w", path, GERMAN], check=True)
    with pytest.raises(TranscriptionError, match="another language"):
        hear(path, engine())
